"""moe-opt ended on its way: interruption.py MOE_OPT MODEL SCRATCH. Nothing unfinished stays, and the target is whole or not there."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def start(arguments, ignored=()):
    def prepare():
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN if each in ignored else signal.SIG_DFL)
    # As long as its rotary cache, a sequence is worth no remark.
    return subprocess.Popen([moe_opt, "--max-seq=32", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=prepare, cwd=scratch,
                            env={**os.environ, "TMPDIR": os.path.join(scratch, "tmp")})


def leftovers():
    return [name for folder in (scratch, os.path.join(scratch, "tmp")) for name in os.listdir(folder) if name not in ("tmp", "x.moe", "x.mlir")]


def duration():
    begin = time.monotonic()
    start([model, "-o", "x.moe", "--report=none"]).communicate(timeout=120)
    return time.monotonic() - begin


def interrupt(number, delay, arguments):
    process = start(arguments)
    time.sleep(delay)
    process.send_signal(number)
    stderr = process.communicate(timeout=120)[1]
    where = f"{number.name} after {delay:.3f} s"
    if process.returncode not in (0, -number):
        problems.append(f"{where}: exit {process.returncode}: {stderr}")
    # The first milliseconds, before main, have the signal's own effect.
    if process.returncode and stderr not in ("", f"moe-opt: ended by {number.name}; what it had begun to write is removed\n"):
        problems.append(f"{where}: {stderr}")
    if left := leftovers():
        problems.append(f"{where}: left behind {left}")
        for name in left:
            shutil.rmtree(os.path.join(scratch, name), ignore_errors=True)
    return process.returncode != 0 and stderr != ""


def few_descriptors():
    """A process without descriptors removes what it began, too; for any number that it may have."""
    for count in range(4, 9):
        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))
        subprocess.run([moe_opt, model, "-o", "few.moe", "--report=none"], preexec_fn=limit, cwd=scratch, capture_output=True, timeout=120)
        if left := [name for name in leftovers() if name.startswith(".")]:
            problems.append(f"{count} descriptors: left behind {left}")
    shutil.rmtree(os.path.join(scratch, "few.moe"), ignore_errors=True)


if __name__ == "__main__":
    moe_opt, model, scratch = sys.argv[1:]
    problems = []
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(os.path.join(scratch, "tmp"))
    whole = duration()
    ended = 0
    for step in range(8):
        for number in SIGNALS:
            ended += interrupt(number, whole * (step + 0.5) / 8, [model, "-o", "x.moe", "--report=none"])
    if ended < 3:
        problems.append(f"only {ended} of the processes were interrupted on their way")
    ignoring = start([model, "-o", "x.moe", "--report=none"], ignored=(signal.SIGHUP,))
    time.sleep(whole / 2)
    ignoring.send_signal(signal.SIGHUP)
    if stderr := ignoring.communicate(timeout=120)[1] or ignoring.returncode:
        problems.append(f"SIGHUP that is ignored, as under nohup: exit {ignoring.returncode}: {stderr}")
    few_descriptors()
    sys.exit("\n".join(problems) or 0)
