"""Runs the shell blocks of a page, marked ```sh run, and compares the ```output block behind each: guides.py BIN PAGE…

All blocks of a page run in one shell, at the root of the repository, with the tools on the PATH. A line of an output block
must occur among the lines that the block before it printed, in order; … stands for anything."""

import os
import re
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
LIMIT_SECONDS = 300
BORDER = "=== next block ==="


def blocks(text):
    """(line, script, expected lines) of each block that runs."""
    for match in re.finditer(r"^```sh run\n(.*?)^```$(?:\s*^```output\n(.*?)^```$)?", text, re.M | re.S):
        yield text.count("\n", 0, match.start()) + 1, match[1], (match[2] or "").splitlines()


def missing(wanted, got):
    """The first expected line that does not occur in order, or None."""
    rest = iter(got)
    for line in wanted:
        pattern = re.compile(".*".join(re.escape(part.strip()) for part in line.strip().split("…")))
        if not any(pattern.fullmatch(printed.strip()) for printed in rest):
            return line
    return None


def problems(page, tools):
    with open(os.path.join(ROOT, page), encoding="utf-8") as file:
        found = list(blocks(file.read()))
    script = "set -e\n" + "".join(f"{body}echo '{BORDER}'\n" for _, body, _ in found)
    path = tools + os.pathsep + os.environ["PATH"]
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, env={**os.environ, "PATH": path}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=LIMIT_SECONDS, check=False)
    printed = done.stdout.split(BORDER + "\n")
    for (line, _, wanted), got in zip(found, printed):
        absent = missing(wanted, got.splitlines())
        if absent is not None:
            yield f"{page}:{line}: does not print '{absent}', but:\n{got}"
    if done.returncode:
        yield f"{page}:{found[min(len(printed), len(found)) - 1][0]}: exit {done.returncode}:\n{printed[-1]}"


if __name__ == "__main__":
    wrong = [problem for page in sys.argv[2:] for problem in problems(page, sys.argv[1])]
    print("\n".join(wrong))
    sys.exit(bool(wrong))
