"""MoE layers of which every expert is computed on every token and multiplied by its share, as plain builders write them."""

from gathered import GatheredLayers
from graph import FLOAT


class MaskedLayers(GatheredLayers):
    more = {"flat": False, "share": "castlike", "start": None, "order": "ascending", "tree": "chain", "product": "matmul"}

    def score(self, rows):
        g = self.graph
        if self.flat:
            return super().score(rows)
        logits = g.op("MatMul", rows, g.weight(self.hidden, self.experts, scale=1.0))
        return g.op("Add", logits, g.weight(self.experts)) if self.router_bias else logits

    def mix_sparsely(self, logits):
        """Two choices by TopK; what is out of the question is a very small number."""
        g, keys, ids, weights = self.graph, logits, [], []
        for _ in range(2):
            largest = g.op("ReduceMax", keys, g.constant([-1]), keepdims=1)
            distance = g.op("Div", g.op("Sub", largest, keys), g.op("Max", g.op("Abs", keys), largest))
            low = g.op("CastLike", g.number(-1e30), keys)
            near = g.op("Where", g.op("Greater", distance, g.number(0.2)), low, keys)
            ids.append(g.op("TopK", near, g.constant([1]), results=2, axis=-1)[1])
            weights.append(g.op("GatherElements", g.op("Softmax", near, axis=-1), ids[-1], axis=-1))
            keys = g.op("ScatterElements", keys, ids[-1], g.op("Expand", low, g.op("Shape", ids[-1])), axis=-1)
        return g.op("Concat", *ids, axis=-1), g.op("Concat", *weights, axis=-1)

    def project(self, value, inputs, outputs):
        g = self.graph
        bias = [g.weight(outputs)] if self.bias else []
        if self.product == "gemm":
            return g.op("Gemm", value, g.weight(outputs, inputs), *bias, transB=1)
        matrix = g.op("Transpose", g.weight(outputs, inputs), perm=[1, 0]) if self.product == "transposed" else g.weight(inputs, outputs)
        product = g.op("MatMul", value, matrix)
        return g.op("Add", product, *bias) if bias else product

    def gate_and_up(self, value):
        if self.halves == "two":
            return self.project(value, self.hidden, self.inner), self.project(value, self.hidden, self.inner)
        return self.graph.op("Split", self.project(value, self.hidden, 2 * self.inner), results=2, axis=-1, num_outputs=2)

    def shares(self, ids, weights):
        """The weight of each token for each expert, one column an expert."""
        g, count, column = self.graph, self.experts, [-1, 1] if self.flat else [0, 0, 1]
        if self.share in ("castlike", "cast", "where"):
            for expert in range(count):
                chosen = g.op("Equal", ids, g.constant(expert))
                if self.share == "where":
                    masked = g.op("Where", chosen, weights, g.number(0.0))
                else:
                    mask = g.op("CastLike", chosen, weights) if self.share == "castlike" else g.cast(chosen, FLOAT)
                    masked = g.op("Mul", mask, weights)
                yield g.sum(masked, -1, keepdims=1)
            return
        if self.share == "assign":
            numbers = g.op("Range", g.constant(0), g.size(ids, 0), g.constant(1))
            zeros = g.filled(g.op("Concat", g.op("Shape", ids, end=1), g.constant([count]), axis=0), 0.0)
            if self.slots == 1:
                matrix = g.op("ScatterND", zeros, g.op("Concat", g.unsqueeze(numbers, -1), ids, axis=-1), g.squeeze(weights, -1))
            else:
                tokens = g.op("Expand", g.unsqueeze(numbers, -1), g.op("Shape", ids))
                matrix = g.op("ScatterND", zeros, g.op("Concat", g.unsqueeze(tokens, -1), g.unsqueeze(ids, -1), axis=-1), weights)
            parts = [g.op("Gather", matrix, g.constant(expert), axis=-1) for expert in range(count)]
        elif self.share == "scatter":
            shape = g.op("Concat", g.op("Shape", ids, end=1 if self.flat else 2), g.constant([count]), axis=0)
            matrix = g.op("ScatterElements", g.filled(shape, 0.0), ids, weights, axis=-1)
            parts = g.op("Split", matrix, results=count, axis=-1, num_outputs=count)
        else:
            if self.share == "one_hot":
                spread = g.op("OneHot", ids, g.constant([count]), g.number([0.0, 1.0]), axis=-1)
            else:
                spread = g.cast(g.op("Equal", g.unsqueeze(ids, -1), g.constant(range(count))), FLOAT)
            matrix = g.sum(g.op("Mul", spread, g.unsqueeze(weights, -1)), -2, keepdims=0)
            parts = [g.op("Gather", matrix, g.constant(expert), axis=-1) for expert in range(count)]
        for part in parts:
            yield g.reshape(part, column) if self.share != "scatter" else part

    def layer(self, value):
        g = self.graph
        rows = g.reshape(value, [-1, self.hidden]) if self.flat else value
        ids, weights = self.choose(rows)
        parts = [g.op("Mul", self.project(self.activated(rows), self.inner, self.hidden), share) for share in self.shares(ids, weights)]
        if self.order == "shuffled":
            self.graph.random.shuffle(parts)
        if self.start:
            parts.insert(0, g.filled(g.op("Shape", rows), 0.0) if self.start == "zeros" else self.shared_expert(rows))
        mixed = self.add(parts)
        return g.reshape(mixed, g.op("Concat", *self.sizes, g.constant([self.hidden]), axis=0)) if self.flat else mixed

    def add(self, parts):
        g = self.graph
        if self.tree == "sum":
            return g.op("Sum", *parts)
        while len(parts) > 1:
            if self.tree == "chain":
                parts = [g.op("Add", parts[0], parts[1])] + parts[2:]
            else:
                parts = [g.op("Add", *parts[at : at + 2]) if at + 1 < len(parts) else parts[at] for at in range(0, len(parts), 2)]
        return parts[0]
