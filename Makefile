# Two commands matter: `make demo` (set up, then compare the strategies of one retailer) and `make test` (set up, then the tests).
# Needs python 3.11 or newer and make; python3-venv and uv are used when present, not required.

VENV   := .venv
PY     := $(VENV)/bin/python
PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13; do \
            $$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$p; break; }; done)
# The stamp names the requirements and the place, so that an edited or a moved checkout sets itself up again.
SUM    := $(shell { pwd; cat pyproject.toml requirements/*.txt; } | cksum | tr ' ' '-')
RUN    := $(VENV)/.set-up-run-$(SUM)
DEV    := $(VENV)/.set-up-dev-$(SUM)
PEAK   := scenarios/cybermonday
WEEK   := scenarios/retail-year
STRATEGIES := multichannel siloed omnichannel multichannel-same-spend omnichannel-same-service

.PHONY: help demo reports test long crash validate lint bench lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1|/' | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

demo: $(RUN) ## set up, compare multichannel with omnichannel on Cyber Monday and over a year, write reports/cybermonday/report.html
	$(VENV)/bin/omnisim compare $(STRATEGIES:%=$(PEAK)/%.yaml) $(STRATEGIES:%=--week $(WEEK)/%.yaml) --ignorance 32 \
	  --report reports/cybermonday

reports: $(RUN) ## run every experiment of experiments/ and write reports/NAME/report.html (a few minutes; goes on where it was stopped)
	@for file in experiments/*.yaml; do echo "$$file"; case $$file in \
	  */where-multichannel-wins.yaml) set -- decide $$file --report reports/where-multichannel-wins ;; \
	  */phase-map.yaml) set -- phases $$file --report reports/phase-map ;; \
	  *) set -- sweep $$file --report ;; \
	esac; $(VENV)/bin/omnisim "$$@" || exit $$?; done

test: $(DEV) ## set up, run the tests (a few minutes on two cores)
	$(PY) -m pytest -q -n 2 --dist worksteal

long: $(DEV) ## the long tests: more worlds, more seeds, tighter intervals
	$(PY) -m pytest -q -n 2 --dist worksteal -m long

validate: $(RUN) ## every case whose answer is known, exact or published, from two base seeds: one table (some minutes)
	$(VENV)/bin/omnisim validate

crash: $(DEV) ## kills, power cuts, full disks and damaged stores in full number (an hour)
	$(PY) -m pytest -q -n 2 --dist worksteal -m crash

lint: $(DEV) ## ruff and mypy --strict
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

bench: $(DEV) ## events a second of the engine
	$(PY) -m pytest -q -p no:xdist benchmarks --benchmark-only

lock: $(DEV) ## pin the newest versions that pyproject.toml allows (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade \
	  pyproject.toml requirements/build.in --extra dev -o requirements/dev.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -c requirements/dev.txt \
	  pyproject.toml requirements/build.in -o requirements/run.txt

clean: ## remove what was made here (.venv, caches, reports are kept)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks .coverage dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUN): | $(PY)
	@sh .ci/install $(PY) "$(PYTHON)" requirements/run.txt
	@touch $@

$(DEV): | $(PY)
	@sh .ci/install $(PY) "$(PYTHON)" requirements/dev.txt
	@touch $@

# Without python3-venv there is no ensurepip: make the environment bare; .ci/install finds a pip elsewhere.
$(PY):
	@test -n "$(PYTHON)" || { echo "omnisim needs Python 3.11 or newer, and found none (Debian: apt install python3)." >&2; exit 1; }
	@echo "Making $(VENV) with $(PYTHON)"
	@"$(PYTHON)" -m venv $(VENV) >/dev/null 2>&1 || "$(PYTHON)" -m venv --clear --without-pip $(VENV)
