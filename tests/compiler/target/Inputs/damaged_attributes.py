"""Compiles a program with one attribute changed at a time, and prints how each ends: damaged_attributes.py MOE-OPT PROGRAM SCRATCH."""

import re
import subprocess
import sys

# Name, pattern of what is replaced once, replacement.
CHANGES = [
    ("kernel", r'(rt\.sites = \[\{.*?)kernel = "\w+", ', r"\1"),
    ("layer", r"(rt\.sites = \[\{.*?)layer = -?\d+ : i64", r'\1layer = "0"'),
    ("integers", r"(rt\.sites = \[\{.*?)integers = \{[^}]*\}", r"\1integers = [3]"),
    ("integer", r"(rt\.sites = \[\{.*?)integers = \{[^}]*\}", r"\1integers = {n = 8 : i32}"),
    ("float", r"(rt\.sites = \[.*?)scale = [-+.\de]+ : f64", r"\1scale = 1.0 : f32"),
    ("buffers", r"buffers = array<i64: [\d, ]+>", "buffers = [0, 1]"),
    ("other buffers", r"buffers = array<i64: (\d+), (\d+)>", r"buffers = array<i64: \2, \1>"),
    # What the lists say stays right for the schedule verifier: the rows that return are other ones than it is told.
    ("other program", r'(?s)(exchange_rows" [^\n]* outs\((%\d+) .*?return_rows" ins\()%\d+', r"\1\2"),
    ("entry", r"rt\.slots = \[\{[^}]*\}", "rt.slots = [4 : i64"),
    ("list", r"rt\.layers = \[\{.*?\}\]", "rt.layers = {}"),
    ("no sites", r"rt\.sites = ", "rt.other = "),
    ("dims", r"rt\.dims = \[", "rt.dims = [3, "),
    ("limit", r"rt\.limits = \{(\w+) = \d+", r"rt.limits = {\1 = 4.0 : f32, z = 1"),
    ("positions", r"rt\.limits = ", "rt.positions = 4 : i32, rt.limits = "),
    ("negative positions", r"rt\.limits = ", "rt.positions = -4 : i64, rt.limits = "),
    ("limits", r"rt\.limits = \{[^}]*\}", "rt.limits = []"),
    ("equality", r"rt\.dims = ", 'rt.equalities = [{left = "n *", node = "x", right = "n"}], rt.dims = '),
    ("side", r"rt\.dims = ", 'rt.equalities = [{left = 3, node = "x", right = "n"}], rt.dims = '),
    ("stranger", r"rt\.dims = ", 'rt.equalities = [{left = "2", node = "x", right = "stranger"}], rt.dims = '),
    ("shape", r"(rt\.inputs = \[\{.*?)shape = \[", r"\1shape = [1.0, "),
    ("type", r"(rt\.inputs = \[\{.*?)type = \w+", r"\1type = 3"),
    ("size", r'(rt\.slots = \[\{.*?)size = "[^"]*"', r'\1size = "n *"'),
    ("weights", r"(rt\.layers = \[.*?)weights = \[", r'\1weights = ["w", '),
    ("experts", r"(rt\.layers = \[.*?)experts = \d+", r"\1experts = 9223372036854775807"),
    ("slot", r"= rt\.slot 0\b", "= rt.slot 4096"),
]

if __name__ == "__main__":
    compiler, program, scratch = sys.argv[1:]
    with open(program, encoding="utf-8") as file:
        text = file.read()
    for name, pattern, replacement in CHANGES:
        damaged, count = re.subn(pattern, replacement, text, count=1)
        with open(scratch, "w", encoding="utf-8") as file:
            file.write(damaged)
        done = subprocess.run([compiler, scratch, "-o", scratch + ".moe", "--report=none"], capture_output=True, text=True, check=False)
        line = (done.stderr.splitlines() or [""])[0].replace(scratch, "damaged.mlir")
        print(f"{name}: exit {done.returncode if count else 'none, nothing to change'}: {line}")
