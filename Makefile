# make demo   the main job on real recordings, from nothing
# make test   the tests; make check: style, types, import contracts
# Each target does its own set-up; PYTHON names the interpreter to build .venv from.

PYTHON ?= python3.11
BIN := .venv/bin
HOME_FOLDER ?= demo

.PHONY: install noncommercial demo weights test check lock clean

install: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python -m pip check
	touch .venv/installed

weights: install
	$(BIN)/synth models fetch

demo: install
	@$(BIN)/python -m flows.demo --home $(HOME_FOLDER)

test: install noncommercial weights
	$(BIN)/python -m pytest

# Instruments whose weights forbid commercial use: tested here, run only with --noncommercial.
noncommercial: .venv/noncommercial

.venv/noncommercial: requirements-noncommercial.lock .venv/installed
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --requirement requirements-noncommercial.lock
	$(BIN)/python -m pip check
	touch .venv/noncommercial

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Pins what .venv holds now; a local version tag ("+cpu") names one machine's build and is dropped.
lock: install
	(sed -n '/^#/p' requirements.lock; \
	 $(BIN)/python -m pip freeze --exclude-editable --all \
	 | grep -v -E '^(pip|perceptsynth)==' | sed -E 's/\+[a-z0-9.]+$$//' | sort -f) > requirements.lock.new
	mv requirements.lock.new requirements.lock

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
