"""No paths of one machine, no open ends, no tabs or blanks at line ends in the files of the repository."""

import re

from tree import files, finish, read

BINARY = (".onnx", ".npy", ".bin", ".data", ".png")
HERE = "tests/lint/plain-text.py"
RULES = {
    r"(?<![\w.\"'$}])/(work|root|tmp|home/\w+)/": "a path of one machine",
    r"\b(TODO|FIXME|XXX)\b": "an open end; do it, or write it in docs/roadmap.md",
    r"[ \t]+$": "blanks at the end of the line",
    r"\t": "a tab",
}


def problems(path):
    for number, line in enumerate(read(path).splitlines(), 1):
        for rule, name in RULES.items():
            if re.search(rule, line) and not (rule.startswith(r"[ \t]") and path.endswith(".md")):
                yield f"{path}:{number}: {name}"


if __name__ == "__main__":
    texts = [path for path in files(":!tests/models/*/meta.json") if not path.endswith(BINARY) and path not in (HERE, "LICENSE")]
    finish([problem for path in texts for problem in problems(path)])
