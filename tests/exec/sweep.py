"""Compiles and runs every model of some folders: sweep.py BIN FOLDER... [--filter RE] [--ranks 1,2,4]

A model is a folder with model.onnx, inputs*/, outputs*/ and meta.json, as those of tests/models. Of each a line is printed: whether all of its MoE layers are
raised, whether all input sets are within the tolerance on every number of ranks, and whether the bits are equal on all of them.
"""

import argparse
import glob
import json
import os
import re
import sys
import tempfile

from harness import Failure, Model, check, run, succeed


def compile_model(tools, model, artifact):
    """The report of the compiled model; None where the file is refused as meta.json says it must be."""
    expected = model.meta.get("expect", "")
    done = run(f"{tools}/moe-opt", model.path, "-o", artifact, limit=300)
    if expected.startswith("refuse") and done.returncode in (3, 4):
        return None
    check(done.returncode == 0, f"exit {done.returncode}: {done.stderr.strip().splitlines()[-1:]}")
    return json.loads(succeed(f"{tools}/moe-opt", model.path, "--report=json", limit=300).stdout)


def check_layers(model, report):
    """The numbers of experts of the raised layers. Where meta.json gives one number for all layers, some of them may be dense."""
    raised = [layer["experts"] for layer in report["layers"]]
    experts, plain = model.meta["experts"], report["plain_layers"]
    fits = raised == model.experts() if isinstance(experts, list) else set(raised) == {experts}
    check(fits and not plain, f"layers of {raised} experts are raised, of {experts} expected; left plain: {plain}")
    return raised


def run_sets(tools, model, artifact, ranks):
    """Runs all sets on each number of ranks within the tolerance; their digests must be those of the first number."""
    for suffix in model.sets:
        digests = set()
        for count in ranks:
            done = succeed(f"{tools}/moe-run", artifact, "-n", count, "--in-process", "--input-dir", f"{model.folder}/inputs{suffix}", "--expect-dir",
                           f"{model.folder}/outputs{suffix}", *model.tolerance, "--print-digest", limit=300)
            digests.add(re.search(r"\b[0-9a-f]{64}\b", done.stdout).group())
        check(len(digests) == 1, f"set {suffix or 1}: other bits on other numbers of ranks")


def sweep(tools, folder, ranks):
    """What became of one model, in a word or two."""
    model = Model(folder)
    with tempfile.TemporaryDirectory() as scratch:
        artifact = os.path.join(scratch, "model.moe")
        report = compile_model(tools, model, artifact)
        if report is None:
            return "refused"
        raised = check_layers(model, report)
        run_sets(tools, model, artifact, ranks)
        return f"raised {len(raised)}, sets {len(model.sets)}: equal bits, within tolerance"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tools")
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--filter", default="")
    parser.add_argument("--ranks", default="1,2,4")
    options = parser.parse_args()
    counts = {"right": 0, "refused": 0, "failed": 0}
    for path in sorted(found for folder in options.folders for found in glob.glob(f"{folder}/*/model.onnx")):
        name = os.path.basename(os.path.dirname(path))
        if not re.search(options.filter, name):
            continue
        try:
            line = sweep(options.tools, os.path.dirname(path), [int(count) for count in options.ranks.split(",")])
            counts["refused" if line == "refused" else "right"] += 1
        except Failure as failure:
            line = f"FAILED: {failure}"
            counts["failed"] += 1
        print(f"{name}: {line}", flush=True)
    print(", ".join(f"{count} {what}" for what, count in counts.items()))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
