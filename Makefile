# Everything a person or CI runs. `make help` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ARGS ?=

.PHONY: help setup demo stop test mutations lint docs golden format bench data-report data-check clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## Create the virtual environment from the lock file

$(READY): uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || \
		{ echo "make: Python 3.11 is needed; install it or say PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'
	@# Compiled at once: Python would do it at each first import, and not at all where it may not write bytecode.
	@UV_PROJECT_ENVIRONMENT=$(VENV) $(BIN)/uv sync --locked --quiet --inexact --compile-bytecode --python $(BIN)/python
	@touch $@

demo: $(READY) ## Run the whole platform on this machine (ARGS="--customers 5000 --no-app")
	@$(BIN)/c360 demo $(ARGS)

stop: $(READY) ## Stop the app and the local cloud
	@$(BIN)/c360 local stop

test: $(READY) ## Run all tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

mutations: $(READY) ## Make deliberate mistakes in dbt models and see that a test notices each (ARGS="lift recent")
	@$(BIN)/python -W ignore -m tests.mutations $(ARGS)

lint: $(READY) ## Style, types, direction of imports, rules of the infrastructure
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/sqlfluff lint dbt/models dbt/tests/singular --config dbt/.sqlfluff
	@$(BIN)/python -m infra.rules

docs: $(READY) ## Rebuild the documents that are made from code
	@$(BIN)/python -m infra.documents
	@$(BIN)/python -m c360.documents

golden: $(READY) ## Accept the plans of all stacks as they are now (look at the diff)
	@$(BIN)/python -m tests.golden

format: $(READY) ## Apply the formatter
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

data-report: $(READY) ## Generate the data and draw its statistics into .local/data-report.html
	@$(BIN)/c360 generate --report .local/data-report.html $(ARGS)

data-check: $(READY) ## Measure bands, churn and campaign over seeds and sizes by independent scripts (ARGS="--quick")
	@$(BIN)/python -m tests.bench.data $(ARGS)

bench: $(READY) ## Measure speed against a DuckDB baseline run beside it
	@$(BIN)/python -m tests.bench $(ARGS)

clean: ## Remove the environment, caches and local state
	@test ! -x $(BIN)/c360 || $(BIN)/c360 local stop || true
	rm -rf $(VENV) .local .pytest_cache .mypy_cache .ruff_cache .hypothesis dbt/target dbt/logs
