"""The node tests of the onnx wheel import: node_tests.py MOE_OPT SCRATCH EVERY (1: all of them)."""

import os
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

warnings.simplefilter("ignore")
from onnx.backend.test.case.node import collect_testcases  # noqa: E402


def problem(moe_opt, scratch, case):
    path = os.path.join(scratch, case.name + ".onnx")
    with open(path, "wb") as file:
        file.write(case.model.SerializeToString())
    done = subprocess.run([moe_opt, path, "-o", os.devnull], capture_output=True, text=True, timeout=60)
    os.unlink(path)
    return f"{case.name}: exit {done.returncode}: {done.stderr}" if done.returncode else None


if __name__ == "__main__":
    moe_opt, scratch, every = sys.argv[1], sys.argv[2], int(sys.argv[3])
    os.makedirs(scratch, exist_ok=True)
    cases = sorted(collect_testcases(None), key=lambda case: case.name)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(filter(None, pool.map(lambda case: problem(moe_opt, scratch, case), cases[::every])))
    print(f"{len(cases[::every]) - len(found)} of {len(cases[::every])} node tests import")
    sys.exit("\n".join(found) if found or not cases else 0)
