# The commands of this project. `make demo` and `make test` need a Rust toolchain, Python 3, and Go where KUBEBUILDER_ASSETS
# does not name a kube-apiserver and an etcd; `make test` needs Go always, for the oldest kube-apiserver.

# Builds all that a command needs, what is independent at the same time, and shows how far it is. Cargo builds the whole
# workspace with one set of features, so that nothing is built twice.
SETUP = cargo build --quiet --package setup && target/debug/setup
TESTBED = target/debug/testbed

# A CA bundle for AWS breaks SDKs that talk to an emulator in plain HTTP.
unexport AWS_CA_BUNDLE
# Tests on the cluster mostly wait for AWS: more of them at a time than there are cores.
export RUST_TEST_THREADS ?= 8

.PHONY: help demo up test check torture bench image-test build generate

help: ## Lists the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

demo: build ## Shows the life of a function and of an application on a real API server and an AWS emulator; 20 to 50 s, the first time 6 to 11 minutes, and 5 to 8 more if Go has never built kube-apiserver
	$(TESTBED) demo

up: build ## Starts that playground, leaves it running and prints how to reach it
	$(TESTBED) up

test: ## Every test, those on the cluster included; 35 to 55 minutes on two cores
	@$(SETUP) --tests
	$(TESTBED) run -- cargo test --workspace

# Where cargo-deny keeps the advisories that it has fetched.
ADVISORIES = $(firstword $(wildcard $(or $(CARGO_HOME),$(HOME)/.cargo)/advisory-dbs/*))

check: ## Formatting, lints, documentation, licences; advisories where a database of them is present
	cargo fmt --all --check
	cargo clippy --quiet --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --quiet --workspace --no-deps
	@if command -v cargo-deny >/dev/null; then cargo deny --all-features check --hide-inclusion-graph licenses bans sources; else echo "cargo-deny is not installed: licences were not checked"; fi
	@if command -v cargo-deny >/dev/null && [ -n "$(ADVISORIES)" ]; then \
		echo "Advisories as of $$(git -C "$(ADVISORIES)" log -1 --format=%cs)"; \
		cargo deny --all-features check --hide-inclusion-graph --disable-fetch advisories; \
	else echo "cargo-deny or its database is not here: advisories were not checked (CI checks them)"; fi

# Minutes of the soak.
MINUTES ?= 1
TORTURE_TABLE = $(CURDIR)/target/torture-table.txt

torture: build ## Kills at every call and write, random walks, a soak of MINUTES=1, deletions in every situation, 10,000 objects, the largest objects in the chart's memory; prints one table
	cargo build --quiet --release --bin lambda-operator
	@rm -f $(TORTURE_TABLE)
	@export TORTURE=full TORTURE_TABLE=$(TORTURE_TABLE) MINUTES=$(MINUTES) AWAY_SECONDS=60; \
	export SOAK_SEED=$${SOAK_SEED:-$$(date +%s)} WALK_SEED=$${WALK_SEED:-$$(date +%s)} WALK_CHAINS=$${WALK_CHAINS:-60}; \
	export SCALE_OPERATOR=$(CURDIR)/target/release/lambda-operator; failed=0; \
	for target in crash_matrix api_outage random_walk soak "e2e_ownership matrix" e2e_scale; do \
		$(TESTBED) run -- cargo test --test $$target -- --nocapture || failed=1; \
	done; \
	cat $(TORTURE_TABLE); exit $$failed

bench: build ## 200 functions, then 200 families (a function with all around it), at once against AWS's quotas; prints tables
	cargo build --quiet --release --bin lambda-operator
	$(TESTBED) bench --operator target/release/lambda-operator

image-test: ## Builds the image from the whole Dockerfile with buildah and checks it (BUILD_OPTIONS for `buildah build`)
	buildah build --isolation chroot --tag lambda-operator:image-test $(BUILD_OPTIONS) .
	IMAGE=lambda-operator:image-test cargo test --quiet --test deploy_image -- --nocapture

generate: build ## Writes every generated file, and the console blocks of the documents
	$(TESTBED) run -- env UPDATE=1 cargo test --test docs_generated
	$(TESTBED) run -- env UPDATE=1 cargo test --test e2e_examples console

build:
	@$(SETUP)
