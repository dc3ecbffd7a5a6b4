#!/usr/bin/env bash
# Builds Lethe, installing what the build needs where it is missing, and starts the demonstration world.
# Takes the options of `lethe demo`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. .ci/packages.sh

mapfile -t packages < <(missing_to_build)
install_packages "${packages[@]}"
exec cargo run --release --locked -q -- demo "$@"
