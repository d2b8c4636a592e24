#!/usr/bin/env bash
# Installs what the build and the tests need: Debian packages, and the pinned wheels of requirements.txt in .venv.
# Idempotent; says and does nothing when nothing is missing.
#
#   tools/setup.sh [--extras]     --extras adds clang-format-22 and clang-tidy-22, for development
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=(
  # the compiler: LLVM/MLIR 22, lld in process, protobuf for the importer
  llvm-22-dev libmlir-22-dev mlir-22-tools llvm-22-tools clang-22 lld-22 liblld-22-dev libclang-rt-22-dev
  zlib1g-dev libzstd-dev libtinfo-dev protobuf-compiler libprotobuf-dev
  # the runtime and the unit tests
  libgloo-dev libgtest-dev
  # the build
  cmake ninja-build ccache git python3 python3-venv ca-certificates
)
case "${1:-}" in
  "") ;;
  --extras) packages+=(clang-format-22 clang-tidy-22) ;;
  *) echo "usage: tools/setup.sh [--extras]" >&2; exit 2 ;;
esac

log=build/log/setup.log
mkdir -p "$(dirname "$log")"

fail() {
  echo "setup: $1" >&2
  echo "setup: the log is $log" >&2
  exit 1
}

missing_packages() {
  comm -23 <(printf '%s\n' "${packages[@]}" | sort) \
    <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null | sed -n 's/ installed$//p' | sort)
}

install_packages() {
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "these packages are missing and there is no sudo; run as root: apt-get install $*"
    root=(sudo)
  fi
  echo "setup: installing $# Debian packages"
  {
    "${root[@]}" apt-get update
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
  } >>"$log" 2>&1 </dev/null || fail "apt-get could not install: $*"
}

# The first CPython 3.11 that can make a virtual environment; the wheels are pinned for that version.
find_python() {
  local candidate
  for candidate in python3.11 /usr/bin/python3.11 python3 /usr/bin/python3; do
    if "$candidate" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  fail "no Python 3.11 with the venv module was found; Debian 12 has it as python3 and python3-venv"
}

command -v dpkg-query >/dev/null || fail "this script knows Debian's package names only; install by hand: ${packages[*]}"
mapfile -t missing < <(missing_packages)
if [ "${#missing[@]}" -gt 0 ]; then
  install_packages "${missing[@]}"
fi

stamp=.venv/requirements.sha256
if ! { [ -x .venv/bin/python3 ] && sha256sum --status -c "$stamp" 2>/dev/null; }; then
  echo "setup: installing the Python wheels of requirements.txt into .venv"
  "$(find_python)" -m venv --clear .venv >>"$log" 2>&1 || fail "the virtual environment .venv could not be made"
  .venv/bin/python3 -m pip install --require-hashes --only-binary :all: -r requirements.txt >>"$log" 2>&1 </dev/null ||
    fail "pip could not install requirements.txt"
  sha256sum requirements.txt >"$stamp"
fi
