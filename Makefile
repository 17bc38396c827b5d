# Everything a developer or an operator of one machine does. Needs python3 (3.11 or newer), make and a package index.
# Another interpreter: make setup PYTHON=python3.12        Another port: PORT=8001 make run

PYTHON ?= python3
JOBS ?= auto
BENCH ?= evaluation
SCALE ?= 100000

BIN := .venv/bin
STAMP := .venv/installed
LOCKS := requirements.txt requirements-dev.txt
CATALOGUES := $(wildcard backoffice/locale/*/LC_MESSAGES/*.po)
# pyproject.toml ignores these directories even when they are named, so these targets replace its options.
ALONE := -o addopts="--strict-markers --strict-config --reuse-db --import-mode=importlib" -p no:randomly
UPGRADES := tests/cases/migrations tests/visits/migrations
NOT_UNIT := --ignore=tests/e2e --ignore=tests/chaos --ignore=tests/bench $(UPGRADES:%=--ignore=%)

# What `make check` runs.
CHECKS := check-types check-imports check-format check-lint check-migrations check-messages check-features check-doors check-conduct check-deployment \
	check-reachability check-javascript
CHECK_JOBS ?= 2
# Keeps the lines of each check together, where this make can.
OUTPUT_SYNC := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

.PHONY: setup install demo run worker test test-fast upgrades check $(CHECKS) js fmt messages bench e2e chaos
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

setup: install $(CATALOGUES:.po=.mo)

# The stamp holds a checksum of the lock files and this directory. It is written last, so an interrupted installation runs again.
install:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Doorstep needs Python 3.11 or newer; '$(PYTHON)' is not. Name another: make setup PYTHON=python3.12" >&2; \
	  exit 1; }
	@want="$$(cat $(LOCKS) | cksum) $(CURDIR)"; \
	if [ "$$want" = "$$(cat $(STAMP) 2>/dev/null)" ] && $(BIN)/python -c '' 2>/dev/null; then exit 0; fi; \
	$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "'$(PYTHON)' lacks its venv module; on Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }; \
	echo "Installing into .venv (a minute or two) ..." >&2; \
	rm -f $(STAMP); \
	if ! grep -qF "$(CURDIR)/.venv" $(BIN)/pip 2>/dev/null || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	  $(PYTHON) -m venv --clear .venv || exit 1; fi; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt || { \
	  echo "The installation failed (see above); run the same command again." >&2; exit 1; }; \
	printf '%s' "$$want" > $(STAMP)

%.mo: %.po | install
	@$(BIN)/python manage.py messages --compile

demo: setup
	@$(BIN)/python manage.py migrate --noinput --verbosity 0
	@$(BIN)/python manage.py demo

run: setup
	@$(BIN)/python manage.py migrate --noinput --verbosity 0
	@$(BIN)/python -m backoffice.wiring.serving

worker: setup
	@$(BIN)/python -m backoffice.wiring.serving worker

test: setup
	$(BIN)/pytest -n $(JOBS) $(NOT_UNIT) tests

test-fast: setup
	$(BIN)/pytest -n $(JOBS) -x -m "not slow" $(NOT_UNIT) tests

# Migrations that carry data over. Django rebuilds its models at every step back and forth: a minute or more for each test.
upgrades: setup
	$(BIN)/pytest -n $(JOBS) $(UPGRADES)

e2e: setup
	$(BIN)/pytest $(ALONE) tests/e2e

chaos: setup
	$(BIN)/pytest $(ALONE) tests/chaos

bench: setup
	@$(BIN)/python manage.py migrate --noinput --verbosity 0 >&2
	@$(BIN)/python manage.py bench $(BENCH) --scale $(SCALE)

# Two checks run beside each other. mypy takes longest, so it comes first.
check: setup
	@$(MAKE) --jobs $(CHECK_JOBS) --keep-going $(OUTPUT_SYNC) $(CHECKS)

check-types:
	$(BIN)/mypy

check-imports:
	$(BIN)/lint-imports

check-format:
	$(BIN)/ruff format --check .

check-lint:
	$(BIN)/ruff check .

check-migrations:
	$(BIN)/python manage.py makemigrations --check --dry-run

check-messages:
	$(BIN)/python manage.py messages --check

check-features:
	$(BIN)/python manage.py features --check

check-reachability:
	$(BIN)/python -m tests.repository.reachability

# Lint and unit tests of the scripts that pages load. Needs Node.js 20 or newer; the packages are for development only.
check-javascript:
	@if command -v npm >/dev/null; then $(MAKE) js; \
	elif [ -n "$$CI" ]; then echo "The checks of the JavaScript need Node.js 20 or newer with npm." >&2; exit 1; \
	else echo "No npm: the checks of the JavaScript are left out." >&2; fi

js: tests/javascript/node_modules/.package-lock.json
	npm --prefix tests/javascript run --silent lint
	npm --prefix tests/javascript run --silent test

tests/javascript/node_modules/.package-lock.json: tests/javascript/package-lock.json
	npm ci --prefix tests/javascript --omit=optional --no-audit --no-fund --silent
	@touch $@

check-conduct:
	$(BIN)/python manage.py conduct --check

check-doors:
	$(BIN)/python manage.py doors --check

check-deployment:
	$(BIN)/python .ci/check_deployment.py

fmt: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

messages: setup
	$(BIN)/python manage.py messages --update
	$(BIN)/python manage.py messages --compile
