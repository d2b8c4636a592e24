"""Imports and raises graphs of N, 2N and 4N nodes and reports time and memory, with their ratios: both must be linear in the nodes.

    unrolled_models.py MOE_OPT [--nodes 67500] [--limit-seconds 30] [--limit-gb 4] [--limit-ratio 3] [--forms capacity dense gathered]

`seconds` are of the processor, which does not depend on what else the machine does; `wall` is what a user waits. The limits hold for the
largest graph, and for the growth of the seconds from one size to the next: 2 where linear.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time


def raise_model(moe_opt, model, *options):
    """Processor seconds, wall seconds, peak resident bytes."""
    begin = time.monotonic()
    child = subprocess.Popen([moe_opt, str(model), "--stop-after=raise", *options], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status):
        sys.exit(f"{model}: exit {os.waitstatus_to_exitcode(status)}: {errors[-2000:]}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - begin, usage.ru_maxrss * 1024


def measure(args, form):
    """Whether all limits hold."""
    good, before = True, None
    for factor in (1, 2, 4):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            subprocess.run([sys.executable, str(pathlib.Path(__file__).with_name("make_unrolled_moe.py")), str(folder), "--form", form, "--nodes", str(args.nodes * factor)],
                           check=True, stdout=subprocess.DEVNULL)
            model = folder / "model.onnx"
            seconds, wall, peak = raise_model(args.moe_opt, model, "--emit=none")
            printed = raise_model(args.moe_opt, model, "-o", "/dev/null")[0]
        ratio = seconds / before if before else 1.0
        holds = ratio <= args.limit_ratio and (factor < 4 or (seconds <= args.limit_seconds and peak <= args.limit_gb * 1e9))
        growth = f", {ratio:.2f} times the size before" if before else ""
        print(f"{form:9} {args.nodes * factor:7} nodes: {seconds:6.2f} s ({wall:.1f} wall; {printed:.2f} with printing), peak {peak / 1e9:.2f} GB{growth}: "
              f"{'ok' if holds else 'FAILED'}", flush=True)
        good &= holds
        before = seconds
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("moe_opt")
    parser.add_argument("--nodes", type=int, default=67_500)
    parser.add_argument("--limit-seconds", type=float, default=30.0)
    parser.add_argument("--limit-gb", type=float, default=4.0)
    parser.add_argument("--limit-ratio", type=float, default=3.0)
    parser.add_argument("--forms", nargs="+", default=["capacity", "gathered", "dense"])
    args = parser.parse_args()
    return 0 if all([measure(args, form) for form in args.forms]) else 1


if __name__ == "__main__":
    sys.exit(main())
