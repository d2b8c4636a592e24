"""moe-run holds no MLIR and starts without LLVM's shared libraries: link.py MOE_RUN LLVM_NM."""

import subprocess
import sys

from tree import finish


def lines(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


if __name__ == "__main__":
    binary, nm = sys.argv[1:]
    symbols = lines(nm, "--demangle", binary)
    libraries = lines("ldd", binary)
    finish([f"symbol of MLIR: {line}" for line in symbols if "mlir::" in line][:10] +
           [f"loads {line.strip()}" for line in libraries if "libMLIR" in line or "libLLVM" in line] +
           ([] if any(" main" in line for line in symbols) else ["the symbol table is missing"]))
