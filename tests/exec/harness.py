"""What the execution tests share: running the tools, and reading models and reports."""

import json
import os
import subprocess

LIMIT_SECONDS = 120


class Failure(Exception):
    """A check that did not hold; its text is the test's output."""


def check(condition, message):
    if not condition:
        raise Failure(message)


def run(*command, limit=LIMIT_SECONDS, **options):
    """Runs a tool to its end; a hang is a failure."""
    try:
        return subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                              timeout=limit, check=False, **options)
    except subprocess.TimeoutExpired as expired:
        raise Failure(f"{' '.join(map(str, command))}: still running after {limit} s") from expired


def succeed(*command, codes=(0,), **options):
    done = run(*command, **options)
    check(done.returncode in codes, f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def read_meta(folder):
    with open(os.path.join(folder, "meta.json"), encoding="utf-8") as file:
        return json.load(file)


class Model:
    """A folder of tests/models with stored inputs and outputs."""

    def __init__(self, folder):
        self.folder = folder = os.path.abspath(folder)
        self.path = os.path.join(folder, "model.onnx")
        self.meta = read_meta(folder)
        self.sets = sorted(name.removeprefix("inputs") for name in os.listdir(folder) if name.startswith("inputs"))
        tolerance = self.meta["tolerance"]
        self.tolerance = ["--rtol", tolerance["rtol"], "--atol", tolerance["atol"]]

    def experts(self):
        """The number of experts of each MoE layer, in order."""
        experts = self.meta["experts"]
        if isinstance(experts, int):
            experts = [experts] * self.meta["layers"]
        return [count for count in experts if count]

    def cases(self, path):
        """Writes the file for --cases."""
        with open(path, "w", encoding="utf-8") as file:
            for suffix in self.sets:
                file.write(f"set{suffix or '_1'} {self.folder}/inputs{suffix} {self.folder}/outputs{suffix}\n")
        return path
