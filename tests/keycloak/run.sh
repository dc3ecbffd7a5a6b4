#!/usr/bin/env bash
# Tries Lethe with a real Keycloak, both ways: run.sh [FILE...], all the tests here if none is named.
# Brings Keycloak, and the Java and Maven that it takes, where they are missing. Beyond that it needs
# what tests/node/run.sh needs (./test.sh brings it), and the binary: LETHE, or one is built.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
. .ci/packages.sh

version=26.7.3
sha256=77657f30b7e90d70f727712ce1c967f430fd6a5e9f458d32d8c6df0635345f47
store=$PWD/target/keycloak
export KEYCLOAK=$store/keycloak-$version

# Everything that is not to last is under one directory, and goes with this script, however it ends: so
# do the processes, which are one group.
TMPDIR=$(mktemp -d)
export TMPDIR
running=
clean() {
  if [ -n "$running" ] && kill -- "-$running"; then
    for _ in {1..150}; do kill -0 -- "-$running" || break; sleep 0.1; done
    kill -KILL -- "-$running"
  fi 2>/dev/null || true
  rm -rf "$TMPDIR"
}
trap clean EXIT

fail() { echo "$*" >&2; exit 1; }

has_java() {
  command -v java >/dev/null || return 1
  local release
  release=$(java -XX:-UsePerfData -XshowSettings:properties -version 2>&1 | sed -n 's/.*java.specification.version = //p')
  [ "${release%%.*}" -ge 17 ]
}

# The archive as Maven has it. Where it cannot be had there is nothing to try.
fetch() {
  local said
  say "fetching Keycloak $version"
  said=$(mvn -B -ntp "-Dmaven.repo.local=$store/maven" dependency:copy \
    "-Dartifact=org.keycloak:keycloak-quarkus-dist:$version:tar.gz" "-DoutputDirectory=$store" 2>&1) && return 0
  echo "$said" >&2
  grep -Eqi 'could not (be resolved|find|resolve|transfer)|no plugin found' <<<"$said" \
    || fail "Maven failed, and not for want of Keycloak"
  say "SKIPPED: Keycloak $version cannot be had here, so that nothing was tried with it"
  exit 0
}

# Unpacks and builds Keycloak, aside: what is at its place is whole.
unpack() {
  local archive=$store/keycloak-quarkus-dist-$version.tar.gz
  echo "$sha256  $archive" | sha256sum --check --quiet || { rm -f "$archive"; fail "$archive is not what it was"; }
  say "unpacking and building Keycloak $version, once"
  rm -rf "$store/new"
  mkdir "$store/new"
  tar -xzf "$archive" -C "$store/new"
  JAVA_OPTS_APPEND="-XX:-UsePerfData -Djava.io.tmpdir=$TMPDIR" \
    "$store/new/keycloak-$version/bin/kc.sh" build --db=dev-file
  mv "$store/new/keycloak-$version" "$KEYCLOAK"
  rm -rf "$store/new" "$store/maven" "$archive"
}

mapfile -t packages < <(
  has_java || echo default-jre-headless
  [ -e "$KEYCLOAK" ] || command -v mvn >/dev/null || echo maven
)
install_packages "${packages[@]}"
has_java || fail "Keycloak needs Java 17 or newer, and here java is $(java -version 2>&1 | head -n 1)"
if [ ! -e "$KEYCLOAK" ]; then
  mkdir -p "$store"
  fetch
  unpack
fi

if [ -z "${LETHE:-}" ]; then
  cargo build --workspace --locked -q
fi
# Where Debian's Node.js is too old, ./test.sh has put a newer one.
PATH="$PWD/target/node/node_modules/.bin:$PATH"

say "Lethe and Keycloak $version"
SECONDS=0
[ "$#" -gt 0 ] || set -- "$here"/*.test.js
set -m
tests/node/run.sh "$@" &
running=$!
set +m
wait "$running"
running=
say "both ways, in $SECONDS s"
