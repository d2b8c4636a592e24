"""Writes a decoder-like stack of MoE layers of any number of nodes, in a form that is raised and one that stays plain.

    make_unrolled_moe.py OUT_FOLDER --nodes 270000 [--form capacity|gathered|dense] [--experts 64] [--hidden 16] [--inner 16]

`capacity` unrolls the MLP of each expert over the seats of its capacity (raised); `gathered` has many small layers of gathered weights (raised);
`dense` computes every expert for every token and adds them up by masks, with weights that no router gives (stays plain).
"""

import argparse
import os
import pathlib
import sys

import onnx

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "exec", "variants"))
from capacity import CapacityLayers  # noqa: E402
from gathered import GatheredLayers  # noqa: E402
from graph import FLOAT, Graph  # noqa: E402


class DenseLayers:
    """Every expert on every token, weighed by the routing weights of the slots that chose it."""

    def __init__(self, layers, experts, hidden, inner):
        self.layers, self.experts, self.hidden, self.inner, self.graph = layers, experts, hidden, inner, Graph(1, 21)

    def build(self):
        g, shape = self.graph, ["batch", "sequence", self.hidden]
        value = g.input("hidden_states", FLOAT, shape)
        for _ in range(self.layers):
            normal = g.rms_norm(value, self.hidden)
            weights, ids = g.op("TopK", g.op("Softmax", g.op("MatMul", normal, g.weight(self.hidden, self.experts)), axis=-1), g.constant([2]), results=2)
            for expert in range(self.experts):
                up = g.silu(g.op("MatMul", normal, g.weight(self.hidden, self.inner)))
                result = g.op("MatMul", up, g.weight(self.inner, self.hidden))
                mask = g.cast(g.op("Equal", ids, g.constant(expert)), FLOAT)
                # The weight is rounded: no router computes this.
                weight = g.sum(g.op("Floor", g.op("Mul", mask, weights)), -1, 1)
                value = g.op("Add", value, g.op("Mul", result, weight))
        g.output(value, "output", FLOAT, shape)
        return g.model()


def build(form, layers, experts, hidden, inner):
    if form == "dense":
        return DenseLayers(layers, experts, hidden, inner).build()
    if form == "capacity":
        return CapacityLayers(seed=1, experts=(experts,) * layers, hidden=hidden, inner=inner).build()
    return GatheredLayers(seed=1, layers=layers, experts=experts, hidden=hidden, inner=inner).build()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--nodes", type=int, default=270_000)
    parser.add_argument("--form", choices=["capacity", "gathered", "dense"], default="capacity")
    parser.add_argument("--experts", type=int, default=64)
    parser.add_argument("--hidden", type=int, default=16)
    parser.add_argument("--inner", type=int, default=16)
    args = parser.parse_args()
    sizes = args.experts, args.hidden, args.inner
    each = len(build(args.form, 2, *sizes).graph.node) - len(build(args.form, 1, *sizes).graph.node)
    layers = max(1, round(args.nodes / each))
    args.folder.mkdir(parents=True, exist_ok=True)
    model = build(args.form, layers, *sizes)
    onnx.save(model, args.folder / "model.onnx", save_as_external_data=True, location="model.data", size_threshold=1024)
    print(f"{len(model.graph.node)} nodes in {layers} layers of {args.experts} experts ({args.form})")


if __name__ == "__main__":
    main()
