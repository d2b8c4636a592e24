"""Printed modules are inputs again: phases.py MOE_OPT MODEL_FOLDER SCRATCH."""

import os
import shutil
import subprocess
import sys

PHASES = ("import", "raise", "distribute", "schedule", "codegen")
OK, USAGE, INVALID = 0, 2, 3


def run(arguments, code=OK):
    done = subprocess.run([moe_opt, *arguments], capture_output=True, text=True, cwd=scratch, timeout=60)
    if done.returncode != code or (code != OK and done.stderr.count("\n") != 1):
        problems.append(f"{arguments}: exit {done.returncode}, not {code}: {done.stderr}")
    return done


def identity(artifact):
    path = os.path.join(scratch, artifact, "manifest.json.b3")
    return open(path, encoding="utf-8").read() if os.path.exists(path) else None


def go_on(phase):
    """From the module behind `phase` on: the same artifact, the same module behind every later phase, and none of an earlier one."""
    file = f"{phase}.mlir"
    run([file, "-o", f"{phase}.moe", "--report=none"])
    if identity(f"{phase}.moe") != identity("whole.moe"):
        problems.append(f"{file} makes another artifact than the model")
    for other in PHASES:
        if PHASES.index(other) < PHASES.index(phase):
            refused = run([file, f"--stop-after={other}", "-o", "earlier.mlir"], USAGE).stderr
            if f"{file}: the program is behind the phase '{phase}' already; --stop-after={other}" not in refused:
                problems.append(f"{file} to {other}: {refused}")
        elif run([file, f"--stop-after={other}", "-o", "-"]).stdout != run(["model.onnx", f"--stop-after={other}", "-o", "-"]).stdout:
            problems.append(f"{file} to {other}: another module than that of the model")


def by_hand():
    """Without the record a program is behind the raise phase."""
    text = 'func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?xf32> {rt.name = "x", rt.shape = ["n"]})\n' \
           '    -> (tensor<?xf32> {rt.name = "y", rt.shape = ["n"]}) {\n  return %x : tensor<?xf32>\n}\n'
    programs = {"hand.mlir": ("", "x"), "bytes.mlir": ("", "x\\FF"), "strange.mlir": (', rt.phase = "raize"', "x"), "number.mlir": (", rt.phase = 3 : i64", "x")}
    for name, (record, tensor) in programs.items():
        with open(os.path.join(scratch, name), "w", encoding="utf-8") as file:
            file.write(f'module attributes {{rt.limits = {{n = 4 : i64}}{record}}} {{\n{text}}}\n'.replace('"x"', f'"{tensor}"'))
    run(["hand.mlir", "-o", "hand.moe", "--report=none"])
    if 'rt.phase = "schedule"' not in run(["hand.mlir", "--stop-after=schedule"]).stdout:
        problems.append("hand.mlir: --stop-after=schedule does nothing")
    run(["hand.mlir", "--stop-after=import"], USAGE)
    for name, told in (("bytes", "the name 'x\\xff' of an input is not UTF-8"), ("strange", 'rt.phase is "raize", which is no phase'),
                       ("number", "rt.phase is 3 : i64, which is no phase")):
        if told not in run([f"{name}.mlir", "-o", f"{name}.moe"], INVALID).stderr:
            problems.append(f"{name}.mlir: the message does not say '{told}'")


if __name__ == "__main__":
    moe_opt, model, scratch = sys.argv[1:]
    problems = []
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(model, scratch)
    run(["model.onnx", "-o", "whole.moe", "--report=none"])
    for phase in PHASES:
        run(["model.onnx", f"--stop-after={phase}", "-o", f"{phase}.mlir"])
        go_on(phase)
    by_hand()
    left = [name for name in os.listdir(scratch) if name.startswith(".") or name == "earlier.mlir"]
    sys.exit("\n".join(problems + [f"left behind: {left}"] if left else problems) or 0)
