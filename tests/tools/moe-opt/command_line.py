"""The command line of moe-opt: exit codes, one line on stderr, nothing left behind: command_line.py MOE_OPT MODEL SCRATCH."""

import os
import re
import resource
import shutil
import subprocess
import sys

OK, USAGE, INVALID, RESOURCES = 0, 2, 3, 7


class Check:
    def __init__(self, moe_opt, scratch):
        self.moe_opt, self.scratch, self.problems = moe_opt, scratch, []
        self.before = set(os.listdir(scratch))

    def __call__(self, name, arguments, code, pattern, stdout=subprocess.DEVNULL, keeps=(), file_limit=None):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))
        done = subprocess.run([self.moe_opt, *arguments], stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, text=True,
                              cwd=self.scratch, timeout=30, preexec_fn=limit if file_limit else None)
        left = set(os.listdir(self.scratch)) - self.before - set(keeps)
        self.before |= set(keeps)
        if done.returncode != code:
            self.problems.append(f"{name}: exit {done.returncode}, not {code}: {done.stderr}")
        elif not re.search(pattern, done.stderr) or (code not in (OK,) and "moe-opt: " not in done.stderr):
            self.problems.append(f"{name}: the message does not match '{pattern}': {done.stderr}")
        elif done.stderr.count("\n") != (0 if pattern == "^$" else 1):
            self.problems.append(f"{name}: not one line: {done.stderr}")
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
             "good.mlir": "module {\n}\n", "notes": "what is this\nno program\n", "program.txt": "module {\n}\n",
             "long.mlir": "module {\n" + "  func.func private @f%d()\n" * 200 % tuple(range(200)) + "}\n"}
    with open(model, "rb") as file:
        whole = file.read()
    picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\x02\0\0\0"
    binaries = {"empty.onnx": b"", "random.onnx": bytes(hash * 89 % 251 + 1 for hash in range(5000)), "picture.onnx": picture,
                "picture.png": picture, "cut.onnx": whole[:len(whole) // 2], "model.bin": whole}
    for name, content in binaries.items():
        with open(os.path.join(scratch, name), "wb") as file:
            file.write(content)
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
    check("unknown flag of ours", ["model.onnx", "--max-bach=3"], USAGE, r"Did you mean '--max-batch=3'\? \(see moe-opt --help\)")
    check("unknown flag", ["good.mlir", "--moe-infer-shape"], USAGE, "Did you mean '--moe-infer-shapes'")
    check("missing value", ["good.mlir", "--stop-after"], USAGE, "stop-after")
    check("unknown phase", ["model.onnx", "--stop-after=raize"], USAGE, "no such phase; did you mean 'raise'")
    check("report of a folder", ["folder", "--report"], USAGE, "--report: the input 'folder' is not named .onnx")
    check("phase like no other", ["model.onnx", "--stop-after=foo"], USAGE, r"no such phase\. Phases: import, raise,")
    check("value of an unknown flag", ["model.onnx", "--flag", "4"], USAGE, r"^moe-opt: Unknown command line argument '--flag'\.  ?Did you mean '--?[\w-]+'\? \(see moe-opt --help\)$")
    check("batch of zero", ["model.onnx", "--max-batch=0"], USAGE, r"--max-batch=0: the limit must be 1 to 2\^53")
    check("negative sequence", ["model.onnx", "--max-seq=-3"], USAGE, r"--max-seq=-3: the limit must be 1 to 2\^53")
    check("too large", ["model.onnx", f"--max-seq={2**53 + 1}"], USAGE, r"the limit must be 1 to 2\^53")
    for batch, sequence in ((8, 2**53), (10**12, 10**11)):
        check("too many tokens", ["model.onnx", "-o", "out.moe", f"--max-batch={batch}", f"--max-seq={sequence}"], USAGE,
              rf"--max-batch, --max-seq: a batch of {batch} times a sequence of {sequence} is above 2\^53; lower --max-batch or --max-seq")
    for number in ("many", "1.5", "9" * 20):
        check("no number", ["model.onnx", f"--max-batch={number}"], USAGE, f"^moe-opt: --max-batch={number}: expected an integer of 64 bits$")
    check("unknown report", ["model.onnx", "--report=xml"], USAGE, "^moe-opt: --report=xml: expected text, json or none$")
    check("two wrong values", ["model.onnx", "--report=a\nb", "--emit=elf"], USAGE, r"^moe-opt: --report=a\\nb: expected text, json or none$")


def check_outputs(check):
    check("output is input", ["model.onnx", "-o", "./model.onnx"], USAGE, "the output is the input")
    for name in ("out.mlir", "out.moe"):
        check("output into nothing", ["model.onnx", "-o", f"nowhere/{name}"], USAGE, f"'nowhere/{name}': cannot be written: there is no folder 'nowhere'")
    check("a name of no known kind", ["model.onnx", "-o", "compiled"], OK,
          "compiled: holds the imported model as MLIR, not compiled; for an artifact write -o compiled.moe or say --emit=artifact", keeps=["compiled"])
    check("text of no known kind", ["good.mlir", "-o", "copy"], OK, "copy: holds the program as MLIR, not compiled", keeps=["copy"])
    for arguments in (["--emit=mlir"], ["--stop-after=raise"], ["--cse"]):
        check("asked for MLIR", ["model.onnx", "-o", "asked", *arguments], OK, "^$", keeps=["asked"])
    check("nowhere", ["model.onnx", "-o", "/dev/null"], OK, "^$")
    check("artifact to standard output", ["model.onnx", "--emit=artifact"], USAGE, "an artifact is a folder")
    check("artifact of one phase", ["model.onnx", "-o", "out.moe", "--stop-after=raise"], USAGE, "needs all phases")
    check("nothing", ["model.onnx", "--emit=none", "--stop-after=schedule"], OK, "^$")
    for arguments in (["model.onnx", "-o", "out.mlir"], ["good.mlir"]):
        check("nothing, somewhere", [*arguments, "--emit=none"], USAGE, "--emit=none: nothing is written; it goes with a model or --stop-after")
    check("unknown emission", ["model.onnx", "--emit=elf"], USAGE, "^moe-opt: --emit=elf: expected mlir, llvm, artifact or none$")
    check("deep text to an artifact", ["deep-modules.mlir", "-o", "out.moe"], INVALID, "nested 10000 deep")
    for arguments in ([], ["-o", "out.moe"], ["--stop-after=raise"], ["--cse"]):
        check("text that is no program", ["notes", *arguments], INVALID,
              r"notes: this is neither an ONNX model, whose name must end in .onnx, nor MLIR text \(custom op 'what' is unknown .*\)")
    check("a program of another name", ["program.txt", "-o", "named.mlir", "--stop-after=raise"], OK, "^$", keeps=["named.mlir"])
    check("broken text to an artifact", ["broken.mlir", "-o", "out.moe"], INVALID, r"broken.mlir: 2:\d+: ")
    check("a slash behind the name", ["model.onnx", "-o", "slash.moe/", "--report=none"], OK, "^$", keeps=["slash.moe"])
    check("a slash behind the name of a file", ["model.onnx", "-o", "slash.mlir/"], USAGE, "slash.mlir/")
    check("import", ["model.onnx", "-o", "imported.mlir"], OK, "^$", keeps=["imported.mlir"])


def check_full_disks(check):
    refused = "'out.mlir': cannot be written: File too large"
    with open("/dev/full", "w") as full:
        for arguments in (["model.onnx"], ["good.mlir"], ["--help"], ["--version"], ["--show-dialects"]):
            check(f"full disk {arguments}", arguments, RESOURCES, "standard output: cannot be written: No space left on device", stdout=full)
        for report in ("text", "json"):
            # The artifact is whole, and stays.
            check("full disk, report", ["model.onnx", "-o", "whole.moe", f"--report={report}"], RESOURCES, "standard output: cannot be written",
                  stdout=full, keeps=["whole.moe"])
    check("full device", ["model.onnx", "-o", "/dev/full"], RESOURCES, "'/dev/full': cannot be written: No space left on device")
    check("file size limit", ["model.onnx", "-o", "out.mlir"], RESOURCES, refused, file_limit=1000)
    check("file size limit, text", ["long.mlir", "-o", "out.mlir"], RESOURCES, refused, file_limit=1000)
    for limit, pattern in ((1000, "for the linker: File too large"), (45000, "weights/experts-L000.safetensors': cannot be written: File too large")):
        check("file size limit, artifact", ["model.onnx", "-o", "out.moe", "--report=none"], RESOURCES, pattern, file_limit=limit)
    check("a file that was there", ["long.mlir", "-o", "good.mlir"], RESOURCES, "'good.mlir': cannot be written", file_limit=1000)
    if open(os.path.join(check.scratch, "good.mlir"), encoding="utf-8").read() != "module {\n}\n":
        check.problems.append("an output that cannot be written replaced what was there")


def check_passes(check):
    unfinished = "the passes given do not end in a program that can be compiled: the last must be --moe-pipeline-codegen"
    check("some passes to an artifact", ["model.onnx", "--moe-fuse-gating", "-o", "out.moe"], USAGE, unfinished)
    check("some passes to LLVM", ["model.onnx", "--moe-pipeline-raise", "--emit=llvm"], USAGE, unfinished)
    check("passes and a phase", ["model.onnx", "--moe-pipeline-raise", "--stop-after=schedule"], USAGE, "passes named on the command line run instead")
    phases = [f"--moe-pipeline-{phase}" for phase in ("raise", "distribute", "schedule", "codegen")]
    check("all phases by hand", ["model.onnx", *phases, "-o", "hand.moe"], OK, "^$", keeps=["hand.moe"])
    check("all phases by hand, to LLVM", ["model.onnx", *phases, "--emit=llvm", "-o", "hand.ll"], OK, "^$", keeps=["hand.ll"])
    if "llvm.func" not in open(os.path.join(check.scratch, "hand.ll"), encoding="utf-8").read():
        check.problems.append("phases by hand and --emit=llvm: no LLVM dialect")
    check("all phases", ["model.onnx", "-o", "driver.moe"], OK, "^$", keeps=["driver.moe"])
    ids = [open(os.path.join(check.scratch, name, "manifest.json.b3"), encoding="utf-8").read() for name in ("hand.moe", "driver.moe")]
    if ids[0] != ids[1]:
        check.problems.append(f"phases by hand make another artifact: {ids}")
    check("stop before the target", ["model.onnx", "--stop-after=codegen", "-o", "code.mlir"], OK, "^$", keeps=["code.mlir"])
    check("go on with the target", ["code.mlir", "-o", "code.moe"], OK, "^$", keeps=["code.moe"])


def check_files_of_another_kind(check):
    one = {"empty.onnx": "the file is empty", "random.onnx": "this is not an ONNX file", "picture.onnx": "this is not an ONNX file",
           "cut.onnx": "the file is truncated", "model.bin": r"this is neither an ONNX model, whose name must end in .onnx, nor MLIR text \(it holds NUL bytes\)",
           "picture.png": "this is neither an ONNX model"}
    for name, pattern in one.items():
        check(name, [name, "-o", "out.moe"], INVALID, f"{name}: {pattern}")
        check(f"{name} as text", [name], INVALID, f"{name}: {pattern}")


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
    for part in (check_inputs, check_flags, check_outputs, check_full_disks, check_passes, check_files_of_another_kind, check_text):
        part(check)
    sys.exit("\n".join(check.problems) if check.problems else 0)
