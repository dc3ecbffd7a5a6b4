#!/usr/bin/env bash
# Installs what the tests need where it is missing, and passes every test: formatting, lints, units,
# journeys, attacks, laws, documentation, foreign clients and gateways, a real browser, a real Keycloak, client
# libraries.
# Fails when anything fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

. .ci/packages.sh

mapfile -t packages < <(
  missing_to_build
  command -v redis-server >/dev/null && command -v redis-cli >/dev/null || echo redis-server
  command -v chromium >/dev/null || echo chromium
  command -v node >/dev/null || echo nodejs
  command -v npm >/dev/null || echo npm
  # apache2-bin brings the program alone: no service, no configuration.
  [ -x /usr/sbin/apache2 ] || echo apache2-bin
  [ -e /usr/lib/apache2/modules/mod_oauth2.so ] || echo libapache2-mod-oauth2
  [ -e /usr/lib/apache2/modules/mod_auth_openidc.so ] || echo libapache2-mod-auth-openidc
  /usr/bin/python3 -c 'import authlib, flask' 2>/dev/null || printf '%s\n' python3-authlib python3-flask
)
install_packages "${packages[@]}"

# The foreign clients need Node.js 20; Debian 12 packages 18, so that a newer one comes from npm.
newer_node() {
  [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ] || return 0
  local prefix=target/node
  if [ ! -x "$prefix/node_modules/.bin/node" ]; then
    say "installing Node.js 22 into $prefix (this machine's is $(node --version))"
    npm install --no-save --prefix "$prefix" node@22
  fi
  PATH="$PWD/$prefix/node_modules/.bin:$PATH"
}

newer_node
cargo --version
node --version
redis-server --version
chromium --version
/usr/sbin/apache2 -v

say "formatting"
if cargo fmt --version >/dev/null 2>&1; then cargo fmt --all --check; else echo "SKIPPED: this toolchain has no rustfmt"; fi

say "lints"
if cargo clippy --version >/dev/null 2>&1; then
  cargo clippy --workspace --all-targets --locked -q
else
  echo "SKIPPED: this toolchain has no clippy"
fi

say "tests"
cargo build --workspace --locked -q
cargo test --workspace --locked -q

say "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked -q

say "licences, sources, bans"
if cargo deny --version >/dev/null 2>&1; then
  cargo deny --locked check bans licenses sources
else
  echo "SKIPPED: cargo-deny is not installed (cargo install --locked cargo-deny)"
fi

say "foreign clients, foreign providers, foreign gateways, a real browser"
tests/node/run.sh

say "a real Keycloak, both ways"
LETHE="$PWD/target/debug/lethe" tests/keycloak/run.sh

say "client libraries as services use them"
LETHE="$PWD/target/debug/lethe" tests/clients/run.sh

say "everything passed"
