"""Compiling a model twice gives the same bytes, in another folder and with other threads: same_bytes.py BIN MODELS SCRATCH NAME…"""

import filecmp
import os
import shutil
import sys

from harness import Failure, check, succeed


def names_of(artifact):
    return sorted(os.path.relpath(os.path.join(folder, name), artifact) for folder, _, names in os.walk(artifact) for name in names)


def compile_there(tools, model, folder, *options):
    """Copies the model to a folder of its own and compiles it from there."""
    shutil.copytree(model, folder)
    succeed(os.path.join(tools, "moe-opt"), "model.onnx", "-o", "model.moe", *options, cwd=folder)
    return os.path.join(folder, "model.moe")


def main(tools, models, scratch, *names):
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    for name in names:
        model = os.path.join(models, name)
        first = compile_there(tools, model, os.path.join(scratch, name, "a"))
        second = compile_there(tools, model, os.path.join(scratch, name, "elsewhere", "b"), "--mlir-disable-threading")
        files = names_of(first)
        check(files and files == names_of(second), f"{name}: other files: {files}, {names_of(second)}")
        different = filecmp.cmpfiles(first, second, files, shallow=False)
        check(different[0] == files, f"{name}: other bytes in {different[1] + different[2]}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Failure as failure:
        sys.exit(str(failure))
