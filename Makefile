# Every target does its own set-up: `make demo` or `make test` in a fresh clone is all there is to know.
#   make demo ARGS=--no-browser     options for the command behind a target
#   make test SEED=1234             the same random order again
#   make venv PYTHON=python3.12     another interpreter

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

ARGS ?=
SEED ?= $(shell od -An -N3 -tu4 /dev/urandom | tr -d ' ')
SEED := $(SEED)
CRASH_ROUNDS ?=

READY := .venv/.ready
PY := .venv/bin/python
PACKAGES := bench bot cards checks config documents handlers sales scheduler scripts simulator storage web
CODE := $(foreach package,$(PACKAGES),$(if $(wildcard $(package)/*.py),$(package)))
PYTEST = $(PY) -m pytest -n 4 -p randomly --randomly-seed=$(SEED)

# An environment remembers where it was made: a checkout that was moved or copied gets a new one.
ifneq ($(shell cat .venv/.checkout 2>/dev/null),$(CURDIR))
.PHONY: $(READY)
endif

.PHONY: help demo test check format-check lint types contracts coverage crash bench venv lock format screenshots clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

$(READY): requirements.lock scripts/install_checkout.py
	@sh scripts/make_venv.sh

venv: $(READY) ## make .venv from the lock file; the command is then .venv/bin/dealdesk

demo: $(READY) ## the whole product on this machine, with a demo company; prints one URL
	@.venv/bin/dealdesk demo $(ARGS)

test: $(READY) ## every test, in random order
	@echo "random order; for this one again: make test SEED=$(SEED)"
	@$(PYTEST) $(ARGS)

check: format-check lint types contracts coverage ## what must be green before a change lands

format-check: $(READY)
	$(PY) -m ruff format --check .

lint: $(READY)
	$(PY) -m ruff check .

types: $(READY)
	$(PY) -m mypy --explicit-package-bases $(CODE)

contracts: $(READY)
	.venv/bin/lint-imports

# Every test once, the crash matrix at 3 rounds a cell, with the coverage that we promise.
coverage: export CRASH_ROUNDS := $(or $(CRASH_ROUNDS),3)
coverage: $(READY)
	@echo "random order; for this one again: make check SEED=$(SEED)"
	$(PYTEST) --cov --cov-branch --cov-report= $(ARGS)
	$(PY) -m coverage report --precision=2 --skip-covered --show-missing --include='sales/*' --fail-under=100
	$(PY) -m coverage report --precision=2 --skip-covered --fail-under=90

crash: export CRASH_ROUNDS := $(or $(CRASH_ROUNDS),50)
crash: export CRASH_RESULTS := $(CURDIR)/data/crash.jsonl
crash: $(READY) ## kill -9 at every step of an event's life, 50 rounds a cell; rewrites docs/crash-matrix.md
	@echo "$$CRASH_ROUNDS rounds a cell; for this order again: make crash SEED=$(SEED)"
	@mkdir -p data && rm -f "$$CRASH_RESULTS"
	@$(PYTEST) tests/crash $(ARGS)
	@$(PY) scripts/crash_report.py "$$CRASH_RESULTS"

bench: $(READY) ## speed and size, each figure with its ratio to a baseline
	@$(PY) -m bench $(ARGS)

screenshots: export SCREENSHOTS := docs/images
screenshots: $(READY) ## the README's pictures and the card gallery, taken by the browser tests
	@mkdir -p docs/images
	@$(PY) -m pytest -rs -p no:randomly -k "browser or gallery" tests/e2e $(ARGS)

format: $(READY) ## format and sort imports
	@$(PY) -m ruff check --quiet --fix --select I .
	@$(PY) -m ruff format .

lock: $(READY) ## make requirements.lock anew (ARGS=--upgrade for newer releases)
	@$(PY) scripts/lock.py $(ARGS)

clean: ## remove .venv and what tools left behind; data/ stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.* build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
