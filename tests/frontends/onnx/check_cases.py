"""Broken models, many in a file: each is refused with its exit code and one line that matches: check_cases.py MOE_OPT PROTOC PROTO FILE.

A case starts with `#--- name` and `# EXPECT code regular-expression`, then has the model as protobuf text. Lines before the first
case belong to every model, but for those that say `# ALONE`.
"""

import os
import re
import subprocess
import sys
import tempfile


def cases(text):
    prelude, *parts = re.split(r"^#--- ", text, flags=re.M)
    for part in parts:
        name, body = part.split("\n", 1)
        code, pattern = re.search(r"^# EXPECT (\d+) (.*)$", body, re.M).groups()
        yield name, int(code), pattern, body if "# ALONE" in body else prelude + body


def run(moe_opt, encode, folder, name, text):
    model = subprocess.run(encode, input=text.encode(), capture_output=True, check=True).stdout
    path = os.path.join(folder, name + ".onnx")
    with open(path, "wb") as file:
        file.write(model)
    return subprocess.run([moe_opt, path, "-o", os.path.join(folder, "out")], capture_output=True, text=True, timeout=60)


def problems(moe_opt, protoc, proto, path):
    encode = [protoc, "--encode=onnx.ModelProto", "-I" + os.path.dirname(proto), proto]
    with open(path) as file, tempfile.TemporaryDirectory() as folder:
        for name, code, pattern, text in cases(file.read()):
            done = run(moe_opt, encode, folder, name, text)
            lines = done.stderr.splitlines()
            if done.returncode != code:
                yield f"{name}: exit {done.returncode}, not {code}: {done.stderr}"
            elif len(lines) != 1 or not re.search(pattern, lines[0]):
                yield f"{name}: the message is not one line that matches '{pattern}': {done.stderr}"
            elif os.path.exists(os.path.join(folder, "out")):
                yield f"{name}: something was left behind"


if __name__ == "__main__":
    found = list(problems(*sys.argv[1:]))
    sys.exit("\n".join(found) if found else 0)
