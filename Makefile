# Everything a person runs. `make help` lists it; all but `help` first bring what is missing.

STORES  := tests/stores/stores
PYTHON  := $(or $(PARTYWALL_STORES),.stores)/python/bin/python
BINARY  := $(or $(CARGO_TARGET_DIR),target)/debug/partywall
SECONDS_PER_TARGET ?= 60
ORACLE_STORE ?= redis70
NEO4J ?= neo4j526
ARGS    ?=

export PYTHONDONTWRITEBYTECODE = 1
export ORACLE_STORE

.DEFAULT_GOAL := help
.PHONY: help setup build demo test lint unit lists oracle oracle-redis oracle-mongo e2e bench bench-redis bench-mongo differential fuzz golden

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

setup: ## fetch what a fresh machine lacks: drivers, PostgreSQL, Redis, Neo4j, libclang (into .stores/)
	@$(STORES) setup

# Always the whole workspace: with one package cargo chooses other features for what several use, and
# builds all of that again.
build: setup ## build the partywall binary
	cargo build --locked --workspace --bin partywall

demo: build ## two tenants, one each of PostgreSQL, Redis, MongoDB and Neo4j, a story in the terminal (ARGS=--once ends after it)
	@$(STORES) with pg17 redis70 mongo neo4j526 -- $(PYTHON) deploy/demo/demo.py --binary $(BINARY) $(ARGS)

test: setup ## format, lints, every test, also on real PostgreSQL and Redis
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory unit
	@$(MAKE) --no-print-directory lists
	@$(MAKE) --no-print-directory oracle
	@$(MAKE) --no-print-directory e2e
	@echo 'make test: all of it passed'

lint: setup ## rustfmt and clippy, warnings are errors
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings

unit: setup ## the cargo tests; those that want a store get PostgreSQL 17 and 15
	$(STORES) with pg17 pg15 -- cargo test --locked --workspace

lists: setup ## every name that PostgreSQL 17 and 15 have is listed as open or closed to tenants
	$(STORES) with pg17 pg15 -- sh -c \
	    'tests/lists/check "$$PARTYWALL_PG17_URL" && tests/lists/check "$$PARTYWALL_PG15_URL"'

oracle: build ## generated statements through the wall against a private store (ORACLE_STATEMENTS=5000)
	$(STORES) with pg17 -- cargo test --locked --workspace --features tests/stores --test isolation -- --nocapture
	@$(MAKE) --no-print-directory oracle-redis
	@$(MAKE) --no-print-directory oracle-mongo

oracle-redis: build ## the same for Redis (ORACLE_COMMANDS=20000, ORACLE_STORE=redis70|valkey91|stack74)
	$(STORES) with $(ORACLE_STORE) $(ORACLE_STORE)-private -- \
	    cargo test --locked --workspace --features tests/stores --test isolation_redis -- --nocapture

oracle-mongo: build ## the same for MongoDB, in its three layouts (ORACLE_COMMANDS=1000, a quarter of it by names)
	$(STORES) with mongo mongo-private -- $(PYTHON) tests/isolation/mongo/oracle.py --binary $(BINARY) $(ARGS)

e2e: build ## real drivers through the wall, on all stores (NEO4J='neo4j526 neo4j2026' for the newer Neo4j, too)
	cargo build --locked --workspace --example tokio_postgres --example redis_rs --example mongodb_rs --example wrap_script
	$(STORES) with pg17 pg15 redis70 valkey91 stack74 redis70-private valkey91-private stack74-private redis70-node1 redis70-node2 redis70-node3 mongo mongo-tls $(NEO4J) --tls -- $(PYTHON) -m pytest -q -rs -p no:cacheprovider \
	    tests/e2e --binary $(BINARY) \
	    --rust-client $(dir $(BINARY))examples/tokio_postgres $(ARGS)

bench: setup ## ratios to a direct connection, and to PgBouncer, HAProxy, twemproxy (release build)
	cargo build --locked --release -p partywall
	$(STORES) with pg17 -- $(PYTHON) tests/bench/bench.py \
	    --binary $(subst debug,release,$(BINARY)) $(ARGS)
	@$(MAKE) --no-print-directory bench-redis
	@$(MAKE) --no-print-directory bench-mongo

bench-redis: setup ## the same for Redis alone (ARGS='--seconds 3 --rounds 3')
	cargo build --locked --release -p partywall
	$(STORES) with redis70 -- $(PYTHON) tests/bench/redis.py \
	    --binary $(subst debug,release,$(BINARY)) $(ARGS)

bench-mongo: setup ## the same for MongoDB, in front of a stub (ARGS='--seconds 3 --rounds 3')
	cargo build --locked --release -p partywall
	rustc --edition 2024 -O -o $(subst debug/partywall,release/mongo_load,$(BINARY)) tests/bench/mongo_load.rs
	$(PYTHON) tests/bench/mongo.py --binary $(subst debug,release,$(BINARY)) $(ARGS)

differential: setup ## our reading of SQL against pg_query's, on PostgreSQL's own regression tests
	cd tests/differential && cargo test --locked

fuzz: setup ## run each fuzz target for SECONDS_PER_TARGET (needs nightly and cargo-fuzz)
	cd tests/fuzz && for target in $$(cargo +nightly fuzz list); do \
	    cargo +nightly fuzz run $$target -- -max_total_time=$(SECONDS_PER_TARGET) || exit 1; done

golden: setup ## rewrite the expected text of golden cases (a reject stays a reject)
	UPDATE_GOLDEN=1 cargo test --locked -p tests --test golden
