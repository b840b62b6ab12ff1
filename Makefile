# Everything runs in an environment of its own, made at the first call: a fresh machine needs Python 3.11-3.13, g++ and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
OUT ?= demo

.PHONY: demo test test-slow test-browser versions mutants fuzz chaos benchmarks bench-check lint gallery docs atlas clean bench-rtl

$(BIN)/.installed: setup.py pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e '.[test,digits,nir,completion,notebooks]'
	touch $@

demo: $(BIN)/.installed
	$(BIN)/brian2chip demo --out $(OUT) --force

test: $(BIN)/.installed
	$(BIN)/python -m pytest -n auto --dist loadfile

test-slow: $(BIN)/.installed
	$(BIN)/python -m pytest -m slow -o timeout=0

# The page of the demonstration in headless Chromium; in make test too, where one is found.
test-browser: $(BIN)/.installed
	$(BIN)/python -m pytest tests/analysis/test_demo_page.py -rs

# The cocotb testbench of each chip on stand-ins of our own; needs Icarus Verilog, and Verilator for one of the tests.
bench-rtl: $(BIN)/.installed
	$(BIN)/python -m pip install --quiet 'cocotb>=1.9' 'pyserial>=3.5'
	$(BIN)/python -m pytest -rs -v -m "slow or not slow" -o timeout=0 tests/bench/test_bench_rtl.py tests/bench/test_bench_serial.py

# A fast part of the tests on several versions of Brian2: the table of docs/results/versions.md. The environments stay in .versions.
versions:
	$(PYTHON) tests/versions.py

# Kills, full disks, threads, processes and caches: what was lost, wrong or left over; about half an hour.
chaos: $(BIN)/.installed
	$(BIN)/python tests/chaos

# Changes the package in 600 places, one at a time, and says which changes no test notices; about an hour, goes on where it was stopped.
mutants: $(BIN)/.installed
	$(BIN)/python -m pip install --quiet -e '.[mutants]'
	$(BIN)/python tests/mutants.py

# 10,000 wrong inputs for every reader and every command; half an hour on two cores. Exit code 1 when one is neither refused nor right.
fuzz: $(BIN)/.installed
	$(BIN)/python tests/fuzz

# The other benchmarks train for minutes to hours or read a data set; each says in its first lines how it is called.
benchmarks: $(BIN)/.installed
	for what in protocols.py odin.py reckon.py "eprop.py speed" "eprop.py memory" peers.py growth.py; do $(BIN)/python benchmarks/$$what || exit 1; done

# Compares ratios to peers and to the machine's own yardstick with those of benchmarks/ratios.json; names what moved by over a quarter.
bench-check: $(BIN)/.installed
	$(BIN)/python benchmarks/check.py

gallery: $(BIN)/.installed
	for file in examples/*.py; do $(BIN)/python $$file || exit 1; done

# Every rule and preset against every protocol: writes docs/results/atlas.md; cells that are done are kept in the cache, also after an interruption.
atlas: $(BIN)/.installed
	$(BIN)/brian2chip atlas --out build/atlas --force
	cp build/atlas/atlas.md docs/results/atlas.md

# The site, in docs/_build/index.html: warnings are errors, links within it are checked. Examples that have not changed are not run again.
docs: $(BIN)/.installed
	$(BIN)/python -m pip install --quiet -e '.[docs]'
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build

# The linter of imports reads one folder, so it is given the package as it is installed.
lint: $(BIN)/.linters
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	rm -rf build
	$(BIN)/python -m pip install --quiet --no-deps --no-compile --target build/lint . 2>/dev/null
	cd build/lint && $(abspath $(BIN))/lint-imports --no-cache --no-logo $(CURDIR)/pyproject.toml

$(BIN)/.linters: $(BIN)/.installed
	$(BIN)/python -m pip install --quiet -e '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) .versions $(OUT) build docs/_build docs/gallery docs/reference/generated *.egg-info .pytest_cache .ruff_cache .hypothesis .mutants
