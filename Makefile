# Two commands on a fresh machine with Python 3.11 or newer: make reports, make test.
PYTHON ?= python3
JOBS ?= 2
BIN := .venv/bin
READY := .venv/.ready

.PHONY: reports test check docs lab hook catalogue bench clean lock

reports: $(READY)
	$(BIN)/analysis data build
	$(BIN)/analysis run --all --lang both --jobs $(JOBS)

test: $(READY)
	$(BIN)/python -m pytest -n $(JOBS)

check: $(READY)
	$(BIN)/ruff format --check src tests docs
	$(BIN)/ruff check src tests docs
	$(BIN)/mypy

# The documentation as a site, warnings as errors.
docs: $(READY)
	$(BIN)/sphinx-build -q -W -n --keep-going -c docs -d build/doctrees . build/docs
	@echo build/docs/index.html

lab: $(READY) hook
	JUPYTER_DEFAULT_PROVISIONER_NAME=analysis-warm $(BIN)/jupyter lab \
		--ServerApp.root_dir=. --ServerApp.preferred_dir=notebooks

# Notebooks are committed without their outputs, whatever stands in the working folder.
hook: $(READY)
	git config filter.outputs.clean '$(BIN)/jupyter nbconvert --clear-output --to notebook --stdin --stdout --log-level=ERROR'

# For maintainers: bring the texts of every language up to date with the code.
catalogue: $(READY)
	$(BIN)/python -m analysis.reporting.catalogue

bench: $(READY)
	$(BIN)/python bench/models.py
	$(BIN)/python bench/reports.py
	$(BIN)/python bench/official.py

clean:
	rm -rf .venv build reports data/processed .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find src tests docs -name __pycache__ -prune -exec rm -rf {} +

# The environment exactly as locked; made again when the lock or the project file is newer.
$(READY): requirements.lock pyproject.toml
	rm -rf .venv
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; name one: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/jupyter kernelspec install --sys-prefix --name analysis src/analysis/kernels/specs/analysis 2>/dev/null
	touch $@

# For maintainers: resolve the lock again from pyproject.toml (needs uv on the PATH).
lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header --quiet --output-file requirements.lock
