"""Streams that are closed, full or cut, files that may not be read, and names of other encodings: streams.py MOE_OPT MODEL SCRATCH."""

import ctypes
import os
import re
import shutil
import subprocess
import sys

USAGE, RESOURCES = 2, 7
LIMIT_SECONDS = 60
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2  # linux/prctl.h, linux/capability.h


def obey_permissions():
    """The superuser, too, reads only what it may read; nothing changes for others."""
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


class Checks:
    def __init__(self, moe_opt):
        self.moe_opt, self.problems = moe_opt, []

    def run(self, name, arguments, code, pattern="", **options):
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL} | options
        done = subprocess.run([self.moe_opt, *arguments], stderr=subprocess.PIPE, timeout=LIMIT_SECONDS, check=False, **streams)
        text = done.stderr.decode("utf-8", "replace")
        print(f"{name}: exit {done.returncode}: {text.strip()[:200]}")
        if done.returncode != code or not re.search(pattern, text) or (code and text.count("\n") != 1):
            self.problems.append(f"{name}: exit {done.returncode}, not {code} with one line of '{pattern}': {text[:400]}")


def main(moe_opt, model, scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    checks, artifact = Checks(moe_opt), os.path.join(scratch, "out.moe")
    checks.run("standard input closed", [model, "-o", artifact, "--report=none"], 0, preexec_fn=lambda: os.close(0))
    checks.run("a program from a closed standard input", ["-"], USAGE, "cannot open input file '-'", preexec_fn=lambda: os.close(0))
    for name, arguments in (("report", [model, "--report"]), ("program", [model, "--stop-after=raise"])):
        checks.run(f"{name} to a closed standard output", arguments, RESOURCES, "standard output: cannot be written", preexec_fn=lambda: os.close(1))
        with open("/dev/full", "wb") as full:
            checks.run(f"{name} to a full device", arguments, RESOURCES, "standard output: cannot be written", stdout=full)
        # The reader has left, and the signal for that is ignored, as Python does.
        reader, writer = os.pipe()
        os.close(reader)
        checks.run(f"{name} to nobody", arguments, RESOURCES, "standard output: cannot be written", stdout=writer, restore_signals=False)
        os.close(writer)
    checks.run("an artifact on a full device", [model, "-o", "/dev/full"], RESOURCES, "cannot be written")
    odd = os.path.join(os.fsencode(scratch), b"caf\xe9 \n")
    os.makedirs(odd)
    shutil.copy(model, os.path.join(odd, b"model.onnx"))
    checks.run("a folder whose name is no UTF-8", [os.path.join(odd, b"model.onnx"), "-o", os.path.join(odd, b"out.moe"), "--report=none"], 0)
    checks.run("a missing file there", [os.path.join(odd, b"none.onnx")], USAGE, r"caf\\xe9 \\n/none.onnx: cannot open the input: No such file")
    checks.run("a path of 5000 characters", ["/" + "a" * 5000], USAGE, "File name too long")
    secret = os.path.join(scratch, "secret.onnx")
    shutil.copy(model, secret)
    os.chmod(secret, 0)
    checks.run("a file that may not be read", [secret], USAGE, "Permission denied", preexec_fn=obey_permissions)
    closed = os.path.join(scratch, "closed")
    os.mkdir(closed, 0o500)
    checks.run("a folder that may not be written", [model, "-o", os.path.join(closed, "out.moe")], USAGE, "Permission denied", preexec_fn=obey_permissions)
    shutil.rmtree(scratch)
    return "\n".join(checks.problems)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) or 0)
