"""Files that are damaged, or no models at all, are refused with one line, or import; nothing crashes: damage.py MOE_OPT MODEL SCRATCH."""

import os
import random
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

LIMIT_SECONDS = 10
ACCEPTED, INVALID, UNSUPPORTED = 0, 3, 4
# Flips of one bit in the description of the graph; the bytes of large tensors cannot matter.
FLIPS = 60


def nested(levels):
    """A model of `levels` If nodes, each in the body of the one around it, on the level of the wire."""
    def field(number, data):
        length, varint = len(data), bytearray()
        while length >= 0x80:
            varint.append(length & 0x7F | 0x80)
            length >>= 7
        return bytes([number << 3 | 2]) + bytes(varint) + bytes([length]) + data

    graph = b""
    for _ in range(levels):
        graph = field(1, field(4, b"If") + field(5, field(1, b"then_branch") + field(6, graph)))
    return b"\x08\x0a" + field(8, b"\x10\x15") + field(7, graph)


def no_models():
    yield "empty", b"", "empty"
    yield "one-byte", b"\x08", "truncated"
    yield "lfs", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS pointer"
    yield "html", b"\n<!DOCTYPE html><html></html>", "HTML"
    yield "text", b"This is a text about something else.\n", "not an ONNX file"
    yield "zeros", bytes(4096), "not an ONNX file"
    yield "noise", random.Random(1).randbytes(4096), "not an ONNX file|truncated"
    yield "other-message", b"\x0a\x03abc\x12\x03def", "IR version"
    yield "deep", nested(400), "nested too deep"
    yield "almost-too-deep", nested(33), "nested too deep|then_branch|inputs"


def damaged(model):
    for part in range(32):
        yield f"truncated-{part}", model[:len(model) * part // 32], "."
    generator = random.Random(2)
    for number in range(FLIPS):
        data = bytearray(model)
        data[generator.randrange(len(data))] ^= 1 << generator.randrange(8)
        yield f"flipped-{number}", bytes(data), None


def problem(moe_opt, scratch, case):
    name, data, pattern = case
    path = os.path.join(scratch, name + ".onnx")
    with open(path, "wb") as file:
        file.write(data)
    try:
        done = subprocess.run([moe_opt, path, "-o", os.devnull], capture_output=True, timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        return f"{name}: takes more than {LIMIT_SECONDS} seconds"
    finally:
        os.unlink(path)
    errors = done.stderr.decode(errors="replace")
    if done.returncode == ACCEPTED and pattern is None:
        return None
    if done.returncode not in (INVALID, UNSUPPORTED):
        return f"{name}: exit {done.returncode}: {errors}"
    if len(errors.splitlines()) != 1 or not re.search(pattern or ".", errors):
        return f"{name}: the message is not one line that matches '{pattern}': {errors}"
    return None


if __name__ == "__main__":
    moe_opt, model_path, scratch = sys.argv[1:]
    os.makedirs(scratch, exist_ok=True)
    with open(model_path, "rb") as file:
        model = file.read()
    cases = [*no_models(), *damaged(model)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(filter(None, pool.map(lambda case: problem(moe_opt, scratch, case), cases)))
    sys.exit("\n".join(found) if found else 0)
