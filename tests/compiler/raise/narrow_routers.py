"""The layers of tests/exec/variants in f16: each is raised with a gate over what the model computes, or a remark says why not: narrow_routers.py BIN SCRATCH."""

import os
import re
import subprocess
import sys

import onnx

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "exec", "variants"))
from capacity import CapacityLayers  # noqa: E402
from gathered import GatheredLayers  # noqa: E402
from narrow import Narrow  # noqa: E402

ROUNDED = "#moe.gating<score = identity, renormalize = true>"
CASES = {
    "softmax": (GatheredLayers, {}, ROUNDED),
    "softmax_of_selected": (GatheredLayers, {"router": "select"}, "#moe.gating<order = select_then_score>"),
    "biased_sigmoid": (GatheredLayers, {"router": "sigmoid"}, "it selects by sums that are rounded to f16"),
    "groups": (GatheredLayers, {"router": "sigmoid", "groups": 4, "kept": 2}, "it selects by sums that are rounded to f16"),
    "mixer": (GatheredLayers, {"router": "mixer"}, "its choices follow distances that are rounded to f16"),
    "capacity": (CapacityLayers, {}, "its capacity follows scores that are rounded to f16"),
    "capacity_top2": (CapacityLayers, {"slots": 2}, "its capacity follows scores that are rounded to f16"),
}


def main(tools, scratch):
    os.makedirs(scratch)
    for name, (builder, options, expected) in CASES.items():
        path = os.path.join(scratch, name + ".onnx")
        onnx.save(Narrow(seed=1, builder=builder, kind="f16", **options).build(), path)
        done = subprocess.run([os.path.join(tools, "moe-opt"), path, "--stop-after=raise", "-o", "-"], capture_output=True, text=True, timeout=60)
        gates = re.findall(r"moe\.gate .*", done.stdout)
        found = gates if expected.startswith("#") else re.findall(r"remark: .*", done.stderr)
        if not any(expected in line for line in found) or bool(gates) != expected.startswith("#"):
            sys.exit(f"{name}: expected {expected}\n{found}\n{done.stderr}")


if __name__ == "__main__":
    main(*sys.argv[1:])
