"""The node tests of the onnx wheel are valid models: node_tests.py MOE_OPT SCRATCH EVERY PHASE (EVERY 1: all of them). All import; the raise
phase supports them or says that it does not, but calls none invalid."""

import os
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

warnings.simplefilter("ignore")
from onnx.backend.test.case.node import collect_testcases  # noqa: E402


UNSUPPORTED = 4


def problem(moe_opt, scratch, phase, case):
    path = os.path.join(scratch, case.name + ".onnx")
    with open(path, "wb") as file:
        file.write(case.model.SerializeToString())
    done = subprocess.run([moe_opt, path, "--stop-after=" + phase, "-o", os.devnull], capture_output=True, text=True, timeout=60)
    os.unlink(path)
    allowed = [0] if phase == "import" else [0, UNSUPPORTED]
    return f"{case.name}: exit {done.returncode}: {done.stderr}" if done.returncode not in allowed else None


if __name__ == "__main__":
    moe_opt, scratch, every, phase = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    os.makedirs(scratch, exist_ok=True)
    cases = sorted(collect_testcases(None), key=lambda case: case.name)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(filter(None, pool.map(lambda case: problem(moe_opt, scratch, phase, case), cases[::every])))
    print(f"{len(cases[::every]) - len(found)} of {len(cases[::every])} node tests pass {phase}")
    sys.exit("\n".join(found) if found or not cases else 0)
