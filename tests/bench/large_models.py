"""Compiles models of 1.9 GB (inline weights) and 4 GB (external weights) and reports the compiler's peak memory.

    large_models.py MOE_OPT [--scale 1.0] [--limit-gb 1.0]

Prints one line a model and fails when the peak resident set of moe-opt exceeds the limit. `--scale` shrinks the models
for a quick run.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time


def compile_model(moe_opt, model, artifact):
    """Seconds, peak resident set in bytes and exit status of one compilation."""
    begin = time.monotonic()
    child = subprocess.Popen([moe_opt, str(model), "-o", str(artifact)])
    _, status, usage = os.wait4(child.pid, 0)
    return time.monotonic() - begin, usage.ru_maxrss * 1024, os.waitstatus_to_exitcode(status)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("moe_opt")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--limit-gb", type=float, default=1.0)
    args = parser.parse_args()
    generator = pathlib.Path(__file__).with_name("make_fused_moe.py")
    failures = 0
    for gigabytes, flags in ((1.9, []), (4.0, ["--external"])):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            subprocess.run([sys.executable, str(generator), str(folder), "--gigabytes", str(gigabytes * args.scale), *flags], check=True)
            seconds, peak, code = compile_model(args.moe_opt, folder / "model.onnx", folder / "model.moe")
            good = code == 0 and peak < args.limit_gb * 1e9
            failures += not good
            kind = "external" if flags else "inline"
            print(f"{gigabytes * args.scale:.2f} GB {kind}: exit {code}, peak {peak / 1e9:.3f} GB, {seconds:.1f} s, {'ok' if good else 'FAILED'}")
    return failures


if __name__ == "__main__":
    sys.exit(main())
