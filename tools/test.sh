#!/usr/bin/env bash
# Sets up, builds and runs the tests. Ends with one line, "N passed, N failed, N skipped", and fails when a test does.
#
#   tools/test.sh [options]
#     --only unit|lit     GoogleTest binaries, or everything that lit runs; default both
#     --filter REGEX      lit tests whose path matches
#     --full              the whole execution matrix instead of the sample
#     --preset NAME       CMake preset: default, asan, tsan
#     --no-build          take the build as it is
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

only="" filter="" preset=default build=yes
while [ $# -gt 0 ]; do
  case "$1" in
    --only) only="${2:?--only needs unit or lit}"; shift ;;
    --filter) filter="${2:?--filter needs a regular expression}"; shift ;;
    --full) export SWITCHYARD_FULL=1 ;;
    --preset) preset="${2:?--preset needs a name}"; shift ;;
    --no-build) build=no ;;
    -h | --help) sed -n '2,/^set /{/^#/s/^# \?//p}' "$0"; exit 0 ;;
    *) echo "unknown option '$1'; see tools/test.sh --help" >&2; exit 2 ;;
  esac
  shift
done
case "$only" in "" | unit | lit) ;; *) echo "--only takes unit or lit, not '$only'" >&2; exit 2 ;; esac

tree=build/$preset
results=$tree/results
log=build/log/$preset.log
mkdir -p build/log

stop() {
  echo "$1; the end of $log:" >&2
  tail -n 40 "$log" >&2
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
}

bash tools/setup.sh || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }
if [ "$build" = yes ]; then
  echo "building ($preset)"
  cmake --preset "$preset" >"$log" 2>&1 || stop "the configure step failed"
  cmake --build --preset "$preset" >>"$log" 2>&1 || stop "the build failed"
fi
units=0 lits=0
rm -rf "$results"
mkdir -p "$results"

if [ "$only" != lit ]; then
  echo "running the unit tests"
  .venv/bin/python3 tests/unit.py "$tree" "$results" || units=$?
fi
if [ "$only" != unit ] && [ -f "$tree/tests/lit.site.cfg.py" ]; then
  echo "running the lit tests"
  /usr/lib/llvm-22/bin/lit -sv --no-progress-bar -j "$(nproc)" ${filter:+--filter "$filter"} --xunit-xml-output "$results/lit.xml" "$tree/tests" || lits=$?
fi
exec .venv/bin/python3 tests/count.py "$results" "$units" "$lits"
