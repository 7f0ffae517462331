#!/usr/bin/env bash
# Run by Snakemake once the conda environment is there: packages that must come without what they ask for.
set -euo pipefail
pip install -q --no-deps -r requirements-models.lock
pip install -q --no-deps --no-build-isolation -e .
