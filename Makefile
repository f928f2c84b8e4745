# fieldline: two commands on a fresh machine, `make demo` and `make test`.
# They need Python 3.11+, make and the package registries, and set up the rest under .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export NUMBA_CACHE_DIR ?= $(CURDIR)/$(VENV)/numba
PYTEST_WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench show faults soak stack serve lock clean

help: ## say what each target does
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml
	@echo "== setting up $(VENV) from requirements.lock (about half a minute, once)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "fieldline needs Python 3.11 or newer; set PYTHON=..."; exit 3; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@echo "== compiling the lineage kernels (once)"
	@$(BIN)/python -m fieldline_trace.lineage.warm
	@touch $@

demo: $(READY) ## play an outbreak and a failed market sample, and check every answer
	@$(BIN)/python -m fieldline_streams.demo

lint: $(READY) ## ruff, mypy strict, import layers
	@echo "== ruff"; $(BIN)/ruff check . && $(BIN)/ruff format --check .
	@echo "== mypy"; $(BIN)/mypy schemas trace streams tests
	@echo "== layers"; $(BIN)/lint-imports --no-logo

test: $(READY) lint ## every check and every test
	@echo "== tests"
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist worksteal --ignore tests/browser
	@echo "== tests of pages, in a browser"
	@$(BIN)/python -m pytest tests/browser

bench: $(READY) ## time what matters beside what it beats, in one run
	@$(BIN)/python tests/bench/capture_bench.py
	@$(BIN)/python -m fieldline_streams.show latency
	@$(BIN)/python tests/bench/trace_bench.py
	@$(BIN)/python tests/bench/lane_bench.py
	@$(BIN)/python tests/bench/stream_latency.py
	@$(BIN)/python tests/bench/rules_bench.py
	@$(BIN)/python tests/bench/lineage_bench.py
	@$(BIN)/python tests/bench/console_bench.py

show: $(READY) ## kills, tampering, bad input by each door, roles and a busy door, then the benches
	@$(BIN)/python -m fieldline_streams.show kill tamper bad_input doors roles rights load pictures
	@$(MAKE) --no-print-directory bench

faults: $(READY) ## kill, freeze and starve every part of the streams, and count what was lost or doubled
	@$(BIN)/python -m fieldline_streams.faults

soak: $(READY) ## half an hour at half the maximum rate, then 10,000 worlds beside the plain model, and ten broken rules
	@$(BIN)/python -m fieldline_streams.soak --minutes 30
	@FIELDLINE_EXAMPLES=10000 $(BIN)/python -m pytest -n $(PYTEST_WORKERS) tests/unit/follow/test_against_plain_world.py
	@$(BIN)/python -m tests.mutation.check

stack: $(READY) ## run broker, PostgreSQL, workers and API replicas here
	@$(BIN)/python -m fieldline_streams.stack

serve: $(READY) ## run the service on FIELDLINE_DATA_DIR
	@$(BIN)/fieldline serve

lock: $(READY) ## pin the dependencies anew, hashed, naming no host
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --no-header pyproject.toml --group dev -o requirements.lock

clean: ## remove what the targets made, but not a data directory
	@rm -rf $(VENV) .bench .demo .hypothesis .mypy_cache .ruff_cache .import_linter_cache dist build
