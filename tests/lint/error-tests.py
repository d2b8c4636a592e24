"""Every message of a verifier, and every reason for which the raise phase refuses a node, stands in a test that expects it: each literal of the message,
at its longest."""

import re

from tree import files, finish, read

LITERAL = r'"((?:[^"\\]|\\.)*)"'
VERIFIERS = ("emitOpError", ["dialects/*.cpp", "compiler/*.cpp", "frontends/*.cpp"])
REFUSALS = ("(?:invalid|unsupported|emitError|emitUnsupported)", ["compiler/analysis/*.cpp", "compiler/raise/*.cpp"])
# Reasons for what the shape analysis has refused before, each under another message, or what no file that imports holds.
UNREACHED = {
    "the axis is outside the rank", "the bounds are not known before data is", "the repeats are not known before data is",
    "the axes are not known before data is", "it has too many elements", "no conversion to the element type asked for",
    "expects integers that are known before data is", "the shape has too many dimensions", "its element type is not supported",
    "a size of its result is not known before data is, or too large an expression:", "the sum of its pieces is too large an expression:",
    "is too large an expression", "its window is not known", "it has no results", "it has an axis of a scalar:",
}


def messages(call, text):
    """(line, longest literal) of each call whose message has a literal."""
    for match in re.finditer(rf"\b{call}\s*\((?:[^;\"]|{LITERAL.replace('(', '(?:', 1)})*?;", text):
        literals = [piece.replace('\\"', '"').replace("\\n", "\n").strip() for piece in re.findall(LITERAL, match[0])]
        pieces = [piece for literal in literals for piece in re.split(r"%\w+|\{\d*\}", literal)]
        longest = max(pieces, key=len, default="")
        if len(longest) >= 8:
            yield text.count("\n", 0, match.start()) + 1, longest


def expected():
    """All expectations of the tests: texts of expected-error and of CHECK lines."""
    lines = (line for path in files("tests/*.mlir", "tests/*.test") for line in read(path).splitlines())
    return "\n".join(re.sub(r"\\(.)", r"\1", line) for line in lines if "expected-error" in line or "CHECK" in line or "ERR" in line)


if __name__ == "__main__":
    tests = expected()
    found = [(path, line, text) for call, patterns in (VERIFIERS, REFUSALS) for path in files(*patterns) for line, text in messages(call, read(path))]
    reasons = {text for _, _, text in found}
    finish([f'{path}:{line}: no test expects "{text}"' for path, line, text in found if text not in tests and text not in UNREACHED] +
           [f'"{text}" needs no exemption any more' for text in UNREACHED if text not in reasons])
