# Everything a person does with a working copy. `make help` lists it.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup run demo test test-sqlite test-postgresql test-browser screenshots crash check audit bench bench-data lock

# Tests and servers start Python by the hundred: it keeps what it compiled, even where the surroundings say not to.
unexport PYTHONDONTWRITEBYTECODE

PYTEST := .venv/bin/pytest --color=auto
# Three on two cores, because tests wait too. A file stays with one, so that what it starts is started once; and files
# keep their order, because the longest tests stand alone in theirs and would otherwise come last.
SIDE_BY_SIDE := -n 3 --dist loadfile --no-loadscope-reorder

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18

setup: .venv/ready ## Install the toolchain and the pinned dependencies into this folder

.venv/ready: requirements-dev.lock pyproject.toml .python-version scripts/setup
	@scripts/setup

run: setup ## Start Candidly with its demo story; Ctrl-C stops it
	@.venv/bin/candidly migrate --verbosity 0
	@.venv/bin/candidly demo --if-empty
	@exec .venv/bin/candidly serve

demo: setup ## Load the demo story into an empty database
	@.venv/bin/candidly migrate --verbosity 0
	@.venv/bin/candidly demo

test: setup ## Run every test: on SQLite, on PostgreSQL, and in the browser
	@scripts/test-packages
	@$(MAKE) --no-print-directory test-sqlite test-postgresql test-browser

test-sqlite: setup ## Run the tests on SQLite, without the browser
	$(PYTEST) $(SIDE_BY_SIDE) --ignore=tests/browser

# Mail and channels never see a database, and whom a wall turns away is settled before it is asked: once is enough.
NO_DATABASE := tests/mail tests/channels tests/authorization/test_agency_walls.py

test-postgresql: setup ## Run the tests on a PostgreSQL of their own, without the browser
	$(PYTEST) $(SIDE_BY_SIDE) --ignore=tests/browser $(NO_DATABASE:%=--ignore=%) --database=postgresql

# Two at once: while one waits for a page, the other's is made. Each has a Candidly and a Chromium of its own.
test-browser: setup ## Run the journeys in Chromium
	$(PYTEST) -n 2 --dist loadfile --no-loadscope-reorder tests/browser

screenshots: setup ## Draw every page of the demo into build/screenshots, and the README's two pictures (PROTOTYPE=folder)
	@.venv/bin/python -m tests.browser.screenshots $(if $(PROTOTYPE),--prototype "$(PROTOTYPE)")

crash: setup ## Kill everything at random while mail goes out and comes in, then count; CRASH=--quick is shorter
	.venv/bin/python -m tests.crash --database=sqlite $(CRASH)
	.venv/bin/python -m tests.crash --database=postgresql $(CRASH)

check: setup ## Check style, types, rooms, templates, migrations and dependencies
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target check-types check-others

# Types take as long as everything else together: they have a core of their own.
.PHONY: check-types check-others
check-types: setup
	.venv/bin/mypy

check-others: setup
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/lint-imports
	.venv/bin/djlint src --lint --quiet
	.venv/bin/candidly makemigrations --check --dry-run
	.venv/bin/deptry .
	@$(MAKE) --no-print-directory audit

audit: setup ## Ask for known weaknesses of the dependencies; says so when the database cannot be reached
	@timeout 60 .venv/bin/pip-audit --requirement requirements.lock --disable-pip --progress-spinner off \
		| grep -v "could not be audited" || echo "pip-audit could not look, or found what stands above. It stops nothing."

bench: bench-setup ## Measure delivery, inbound, live notices and pages beside their references (about half an hour)
	@.venv/bin/python -m bench $(BENCH)

bench-data: setup ## Load a million messages into an empty database, to see pages with many rows
	@.venv/bin/candidly migrate --verbosity 0
	@DJANGO_SETTINGS_MODULE=candidly.settings .venv/bin/python -m bench.million

.PHONY: bench-setup
bench-setup: setup
	@uv=$$([ -x .uv/bin/uv ] && echo .uv/bin/uv || command -v uv); \
	$$uv pip install --quiet --require-hashes --requirement requirements-bench.lock

lock: setup ## Pin the newest versions that pyproject.toml allows
	uv=$$([ -x .uv/bin/uv ] && echo .uv/bin/uv || command -v uv); \
	compile="$$uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --quiet --upgrade pyproject.toml"; \
	$$compile --output-file requirements.lock; \
	$$compile --group dev --output-file requirements-dev.lock; \
	$$compile --group bench --output-file requirements-bench.lock
