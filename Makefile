# Milepost from a fresh checkout: `make demo` to see it, `make test` to trust it.
# Needs python3 (3.11 or newer) and make; the rest goes into .tools and .venv, or comes from apt by root or sudo.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
unexport PYTHONDONTWRITEBYTECODE
unexport VIRTUAL_ENV

PYTHON ?= python3
ARGS ?=
# uv and pip keep what they download under HOME, where there is one to write to; else beside what they build.
CACHES := $(shell home="$${XDG_CACHE_HOME:-$$HOME/.cache}"; [ -d "$$home" ] || home="$$HOME"; [ -d "$$home" ] && [ -w "$$home" ] && echo home)
ifneq ($(CACHES),home)
export UV_CACHE_DIR ?= $(CURDIR)/.tools/cache/uv
export PIP_CACHE_DIR ?= $(CURDIR)/.tools/cache/pip
endif
UV := .tools/bin/uv
RUN := .venv/bin/python
LINTED := config notifications pathway patients tests benchmarks manage.py
# Half the machine is Chromium's and PostgreSQL's; past eight, workers wait for the database.
PYTEST := $(RUN) -m pytest -n auto --maxprocesses 8
# The child ends when make does, even when make is killed. `exec` keeps the shell out from between the two.
CHILD := MILEPOST_STOP_WITH=$$PPID exec

.PHONY: help demo test check bench chaos lock clean chromium

help:  ## What there is to make
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sed 's/^/  make /'

demo: .venv/.runtime  ## Build everything and run it here: web, worker, beat, broker (ARGS="--port 9000 --fresh")
	@$(CHILD) $(RUN) manage.py demo $(ARGS)

test: .venv/.development chromium  ## The whole suite on SQLite, then what asks a server on PostgreSQL and Valkey (ARGS="-k words")
	@MILEPOST_TEST_ON=sqlite $(CHILD) $(PYTEST) $(ARGS)
	@MILEPOST_TEST_ON=postgres $(CHILD) $(PYTEST) -m served $(ARGS)

check: .venv/.development  ## Lint, types, import contracts, templates, migrations, locks
	$(RUN) -m ruff check $(LINTED)
	$(RUN) -m ruff format --check $(LINTED)
	$(RUN) -m mypy config notifications pathway patients
	.venv/bin/lint-imports --no-cache
	@if git ls-files -co --exclude-standard -- '*.html' | grep -q .; then \
	  set -x; .venv/bin/djlint --lint --quiet config notifications pathway patients; fi
	$(RUN) manage.py makemigrations --check --dry-run
	$(RUN) manage.py check --fail-level WARNING
	@$(CHILD) $(RUN) -m pytest tests/house/test_tree.py

bench: .venv/.development  ## How fast it is, beside its peers (ARGS="--only dispatch --quick")
	@$(CHILD) $(RUN) -m benchmarks $(ARGS)

chaos: .venv/.development  ## Kill, crash and move everything, and see that no message is lost or doubled (ARGS="--seed 7 --reminders 20000")
	@$(CHILD) $(RUN) -m tests.chaos $(ARGS)

lock: .tools/.ready  ## Pin every dependency again from pyproject.toml (ARGS=--upgrade for newer ones)
	$(UV) pip compile -q --universal --generate-hashes --no-header pyproject.toml -o requirements.lock $(ARGS)
	$(UV) pip compile -q --universal --generate-hashes --no-header --group dev pyproject.toml -o requirements-dev.lock $(ARGS)

clean:  ## Remove what was built and the demo's data
	rm -rf .tools .venv .demo staticfiles .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- What the targets above stand on -------------------------------------------------------------------------------

.tools/.ready: requirements-uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Milepost needs Python 3.11 or newer, and $(PYTHON) is not: try make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || .ci/packages python3-venv
	rm -rf .tools
	$(PYTHON) -m venv .tools
	.tools/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@touch $@

# Either lock will do for `make demo`: where the development packages are installed already, they stay.
.venv/.runtime: requirements.lock requirements-dev.lock | .tools/.ready
	@[ -x $(RUN) ] || $(UV) venv -q --clear --python $(PYTHON) .venv
	@if [ -x .venv/bin/pytest ]; then \
	  set -x; $(UV) pip sync -q --python $(RUN) --require-hashes requirements-dev.lock && touch .venv/.development; \
	else \
	  set -x; $(UV) pip sync -q --python $(RUN) --require-hashes requirements.lock; fi
	@touch $@

.venv/.development: requirements-dev.lock | .tools/.ready
	@[ -x $(RUN) ] || $(UV) venv -q --clear --python $(PYTHON) .venv
	$(UV) pip sync -q --python $(RUN) --require-hashes requirements-dev.lock
	@touch $@ .venv/.runtime

chromium:
	@missing=""; \
	command -v chromium >/dev/null || missing="chromium fonts-dejavu-core"; \
	/sbin/ldconfig -p 2>/dev/null | grep -q 'libatomic\.so\.1' || missing="$$missing libatomic1"; \
	if [ -n "$$missing" ]; then .ci/packages $$missing; fi
