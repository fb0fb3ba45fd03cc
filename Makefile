# `make` alone lists what there is.

DOMAIN := kernel identity workspace bcm campaign billing agents
GENERATED := openapi.json routes.md authorization.md configuration.md errors.md

# Where `make generated` writes, and what writes it. CI names the binary that the tests have built already.
OUT ?= docs
RAPTORFLOW ?= cargo run --quiet --package raptorflow --bin raptorflow --

# `cargo nextest` when present, else `cargo test`; `make test RUNNER=libtest` chooses the latter.
RUNNER ?= $(if $(shell cargo nextest --version 2>/dev/null),nextest,libtest)

SHELL := bash
.PHONY: help run demo test test-domain check fmt clippy doc deny generated generated-fresh

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## /\1 /p' Makefile | while read -r name what; do printf '  make %-16s %s\n' "$$name" "$$what"; done

run: ## The server in embedded mode: SQLite, worker and mail in ./data, nothing else needed
	cargo run --package raptorflow --bin raptorflow -- serve --demo-account

demo: ## The main job, from sign-up to daily wins, against a temporary server
	cargo run --package raptorflow --bin raptorflow -- demo

test: ## Every test, on memory, SQLite, PostgreSQL and Redis; brings up the servers by itself
	tests/servers/with-servers $(MAKE) --no-print-directory run-tests-$(RUNNER)

.PHONY: run-tests-nextest run-tests-libtest
run-tests-nextest:
	@set -o pipefail; cargo nextest run --workspace 2>&1 | tests/servers/stores
	cargo test --workspace --doc

run-tests-libtest:
	@set -o pipefail; cargo test --workspace --no-fail-fast 2>&1 | tests/servers/stores

test-domain: ## The domain crates alone: no database, no network
ifeq ($(RUNNER),nextest)
	cargo nextest run $(DOMAIN:%=--package %)
else
	cargo test --no-fail-fast $(DOMAIN:%=--package %)
endif

# What `make fuzz` searches, and for how long.
TARGET ?= cursor
SECONDS ?= 60
.PHONY: fuzz
fuzz: ## Random search for inputs that break a parser; needs nightly and cargo-fuzz (TARGET=cursor SECONDS=60)
	@command -v cargo-fuzz >/dev/null || { echo "install cargo-fuzz: cargo install cargo-fuzz --locked" >&2; exit 1; }
	mkdir -p target/fuzz/corpus/$(TARGET)
	cp Cargo.lock tests/fuzz/Cargo.lock
	FUZZ_TARGET=$(TARGET) FUZZ_CORPUS=$(CURDIR)/target/fuzz/corpus/$(TARGET) \
	cargo +nightly fuzz run --fuzz-dir tests/fuzz --target-dir target/fuzz/build parse \
	  target/fuzz/corpus/$(TARGET) -- -max_total_time=$(SECONDS) -max_len=1024

# The folder of binaries that are built already; without it the scripts have cargo build them.
BINARIES ?=
.PHONY: official-clients openai-client
official-clients: ## The providers' own Python clients against our fake of them; needs tests/fakes/requirements.txt
	python3 tests/fakes/official_clients.py $(if $(BINARIES),$(BINARIES)/fake-models)

openai-client: ## OpenAI's own Python client against the product, from sign-up to the ledger; needs the same
	python3 tests/fakes/openai_client.py $(if $(BINARIES),$(BINARIES)/fake-models $(BINARIES)/raptorflow)

.PHONY: bench bench-gateway soak
bench: ## The figures of docs/performance.md, measured on this machine; needs wrk (BENCH_ONLY="P4 P10" for some)
	tests/load/bench

bench-gateway: ## The figures of the model gateway against a fake provider: what it adds, and how much it carries; needs wrk
	tests/load/gateway

soak: ## Server and worker under mixed load, to see that they don't grow; needs wrk (SECONDS=600)
	tests/load/soak $(if $(filter command line environment,$(origin SECONDS)),$(SECONDS),600)

check: fmt clippy doc deny generated-fresh ## Everything that is checked without running the tests

fmt: ## Formatting
	cargo fmt --all --check

clippy: ## Lints, each warning an error
	cargo clippy --workspace --all-targets --locked -- -D warnings

doc: ## The documentation compiles and its links lead somewhere
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

deny: ## Licences, banned and duplicate dependencies, sources (advisories would need the internet)
	@command -v cargo-deny >/dev/null || { echo "install cargo-deny: cargo install cargo-deny --locked" >&2; exit 1; }
	cargo deny --locked check --deny unmatched-skip --deny unnecessary-skip licenses bans sources

generated: ## Writes docs/ openapi.json, routes.md, authorization.md, configuration.md and errors.md from the code
	@set -e; new=$$(mktemp -d); trap 'rm -rf "$$new"' EXIT; \
	$(RAPTORFLOW) openapi >"$$new/openapi.json"; \
	$(RAPTORFLOW) routes >"$$new/routes.md"; \
	$(RAPTORFLOW) authorization >"$$new/authorization.md"; \
	$(RAPTORFLOW) config --markdown >"$$new/configuration.md"; \
	$(RAPTORFLOW) errors --markdown >"$$new/errors.md"; \
	for file in $(GENERATED); do cp "$$new/$$file" "$(OUT)/$$file"; done

generated-fresh: ## Fails when a generated file is not what `make generated` writes
	@set -e; fresh=$$(mktemp -d); trap 'rm -rf "$$fresh"' EXIT; \
	$(MAKE) --no-print-directory generated OUT="$$fresh"; \
	for file in $(GENERATED); do \
	  diff -u "docs/$$file" "$$fresh/$$file" || { echo "docs/$$file is stale: run 'make generated'" >&2; exit 1; }; \
	done
