# Needs Python >= 3.11 with venv, git and make: GNU make 3.81 (macOS) is enough.
# PYTHON=/path/to/python makes the environment with that Python.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DOCS := build/docs-env
CLUSTER := build/cluster-env
PYTEST := $(BIN)/pytest

# Expanded only while setting up, so that no other target starts an interpreter to look for one.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3 python; do \
	"$$python" -c 'import ensurepip, sys, venv; assert sys.version_info >= (3, 11)' >/dev/null 2>&1 \
	&& { command -v "$$python"; break; }; done)

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-cluster siege check approve docs page bench fuzz full lock clean setup

help: ## Show this help
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{ printf "  make %-12s %s\n", $$1, $$2 }'

demo: $(READY) ## Set up, print a map of this repository, then play a turn with a scripted model
	@$(BIN)/trigpoint map . --tokens 1024
	@echo
	@$(BIN)/python bench/demo.py

test: $(READY) check ## Set up, check, then run the quick suite
	@$(BIN)/python -m compileall -q chat edits repomap tests/support # or each of hundreds of processes would do it
	@$(PYTEST) -m "not slow" --numprocesses auto --dist worksteal

test-slow: $(READY) ## Run the tests that take minutes, and every property test with ten times its examples
	@$(PYTEST) -m slow
	@$(PYTEST) -m "hypothesis and not slow" --hypothesis-profile=thorough

test-cluster: $(CLUSTER)/.ready ## Test with dask and S3 on loopback, in an environment of its own
	@$(CLUSTER)/bin/python -m pytest -m slow tests/cluster

siege: $(READY) ## Play every hostile repository and every bad moment, in minutes
	@$(PYTEST) tests/chat/siege

check: $(READY) ## Format, lint, types and layers, changing nothing
	@$(BIN)/ruff format --check --quiet . || { echo "Run '$(BIN)/ruff format .' and look at what it changed."; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(PYTEST) --quiet --no-header tests/test_architecture.py

approve: $(READY) ## Write what differs from approved files; read the diff before committing it
	@$(PYTEST) --quiet --approve -m "not slow"
	@git status --short fixtures docs README.md ARCHITECTURE.md

docs: $(READY) $(DOCS)/.ready ## Build the site of the documentation in build/site
	@$(BIN)/python docs/site/stage.py
	@NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build --quiet --strict --config-file build/mkdocs.yml
	@$(BIN)/python docs/site/stage.py check
	@echo "The site is in build/site: open build/site/index.html."

page: ## Build the template of the page from repomap/page/web/; needs node and npm, unlike everything else
	@cd repomap/page/web && npm ci --silent --ignore-scripts --no-audit --no-fund && npm run --silent build

bench: $(READY) ## Measure maps on the history of this repository
	@$(BIN)/python bench/recall.py --tokens 256

fuzz: $(READY) ## Give every property test a hundred times its usual examples
	@$(PYTEST) -m hypothesis --hypothesis-profile=fuzz

full: test test-slow ## Everything to run before a push

lock: ## Remake requirements.lock with the newest versions that pyproject.toml allows
	@"$(PYTHON)" -m venv build/uv
	@build/uv/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.5"
	@build/uv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--extra dev --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml
	@build/uv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--group docs --custom-compile-command "make lock" --output-file docs/site/requirements.lock
	@build/uv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--extra cluster --extra s3 --group cluster --custom-compile-command "make lock" \
		--output-file tests/cluster/requirements.lock pyproject.toml

setup: $(READY) ## Set up .venv alone
	@:

clean: ## Remove what the other targets made
	@rm -rf $(VENV) build dist *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "No Python >= 3.11 with venv was found; install one, or name it: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Setting up $(VENV) with $(PYTHON), once; this takes a minute or two ..."
	@"$(PYTHON)" -m venv $$($(BIN)/python -c 'import sys; assert sys.version_info >= (3, 11)' 2>/dev/null || echo --clear) $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(DOCS)/.ready: docs/site/requirements.lock
	@"$(PYTHON)" -m venv --clear $(DOCS)
	@$(DOCS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(CLUSTER)/.ready: tests/cluster/requirements.lock pyproject.toml
	@"$(PYTHON)" -m venv --clear $(CLUSTER)
	@$(CLUSTER)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@$(CLUSTER)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
