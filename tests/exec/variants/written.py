"""Loops over experts that write where an exporter knew more: into zeros that it computed, since all sizes are numbers, and over a copy of the tokens."""

import numpy
from assigned import AssignedLayers
from looped import LoopedLayers
from onnx import numpy_helper


class Sized:
    """All sizes are numbers."""

    def __init__(self, seed, **options):
        self.kept = options.pop("kept", "node")  # what is filled: a node gives it | an initializer
        self.number = options.pop("number", 0.0)  # what fills the rows that a sum begins with
        super().__init__(seed, **({"batch": 2, "sequence": 9} | options))

    def filled(self, rows, columns, number):
        g, tensor = self.graph, numpy.full((rows, columns), number, numpy.float32)
        if self.kept == "node":
            return g.op("Constant", value=numpy_helper.from_array(tensor))
        g.weights.append(numpy_helper.from_array(tensor, g.name("filled")))
        return g.weights[-1].name

    def begin(self, rows):
        slots = self.slots if getattr(self, "form", "") == "repeated" else 1
        return self.filled(self.batch * self.sequence * slots, self.hidden, self.number)

    def begin_matrix(self, sizes, number):
        return self.filled(self.batch * self.sequence, self.experts, number)


class SizedLoops(Sized, LoopedLayers):
    """index_add_, in pieces; scatter_add_ (sliced), which cuts the rows to the shape of the indices."""

    def add_to(self, total, token, value):
        if self.add != "sliced":
            return super().add_to(total, token, value)
        g = self.graph
        index = g.op("Expand", g.unsqueeze(token, -1), without_minus_one(g, g.constant([-1, self.hidden]), g.constant([2])))
        value = g.op("Slice", value, g.constant([0, 0]), g.op("Shape", index))
        return g.op("ScatterElements", total, index, value, axis=0, reduction="add")


class SizedAssigned(Sized, AssignedLayers):
    pass


def without_minus_one(g, sizes, rank):
    """The sizes that TorchScript gives to Expand: 1 where -1 keeps a size."""
    ones = g.op("ConstantOfShape", rank, value=numpy_helper.from_array(numpy.array([1], numpy.int64)))
    return g.op("Where", g.op("Equal", sizes, g.op("Mul", ones, g.constant(-1))), ones, sizes)


class CopiedLayers(AssignedLayers):
    """out = x.clone(); out[mask] = expert(x[mask]): one expert a token, so that nothing of the copy is left."""

    def __init__(self, seed, **options):
        # argmax | topk
        self.choice = options.pop("choice", "argmax")
        # how the rows are weighed: behind (all of them) | rows (each expert's) | no
        self.weighed = options.pop("weighed", "behind")
        # what is written over: Identity (of the tokens) | none (the tokens themselves) | zeros
        self.copy = options.pop("copy", "Identity")
        super().__init__(seed, slots=1, form="copied", **options)

    def route(self, rows):
        if self.choice == "topk":
            return super().route(rows)
        g = self.graph
        scores = g.op("Softmax", self.score(rows), axis=-1)
        axes, operands = ({"axes": [-1]}, []) if self.opset < 18 else ({}, [g.constant([-1])])
        return g.op("ArgMax", scores, axis=-1, keepdims=0), g.op("ReduceMax", scores, *operands, keepdims=1, **axes)

    def assign(self, total, mask, value):
        if self.by != "elements":
            return super().assign(total, mask, value)
        # index_copy
        g = self.graph
        token = g.squeeze(g.op("Transpose", g.op("NonZero", mask), perm=[1, 0]), 1)
        sizes = g.op("ScatterElements", g.op("Shape", total), g.constant([0]), g.op("Shape", token), axis=0)
        index = g.op("Expand", g.unsqueeze(token, 1), without_minus_one(g, sizes, g.op("Shape", sizes)))
        return g.op("ScatterElements", total, index, value, axis=0)

    def begin(self, rows):
        if self.copy == "zeros":
            return super().begin(rows)
        return self.graph.op("Identity", rows) if self.copy == "Identity" else rows

    def computed(self, rows, ids, weights):
        g = self.graph
        if self.choice == "topk":
            ids = g.squeeze(ids, -1)
        each, total = g.squeeze(weights, -1), self.begin(rows)
        for e in self.order_of_experts():
            mask = self.compare(ids, e)
            if self.shape == "batched":
                self.batched.add(mask)
            result = self.run_expert(e, rows, mask)
            total = self.assign(total, mask, self.weigh_rows(result, each, mask) if self.weighed == "rows" else result)
        return g.op("Mul", total, weights) if self.weighed == "behind" else total


def group(builder, **variants):
    return {name: (builder, options) for name, options in variants.items()}


WRITTEN = {
    "written-into-zeros": group(
        SizedLoops,
        added={"add": "zeros", "layers": 2, "weights": "gemm", "bias": True, "processes": True},
        added_initializer={"add": "zeros", "kept": "initializer", "experts": 5, "slots": 3, "opset": 17},
        added_one={"add": "zeros", "mask": "number", "permute": False, "slots": 1, "experts": 4, "normalize": False, "opset": 16, "weights": "gemm"},
        added_number={"add": "zeros", "mask": "number", "permute": False, "experts": 16, "slots": 4, "router": "sigmoid", "epsilon": 1e-20, "shared": "gated"},
        elements={"add": "elements", "kept": "initializer", "layers": 3, "experts": 4, "gated": False, "activation": "gelu"},
        rows={"rows": "nd", "weigh": "tuple", "batch": 3, "sequence": 33, "router": "select", "experts": 7},
        turned={"rows": "turned", "mask": "compared", "layers": 2, "experts": 8, "weigh": "tuple", "weights": "gemm"},
        compared={"mask": "compared", "permute": False, "kept": "initializer", "slots": 1, "experts": 3, "normalize": False, "opset": 16},
        sliced={"add": "sliced", "mask": "number", "permute": False, "layers": 2, "experts": 4, "weights": "gemm"},
        sliced_one={"add": "sliced", "slots": 1, "experts": 3, "normalize": False, "opset": 16, "activation": "relu", "gated": False},
    ) | group(
        SizedAssigned,
        repeated={"written": "torchscript", "repeat": "Tile", "layers": 2, "slots": 3, "opset": 17},
        repeated_ones={"number": 1.0, "by": "index", "experts": 3},
        repeated_initializer={"kept": "initializer", "halves": "two", "experts": 4},
        any={"form": "any", "written": "torchscript", "join": "ReduceSum", "layers": 2, "opset": 17},
        shares={"form": "shares", "compared": "greater", "kept": "initializer", "experts": 5, "slots": 3},
        sparse={"form": "any", "router": "sparse", "gated": False, "activation": "relu", "bias": True, "experts": 4},
        slots={"form": "slots", "written": "torchscript", "experts": 5, "opset": 16},
        pairs={"form": "pairs", "lookup": "slice", "kept": "initializer", "experts": 4, "layers": 2},
    ),
    "written-over-copies": group(
        CopiedLayers,
        mask={"layers": 2, "experts": 4, "bias": True, "processes": True},
        mask_torchscript={"written": "torchscript", "experts": 5, "gated": False, "activation": "relu", "opset": 17},
        mask_rows={"weighed": "rows", "choice": "topk", "normalize": False, "experts": 3, "layers": 2},
        index={"by": "index", "experts": 8, "weighed": "no", "choice": "topk", "order": "shuffled"},
        index_torchscript={"by": "index", "written": "torchscript", "copy": "none", "layers": 3, "experts": 4, "opset": 16},
        elements={"by": "elements", "experts": 4, "layers": 2, "written": "torchscript"},
        elements_of_zeros={"by": "elements", "experts": 3, "copy": "zeros", "opset": 17, "written": "torchscript"},
        batched={"shape": "batched", "experts": 4, "bias": True, "layers": 2},
        batched_torchscript={"shape": "batched", "written": "torchscript", "weighed": "rows", "experts": 5, "opset": 17},
        sized={"batch": 2, "sequence": 17, "written": "torchscript", "copy": "none", "experts": 16, "opset": 16},
        one_expert={"experts": 1, "by": "index"},
    ),
}
