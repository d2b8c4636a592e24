"""Runs every GoogleTest binary that ctest knows: unit.py BUILD_FOLDER RESULTS_FOLDER. One JSON report a binary."""

import json
import os
import subprocess
import sys

LIMIT_SECONDS = 300


def binaries(tree):
    listing = subprocess.run(["ctest", "--test-dir", tree, "--show-only=json-v1"], check=True, capture_output=True, text=True)
    commands = [test["command"][0] for test in json.loads(listing.stdout)["tests"] if test.get("command")]
    return sorted({command for command in commands if os.path.basename(command) != "lit"})


def run(binary, results):
    """Runs one binary; a crash or a hang without a report becomes a report with one failure."""
    name = os.path.basename(binary)
    report = os.path.join(results, name + ".json")
    try:
        process = subprocess.run([binary, "--gtest_output=json:" + report, "--gtest_brief=1"], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT_SECONDS, check=False)
        code, output = process.returncode, process.stdout
    except subprocess.TimeoutExpired as expired:
        code, output = "timeout", expired.stdout or b""
    if code == 0:
        return True
    sys.stdout.buffer.write(output)
    print(f"{name}: exit {code}", flush=True)
    failed = os.path.exists(report) and json.load(open(report, encoding="utf-8"))["failures"]
    if not failed:
        with open(report, "w", encoding="utf-8") as out:
            json.dump({"tests": 1, "failures": 1, "errors": 0, "disabled": 0, "testsuites": []}, out)
    return False


if __name__ == "__main__":
    outcomes = [run(binary, sys.argv[2]) for binary in binaries(sys.argv[1])]
    sys.exit(not all(outcomes))
