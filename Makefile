# make run: segment a sample. make test: everything that .ci/run runs. Both make .venv with python3 if there is none.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
CORPORA := $(wildcard ../shared/corpora)
export PIP_DISABLE_PIP_VERSION_CHECK = 1
ifneq ($(CORPORA),)
export SEGTOOL_CORPORA ?= $(abspath $(CORPORA))
endif

.PHONY: run test lint types imports unit wheel soak docs samples lock clean

run: $(READY)
	$(BIN)/segtool outline sample_docs/lease.pdf
	@echo
	@$(BIN)/segtool split sample_docs/lease.pdf --output .venv/lease.txt --force
	@head -n 12 .venv/lease.txt

test: lint types imports unit wheel

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

unit: $(READY)
	$(BIN)/python -m pytest -m "not soak and not wheel" --cov --cov-report=term:skip-covered

# Builds the wheel, installs it in a new environment outside the repository, and segments without a network.
wheel: $(READY)
	$(BIN)/python -m pytest -m wheel tests/test_wheel.py --timeout 900

# Long runs: kills, large inputs, memory.
soak: $(READY)
	$(BIN)/python -m pytest -m soak --timeout 3600

docs: $(READY)
	$(BIN)/python scripts/make_docs.py
	$(BIN)/python scripts/make_picture.py

samples: $(READY)
	$(BIN)/python -m pip install --quiet --editable ".[samples]"
	$(BIN)/python scripts/make_samples.py

lock: $(READY)
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile $(LOCK) --output-file requirements/runtime.lock pyproject.toml
	$(BIN)/pip-compile $(LOCK) --extra dev --constraint requirements/runtime.lock --output-file requirements/dev.lock pyproject.toml
LOCK := --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links

$(READY): requirements/dev.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

clean:
	rm -rf .venv dist build .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis
