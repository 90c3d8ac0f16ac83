# Everything a developer types. Each target does all its own set-up; `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules --no-print-directory
# pytest rewrites each test module's asserts, and keeps what comes of it only where bytecode may be written: without
# that, every process of every run does it again.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
PORT ?= 8000
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
PIP_INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --requirement
# The tests' settings for commands other than pytest and mypy, which load them as a plugin.
TEST_SETTINGS := $(PY) devtools/test_environment.py
WITH_SERVICES := $(PY) devtools/with_services.py
# Without the caller's own database and Redis: SQLite, and the cache in it.
ON_SQLITE := env -u DATABASE_URL -u REDIS_URL
ON_POSTGRES := env -u REDIS_URL $(WITH_SERVICES) postgres --
ON_POSTGRES_AND_REDIS := $(WITH_SERVICES) postgres redis --
PYTEST := $(PY) -m pytest
# Long in being collected alone: read only where it runs.
FUZZ := scheduler/tests/fuzz
say = @printf '\n\033[1m== %s\033[0m\n' "$(1)"

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- To see it ---------------------------------------------------------------------------------------------------------
.PHONY: demo
demo: $(VENV)/runtime-installed .env ## the product with demo data on http://127.0.0.1:8000 (PORT=9000 changes that)
	$(PY) manage.py migrate --verbosity 0
	SITE_URL=http://127.0.0.1:$(PORT) $(PY) manage.py load_demo
	SITE_URL=http://127.0.0.1:$(PORT) exec $(PY) devtools/side_by_side.py \
		$(PY) manage.py runserver 127.0.0.1:$(PORT) -- $(PY) manage.py worker

.env: | $(VENV)/runtime-installed
	$(PY) manage.py setup

# --- To work on it -----------------------------------------------------------------------------------------------------
.PHONY: venv
venv: $(VENV)/dev-installed ## the virtual environment in .venv, as the requirements files say

$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; PYTHON=... names one")'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/runtime-installed: requirements.txt | $(VENV)/created
	$(PIP_INSTALL) requirements.txt
	@touch $@

$(VENV)/dev-installed: requirements.txt requirements-dev.txt | $(VENV)/created
	$(PIP_INSTALL) requirements-dev.txt
	@touch $@ $(VENV)/runtime-installed

.PHONY: packages
packages:
	@devtools/install_packages.sh

.PHONY: lint
lint: venv
	$(call say,style)
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/djlint templates --check --lint --quiet

.PHONY: types
types: venv
	$(call say,types)
	$(BIN)/mypy

.PHONY: migrations
migrations: venv
	$(call say,migrations)
	$(ON_SQLITE) $(TEST_SETTINGS) $(PY) manage.py makemigrations --check --dry-run

.PHONY: test-sqlite
test-sqlite: venv
	$(call say,tests on SQLite)
	$(ON_SQLITE) $(PYTEST) -n 2 -m "not serial and not long" --ignore=$(FUZZ)

.PHONY: test-postgres
test-postgres: venv
	$(call say,tests on PostgreSQL - what the schema says)
	$(ON_POSTGRES) $(PYTEST) -n 2 -m "not serial and not long"

.PHONY: test-serial
test-serial: venv
	$(call say,tests on PostgreSQL and Redis: browser - races - queue)
	$(ON_POSTGRES_AND_REDIS) $(PYTEST) -m "serial and not long" --ignore=$(FUZZ)

.PHONY: check
check: lint types migrations test-sqlite ## the quick half: style, types, migrations in step, tests on SQLite

.PHONY: test
test: packages lint types migrations test-sqlite test-postgres test-serial ## everything that a merge has to pass

.PHONY: test-long
test-long: packages venv ## what takes long: full fuzzing, soak, long loops
	$(ON_POSTGRES_AND_REDIS) $(PYTEST) -m long -o faulthandler_timeout=3600

.PHONY: bench
bench: packages venv ## the benchmarks (ARGS=... for them)
	$(ON_POSTGRES_AND_REDIS) $(TEST_SETTINGS) $(PY) benchmarks/run.py $(ARGS)
