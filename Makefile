# `make run` and `make test` need Python 3.11+ and make, nothing else. `make run ADDRESS=0.0.0.0` lets other machines in;
# `make run PORT=8600` chooses the port.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
FAST := -m "not slow and not browser"
SHARED := -n 3 --dist loadfile --no-loadscope-reorder  # three processes, each a file at a time, in the order of tests/conftest.py
# Tests start hundreds of processes: compiled modules are kept for the next, whatever the machine's own setting.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test check lint audit units journeys shots bench browser postgres clean

run: $(VENV)/.run
	$(PY) serve.py $(if $(ADDRESS),--server.address $(ADDRESS)) $(if $(PORT),--server.port $(PORT))

# Browser tests mostly wait, so they run beside the others.
test: $(VENV)/.dev browser postgres
	$(MAKE) --jobs=3 lint units journeys

check: $(VENV)/.dev lint audit postgres
	$(PY) -m pytest $(SHARED) $(FAST)

lint: $(VENV)/.dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

# Known vulnerabilities are looked for where the internet is within reach.
audit: $(VENV)/.dev
	$(PY) -m tests.lock --audit

units: $(VENV)/.dev postgres
	$(PY) -m pytest $(SHARED) -m "not browser"

journeys: browser
	$(PY) -m pytest tests/e2e

shots: browser
	$(PY) -m tests.e2e.shots $(ONLY)

# What the README says in numbers; `make bench NAMES=all` measures everything.
bench: $(VENV)/.bench browser
	$(PY) -m benchmarks $(NAMES)

browser: $(VENV)/.dev
	$(PY) tests/e2e/browser.py

postgres: $(VENV)/.dev
	$(PY) tests/postgres.py

$(VENV)/.run: requirements.txt
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@echo "Installing what is needed, once: some minutes."
	$(PY) -m pip install --disable-pip-version-check -q -r requirements.txt
	touch $@

# Modules are compiled when they are first imported: compiling all of them here takes longer than the rest of the installation.
$(VENV)/.dev: requirements.txt requirements-dev.txt
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --disable-pip-version-check -q --no-compile -r requirements-dev.txt
	touch $@ $(VENV)/.run

$(VENV)/.bench: $(VENV)/.dev benchmarks/requirements.txt
	$(PY) -m pip install --disable-pip-version-check -q --no-compile -r benchmarks/requirements.txt
	touch $@

clean:
	rm -rf $(VENV)
