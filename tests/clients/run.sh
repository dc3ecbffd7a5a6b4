#!/usr/bin/env bash
# Tries the configuration that `lethe sp new --client` prints with the client libraries themselves:
# run.sh [FILE...], all the tests here if none is named. Brings the libraries, into target/clients, once.
# Beyond that it needs what tests/node/run.sh needs (./test.sh brings it), and the binary: LETHE, or one is
# built.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
files=("$here"/*.test.js)
[ "$#" -eq 0 ] || mapfile -t files < <(realpath -- "$@")
cd "$here/../.."
. .ci/packages.sh

store=$PWD/target/clients
python=${PYTHON:-/usr/bin/python3}
mkdir -p "$store"

# has_changed FILE: whether what FILE asks for is not what was installed last.
has_changed() { ! cmp -s "$here/$1" "$store/$1.installed"; }
installed() { cp "$here/$1" "$store/$1.installed"; }

mapfile -t packages < <(
  command -v javac >/dev/null || echo default-jdk-headless
  command -v mvn >/dev/null || echo maven
  "$python" -m pip --version >/dev/null 2>&1 || echo python3-pip
)
install_packages "${packages[@]}"
# Where Debian's Node.js is too old, ./test.sh has put a newer one.
PATH="$PWD/target/node/node_modules/.bin:$PATH"

if has_changed package-lock.json; then
  say "fetching the clients on Node.js"
  cp "$here/package.json" "$here/package-lock.json" "$store/"
  (cd "$store" && npm ci)
  installed package-lock.json
fi
if has_changed requirements.txt; then
  say "fetching the client for Django"
  rm -rf "$store/python"
  "$python" -m pip install --quiet --target "$store/python" --requirement "$here/requirements.txt"
  installed requirements.txt
fi
if has_changed pom.xml; then
  say "fetching Spring Boot and Spring Security"
  rm -rf "$store/spring"
  mvn -B -ntp -q -f "$here/pom.xml" "-Dmaven.repo.local=$store/maven" dependency:copy-dependencies \
    -DincludeScope=runtime "-DoutputDirectory=$store/spring"
  rm -rf "$store/maven"
  installed pom.xml
fi

# oauth2-proxy is a Go program, and takes a newer Go than Debian 12 packages.
oauth2_proxy=v7.15.6
skipped=
if [ ! -x "$store/oauth2-proxy" ]; then
  say "building oauth2-proxy $oauth2_proxy"
  if command -v go >/dev/null && GOPATH="$store/go" GOFLAGS=-modcacherw GOBIN="$store/bin" \
    go install "github.com/oauth2-proxy/oauth2-proxy/v7@$oauth2_proxy"; then
    mv "$store/bin/oauth2-proxy" "$store/oauth2-proxy"
  else
    skipped="SKIPPED: oauth2-proxy could not be built here (it takes Go 1.26 or newer): its recipe was not tried"
  fi
  rm -rf "$store/go" "$store/bin"
fi

[ -n "${LETHE:-}" ] || cargo build --workspace --locked -q
say "client libraries, each with the configuration that the hub prints for it"
SECONDS=0
tests/node/run.sh "${files[@]}"
say "client libraries, in $SECONDS s"
[ -z "$skipped" ] || say "$skipped"
