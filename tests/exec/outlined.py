"""A program whose equal layers are one function gives the bits of the program as it was: outlined.py BIN MODELS SCRATCH NAME…"""

import json
import os
import re
import shutil
import sys

from harness import Failure, Model, check, run, succeed

PHASES = ["raise", "distribute", "schedule", "codegen"]


def pipeline_in_place(compiler, scratch):
    """All phases in the text of a pipeline, with runs too long to become functions."""
    empty = os.path.join(scratch, "empty.mlir")
    with open(empty, "w", encoding="utf-8") as file:
        file.write("module {}\n")
    # The pipeline is printed before it runs, and fails at a program without @main.
    printed = run(compiler, empty, *(f"--moe-pipeline-{phase}" for phase in PHASES), "--dump-pass-pipeline", "-o", os.path.join(scratch, "none.mlir"))
    found = re.search(r"^builtin\.module\(.*?^\)", printed.stderr, re.M | re.S)
    check(found, f"no pipeline in {printed.stderr}")
    text, changed = re.subn(r"(moe-outline-layers\{[^}]*min-length)=\d+", r"\1=1000000", found[0])
    check(changed == 1, f"no outlining in {found[0]}")
    return "--pass-pipeline=" + " ".join(text.split())


def digests(runner, artifact, model, ranks):
    done = succeed(runner, artifact, "-n", ranks, "--cases", model.cases(artifact + ".cases"), *model.tolerance, "--json", "-")
    return [case["digest"] for case in json.loads(done.stdout)["cases"]]


def main(tools, models, scratch, *names):
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    compiler, runner = (os.path.join(tools, name) for name in ("moe-opt", "moe-run"))
    in_place = pipeline_in_place(compiler, scratch)
    for name in names:
        model = Model(os.path.join(models, name))
        outlined, whole, text = (os.path.join(scratch, name + suffix) for suffix in (".moe", ".whole.moe", ".mlir"))
        for options, calls in (["--stop-after=codegen"], True), ([in_place], False):
            succeed(compiler, model.path, *options, "-o", text)
            with open(text, encoding="utf-8") as file:
                check(("call @layer_" in file.read()) == calls, f"{name}: {'no' if calls else 'a'} call of a layer with {options[0]}")
        succeed(compiler, model.path, "-o", outlined)
        succeed(compiler, model.path, in_place, "-o", whole)
        for ranks in (1, 3):
            expected, got = (digests(runner, artifact, model, ranks) for artifact in (whole, outlined))
            check(expected and got == expected, f"{name} on {ranks} ranks: {got} outlined, {expected} in place")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Failure as failure:
        sys.exit(str(failure))
