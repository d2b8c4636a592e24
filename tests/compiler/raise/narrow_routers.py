"""The layers of tests/exec/variants in f16: their gates, and the remarks on what is not read: narrow_routers.py BIN SCRATCH."""

import os
import re
import subprocess
import sys

import onnx
from onnx import TensorProto, helper

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "exec", "variants"))
from capacity import CapacityLayers  # noqa: E402
from gathered import GatheredLayers  # noqa: E402
from narrow import Narrow  # noqa: E402
from widened import Widened  # noqa: E402



class OtherType(Widened):
    """What is added up has been rounded to bf16."""

    def narrowed(self, model, floats):
        model = super().narrowed(model, floats)
        for node in list(model.graph.node):
            if node.op_type == "ReduceSum":
                nodes = [helper.make_node("Cast", [node.input[0]], [node.output[0] + ".rounded"], to=TensorProto.BFLOAT16),
                         helper.make_node("Cast", [node.output[0] + ".rounded"], [node.output[0] + ".again"], to=TensorProto.FLOAT)]
                node.input[0] = node.output[0] + ".again"
                place = list(model.graph.node).index(node)
                for new in reversed(nodes):
                    model.graph.node.insert(place, new)
        return model


ROUNDED = "#moe.gating<score = identity, renormalize = true>"
PLAIN = "#moe.gating<score = identity>"
CASES = {  # builder, options, gate, remark
    "softmax": (GatheredLayers, {}, ROUNDED, None),
    # The sum of the weights is between casts.
    "softmax_widened": (GatheredLayers, {"source": Widened}, ROUNDED, None),
    "softmax_of_other_type": (GatheredLayers, {"source": OtherType}, PLAIN, "it is not the sum of the weights that are divided"),
    "softmax_of_selected": (GatheredLayers, {"router": "select"}, "#moe.gating<order = select_then_score>", None),
    "biased_sigmoid": (GatheredLayers, {"router": "sigmoid"}, PLAIN, "it selects by sums that are rounded to f16"),
    "groups": (GatheredLayers, {"router": "sigmoid", "groups": 4, "kept": 2}, PLAIN, "it selects by sums that are rounded to f16"),
    "mixer": (GatheredLayers, {"router": "mixer"}, None, "its choices follow distances that are rounded to f16"),
    "capacity": (CapacityLayers, {}, None, "its capacity follows scores that are rounded to f16"),
    "capacity_top2": (CapacityLayers, {"slots": 2}, None, "its capacity follows scores that are rounded to f16"),
}


def main(tools, scratch):
    os.makedirs(scratch)
    for name, (builder, options, gate, remark) in CASES.items():
        path = os.path.join(scratch, name + ".onnx")
        source = options.pop("source", Narrow)
        onnx.save(source(seed=1, builder=builder, kind="f16", **options).build(), path)
        done = subprocess.run([os.path.join(tools, "moe-opt"), path, "--moe-infer-shapes", "--moe-raise-fused", "--moe-raise-capacity", "--moe-raise-gathered"], capture_output=True, text=True, timeout=60)
        for expected, found in ((gate, re.findall(r"moe\.gate .*", done.stdout)), (remark, re.findall(r"remark: .*", done.stderr))):
            if not any(expected in line for line in found) if expected else found:
                sys.exit(f"{name}: expected {expected}\n{found}\n{done.stderr}")


if __name__ == "__main__":
    main(*sys.argv[1:])
