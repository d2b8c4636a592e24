"""The node tests of the onnx wheel, compiled and run: node_tests.py BIN SCRATCH [--filter REGEX] [--every N] [--table FILE] [--check FILE].

Each test is a model of one node with inputs and expected outputs. It ends in one of: pass; refused, with the tools' own line; wrong; crash (a
signal, an internal error or a hang). --table writes which, test by test; --check compares with such a table. Wrong results and crashes fail.
"""

import argparse
import collections
import os
import re
import shutil
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy
import onnx

warnings.simplefilter("ignore")
from onnx import TensorProto  # noqa: E402
from onnx.backend.test.case.node import collect_testcases  # noqa: E402

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "exec"))
from harness import Failure, run  # noqa: E402

LIMIT_SECONDS = 60
# Two units in the last place of f16, four of bf16: the reference rounds every step of a composed operator.
TOLERANCES = {TensorProto.FLOAT16: 2.0**-9, TensorProto.BFLOAT16: 2.0**-6}
WRONG, REFUSED = 8, (3, 4)
# Tests whose expected values are further from the exact ones than their own tolerance: zeros with the noise of a transform in f32.
ABSOLUTE_TOLERANCES = {"test_dft_inverse": 1e-6, "test_dft_inverse_opset19": 1e-6}


def write_values(folder, infos, values):
    """Writes `<name>.npy` of each tensor; false where a value is no array of numbers."""
    os.makedirs(folder)
    for info, value in zip(infos, values):
        if value is None:
            continue
        if isinstance(value, onnx.TensorProto):
            value = onnx.numpy_helper.to_array(value)
        if not info.type.HasField("tensor_type") or not isinstance(value, (numpy.ndarray, numpy.generic)):
            return False
        array = numpy.ascontiguousarray(value).reshape(numpy.shape(value))
        if array.dtype.isbuiltin != 1:
            # A type that NumPy does not know by itself (bf16, f8, i4): its bytes.
            array = array.view(f"V{array.dtype.itemsize}")
        elif array.dtype.kind not in "fiub":
            return False
        numpy.save(os.path.join(folder, info.name + ".npy"), array)
    return True


def reason(text):
    """What a refusal says, without the file and the node."""
    lines = [line for line in text.splitlines() if ": error" in line or line.startswith(("moe-opt: ", "moe-run: "))]
    lines = [line for line in lines if " remark: " not in line and " warning: " not in line] or [text.strip() or "no message"]
    return re.sub(r"^moe-(opt|run): (\S*model\.onnx: )?(node '[^']*' )?(\([^)]*\): )?", "", lines[0])[:160].replace("|", "\\|")


def verdict(tools, folder, case):
    inputs, outputs = case.data_sets[0]
    initializers = {tensor.name for tensor in case.model.graph.initializer}
    infos = [info for info in case.model.graph.input if info.name not in initializers]
    with open(os.path.join(folder, "model.onnx"), "wb") as file:
        file.write(case.model.SerializeToString())
    expressible = write_values(os.path.join(folder, "inputs"), infos, inputs)
    expressible &= write_values(os.path.join(folder, "outputs"), case.model.graph.output, outputs)
    artifact = os.path.join(folder, "model.moe")
    done = run(os.path.join(tools, "moe-opt"), os.path.join(folder, "model.onnx"), "-o", artifact, limit=LIMIT_SECONDS)
    if done.returncode in REFUSED:
        return "refused", reason(done.stderr)
    if done.returncode:
        return "crash", f"moe-opt: exit {done.returncode}: {reason(done.stderr)}"
    if not expressible:
        return "refused", "its values are no arrays of numbers"
    rtol = max([case.rtol] + [TOLERANCES.get(output.type.tensor_type.elem_type, 0) for output in case.model.graph.output])
    done = run(os.path.join(tools, "moe-run"), artifact, "--in-process", "--threads", 1, "--input-dir", os.path.join(folder, "inputs"), "--expect-dir",
               os.path.join(folder, "outputs"), "--rtol", rtol, "--atol", ABSOLUTE_TOLERANCES.get(case.name, case.atol), limit=LIMIT_SECONDS)
    if done.returncode == 0:
        return "pass", ""
    if done.returncode == WRONG and "differ" in done.stdout + done.stderr:
        return "wrong", reason(done.stdout + done.stderr)
    return ("refused" if done.returncode in (2, 3, 4, 8) else "crash"), f"moe-run: exit {done.returncode}: {reason(done.stderr)}"


def judge(tools, scratch, case):
    folder = os.path.join(scratch, case.name)
    os.makedirs(folder)
    try:
        return verdict(tools, folder, case)
    except Failure as failure:
        return "crash", str(failure)
    finally:
        shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tools")
    parser.add_argument("scratch")
    parser.add_argument("--filter", default="")
    parser.add_argument("--every", type=int, default=1, help="one test of so many")
    parser.add_argument("--table")
    parser.add_argument("--check")
    options = parser.parse_args()
    shutil.rmtree(options.scratch, ignore_errors=True)
    cases = sorted((case for case in collect_testcases(None) if re.search(options.filter, case.name)), key=lambda case: case.name)[::options.every]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        verdicts = list(pool.map(lambda case: judge(options.tools, options.scratch, case), cases))
    counts = collections.Counter(kind for kind, _ in verdicts)
    print(f"{len(cases)} node tests: " + ", ".join(f"{counts[kind]} {kind}" for kind in ("pass", "refused", "wrong", "crash")))
    if options.table:
        with open(options.table, "w", encoding="utf-8") as file:
            file.writelines(": ".join(filter(None, (case.name, kind, " ".join(text.split())))) + "\n" for case, (kind, text) in zip(cases, verdicts))
    failures = [f"{case.name}: {kind}: {text}" for case, (kind, text) in zip(cases, verdicts) if kind in ("wrong", "crash")]
    if options.check:
        with open(options.check, encoding="utf-8") as file:
            stored = dict(line.strip().split(": ", 2)[:2] for line in file)
        failures += [f"{case.name}: {kind} {text}, but {stored.get(case.name)} in {options.check}"
                     for case, (kind, text) in zip(cases, verdicts) if stored.get(case.name) != kind]
    sys.exit("\n".join(failures) if failures else 0)


if __name__ == "__main__":
    main()
