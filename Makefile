# What a newcomer needs: Python 3.11 or later, and make.
#   make demo    simulate three lists of births, link them, check the result
#   make test    all tests
#   make check   style, types, and which part may know which
#   make bench   race against other linkers, in a virtual environment of its own
#   make lock    choose the versions in requirements.lock anew
#   make words   collect the report's words for the translators, and compile what they wrote (docs/report.md)

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
STAMP = $(VENV)/.installed
BENCH_VENV ?= .venv-bench
BENCH_STAMP = $(BENCH_VENV)/.installed

.PHONY: demo test check bench lock words install

demo: install
	$(BIN)/everybirth demo --out demo

test: install
	$(BIN)/python -m pytest

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict src
	$(BIN)/lint-imports

bench: install $(BENCH_STAMP)
	$(BIN)/python benchmarks/versus_splink.py --heavy --first-run
	$(BIN)/python benchmarks/third_party.py

# LANGUAGE=fr begins a new language.
WORDS = src/everybirth/publish/report/locale
words: install
	$(BIN)/pybabel --quiet extract -k text -k html -k mark -k count:1,2 --no-location --output-file $(WORDS)/report.pot \
		src/everybirth/publish/report
	test -z "$(LANGUAGE)" || test -e $(WORDS)/$(LANGUAGE) || $(BIN)/pybabel --quiet init --domain report \
		--input-file $(WORDS)/report.pot --output-dir $(WORDS) --locale $(LANGUAGE)
	$(BIN)/pybabel --quiet update --domain report --input-file $(WORDS)/report.pot --output-dir $(WORDS) \
		--ignore-obsolete --no-fuzzy-matching --ignore-pot-creation-date
	$(BIN)/pybabel --quiet compile --domain report --directory $(WORDS)
	rm $(WORDS)/report.pot

install: $(STAMP)

# Installed again only if what is to be installed changed.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "everybirth needs Python 3.11 or later; make PYTHON=python3.12 names another one" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(BENCH_STAMP): requirements-bench.lock
	test -x $(BENCH_VENV)/bin/python || $(PYTHON) -m venv $(BENCH_VENV)
	$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	touch $@

# Run this on the oldest Python that is supported: what only it needs is then in the lock as well. Hashes are those of
# every platform's files; no address of a package index is written.
COMPILE = .venv-lock/bin/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras --no-header \
	--no-emit-options --no-emit-index-url --no-emit-trusted-host --no-emit-find-links

lock:
	test -x .venv-lock/bin/pip-compile || { $(PYTHON) -m venv .venv-lock && .venv-lock/bin/python -m pip install --quiet pip-tools; }
	$(COMPILE) --extra dev --output-file requirements.lock pyproject.toml
	$(COMPILE) --output-file requirements-bench.lock requirements-bench.in
