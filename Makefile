# Two commands matter: `make run` serves the product with demo data, `make test` sets up and runs everything.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell command -v python3.11 || command -v python3)

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

.PHONY: setup
setup: $(VENV)/.ready assets catalogues ## virtual environment, locked packages, front end, translations

$(VENV)/.ready: constraints.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Expected Python 3.11 on this machine, but found none; install python3.11 and try again."; exit 1; }
	@echo "Setting up: virtual environment and locked packages; the first time this takes a minute or two …"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: assets
assets: $(VENV)/.ready ## build the front end (only when its sources changed)
	@$(BIN)/python -m web.frontend.build

.PHONY: catalogues
catalogues: $(VENV)/.ready
	@$(BIN)/python -m web.catalogues compile

.PHONY: run
run: setup ## set up and serve the product with demo data and its worker on http://127.0.0.1:8000 (PORT changes it)
	$(BIN)/saanphaen demo --port $(PORT)

.PHONY: test
test: setup system check ## set up and run everything: checks, all test tiers on SQLite and PostgreSQL, browser tests
	$(BIN)/python -m pytest -n 2 --dist loadscope

.PHONY: system
system: $(VENV)/.ready # Chromium, PostgreSQL and its pool for the tests: installed where this may be done, else said loudly
	@$(BIN)/python tests/support/system_packages.py pgbouncer

.PHONY: check
check: setup ## format, lint, types, imports, spelling, templates, catalogues
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/codespell README.md CHANGELOG.md CONTRIBUTING.md docs engine workflows web migrations tests
	$(BIN)/djlint --lint --quiet web/templates
	$(BIN)/python -m web.catalogues check

.PHONY: soak
soak: setup system ## the reliability plans R1 to R17 in full, then the suite under three time zones (R=R1,R4 runs some, SEED=7 repeats)
	$(BIN)/python -m tests.soak "$(R)" $(if $(SEED),--seed $(SEED))
	$(if $(R),,$(MAKE) zones)

.PHONY: fuzz
fuzz: setup ## 20,000 damaged diagrams through reader, gate and layout: for the night (FUZZ_SEED=7 takes others)
	FUZZ_RUNS=$${FUZZ_RUNS:-20000} $(BIN)/python -m pytest tests/unit/validation/test_fuzz.py -n 2 -q

.PHONY: zones
zones: setup system ## the whole suite under three time zones
	for zone in UTC Asia/Bangkok America/New_York; do echo "TZ=$$zone"; TZ=$$zone $(BIN)/python -m pytest -n 2 --dist loadscope -q || exit 1; done

.PHONY: scale
scale: setup ## several machines on this one: web processes behind nginx, workers, PostgreSQL behind pgbouncer
	@$(BIN)/python tests/support/system_packages.py nginx pgbouncer
	$(BIN)/python -m tests.scale $(SCALE)

.PHONY: bench
bench: setup system ## measure speed, storage and memory beside bare SQL, on SQLite and PostgreSQL (BENCH="--quick http" narrows it)
	$(BIN)/saanphaen bench $(BENCH)

.PHONY: format
format: $(VENV)/.ready ## put the code in the agreed form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: lock
lock: $(VENV)/.ready ## resolve the dependencies anew into constraints.txt
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --all-extras --all-build-deps \
	  --no-emit-index-url --no-emit-find-links --no-emit-options --output-file constraints.txt pyproject.toml

.PHONY: licences
licences: $(VENV)/.ready ## list the licences of all parts in docs/licences.md; fails where one does not fit
	$(BIN)/python -m web.release.licences

.PHONY: audit
audit: $(VENV)/.ready ## known weaknesses of all parts: 0 none, 1 found, 3 their data could not be reached
	$(BIN)/python -m web.release.audit

.PHONY: sbom
sbom: $(VENV)/.ready ## the list of all shipped parts as CycloneDX, in sbom.cdx.json
	$(BIN)/python -m web.release.sbom

.PHONY: fixture
fixture: setup system ## at a release: keep the databases that it leaves behind, for the tests of later ones (VERSION=1.2.3)
	@test -n "$(VERSION)" || { echo "Expected a version, but got none: make fixture VERSION=1.2.3"; exit 1; }
	$(BIN)/python -m tests.upgrades.build $(VERSION)

.PHONY: clean
clean: ## remove what was built
	rm -rf $(VENV) build dist web/static/dist web/frontend/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
