"""One broken model: refused with the exit code of its class and one clear line, or run: bad.py BIN MODELS NAME SCRATCH."""

import os
import re
import shutil
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from harness import Failure, Model, check, read_meta, run, succeed  # noqa: E402

LIMIT_SECONDS = 10
INVALID, UNSUPPORTED = 3, 4
# What is right in itself and does not exist here; everything else is invalid. A file that a newer ONNX wrote (IR version, opset) cannot be read,
# nor one nested deeper than the format's parsers go, and a file without some of its experts is not the model that was exported: all are invalid.
UNSUPPORTED_MODELS = {"unknown_domain", "unknown_op_known_domain", "unknown_activation"}
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


def refused(done, name, meta):
    code = UNSUPPORTED if name in UNSUPPORTED_MODELS else INVALID
    check(done.returncode == code, f"exit {done.returncode}, not {code}: {done.stderr}")
    errors = [line for line in done.stderr.splitlines() if not line.startswith("  ")]
    # Unsupported nodes are listed all at once; everything else is one line.
    check(len(errors) == 1 or (errors and code == UNSUPPORTED), f"{len(errors)} lines, not one:\n{done.stderr}")
    check(all("model.onnx" in line for line in errors), f"a message names no file:\n{done.stderr}")
    check(re.search(meta["expect"], done.stderr, re.I), f"the message does not match {meta['expect']}:\n{done.stderr}")
    check(not CONTROL.search(done.stderr), f"control characters in the message: {done.stderr!r}")


def bad(tools, folder, name, scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    artifact = os.path.join(scratch, "model.moe")
    start = time.monotonic()
    done = run(os.path.join(tools, "moe-opt"), os.path.join(folder, "model.onnx"), "-o", artifact, limit=LIMIT_SECONDS)
    meta = read_meta(folder)
    if done.returncode == 0:
        check(meta["kind"] != "reject", "accepted, but must be refused")
        check(os.path.exists(os.path.join(artifact, "manifest.json.b3")), "no artifact was written")
        if os.path.isdir(os.path.join(folder, "inputs")):
            model = Model(folder)
            succeed(os.path.join(tools, "moe-run"), artifact, "--input-dir", os.path.join(folder, "inputs"), "--expect-dir",
                    os.path.join(folder, "outputs"), *model.tolerance)
        return
    refused(done, name, meta)
    check(os.listdir(scratch) == [], f"left behind: {os.listdir(scratch)}")
    check(time.monotonic() - start < LIMIT_SECONDS, "took too long")


if __name__ == "__main__":
    try:
        bad(sys.argv[1], os.path.join(sys.argv[2], sys.argv[3]), sys.argv[3], sys.argv[4])
    except Failure as failure:
        sys.exit(str(failure))
