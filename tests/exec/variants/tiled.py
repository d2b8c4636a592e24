"""MoE layers of which the tokens are repeated for every expert in one batched product, as Optimum exports GPT-OSS."""

from gathered import GatheredLayers
from graph import FLOAT


class TiledLayers(GatheredLayers):
    more = {"tile": "tile", "routes": "scatter", "batched": False, "zeros": "shape"}

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
        shape = g.op("Shape", logits)
        zeros = g.filled(shape, 0.0) if self.zeros == "shape" else g.op("Expand", g.number(0.0), shape)
        return g.op("ScatterElements", zeros, ids, weights, axis=1)

    def score(self, rows):
        self.logits = super().score(rows)
        return self.logits

    def layer(self, value):
        g, h = self.graph, self.hidden
        rows = g.reshape(value, [-1, h])
        ids, weights = self.choose(rows)
        routes = g.op("Transpose", self.spread(ids, weights, self.logits), perm=[1, 0])
        result = self.project(self.activated(self.for_all(rows)), self.inner, h)
        shape = g.op("Concat", *self.sizes, g.constant([h]), axis=0)
        if not self.batched:
            return g.reshape(g.sum(g.op("Mul", result, g.unsqueeze(routes, -1)), 0, keepdims=0), shape)
        result = g.reshape(result, g.op("Concat", g.constant([self.experts]), shape, axis=0))
        routes = g.reshape(routes, g.op("Concat", g.constant([self.experts]), *self.sizes, axis=0))
        return g.sum(g.op("Mul", result, g.unsqueeze(routes, -1)), 0, keepdims=0)
