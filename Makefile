# rulelang: what a developer does every day. `make` lists it.

PYTHON ?= python3
BIN    := .venv/bin
READY  := .venv/.ready
BENCH  := .venv/.bench
SAMPLE := rulelang/data/sample
DEMO   ?= rules/funding.rules

.DEFAULT_GOAL := help
.PHONY: help demo t test explore fuzz bench docs editor site pictures histories strategies wheel conformance constraints clean

help:  ## list these targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */  make \1\t/' | expand -t 20

demo: $(READY)  ## check rules/, run one of them over the synthetic sample market
	$(BIN)/rulelang check rules
	@mkdir -p build
	$(BIN)/rulelang run $(DEMO) --data $(SAMPLE)/synthetic-bars-1h.parquet --data $(SAMPLE)/synthetic-funding-8h.parquet \
	  --data $(SAMPLE)/synthetic-iv-1d.parquet --data $(SAMPLE)/synthetic-events.parquet --output build/demo.ndjson

t: $(READY)  ## the fast loop: quick tests, stop at the first failure
	@RULELANG_PROFILE=dev $(BIN)/pytest -x -q -n 2 -m "not slow"

test: $(READY)  ## everything that is run for a change: lint, types, all tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy rulelang
	RULELANG_PROFILE=$${RULELANG_PROFILE:-ci} $(BIN)/pytest -q -n 2 --dist worksteal

explore: $(READY)  ## all properties with examples that nobody has seen; `make test` always has the same ones
	RULELANG_PROFILE=explore $(BIN)/pytest -q -n 2 --dist worksteal

fuzz: $(READY)  ## compare engine and reference on PAIRS=100000 generated pairs; goes on where it stopped
	$(BIN)/python -m tests.engine.fuzz --pairs $${PAIRS:-100000} --seed $${SEED:-1}

bench: $(BENCH)  ## measure speed, as ratios
	@for file in bench/bench_*.py; do $(BIN)/python $$file || exit; done

docs: $(READY)  ## write the generated pages of docs/, and the grammar that editors colour by, anew
	$(BIN)/python docs/generate.py
	$(BIN)/python editors/generate.py

editor: $(READY)  ## build and test the extension of VS Code: editors/vscode/build/rulelang.vsix (needs Node 20 and npm)
	cd editors/vscode && npm ci --no-audit --no-fund && RULELANG_PYTHON=$(abspath $(BIN)/python) npm test

# No `--quiet`: it silences warnings, and `--strict` counts those that are told.
site: $(READY)  ## build the documentation site into build/site, failing on any warning
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo "the site lies in build/site: open build/site/index.html"

pictures: $(READY)  ## take the pictures of the pages anew (needs chromium)
	$(BIN)/python docs/pictures.py

wheel: $(READY)  ## build dist/: the source, and a wheel for each Python 3.11 or later that is here
	PYTHON=$(BIN)/python .ci/wheels dist

conformance: $(READY)  ## write the conformance cases anew; DRAW=120 draws its generated ones anew
	$(BIN)/python -m tests.conformance.make $(if $(DRAW),--draw $(DRAW))

histories: $(READY)  ## lay real history out in build/histories (RULELANG_SHARED says where it is)
	$(BIN)/python docs/library histories

strategies: $(READY)  ## try every strategy on it and write docs/strategies anew
	$(BIN)/python docs/library

constraints:  ## resolve constraints.txt anew (needs `uv`)
	printf 'setuptools>=77\ncython>=3.1\n' | uv pip compile pyproject.toml - --extra data --extra test --universal --python-version 3.11 \
	  --upgrade --generate-hashes --no-annotate --no-header --no-emit-index-url --output-file constraints.txt

clean:  ## remove the environment and everything that was made
	rm -rf .venv build dist *.egg-info editors/vscode/build editors/vscode/node_modules .hypothesis .mypy_cache .ruff_cache .pytest_cache rulelang/syntax/*.table
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp is written last: an environment whose making was interrupted has none, and is made anew from nothing.
$(READY): pyproject.toml setup.py constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "rulelang needs Python 3.11 or later: make PYTHON=…")'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

# What speed is compared with.
$(BENCH): $(READY)
	$(BIN)/python -m pip install --quiet --no-build-isolation -e '.[bench]'
	@touch $@
