# Sourced by ./demo.sh and ./test.sh: installs Debian packages where what they bring is missing.

say() { printf '\n== %s\n' "$*"; }

if ! command -v cargo >/dev/null; then
  echo "a Rust toolchain is needed (cargo): see README.md" >&2
  exit 1
fi

# The packages without which nothing can be built, as far as they are missing, one a line.
missing_to_build() {
  command -v cc >/dev/null || printf '%s\n' gcc libc6-dev
  command -v pkg-config >/dev/null || echo pkg-config
  pkg-config --exists openssl 2>/dev/null || echo libssl-dev
}

# install_packages PACKAGE...: as root, or by sudo; nothing to do for no package.
install_packages() {
  [ "$#" -eq 0 ] && return 0
  say "installing $*"
  local as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}
