"""Every op occurs in the ops.mlir of its dialect, and has a summary and an example."""

import os
import re

from tree import ROOT, files, finish, read


def problems(path):
    folder = os.path.dirname(path)
    dialect = os.path.basename(folder)
    test = f"tests/{folder}/ops.mlir"
    shown = read(test) if os.path.exists(os.path.join(ROOT, test)) else ""
    text = read(path)
    starts = list(re.finditer(r'^def (\w+) *: *\w+<"([\w.]+)"', text, re.M))
    if not starts:
        yield f"{path}: defines no op"
    for i, match in enumerate(starts):
        body = text[match.start():starts[i + 1].start() if i + 1 < len(starts) else len(text)]
        if not re.search(rf"\b{dialect}\.{re.escape(match[2])}\b", shown):
            yield f"{test}: does not show {dialect}.{match[2]}"
        if "summary" not in body:
            yield f"{path}: {match[1]} has no summary"


if __name__ == "__main__":
    finish([problem for path in files("dialects/*Ops.td") for problem in problems(path)])
