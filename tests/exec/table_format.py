"""A lit format for tests that are rows of a table: one test a name, each run by one command."""

import os
import subprocess

import lit.Test
import lit.formats


class TableFormat(lit.formats.TestFormat):
    """`command` gets the name of the row and a scratch folder appended."""

    def __init__(self, names, command):
        self.names = names
        self.command = command

    def getTestsInDirectory(self, testSuite, path_in_suite, litConfig, localConfig):
        for name in self.names:
            yield lit.Test.Test(testSuite, path_in_suite + (name,), localConfig)

    def execute(self, test, litConfig):
        for feature in ("python-wheels", "moe-run"):
            if feature not in test.config.available_features:
                return lit.Test.Result(lit.Test.UNSUPPORTED, "needs " + feature)
        scratch = test.getExecPath()
        os.makedirs(scratch, exist_ok=True)
        done = subprocess.run([*self.command, test.path_in_suite[-1], scratch], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
        return lit.Test.Result(lit.Test.FAIL if done.returncode else lit.Test.PASS, done.stdout)
