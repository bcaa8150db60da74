# Python 3.11 or newer, git and make are all that `setup`, `demo`, `test` and `check` need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
# The lock file is complete: nothing is left to resolve, so no newer release can come in between.
INSTALL := $(PIP) install --quiet --no-deps --require-hashes -r
THIS := $(PIP) install --quiet --no-deps --no-build-isolation -e .
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-strip-extras --no-header --no-emit-index-url --group build
IMAGE_EXTRAS := $(foreach extra,anthropic cards desk digest fast postgres web,--extra $(extra))
WORKERS := -n auto --dist worksteal
# Tests of processes and servers wait a fifth of their time: another worker has that time.
WAITING := -n $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1) --dist worksteal
# Tests start the command hundreds of times: it is compiled once, whatever the shell says of it.
unexport PYTHONDONTWRITEBYTECODE
# They sync what they write thousands of times, and wait 4 ms each time where that is a disk.
IN_MEMORY := $(shell test -w /dev/shm && df -Pk /dev/shm | awk 'END { if ($$4 > 2000000) print "PYTEST_DEBUG_TEMPROOT=/dev/shm" }')
AXE := axe-core@4.14.1
VNU := vnu-jar@26.9.27

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-fast mutants bars distributed check format replay bench browser tools lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.ready ## .venv with what shipskip runs on

demo: setup ## a panel, a comparison and a replay: no key, no network
	PATH="$(CURDIR)/$(BIN):$$PATH" bash examples/demo.sh

test: $(VENV)/.ready-dev ## every test but the bars and the browser, with coverage of the rules
	$(IN_MEMORY) $(BIN)/python -m pytest $(WAITING) -m "not browser" --ignore=tests/bars --ignore=tests/distributed --ignore=tests/browser --cov --cov-report=term-missing:skip-covered $(ARGS)

test-fast: $(VENV)/.ready-dev ## units and properties: what starts no process and no server
	$(IN_MEMORY) $(BIN)/python -m pytest $(WORKERS) -m "not slow" --hypothesis-profile=fast tests/unit tests/property $(ARGS)

mutants: $(VENV)/.ready-dev ## changes to the rules that no test notices, against tests/mutants.txt
	$(BIN)/python tests/mutants.py $(ARGS)

check: $(VENV)/.ready-dev ## lint, format, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.ready-dev ## write what `check` would ask for
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bars: $(VENV)/.ready-dev ## faults, hostile replies, crashes, caps: what was withstood, in figures
	$(BIN)/python -m pytest tests/bars -q -s -rs $(ARGS)

distributed: $(VENV)/.ready-dev ## workers on a real Postgres, skipped where there is none
	$(BIN)/python -m pytest tests/distributed -q -s -rs $(ARGS)

replay: setup ## the recorded runs through today's code
	$(BIN)/shipskip replay

bench: $(VENV)/.ready-dev ## what the machinery costs beside the models
	set -e; for script in benchmarks/bench_*.py; do $(BIN)/python "$$script"; done

browser: $(VENV)/.ready-dev ## the pages in Chromium, skipped where a tool is missing (see `tools`)
	$(BIN)/python -m pytest tests/browser -rs $(ARGS)

tools: ## axe-core and the Nu HTML checker into .tools (needs npm)
	npm install --prefix .tools --no-save --no-package-lock --no-audit --no-fund --ignore-scripts $(AXE) $(VNU)

lock: $(VENV)/.ready-dev ## the three requirements files from pyproject.toml; ARGS=--upgrade for newer
	$(PIP) install --quiet uv
	$(LOCK) $(ARGS) --output-file requirements.txt
	$(LOCK) $(ARGS) $(IMAGE_EXTRAS) --output-file requirements-image.txt
	$(LOCK) $(ARGS) --all-extras --group dev --output-file requirements-dev.txt

clean: ## what the tools leave behind, .venv and .tools excepted
	rm -rf .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("shipskip needs Python 3.11 or newer, this is " + sys.version.split()[0] + ": make PYTHON=python3.12 setup")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: requirements.txt pyproject.toml | $(BIN)/python
	$(INSTALL) requirements.txt
	$(THIS)
	@touch $@

$(VENV)/.ready-dev: requirements-dev.txt pyproject.toml | $(BIN)/python
	$(INSTALL) requirements-dev.txt
	$(THIS)
	@touch $@ $(VENV)/.ready
