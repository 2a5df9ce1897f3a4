# Two commands matter: `make demo` and `make test`. Everything lives in .venv.

PYTHON ?= python3
BIN := .venv/bin
# Narrow a run: make test ARGS="tests/domain -x"
ARGS ?=

RUN_PINS := requirements/run.txt requirements/build.txt
DEV_PINS := requirements/dev.txt
LITELLM_PINS := requirements/litellm.txt
digest = $(shell cat $(1) | cksum | tr ' ' '-')
# A stamp carries the digest of its pins in its name: new pins, new install.
RUN_STAMP := .venv/.run-$(call digest,$(RUN_PINS))
DEV_STAMP := .venv/.dev-$(call digest,$(DEV_PINS))
LITELLM_STAMP := .venv-litellm/.made-$(call digest,$(LITELLM_PINS))

PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
INSTALL := $(PIP) install --quiet --require-hashes --only-binary :all:
INSTALL_SELF := $(PIP) install --quiet --no-deps --no-build-isolation --editable .
COMPILE := UV_CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/uv --no-config pip compile \
	--quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url $(ARGS)

# One test runner a core; whoever is idle takes over tests of the others.
AT_ONCE := --numprocesses auto --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help setup demo test types check format docs coverage bench bench-limits providers \
	litellm litellm-setup wheel-test requirements clean

help: ## Show this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

setup: $(DEV_STAMP) ## Make .venv with everything for work on the bot
	@echo ".venv is ready."

demo: $(RUN_STAMP) ## Start the bot with a simulated video backend and print its address
	@exec $(BIN)/sora-bot demo $(ARGS)

test: $(DEV_STAMP) types ## Run every test
	@$(BIN)/python -m pytest $(AT_ONCE) --slack-types $(ARGS)

types: $(DEV_STAMP) ## Bring Slack's own types, which the tests compare our calls with
	@$(BIN)/python -m tests.oracle.packages

check: $(DEV_STAMP) ## Style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports --no-logo

format: $(DEV_STAMP) ## Put the code into its usual shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(DEV_STAMP) ## Write the tables of the pages again, from the code
	@$(BIN)/python -m docs.generate

coverage: $(DEV_STAMP) ## Run every test and say which lines none of them reach
	@rm -f .coverage .coverage.*
	@$(BIN)/coverage run -m pytest $(AT_ONCE) $(ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

bench: $(DEV_STAMP) ## Measure, and print the figures
	@$(BIN)/python -m bench $(ARGS)

bench-limits: $(DEV_STAMP) ## Measure how well limits of backends are used; draws a picture of it
	@$(BIN)/python -m bench.limits --picture docs/images/limits.png

providers: $(DEV_STAMP) ## Try the whole story with every backend, and write what each does
	@$(BIN)/python -m tests.fakes.provider_table

litellm: $(DEV_STAMP) litellm-setup ## Tell that story through LiteLLM's real proxy (first time: 520 MB in .venv-litellm)
	@LITELLM=$(CURDIR)/.venv-litellm/bin/litellm $(BIN)/python -m pytest tests/gateways $(ARGS)

litellm-setup: $(LITELLM_STAMP)

wheel-test: $(DEV_STAMP) ## Build the wheel, install it elsewhere, start it and stop it
	@PYTHON=$(PYTHON) docker/try-wheel.sh

requirements: $(DEV_STAMP) ## Write the pins again (ARGS=--upgrade for newer ones)
	$(COMPILE) pyproject.toml --output-file requirements/run.txt >/dev/null
	$(COMPILE) pyproject.toml --extra dev --extra sdk --constraint requirements/run.txt \
		--output-file requirements/dev.txt >/dev/null
	$(COMPILE) requirements/build.in --constraint requirements/dev.txt \
		--output-file requirements/build.txt >/dev/null
	$(COMPILE) requirements/litellm.in --output-file $(LITELLM_PINS) >/dev/null

clean: ## Remove what make made; the bot's own data stays
	rm -rf .venv .venv-litellm .oracle build dist htmlcov .coverage .coverage.* \
		.hypothesis .import_linter_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# pip comes last: a half-made .venv has none and is made again from nothing.
.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
		"The bot needs Python 3.11 or newer; " + sys.executable + " is " + sys.version.split()[0] \
		+ ". Say which one to use: make PYTHON=python3.12")'
	@$(PYTHON) -m venv --clear .venv

$(RUN_STAMP): | .venv/bin/pip
	@echo "Installing the bot into .venv (about a minute, once) …"
	@$(INSTALL) $(addprefix -r ,$(RUN_PINS))
	@$(INSTALL_SELF)
	@rm -f .venv/.run-*
	@touch $@

$(DEV_STAMP): | .venv/bin/pip
	@echo "Installing the bot and its tools into .venv (about a minute, once) …"
	@$(INSTALL) $(addprefix -r ,$(DEV_PINS))
	@$(INSTALL_SELF)
	@rm -f .venv/.run-* .venv/.dev-*
	@touch $(RUN_STAMP) $@

# The proxy's own needs would not fit beside the bot's.
$(LITELLM_STAMP):
	@echo "Installing LiteLLM's proxy into .venv-litellm (a minute or two, once) …"
	@$(PYTHON) -m venv --clear .venv-litellm
	@.venv-litellm/bin/python -m pip --disable-pip-version-check --no-input install --quiet \
		--require-hashes --only-binary :all: -r $(LITELLM_PINS)
	@touch $@
