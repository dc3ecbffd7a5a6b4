# The one front door: `just` lists what there is.

_default:
    @just --list

# Formatting and lints.
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked

# Every Rust test, on memory and on a Redis of its own.
test:
    cargo build --workspace --locked
    cargo test --workspace --locked

# Foreign clients and providers, and the real browser.
test-node:
    tests/node/run.sh

# A real Keycloak, as a provider of the hub and as a service; fetches it once.
test-keycloak:
    tests/keycloak/run.sh

# The documentation of the code.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --open

# Licences, sources, and who may use which library.
deny:
    cargo deny --locked check bans licenses sources

# The demonstration.
run:
    ./demo.sh

# The parts, by Criterion; then whole logins, see docs/PERFORMANCE.md.
bench:
    cargo bench -p hub-tests --locked
    bench/whole.sh

# Exactly what the pipeline calls.
ci:
    .ci/run
