"""The files of the repository, for the lints: tracked ones, and new ones that git does not ignore."""

import os
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def files(*patterns):
    """Paths from the root, in order, of files that match a git pathspec pattern ('*.cpp', 'tests/*.mlir')."""
    command = ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    return sorted({path for path in listed if path and os.path.isfile(os.path.join(ROOT, path))})


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def finish(problems):
    """Prints what is wrong, one line each, and ends the lint."""
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)
