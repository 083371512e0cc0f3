# `make demo` and `make test` are all the set-up there is: each makes .venv when it has to.

SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
PYTHON := $(VENV)/bin/python
STAMP := $(VENV)/.installed
# e2e tests share one Docker engine and one emulated AWS, so they run one after the other.
WORKERS ?= 2
ARGS ?=
PARALLEL := -n $(WORKERS) --dist worksteal -q
MODELS := models cases
# Tests of the image that take longest: they train many models, or try many cases.
OF_TRAINING := $(addprefix tests/image/test_,kinds.py pages.py deferred.py image_folder.py batch_splits.py)
# What is true of fitted estimators only: their file, what they import, their versions.
OF_FITTED := $(addprefix --ignore=tests/image/test_,image_folder.py deferred.py)

.PHONY: help demo test test-fast test-training test-commands test-e2e test-models test-faults test-compiled test-batch coverage torch lint format hooks batch-runs bench \
  fuzz faults mutants compiled-mutants live ci docs picture packages clients test-clients engine engine-stop requirements release clean

help:  ## list the targets
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /\1: /' | sort

demo: $(STAMP)  ## run the main job on what this machine has
	$(PYTHON) -m tools.demo

test: test-fast test-training test-commands test-models test-faults test-compiled test-clients test-e2e  ## run all tests; without a Docker engine the e2e tests say so

test-fast: $(STAMP)  ## run the tests that are run often
	$(PYTHON) -m pytest $(PARALLEL) $(addprefix tests/,unit resources strict image) $(addprefix --ignore=,tests/unit/model $(OF_TRAINING)) $(ARGS)

test-training: $(STAMP)  ## run the tests of training, importing and compiling models
	$(PYTHON) -m pytest $(PARALLEL) tests/unit/model $(OF_TRAINING) $(ARGS)

test-commands: $(STAMP)  ## run the commands as users do, and those who attack them; build the documentation
	$(PYTHON) -m pytest $(PARALLEL) $(addprefix tests/,cli attacks docs) $(ARGS)

test-e2e: $(STAMP)  ## run the tests on a real Docker engine
	$(PYTHON) -m pytest tests/e2e -v --durations=60 $(ARGS)

test-models: $(STAMP)  ## compare 700 models with their own estimators, in every format
	$(PYTHON) -m pytest $(PARALLEL) $(addprefix tests/,$(MODELS)) $(ARGS)

test-compiled: $(STAMP)  ## run the endpoint's tests with compiled models
	MLDEPLOY_TESTS_COMPILE=auto $(PYTHON) -m pytest $(PARALLEL) tests/image $(OF_FITTED) $(ARGS)

compiled-mutants: $(STAMP)  ## sow bugs into compiled models: does training refuse them?
	$(PYTHON) -m pytest tests/unit/model/compiled/test_mutants.py -v $(ARGS)

clients: $(STAMP)  ## make the environments of the clients that people use (1.2 GB in ~/.cache/mldeploy-clients)
	$(PYTHON) -m tests.clients.environments

test-clients: clients  ## call models with the clients that people use; train on a Dask cluster
	$(PYTHON) -m pytest tests/clients tests/engines -q $(ARGS)

test-faults: $(STAMP)  ## run a sample of `make faults`
	$(PYTHON) -m pytest $(PARALLEL) tests/faults $(ARGS)

test-batch: $(STAMP)  ## cut and crash batch jobs at 5,000 random places
	MLDEPLOY_BATCH_SPLITS=5000 $(PYTHON) -m pytest $(PARALLEL) tests/image/test_batch_splits.py $(ARGS)

coverage: $(STAMP)  ## run the tests that need no engine; fail below the coverage that pyproject.toml sets
	$(PYTHON) -m pytest $(PARALLEL) $(addprefix tests/,unit resources strict image cli attacks docs) \
	  --cov --cov-report=term:skip-covered $(ARGS)

torch:  ## make the environment of the test with torch (1.2 GB)
	@tools/torch_venv.sh .venv-torch

lint: $(STAMP)  ## check style and types
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

format: $(STAMP)  ## rewrite to the house style
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

hooks: $(STAMP)  ## let `git commit` run what `make lint` runs
	$(PYTHON) -m pre_commit install

bench: $(STAMP)  ## measure speed against peers
	$(PYTHON) -m benchmarks $(ARGS)

fuzz: $(STAMP)  ## send 100,000 hostile requests to the container
	$(PYTHON) -m tools.fuzz $(ARGS)

live: $(STAMP)  ## run the main job on your AWS account (MLDEPLOY_LIVE=1; costs a few cents)
	$(PYTHON) -m pytest tests/live -v $(ARGS) || test $$? = 5 # 5: not run, and it says why

mutants: $(STAMP)  ## sow bugs into the program: does `make faults` see them?
	$(PYTHON) -m tests.faults.sow $(ARGS)

faults: $(STAMP)  ## crash, cut, storm and kill at every AWS call (90 min; ARGS=--in-process: 10 min)
	$(PYTHON) -m tests.faults $(ARGS)

batch-runs: $(STAMP)  ## try each fault of batch jobs on an emulated AWS seven times (30 min)
	MLDEPLOY_BATCH_RUNS=7 $(PYTHON) -m pytest tests/e2e/test_batch.py -v $(ARGS)

docs: $(STAMP)  ## build the documentation site; fail on a warning or a broken link
	$(PYTHON) -m tools.site

picture: $(STAMP)  ## record the terminal in README.md anew
	$(PYTHON) -m tools.picture

ci:  ## do all that CI does, on Debian as root: install, start engines, lint, test
	.ci/run

packages:  ## install the Debian packages that the end-to-end tests need (as root)
	.ci/packages

engine: $(STAMP)  ## find or start the Docker engine of the end-to-end tests, and make its base images
	$(PYTHON) -m tests.cloud.engine start
	$(PYTHON) -m tests.cloud.base_image --python 3.11 \
	  --python $$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')

engine-stop:  ## stop the engines that `make engine` and the tests have started
	-$(PYTHON) -m tests.cloud.second_engine stop
	$(PYTHON) -m tests.cloud.engine stop

requirements: $(STAMP)  ## pin the development dependencies anew (needs uv)
	env -u UV_INDEX_URL uv pip compile pyproject.toml --group dev -o requirements-dev.txt --quiet \
	  --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
	$(PYTHON) -m tests.clients.pin

release: $(STAMP)  ## build and check a release (VERSION=x.y.z); uploads nothing
	$(PYTHON) -m tools.release $(VERSION)

clean:  ## remove what the targets made
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements-dev.txt tools/make_venv.sh
	@tools/make_venv.sh $(VENV)
	@touch $@
