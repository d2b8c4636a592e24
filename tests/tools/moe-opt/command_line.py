"""The command line of moe-opt: exit codes, one line on stderr, nothing left behind: command_line.py MOE_OPT MODEL SCRATCH."""

import os
import re
import shutil
import subprocess
import sys

OK, USAGE, INVALID, RESOURCES = 0, 2, 3, 7


class Check:
    def __init__(self, moe_opt, scratch):
        self.moe_opt, self.scratch, self.problems = moe_opt, scratch, []
        self.before = set(os.listdir(scratch))

    def __call__(self, name, arguments, code, pattern, stdout=subprocess.DEVNULL, keeps=()):
        done = subprocess.run([self.moe_opt, *arguments], stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, text=True,
                              cwd=self.scratch, timeout=30)
        left = set(os.listdir(self.scratch)) - self.before - set(keeps)
        self.before |= set(keeps)
        if done.returncode != code:
            self.problems.append(f"{name}: exit {done.returncode}, not {code}: {done.stderr}")
        elif not re.search(pattern, done.stderr) or (code not in (OK,) and "moe-opt: " not in done.stderr):
            self.problems.append(f"{name}: the message does not match '{pattern}': {done.stderr}")
        if left:
            self.problems.append(f"{name}: left behind {left}")


def prepare(model, scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(os.path.join(scratch, "folder.onnx"))
    shutil.copy(model, os.path.join(scratch, "model.onnx"))
    os.mkfifo(os.path.join(scratch, "pipe.onnx"))
    files = {"deep-attributes.mlir": "module attributes {test.a = " + "[" * 10000 + "]" * 10000 + "} {}\n",
             "deep-modules.mlir": "module {" * 10000 + "}" * 10000,
             "deep-strings.mlir": 'module attributes {test.a = "' + "[" * 1000 + '"} { // ' + "(" * 1000 + "\n}\n",
             "bytecode.mlir": "ML\u00efR", "broken.mlir": "module {\n  func.func @f( {\n", "unknown.mlir": "module { some.op }\n",
             "good.mlir": "module {\n}\n"}
    for name, text in files.items():
        with open(os.path.join(scratch, name), "w", encoding="latin-1") as file:
            file.write(text)


def check_inputs(check):
    check("no arguments", [], USAGE, "no input")
    check("two inputs", ["model.onnx", "good.mlir"], USAGE, "[Tt]oo many positional arguments")
    check("missing file", ["nowhere.onnx"], USAGE, "nowhere.onnx: cannot open the input: No such file")
    check("missing text", ["nowhere.mlir"], USAGE, "nowhere.mlir: cannot open the input: No such file")
    check("folder", ["folder.onnx"], USAGE, "folder.onnx: the input is not a regular file")
    check("pipe", ["pipe.onnx"], USAGE, "pipe.onnx: the input is not a regular file")
    check("device", ["/dev/zero"], USAGE, "/dev/zero: the input is not a regular file")
    check("long path", ["x" * 5000 + ".onnx"], USAGE, "File name too long")
    check("control characters", ["a\n\x1b[31m.onnx"], USAGE, r"a\\n\\x1b\[31m.onnx: cannot open")


def check_flags(check):
    check("unknown flag", ["good.mlir", "--moe-infer-shape"], USAGE, "Did you mean '--moe-infer-shapes'")
    check("missing value", ["good.mlir", "--stop-after"], USAGE, "stop-after")
    check("unknown phase", ["model.onnx", "--stop-after=raize"], USAGE, "no such phase; did you mean 'raise'")
    check("batch of zero", ["model.onnx", "--max-batch=0"], USAGE, "--max-batch=0: the limit must be at least 1")
    check("negative sequence", ["model.onnx", "--max-seq=-3"], USAGE, "--max-seq=-3: the limit must be at least 1")
    check("no number", ["model.onnx", "--max-batch=many"], USAGE, "max-batch")


def check_outputs(check):
    check("output is input", ["model.onnx", "-o", "./model.onnx"], USAGE, "the output is the input")
    check("output into nothing", ["model.onnx", "-o", "nowhere/out.mlir"], USAGE, "nowhere/out.mlir")
    with open("/dev/full", "w") as full:
        check("full disk", ["model.onnx"], RESOURCES, "cannot write the output: No space left", stdout=full)
        check("full disk, text", ["good.mlir"], RESOURCES, "cannot write the output: No space left", stdout=full)
    check("artifact to standard output", ["model.onnx", "--emit=artifact"], USAGE, "an artifact is a folder")
    check("artifact of one phase", ["model.onnx", "-o", "out.moe", "--stop-after=raise"], USAGE, "needs all phases")
    check("unknown emission", ["model.onnx", "--emit=elf"], USAGE, "emit")
    check("deep text to an artifact", ["deep-modules.mlir", "-o", "out.moe"], INVALID, "nested 10000 deep")
    check("broken text to an artifact", ["broken.mlir", "-o", "out.moe"], INVALID, r"broken.mlir: 2:\d+: ")
    check("import", ["model.onnx", "-o", "imported.mlir"], OK, "^$", keeps=["imported.mlir"])


def check_text(check):
    check("deep attributes", ["deep-attributes.mlir"], INVALID, "brackets are nested 10001 deep; the limit is 256")
    check("deep modules", ["deep-modules.mlir"], INVALID, "brackets are nested 10000 deep; the limit is 256")
    check("brackets in strings and comments", ["deep-strings.mlir"], OK, "^$")
    check("bytecode", ["bytecode.mlir"], INVALID, "this is MLIR bytecode")
    for name in ("broken", "unknown"):
        done = subprocess.run([check.moe_opt, f"{name}.mlir", "-o", "out.mlir"], capture_output=True, text=True, cwd=check.scratch)
        if done.returncode != INVALID or f"{name}.mlir:" not in done.stderr or os.path.exists(os.path.join(check.scratch, "out.mlir")):
            check.problems.append(f"{name}: exit {done.returncode}: {done.stderr}")


if __name__ == "__main__":
    moe_opt, model, scratch = sys.argv[1:]
    prepare(model, scratch)
    check = Check(moe_opt, scratch)
    for part in (check_inputs, check_flags, check_outputs, check_text):
        part(check)
    sys.exit("\n".join(check.problems) if check.problems else 0)
