"""MoE layers of which the tokens are repeated for every expert in one batched product, as Optimum exports GPT-OSS, and torch Llama-4."""

import numpy

from gathered import GatheredLayers
from graph import FLOAT


class TiledLayers(GatheredLayers):
    # routes: "logits" are scattered into `low`, and then weighed by `function`, "before" the transpose or behind it
    more = {"tile": "tile", "routes": "scatter", "batched": False, "zeros": "shape", "low": -numpy.inf, "function": "Sigmoid", "before": True}

    def project(self, value, inputs, outputs):
        g = self.graph
        product = g.op("MatMul", value, g.weight(self.experts, inputs, outputs))
        return g.op("Add", product, g.unsqueeze(g.weight(self.experts, outputs), 1)) if self.bias else product

    def gate_and_up(self, value):
        g = self.graph
        if self.halves == "two":
            return self.project(value, self.hidden, self.inner), self.project(value, self.hidden, self.inner)
        both = self.project(value, self.hidden, 2 * self.inner)
        if self.halves == "split":
            return g.op("Split", both, results=2, axis=-1, num_outputs=2)
        return [g.op("Slice", both, g.constant([start]), g.constant([2**62]), g.constant([2]), g.constant([2])) for start in (0, 1)]

    def for_all(self, rows):
        g, count = self.graph, self.experts
        if self.tile == "product":
            return rows
        if self.tile == "product_lifted":
            return g.unsqueeze(rows, 0)
        if self.tile == "expand":
            return g.op("Expand", g.unsqueeze(rows, 0), g.constant([count, 1, 1]))
        return g.reshape(g.op("Tile", rows, g.constant([count, 1])), [count, -1, self.hidden])

    def spread(self, ids, weights, logits):
        """Tokens x experts."""
        g = self.graph
        if self.routes == "one_hot":
            mask = g.op("OneHot", ids, g.constant([self.experts]), g.number([0.0, 1.0]), axis=-1)
            return g.sum(g.op("Mul", mask, g.unsqueeze(weights, -1)), 1, keepdims=0)
        if self.routes == "compared":
            mask = g.cast(g.op("Equal", g.unsqueeze(ids, -1), g.constant(range(self.experts))), FLOAT)
            return g.sum(g.op("Mul", mask, g.unsqueeze(weights, -1)), 1, keepdims=0)
        shape, number = g.op("Shape", logits), self.low if self.routes == "logits" else 0.0
        zeros = g.filled(shape, number) if self.zeros == "shape" else g.op("Expand", g.number(number), shape)
        matrix = g.op("ScatterElements", zeros, ids, weights, axis=1)
        return self.weigh(matrix) if self.routes == "logits" and self.before else matrix

    def weigh(self, logits):
        return self.graph.op(self.function, logits, **({"axis": -1} if self.function == "Softmax" else {}))

    def weighed(self, rows, routes):
        """The tokens times the shares of all experts."""
        g, count = self.graph, self.experts
        if self.weigh_inputs == "repeats":
            return g.op("Mul", rows if self.tile == "product" else g.unsqueeze(rows, 0), g.unsqueeze(routes, -1))
        repeated = g.op("Tile", g.op("Expand", rows, g.constant([1, 1])), g.constant([count, 1]))
        return g.reshape(g.op("Mul", repeated, g.reshape(routes, [-1, 1])), [count, -1, self.hidden])


    def score(self, rows):
        self.logits = super().score(rows)
        return self.logits

    def layer(self, value):
        g, h = self.graph, self.hidden
        rows = g.reshape(value, [-1, h])
        ids, weights = self.choose(rows)
        routes = g.op("Transpose", self.spread(ids, weights, self.logits), perm=[1, 0])
        if self.routes == "logits" and not self.before:
            routes = self.weigh(routes)
        inputs = self.weigh_inputs != "no"
        result = self.project(self.activated(self.weighed(rows, routes) if inputs else self.for_all(rows)), self.inner, h)
        shape = g.op("Concat", *self.sizes, g.constant([h]), axis=0)
        if inputs:
            return g.reshape(g.sum(g.reshape(g.reshape(result, [-1, h]), [self.experts, -1, h]), 0, keepdims=0), shape)
        if not self.batched:
            return g.reshape(g.sum(g.op("Mul", result, g.unsqueeze(routes, -1)), 0, keepdims=0), shape)
        result = g.reshape(result, g.op("Concat", g.constant([self.experts]), shape, axis=0))
        routes = g.reshape(routes, g.op("Concat", g.constant([self.experts]), *self.sizes, axis=0))
        return g.sum(g.op("Mul", result, g.unsqueeze(routes, -1)), 0, keepdims=0)
