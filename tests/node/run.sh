#!/usr/bin/env bash
# Runs the suites that look at the hub from outside: run.sh [FILE...], all of them if none is named.
# Needs node 20 or newer, npm, redis-server, chromium, apache2 with mod_oauth2 and mod_auth_openidc, python3
# with Flask and Authlib, and the binary (LETHE, or target/debug/lethe).
set -euo pipefail
cd "$(dirname "$0")"

# npm leaves its own copy of the lock file behind: the mark of a finished installation.
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci
fi

if [ $# -eq 0 ]; then
  set -- interop/*.test.js browser/*.test.js
fi
exec node --test --test-concurrency=1 --test-timeout=180000 --test-reporter=spec "$@"
