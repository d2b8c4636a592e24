"""Sizes: files of at most 500 lines, .td files of at most 600."""

from tree import files, finish, read

LIMITS = {"*.td": 600, "*.h": 500, "*.cpp": 500, "*.cc": 500, "*.cu": 500, "*.inc": 500, "*.py": 500, "*.sh": 500, "*.cmake": 500}
# Longer files, each with its reason.
EXEMPT = {"frontends/onnx/Operators.inc"}  # a table of all operators, written by a tool


if __name__ == "__main__":
    sizes = {path: (len(read(path).splitlines()), limit) for pattern, limit in LIMITS.items() for path in files(pattern)}
    finish([f"{path}: {lines} lines, more than {limit}" for path, (lines, limit) in sizes.items() if lines > limit and path not in EXEMPT] +
           [f"{path}: needs no exemption any more" for path in EXEMPT if path not in sizes or sizes[path][0] <= sizes[path][1]])
