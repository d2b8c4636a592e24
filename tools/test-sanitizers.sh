#!/usr/bin/env bash
# All tests under ASan and UBSan, then the unit tests of kernels and runtime under TSan.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# libMLIR is not instrumented: containers and arenas that cross its border carry no annotations, and it frees nothing at exit.
# Tests end ranks by signals, which must reach the product. LLVM sets signal stacks of its own, which ASan would unmap.
export ASAN_OPTIONS=detect_leaks=0:detect_container_overflow=0:allow_user_poisoning=0:detect_odr_violation=0:handle_segv=0:handle_sigbus=0:handle_abort=0:use_sigaltstack=0
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
# A process that ends because one of its ranks hangs leaves threads behind.
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:report_thread_leaks=0:handle_segv=0:handle_sigbus=0:handle_abort=0

status=0
bash tools/test.sh --preset asan || status=1
bash tools/test.sh --preset tsan --only unit || status=1
exit $status
