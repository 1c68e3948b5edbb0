# Targets are relative and recipes quote, so that a clone may lie under a path with spaces.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test check faults properties export-check package clean screenshots \
	check-code test-backend test-qgis wheelhouse package-check translations docs test-qgis-matrix \
	new-user

PYTHON ?= python3
BACKEND := .venv/.ready
QGIS := .venv-qgis/.ready
TOOLS := build/tools/.ready
TOOLS_PYTHON := build/tools/bin/python

# Nothing is written outside the clone: libraries keep their caches in build/home.
INSIDE := mkdir -p build/home && export \
	XDG_CACHE_HOME="$$PWD/build/home/.cache" MPLCONFIGDIR="$$PWD/build/home/.matplotlib"
HOMELESS := $(INSIDE) HOME="$$PWD/build/home" XDG_CONFIG_HOME="$$PWD/build/home/.config" \
	XDG_DATA_HOME="$$PWD/build/home/.local/share" CSCL_HOME="$$PWD/build/home/cscl"

UNIT := $(wildcard tests/unit)
# Two processes take these side by side; faults and whole chains have times and memory to keep.
BESIDE := $(wildcard tests/unit tests/backend)
ALONE := $(wildcard tests/faults tests/e2e)
BACKEND_TESTS := $(BESIDE) $(ALONE)
QGIS_TESTS := $(wildcard tests/qgis)
PYTEST := -m pytest -q
# Files of one name may lie in several folders of the engine's tests.
ENGINE_PYTEST := .venv/bin/python $(PYTEST) --import-mode=importlib \
	-o pythonpath="tests tests/backend"
IN_CI := --timeout=300 --durations=10

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

demo: $(BACKEND) ## Simulate a scene and run the whole chain on it, into build/demo
	@$(INSIDE); .venv/bin/cscl demo --output build/demo --overwrite

test: check-code test-backend test-qgis package-check ## Every test, QGIS ones included; sets up what they need

check: check-code ## Lint, types, layering and unit tests
	@$(HOMELESS); $(ENGINE_PYTEST) $(IN_CI) $(UNIT)

faults: $(BACKEND) ## The faults of tests/faults/README.md, with more kill points than in CI
	@$(HOMELESS); export CSCL_KILL_POINTS=12; \
		$(ENGINE_PYTEST) --timeout=1800 -k "test_f0 or test_f1 or test_f2 or test_f3 \
		or test_f4 or test_f5 or test_f6 or test_f7" $(BACKEND_TESTS)

properties: $(BACKEND) ## The property tests with 2,000 examples each
	@$(HOMELESS); export HYPOTHESIS_PROFILE=properties; \
		$(ENGINE_PYTEST) --timeout=1800 -m hypothesis $(BACKEND_TESTS)

export-check: $(BACKEND) ## Every network as ONNX against itself; takes some minutes
	@$(HOMELESS); export CSCL_ALL_NETWORKS=1; \
		$(ENGINE_PYTEST) --timeout=1800 tests/backend/test_export_model.py

package: $(TOOLS) ## Build dist/cscl_qgis.zip, to install in QGIS
	@$(PYTHON) scripts/package.py

package-check: package ## The zip against the plugin site's rules, its names against Qt 6
	@$(TOOLS_PYTHON) scripts/package_check.py

new-user: $(BACKEND) package ## A new user in the real QGIS, by clicks from the zip to an exported layer
	@$(INSIDE); $(ENGINE_PYTEST) -s tests/acceptance

translations: ## List the plugin's texts in resources/translations, finished ones kept
	@$(PYTHON) scripts/translations.py

docs: $(TOOLS) ## Build docs/ as a site, into build/site
	@$(TOOLS_PYTHON) -m mkdocs build --quiet --strict

test-qgis-matrix: $(BACKEND) package ## The QGIS tests on 3.40 and 3.44, in roots made in build/matrix
	@$(PYTHON) scripts/qgis_matrix.py $(SUITES)

wheelhouse: $(BACKEND) ## Wheels to install the engine offline, into build/wheelhouse; WHEELS=options
	@$(INSIDE); .venv/bin/python scripts/wheelhouse.py $(WHEELS)

screenshots: $(BACKEND) $(QGIS) package ## Photograph QGIS with the plugin, into docs/images
	@.venv-qgis/bin/python scripts/screenshots.py

bench-dataset-tile: $(BACKEND) ## Memory and disk of a full tile's dataset, up to 30 GB in build/
	@mkdir -p build; $(INSIDE); .venv/bin/python benchmarks/dataset_tile.py --folder build

bench-tile: $(BACKEND) ## Memory of mapping a full tile, some 20 GB in build/; half an hour or more
	@mkdir -p build; $(INSIDE); .venv/bin/python benchmarks/map.py --full-tile --folder build

clean: ## Remove what was built, but for the environments
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

check-code: $(BACKEND)
	@echo "[check] lint and types"
	@.venv/bin/python -m ruff check .
	@.venv/bin/python -m ruff check --target-version py39 cscl_qgis backend/cscl/contract
	@.venv/bin/python -m ruff format --check .
	@.venv/bin/python -m mypy -p cscl.contract -p cscl.losses

test-backend: $(BACKEND)
	@echo "[test] unit, backend, fault and end-to-end tests"
	@$(HOMELESS); OMP_NUM_THREADS=1 $(ENGINE_PYTEST) $(IN_CI) -n 2 --dist loadfile $(BESIDE)
	@$(HOMELESS); $(ENGINE_PYTEST) $(IN_CI) $(ALONE)

test-qgis: $(BACKEND) $(QGIS) package
	@echo "[test] QGIS tests"
	@$(HOMELESS); export CSCL_BACKEND_PYTHON="$$PWD/.venv/bin/python"; \
		xvfb-run --auto-servernum --server-args="-screen 0 1600x1000x24" \
		.venv-qgis/bin/python $(PYTEST) $(IN_CI) $(QGIS_TESTS)

$(BACKEND): pyproject.toml scripts/setup_environment.py
	@$(PYTHON) scripts/setup_environment.py backend
	@touch $@

$(QGIS): scripts/setup_environment.py
	@$(PYTHON) scripts/setup_environment.py qgis
	@touch $@

$(TOOLS): scripts/setup_environment.py
	@$(PYTHON) scripts/setup_environment.py tools
	@touch $@
