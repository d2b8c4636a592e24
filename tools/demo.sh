#!/usr/bin/env bash
# From nothing to a PR-MoE language model on 1, 2 and 4 ranks: sets up, builds, compiles the model, runs it, compares it with
# what ONNX Runtime computed, and prints a summary. Everything else goes to build/log/demo.log.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

log=build/log/demo.log
mkdir -p build/log
: >"$log"

fail() {
  echo "demo: $1; the end of $log:" >&2
  tail -n 20 "$log" >&2
  exit 1
}

logged() {
  "$@" >>"$log" 2>&1 </dev/null || fail "'$*' failed"
}

bash tools/setup.sh || exit 1
echo "building moe-opt and moe-run (some minutes the first time; the log is $log)"
logged cmake --preset default
logged cmake --build --preset default --target moe-opt moe-run
exec .venv/bin/python3 tools/demo.py build/default/bin build/demo "$log"
