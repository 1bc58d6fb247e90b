# Courtship. `make` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help install demo test lint types rooms bench lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint requirements.lock --editable .
	touch $@

install: $(VENV)/.installed ## a virtual environment with Courtship in it

demo: install ## a made-up brand: its audience reckoned and shown, no account needed
	$(BIN)/courtship demo

$(VENV)/.tested: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --constraint requirements.lock --editable '.[test]'
	touch $@

lint: $(VENV)/.tested ## style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.tested ## strict types
	$(BIN)/mypy

rooms: $(VENV)/.tested ## who may import whom
	$(BIN)/lint-imports

test: $(VENV)/.tested ## install what the tests need and run every check
	scripts/install-test-servers
	$(MAKE) --no-print-directory lint types rooms
	$(BIN)/pytest --cov --cov-report=term -n 2

bench: $(VENV)/.tested ## measure against the floor, as ratios
	$(BIN)/python -m benchmarks

lock: $(VENV)/.tested ## write requirements.lock anew
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra test --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url --output-file requirements.lock

clean: ## remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
