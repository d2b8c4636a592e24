"""moe-opt killed at any moment leaves no artifact, the old one, or a valid new one: kill.py BIN MODEL_FOLDER SCRATCH."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time

from harness import Failure, Model, check, run, succeed

KILLS = 24


def kill_one(command, delay):
    """Starts the compiler and kills it after a while; whether it was still running."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        return process.wait() == -signal.SIGKILL


def main(tools, folder, scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    model, artifact = Model(folder), os.path.join(scratch, "model.moe")
    command = [os.path.join(tools, "moe-opt"), model.path, "-o", artifact]
    succeed(*command)  # the first run reads its files from disk
    start = time.monotonic()
    succeed(*command)
    whole = time.monotonic() - start
    generator = random.Random(7)
    killed = 0
    for attempt in range(KILLS):
        if attempt % 2:
            shutil.rmtree(artifact, ignore_errors=True)
        existed = os.path.exists(artifact)
        killed += kill_one(command, whole * (attempt + generator.random()) / KILLS)
        check(os.path.exists(artifact) or not existed, f"attempt {attempt}: the old artifact is gone")
        if os.path.exists(artifact):
            done = run(os.path.join(tools, "moe-run"), artifact, "--input-dir", os.path.join(folder, "inputs"), "--expect-dir",
                       os.path.join(folder, "outputs"), "--verify=full", *model.tolerance)
            check(done.returncode == 0, f"attempt {attempt}: a broken artifact: {done.stderr}")
    # Another load on the machine makes compilations longer or shorter than the measured one.
    check(killed >= KILLS // 4, f"only {killed} of {KILLS} compilations were killed before their end")
    succeed(*command)
    check(os.listdir(scratch) == ["model.moe"], f"left behind after a full compilation: {os.listdir(scratch)}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Failure as failure:
        sys.exit(str(failure))
