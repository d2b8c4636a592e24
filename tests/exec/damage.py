"""A flipped or missing byte anywhere in an artifact is found when it is loaded: damage.py BIN MODEL_FOLDER SCRATCH."""

import os
import random
import shutil
import sys

from harness import Failure, Model, check, run, succeed

PLACES = 6
CORRUPT = 3


def files_of(artifact):
    paths = (os.path.join(folder, name) for folder, _, names in os.walk(artifact) for name in names)
    return sorted(path for path in paths if os.path.getsize(path) > 0)


def damages(path, generator):
    """(description, content) of damaged versions of a file: flips at both ends and between, and cuts."""
    with open(path, "rb") as file:
        data = file.read()
    places = {0, len(data) - 1, *(generator.randrange(len(data)) for _ in range(PLACES))}
    for place in sorted(places):
        flipped = bytearray(data)
        flipped[place] ^= 1 << generator.randrange(8)
        yield f"bit of byte {place} flipped", bytes(flipped)
    for size in {0, len(data) // 2, len(data) - 1}:
        yield f"cut to {size} bytes", data[:size]
    yield "one byte longer", data + b"\n"


def main(tools, folder, scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    artifact, model = os.path.join(scratch, "model.moe"), Model(folder)
    succeed(os.path.join(tools, "moe-opt"), model.path, "-o", artifact)
    command = [os.path.join(tools, "moe-run"), artifact, "--verify=full", "--input-dir", os.path.join(folder, "inputs")]
    succeed(*command)
    generator = random.Random(11)
    for path in files_of(artifact):
        with open(path, "rb") as file:
            whole = file.read()
        for what, content in damages(path, generator):
            with open(path, "wb") as file:
                file.write(content)
            done = run(*command)
            check(done.returncode == CORRUPT, f"{os.path.relpath(path, artifact)}: {what}: exit {done.returncode}, not {CORRUPT}\n{done.stderr}")
            check(".moe" in done.stderr, f"{what}: the message names no file: {done.stderr}")
        os.remove(path)
        check(run(*command).returncode == CORRUPT, f"{os.path.relpath(path, artifact)}: removed, and not noticed")
        with open(path, "wb") as file:
            file.write(whole)
    succeed(*command)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Failure as failure:
        sys.exit(str(failure))
