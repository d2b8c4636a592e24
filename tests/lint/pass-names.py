"""A pass is one definition, one file, one flag and one test, all of the same name; declared in Passes.td, or what it includes, alone."""

import os
import re

from tree import ROOT, files, finish, read


def kebab(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()


def blocks(text):
    """(name, flag, body) of each pass."""
    starts = list(re.finditer(r'^def (\w+) *: *\w*Pass<"([^"]+)"', text, re.M))
    for i, match in enumerate(starts):
        yield match[1], match[2], text[match.start():starts[i + 1].start() if i + 1 < len(starts) else len(text)]


def problems(path):
    folder = os.path.dirname(path)
    for name, flag, body in blocks(read(path)):
        stem = name.removesuffix("Pass")
        for wanted in (f"{folder}/{stem}.cpp", f"tests/{folder}/{kebab(stem)}.mlir"):
            if not os.path.exists(os.path.join(ROOT, wanted)):
                yield f"{path}: pass {name} has no {wanted}"
            elif wanted.endswith(".mlir") and f"--{flag}" not in read(wanted):
                yield f"{wanted}: does not run --{flag}"
        if flag != "moe-" + kebab(stem):
            yield f"{path}: the flag of {name} must be moe-{kebab(stem)}, not {flag}"
        if "let summary" not in body or "```mlir" not in body:
            yield f"{path}: pass {name} needs a summary, and a description with IR before and after in ```mlir fences"
        for forbidden in ("let constructor", "let statistics"):
            if forbidden in body:
                yield f"{path}: pass {name} must not use '{forbidden}'"


if __name__ == "__main__":
    finish([problem for path in files("compiler/*Passes.td") for problem in problems(path)])
