# make demo         set up, load Boston, import its cases, appraise, serve (SERVE=0: don't serve)
# make test         every check and every test
# make lint         the checks alone
# make lock         write the lock files anew, after a change of dependencies in pyproject.toml

PYTHON ?= python3
PORT ?= 8000
SERVE ?= 1
BIN := .venv/bin
CITYSTEWARD := $(BIN)/citysteward
DATA := packs/boston/data/boston_311_2015_h1.parquet

.PHONY: help set-up demo test lint format lock clean

help:
	@sed -n 's/^# //p' Makefile

set-up: .venv/installed

demo: export CITYSTEWARD_DEMO = 1
demo: .venv/installed
	$(CITYSTEWARD) load boston
	$(CITYSTEWARD) import boston-311 $(DATA) --as-of 2016-01-13T00:00
	$(CITYSTEWARD) journal seal
	$(CITYSTEWARD) lake export
	$(CITYSTEWARD) appraise boston-311 --period 2015Q1 --freeze
	$(CITYSTEWARD) appraise boston-311 --period 2015Q2 --freeze
	$(CITYSTEWARD) summary
ifneq ($(SERVE),0)
	$(CITYSTEWARD) serve --port $(PORT)
endif

test: lint
	@tools/prepare_browser.sh
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: .venv/tests-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@# Without a cache: it does not see that another branch was checked out.
	PYTHONPATH=. $(BIN)/lint-imports --no-cache

format: .venv/tests-installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

LOCK := $(BIN)/pip-compile --quiet --no-header --generate-hashes --allow-unsafe --strip-extras \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
	--build-deps-for=editable
lock: .venv/tests-installed
	$(LOCK) --output-file requirements.lock pyproject.toml
	$(LOCK) --output-file requirements-test.lock --extra test -c requirements.lock pyproject.toml

clean:
	rm -rf .venv

.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	touch $@

# The package itself is linked, not copied: the source beside this file is what runs.
.venv/installed: .venv/made requirements.lock pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.venv/tests-installed: .venv/installed requirements-test.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	touch $@
