"""Sums the reports of a test run: count.py RESULTS_FOLDER [STATUS…]. Prints the closing line; fails when a test failed or none ran."""

import glob
import json
import os
import sys
import xml.etree.ElementTree


def gtest(path):
    """(passed, failed, skipped) of a GoogleTest JSON report."""
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    cases = [case for suite in report["testsuites"] for case in suite["testsuite"]]
    skipped = sum(case["result"] == "SKIPPED" or case["status"] == "NOTRUN" for case in cases)
    failed = report["failures"] + report["errors"]
    return report["tests"] - failed - skipped, failed, skipped


def lit(path):
    """(passed, failed, skipped) of lit's xunit report."""
    suites = xml.etree.ElementTree.parse(path).getroot().iter("testsuite")
    tests, failed, skipped = (sum(column) for column in zip(
        *((int(s.get("tests")), int(s.get("failures")), int(s.get("skipped", 0))) for s in suites)))
    return tests - failed - skipped, failed, skipped


if __name__ == "__main__":
    # The statuses of the runs follow the folder: a run that died before its report must not look like one that passed.
    broken = sum(status != "0" for status in sys.argv[2:])
    reports = [gtest(path) for path in glob.glob(os.path.join(sys.argv[1], "*.json"))]
    reports += [lit(path) for path in glob.glob(os.path.join(sys.argv[1], "*.xml"))]
    passed, failed, skipped = (sum(column) for column in zip(*reports)) if reports else (0, 0, 0)
    failed = max(failed, broken)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(failed > 0 or passed == 0)
