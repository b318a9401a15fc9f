# The README's two commands. Each does all its set-up on a fresh clone.
PYTHON ?= python3
VENV := .venv
RAMP := $(VENV)/bin/ramp
STAMP := $(VENV)/.installed

.PHONY: run test lint lock clean

run: $(STAMP) bubblewrap
	$(RAMP) run 1 -b starter -m mutation

test: $(STAMP) bubblewrap lint
	$(VENV)/bin/python -m pytest -n 2 --dist worksteal -q

lint: $(STAMP)
	$(VENV)/bin/ruff check --quiet .
	$(VENV)/bin/ruff format --check --quiet orchestrator tests
	$(VENV)/bin/mypy

$(STAMP): pyproject.toml requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "swe-ramp needs Python 3.11 or newer; set PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $(STAMP)

# The starter benchmark runs in bubblewrap. Where we may install it, we do; elsewhere `ramp` says what to type.
.PHONY: bubblewrap
bubblewrap:
	@command -v bwrap >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	  && apt-get update -qq && apt-get install -y -qq --no-install-recommends bubblewrap; } \
	  || echo "bubblewrap is not installed; install it with your package manager (for example: sudo apt-get install bubblewrap)"

# Renew the pinned lock from pyproject.toml; it names versions only, no host and no URL.
lock: $(STAMP)
	$(VENV)/bin/python -m pip install --quiet pip-tools
	$(VENV)/bin/python -m piptools compile --quiet --strip-extras --extra dev --extra notebook --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) build dist
