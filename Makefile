# Two commands do all the set-up: `make run` plays the sample, `make test` runs every test.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
SIZES  ?= 1000 10000 100000
SOAK_STEPS ?= 100000
SOAK_RACES ?= 10000
SOAK_FILES ?= 10000
FAULTS_TRIALS ?= 10000
FAULTS_CUTS ?= 100000
FAULTS_SEED ?= 20230626
MACHINE := tests/scenarios/test_lifecycle_machine.py::test_nothing_breaks_whatever_is_done
RUN_HOME   ?= $(CURDIR)/build/rehearsal
TELLING_DAY ?= 2023-06-26

.DEFAULT_GOAL := help
.PHONY: help setup run test soak faults faults-long check bench lock clean

help:           ## what can be made
	@grep -E '^[a-z-]+: .*##|^[a-z-]+:  *##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

setup: $(STAMP) ## the virtual environment, from the lock file; .venv/bin/duban is there after it

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "duban needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m pip check
	@touch $@

run: setup      ## plays the sample ledger up to the telling day and prints who must hear what and why
	@test -e $(RUN_HOME)/duban.db || DUBAN_HOME=$(RUN_HOME) $(BIN)/duban init --sample
	@DUBAN_HOME=$(RUN_HOME) $(BIN)/duban rehearse --until $(TELLING_DAY) --via prefect

test: setup     ## every test
	$(BIN)/python -m pytest -n 2 --dist loadfile

soak: setup     ## the long proofs: the lifecycle machine in two processes, races, hostile files (SOAK_STEPS, _RACES, _FILES)
	@export DUBAN_SOAK_STEPS=$(SOAK_STEPS); \
	  $(BIN)/python -m pytest "$(MACHINE)[0]" & first=$$!; \
	  $(BIN)/python -m pytest "$(MACHINE)[1]"; second=$$?; \
	  wait $$first && exit $$second
	@DUBAN_RACES=$(SOAK_RACES) $(BIN)/python -m pytest tests/scenarios/test_races.py
	@DUBAN_TEXT_LENGTH=100000 $(BIN)/python -m pytest tests/models/timelimit/test_cost.py
	@DUBAN_FUZZ_FILES=$(SOAK_FILES) $(BIN)/python -m pytest -s tests/models/ledger/files/test_hostile_files.py

faults: setup   ## 300 runs killed, power cuts, and mistakes that must be caught: about a minute (docs/proof.md)
	@DUBAN_FAULTS_TRIALS=300 DUBAN_FAULTS_CUTS=200 DUBAN_FAULTS_SEED=$(FAULTS_SEED) DUBAN_FAULTS_PROCESSES=2 \
	  $(BIN)/python -m pytest -rP tests/faults/test_proof.py

faults-long: setup ## the same at length, in two processes: half an hour (FAULTS_TRIALS, _CUTS, _SEED)
	@tenth=$$(($(FAULTS_TRIALS) / 20)); \
	  plan="points=$$((4 * tenth)) at-once=$$tenth robots=$$tenth in-a-row=$$tenth"; \
	  plan="$$plan next-day=$$tenth moments=$$tenth runners=$$tenth"; \
	  $(BIN)/python -m tests.faults $$plan --seed $(FAULTS_SEED) & first=$$!; \
	  $(BIN)/python -m tests.faults $$plan --seed $$(($(FAULTS_SEED) + 1)); second=$$?; \
	  wait $$first && exit $$second
	@$(BIN)/python -m tests.faults copies=$$(($(FAULTS_TRIALS) / 20)) --seed $(FAULTS_SEED)
	@half=$$(($(FAULTS_CUTS) / 2)); \
	  $(BIN)/python -m tests.faults cuts=$$half --seed $(FAULTS_SEED) --journal delete & first=$$!; \
	  $(BIN)/python -m tests.faults cuts=$$half --seed $(FAULTS_SEED) --journal wal; second=$$?; \
	  wait $$first && exit $$second

check: setup    ## format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup    ## floors and product side by side; make bench SIZES="1000 100000"
	$(BIN)/python -m bench.planning $(SIZES)
	$(BIN)/python -m bench.delivering
	$(BIN)/python -m bench.importing
	$(BIN)/python -m bench.flowing

lock: setup     ## resolves the dependencies anew (needs uv, which it fetches into a folder of its own)
	@test -x build/uv/bin/uv || { $(PYTHON) -m venv build/uv && build/uv/bin/pip install --quiet uv; }
	build/uv/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --quiet --output-file requirements.lock

clean:          ## removes what make made
	rm -rf $(VENV) build
