# Everything that is done with this project by hand or by a machine. `make` alone says what there is.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= auto

.DEFAULT_GOAL := help
.PHONY: help run setup test lint format bench browser-check lock clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup ## set everything up and start on http://127.0.0.1:8080
	@$(BIN)/donghanh serve

setup: $(VENV)/.for-running ## only install what running needs

test: $(VENV)/.for-testing ## set up and run all tests
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

lint: $(VENV)/.for-testing ## formatting, style, types, and which way imports run
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports

format: $(VENV)/.for-testing ## put the code into its form
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: $(VENV)/.for-testing ## measure beside the baselines, in one run
	@$(BIN)/python -m bench $(or $(ARGS),all)

lock: ## pin the newest versions that fit pyproject.toml (needs uv)
	@uv pip compile pyproject.toml --extra setup --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-header --no-emit-index-url --quiet --upgrade -o requirements.lock
	@uv pip compile pyproject.toml --extra setup --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header --no-emit-index-url --quiet --upgrade -o requirements-dev.lock

clean: ## remove what was installed and cached; the data stay
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@sh .ci/make-venv $(VENV)

$(VENV)/.for-running: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing what running needs (once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . \
		>$(VENV)/install.log 2>&1 || { cat $(VENV)/install.log; exit 1; }
	@touch $@

$(VENV)/.for-testing: requirements-dev.lock $(VENV)/.for-running
	@echo "Installing what the tests need (once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
