"""Loops over experts of which the bodies are no MLPs that a layer has: their rows are computed for all tokens, and put back by masks."""

from assigned import AssignedLayers
from looped import LoopedLayers


class OtherBody:
    # The last part of the experts: a matrix comes behind it.
    body = "deep"
    raised_layers = 0

    def activated(self, value):
        g = self.graph
        if self.body == "norm":
            return super().activated(g.op("LayerNormalization", value, g.weight(self.hidden), g.weight(self.hidden), axis=-1))
        if self.body == "pieces":
            left, right = g.op("Split", self.project(value, self.hidden, 2 * self.inner), g.constant([self.inner] * 2), results=2, axis=-1)
            joined = g.op("Concat", g.op("Tanh", right), left, axis=1)
            return g.sum(g.reshape(joined, [-1, 2, self.inner]), 1, 0)
        if self.body == "largest":
            inner = super().activated(value)
            kept, places = g.op("TopK", inner, g.constant([3]), results=2, axis=-1)
            return g.op("ScatterElements", g.op("Mul", inner, g.number(0.0)), places, kept, axis=1)
        if self.body == "softmax":
            return g.op("Softmax", super().activated(value), axis=-1)
        return g.op("Sin", self.project(super().activated(value), self.inner, self.inner))


class PlainLoops(OtherBody, LoopedLayers):
    def __init__(self, seed, body, **options):
        super().__init__(seed, **options)
        self.body = body


class PlainAssignments(OtherBody, AssignedLayers):
    def __init__(self, seed, body, **options):
        super().__init__(seed, **options)
        self.body = body


def loops(**variants):
    return {name: (PlainLoops, options) for name, options in variants.items()}


def assignments(**variants):
    return {name: (PlainAssignments, options) for name, options in variants.items()}


PLAIN_LOOPS = {
    "plain-loops": loops(
        deep={"body": "deep", "layers": 2, "processes": True},
        deep_torchscript={"body": "deep", "add": "elements", "weights": "gemm", "opset": 17, "bias": True},
        deep_zeros={"body": "deep", "add": "zeros", "mask": "number", "permute": False, "slots": 1, "weigh": "none", "normalize": False},
        norm={"body": "norm", "rows": "nd", "weigh": "tuple", "experts": 7, "slots": 3},
        norm_static={"body": "norm", "batch": 2, "sequence": 5, "add": "elements"},
        pieces={"body": "pieces", "lookup": "plain", "mask": "row", "experts": 3},
        largest={"body": "largest", "lookup": "slice", "gated": False, "activation": "relu", "slots": 3},
        softmax={"body": "softmax", "rows": "leading", "lookup": "gather", "shared": "plain"},
        softmax_one_token={"body": "softmax", "batch": 1, "sequence": 1, "opset": 17},
        one_expert={"body": "deep", "experts": 1, "slots": 1},
    ),
    "plain-assignments": assignments(
        repeated={"body": "deep", "layers": 2},
        repeated_index={"body": "norm", "by": "index", "experts": 5, "slots": 3},
        repeated_torchscript={"body": "deep", "written": "torchscript", "opset": 17},
        any={"body": "largest", "form": "any", "experts": 3},
        any_batched={"body": "softmax", "form": "any", "shape": "batched"},
        shares={"body": "norm", "form": "shares", "by": "index", "adds": True},
        slots={"body": "deep", "form": "slots"},
        pairs={"body": "pieces", "form": "pairs"},
    ),
}
