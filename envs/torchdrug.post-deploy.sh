#!/usr/bin/env bash
# What has to be compiled against the torch that envs/torchdrug.yaml brought, and TorchDrug itself.
set -euo pipefail
python -m pip install --no-build-isolation --no-deps torch-scatter==2.1.2 torch-cluster==1.6.3
python -m pip install --no-deps torchdrug==0.2.1
