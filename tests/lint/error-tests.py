"""Every message of an emitOpError stands in a test that expects it: each literal of the message, at its longest."""

import re

from tree import files, finish, read

LITERAL = r'"((?:[^"\\]|\\.)*)"'


def messages(text):
    """(line, longest literal) of each emitOpError whose message starts with a literal."""
    for match in re.finditer(r"emitOpError\s*\((?:[^;]|;(?=[^\n]*\"))*?;", text):
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
    finish([f'{path}:{line}: no test expects "{text}"'
            for path in files("dialects/*.cpp", "compiler/*.cpp", "frontends/*.cpp")
            for line, text in messages(read(path)) if text not in tests])
