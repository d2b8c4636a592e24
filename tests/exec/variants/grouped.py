"""MoE layers of which the rows are sorted by expert and multiplied group by group, as torch exports the "grouped_mm" experts of Hugging Face models."""

import numpy

from gathered import GatheredLayers
from graph import BOOL, FLOAT, INT32, INT64


class GroupedLayers(GatheredLayers):
    more = {"token": "corrected", "back": "scatter_nd", "count": "binned", "weigh": "sorted", "matrices": "split", "ends": "split", "take": "range",
            # of one product alone, which is no expert
            "mlp": True}

    @property
    def raised_layers(self):
        return self.layers if self.mlp else 0

    def rows_of(self, value, index):
        g = self.graph
        return g.op("Gather", value, index, axis=0) if self.gather == "plain" else g.op("GatherND", value, g.unsqueeze(index, -1))

    def token_of_row(self, order):
        g, slots = self.graph, self.graph.constant(self.slots)
        quotient = g.op("Div", order, slots)
        if self.token == "plain":
            return quotient
        if self.token == "floats":
            quotient = g.op("Div", g.cast(order, FLOAT), g.number(float(self.slots)))
            return g.cast(g.op("Mul", g.op("Floor", g.op("Abs", quotient)), g.op("Sign", quotient)), INT64)
        negative = g.op("Equal", g.op("Less", order, g.constant(0)), g.constant(True, numpy.bool_))
        uneven = g.cast(g.op("Mod", order, slots), BOOL)
        return g.op("Sub", quotient, g.cast(g.op("And", negative, uneven), INT64))

    def group_ends(self, ids):
        """Where the rows of each expert end: cumulated counts."""
        g, count = self.graph, self.experts
        zeros, bins = g.constant([0.0] * count, numpy.float32), ids
        if self.count == "binned":
            width = g.op("Div", g.cast(ids, FLOAT), g.number((count - 1) / count))
            bins = g.op("Clip", g.cast(width, INT64), g.constant(0), g.constant(count - 1))
        if self.count == "integers":
            zeros, ones = g.constant([0] * count), g.op("Expand", g.constant(1), g.op("Shape", bins))
        else:
            ones = g.op("Expand", g.number(1.0), g.op("Shape", bins))
        counts = g.op("ScatterElements", zeros, bins, ones, axis=0, reduction="add")
        ends = g.cast(g.op("CumSum", g.cast(counts, INT32), g.constant(0)), INT64)
        if self.ends == "gather":
            return [g.op("Gather", ends, g.constant(expert), axis=0) for expert in range(count)]
        return [g.squeeze(end, 0) for end in g.op("Split", ends, results=count, axis=0, num_outputs=count)]

    def group_sizes(self, ids):
        """How many rows each expert has: the choices of it, counted."""
        g, count = self.graph, self.experts
        width = g.op("Concat", g.op("Shape", ids, start=0, end=1), g.constant([count]), axis=0)
        choices = g.op("ScatterElements", g.op("Expand", g.number(0.0), width), ids, g.filled(g.op("Shape", ids), 1.0), axis=1)
        counts = g.sum(g.cast(choices, INT64), 0, keepdims=0)
        if self.ends == "whole":
            return counts
        picked = [g.op("Slice", counts, g.constant([expert]), g.constant([expert + 1]), g.constant([0])) if self.ends == "slice" else
                  g.op("Gather", counts, g.constant(expert), axis=0) for expert in range(count)]
        return g.op("Concat", *(g.reshape(size, [-1]) for size in picked), axis=0)

    def ranges(self, ids):
        g, starts = self.graph, [self.graph.constant(0)]
        ends = self.group_ends(ids)
        bounds = list(zip(starts + ends, ends))
        return bounds if self.take == "slice" else [g.op("Range", start, end, g.constant(1)) for start, end in bounds]

    def group(self, value, piece):
        g = self.graph
        if self.take == "range":
            return g.op("Gather", value, piece, axis=0)
        return g.op("Slice", value, *(g.reshape(bound, [1]) for bound in piece), g.constant([0]))

    def matrix_of_each(self, inputs, outputs):
        g, count = self.graph, self.experts
        if self.matrices == "separate":
            return [g.weight(inputs, outputs) for _ in range(count)]
        whole = g.weight(count, inputs, outputs)
        if self.matrices == "gather":
            return [g.op("Gather", whole, g.constant(expert), axis=0) for expert in range(count)]
        return [g.squeeze(part, 0) for part in g.op("Split", whole, results=count, axis=0, num_outputs=count)]

    def project_pieces(self, value, inputs, outputs):
        """By Gemm, with matrices that stand the other way round."""
        g, count = self.graph, self.experts
        matrices = self.matrix_of_each(outputs, inputs)
        rows = g.op("Split", value, self.group_counts, results=count, axis=0)
        return g.op("Concat", *(g.op("Gemm", own, matrix, *([g.weight(outputs)] if self.bias else []), transB=1) for own, matrix in zip(rows, matrices)), axis=0)

    def project(self, value, inputs, outputs):
        g = self.graph
        if self.take == "pieces":
            return self.project_pieces(value, inputs, outputs)
        products = [g.op("MatMul", self.group(value, piece), matrix) for piece, matrix in zip(self.pieces, self.matrix_of_each(inputs, outputs))]
        product = g.op("Concat", *products, axis=0)
        return g.op("Add", product, self.rows_of(g.weight(self.experts, outputs), self.sorted_ids)) if self.bias else product

    def inverse(self, order, length):
        g = self.graph
        if self.back == "sort":
            return g.op("TopK", order, length, results=2, largest=0)[1]
        numbers = g.op("Range", g.constant(0), g.squeeze(length, 0), g.constant(1))
        base = g.op("Expand", g.constant(0), g.op("Shape", order))
        if self.back == "scatter":
            return g.op("ScatterElements", base, order, numbers, axis=0)
        return g.op("ScatterND", base, g.unsqueeze(order, -1), numbers)

    def add_rows(self, rows, result, token, factors):
        g = self.graph
        weighed, zeros = g.op("Mul", result, g.unsqueeze(factors, -1)), g.op("Expand", g.number(0.0), g.op("Shape", rows))
        if self.back == "add_elements":
            return g.op("ScatterElements", zeros, g.op("Expand", g.unsqueeze(token, -1), g.op("Shape", weighed)), weighed, axis=0, reduction="add")
        return g.op("ScatterND", zeros, g.unsqueeze(token, -1), weighed, reduction="add")

    def layer(self, value):
        g, k, h = self.graph, self.slots, self.hidden
        rows = g.reshape(value, [-1, h])
        ids, weights = self.choose(rows)
        listed = g.reshape(ids, [-1])
        length = g.op("Shape", listed)
        self.sorted_ids, order = g.op("TopK", listed, length, results=2, largest=0, sorted=1)
        if self.take == "pieces":
            self.group_counts = self.group_sizes(ids)
        else:
            self.pieces = self.ranges(self.sorted_ids if self.count != "unsorted" else listed)
        token = self.token_of_row(order)
        taken = self.rows_of(rows, token)
        result = self.project(self.activated(taken), self.inner, h) if self.mlp else self.project(taken, h, h)
        if self.back.startswith("add"):
            mixed = self.add_rows(rows, result, token, self.rows_of(g.reshape(weights, [-1]), order))
            return g.reshape(mixed, g.op("Concat", *self.sizes, g.constant([h]), axis=0))
        back = self.inverse(order, length)
        if self.weigh == "sorted":
            factors = self.rows_of(g.reshape(weights, [-1]), order)
            weighed = g.reshape(self.rows_of(g.op("Mul", result, g.unsqueeze(factors, -1)), back), [-1, k, h])
        else:
            weighed = g.op("Mul", g.reshape(self.rows_of(result, back), [-1, k, h]), g.unsqueeze(weights, -1))
        mixed = g.sum(weighed, 1, keepdims=0)
        return g.reshape(mixed, g.op("Concat", *self.sizes, g.constant([h]), axis=0))


# Ranges of rows, as "grouped_mm" is exported.
GROUPED = {
    "grouped_told": {"router": "sigmoid", "groups": 4, "kept": 2, "slots": 3, "scale": 2.5, "layers": 2, "told": True},
    "qwen3": {"layers": 2, "slots": 3, "processes": True},
    "deepseek": {"router": "sigmoid", "groups": 4, "kept": 2, "slots": 3, "scale": 2.5, "shared": "plain", "layers": 2},
    "gpt_oss": {"router": "select", "slots": 4, "bias": True, "router_bias": True, "halves": "interleaved", "limit": 1.0, "gather": "plain"},
    "plain_tokens": {"token": "plain", "gather": "plain", "experts": 5},
    "sorted_twice": {"back": "sort", "experts": 3, "slots": 3},
    "scattered_back": {"back": "scatter", "slots": 1},
    "counted_ids": {"count": "direct", "experts": 16, "slots": 4, "inner": 12},
    "counted_in_integers": {"count": "integers", "ends": "gather", "opset": 18},
    "counted_unsorted": {"count": "unsorted", "matrices": "gather"},
    "weighed_after": {"weigh": "after", "normalize": False, "bias": True, "activation": "gelu", "gated": False},
    "sliced": {"take": "slice", "bias": True, "ends": "gather"},
    "separate": {"matrices": "separate", "halves": "two", "layers": 2, "opset": 22},
    "hundred": {"experts": 100, "slots": 6, "inner": 8},
    "static_sizes": {"batch": 2, "sequence": 5},
}
# Rows split into the pieces of their experts, as the parallel experts of JetMoE and GraniteMoE are exported, and such products that are no experts.
PARALLEL = {
    "jetmoe": {"take": "pieces", "ends": "slice", "router": "select", "token": "floats", "back": "add", "matrices": "gather", "layers": 2, "processes": True},
    "granite": {"take": "pieces", "ends": "gather", "router": "select", "token": "plain", "back": "add_elements", "slots": 3, "experts": 5, "opset": 18},
    "counted": {"take": "pieces", "ends": "whole", "token": "floats", "back": "add", "bias": True, "slots": 1, "activation": "gelu", "gated": False},
    "brought_back": {"take": "pieces", "ends": "slice", "back": "sort", "matrices": "separate", "halves": "two", "experts": 16, "slots": 4},
    "weighed_after_pieces": {"take": "pieces", "ends": "gather", "weigh": "after", "bias": True, "router": "sigmoid", "scale": 2.5},
    "one_each": {"take": "pieces", "ends": "slice", "token": "floats", "back": "add", "slots": 1, "experts": 3, "normalize": False, "batch": 2, "sequence": 5},
    "ranges_added": {"back": "add", "token": "floats", "gather": "plain", "bias": True},
    "all_of_two": {"take": "pieces", "ends": "slice", "back": "add", "slots": 2, "experts": 2},
}
PROJECTIONS = {
    "heads": {"take": "pieces", "ends": "slice", "router": "select", "token": "floats", "back": "add", "mlp": False, "layers": 2, "processes": True},
    "heads_biased": {"take": "pieces", "ends": "whole", "back": "add", "bias": True, "mlp": False, "slots": 3},
    "heads_of_ranges": {"mlp": False, "experts": 5},
    "heads_of_slices": {"mlp": False, "take": "slice", "ends": "gather", "bias": True, "back": "add"},
}
