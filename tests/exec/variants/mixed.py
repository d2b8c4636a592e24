"""MoE layers as people write them by hand in torch: all experts on all tokens in any layout, or weights gathered for each slot, with einsum."""

import numpy

from gathered import GatheredLayers
from graph import BOOL, FLOAT


class MixedLayers(GatheredLayers):
    # layout: what the dimensions of rows are, of t (tokens, or b and s), e (experts) and the features f
    # product: "einsum", a "matmul" that lifts the tokens, or "stack" of experts one by one
    # mix: "einsum", "mul", "matmul", "three" (an einsum with the last weights), or "inner" (the shares multiply what the last weights read)
    # routes: "scatter", "normed" behind the scatter, "one_hot" or "one_hot_matmul", "masked" or "where" over the scores
    # turned: weights stand outputs first; flat: tokens are one dimension; swapped: the weights are the first operand
    more = {"layout": "tef", "product": "einsum", "mix": "einsum", "routes": "scatter", "turned": False, "flat": True, "swapped": False, "where": 0.0}

    def einsum(self, left, right, output, *operands):
        rows = "t" if self.flat else "bs"
        equation = f"{left},{right}->{output}".replace("t", rows)
        if self.swapped:
            left, right = right, left
            equation = f"{left},{right}->{output}".replace("t", rows)
            operands = operands[::-1]
        return self.graph.op("Einsum", *operands, equation=equation)

    def shaped(self, feature):
        return self.layout.replace("f", feature)

    def project(self, value, inputs, outputs):
        """Rows of all experts, in the layout; `value` are the tokens, or rows of a layer before."""
        g, first = self.graph, value == self.rows
        read, write = ("th" if first else self.shaped("h")), self.shaped("i")
        if self.product == "einsum":
            weight = g.weight(self.experts, outputs, inputs) if self.turned else g.weight(self.experts, inputs, outputs)
            product = self.einsum(read, "eih" if self.turned else "ehi", write, value, weight)
        else:
            value = g.unsqueeze(value, -2, -3) if first else g.unsqueeze(value, -2)
            product = g.squeeze(g.op("MatMul", value, g.weight(self.experts, inputs, outputs)), -2)
        return g.op("Add", product, g.weight(self.experts, outputs)) if self.bias else product

    def expert(self, rows):
        """One of the experts that are stacked."""
        g = self.graph
        up = g.activate(self.activation, g.op("MatMul", rows, g.weight(self.hidden, self.inner)))
        return g.op("MatMul", up, g.weight(self.inner, self.hidden))

    def routing_matrix(self, rows):
        """Tokens x experts."""
        g, last = self.graph, -1
        if self.routes in ("masked", "where"):
            return self.masked_matrix(rows)
        ids, weights = self.choose(rows)
        if self.routes.startswith("one_hot"):
            mask = g.cast(g.op("Equal", g.unsqueeze(ids, -1), g.constant(range(self.experts))), FLOAT)
            if self.routes == "one_hot":
                return self.einsum("tk", "tke", "te", weights, mask)
            return g.squeeze(g.op("MatMul", g.unsqueeze(weights, -2), mask), -2)
        matrix = g.op("ScatterElements", g.filled(g.op("Shape", self.logits), 0.0), ids, weights, axis=last)
        return g.op("Div", matrix, g.sum(matrix, last, keepdims=1)) if self.routes == "normed" else matrix

    def masked_matrix(self, rows):
        """Scores of all experts, of which a mask leaves those of the chosen ones."""
        g, k = self.graph, self.graph.constant([self.slots])
        logits = self.score(rows)
        scores = g.op("Softmax", logits, axis=-1)
        ids = g.op("TopK", logits if self.where else scores, k, results=2)[1]
        mask = g.op("ScatterElements", g.filled(g.op("Shape", logits), 0.0), ids, g.filled(g.op("Shape", ids), 1.0), axis=-1)
        if self.routes == "masked":
            if self.normalize == "sum of one-hots":
                mask = g.cast(g.sum(g.op("OneHot", ids, g.constant([self.experts]), g.constant([0, 1])), -2, keepdims=0), FLOAT)
            kept = g.op("Mul", scores, mask)
            return g.op("Div", kept, g.op("Add", g.sum(kept, -1, keepdims=1), g.number(1e-6)))
        mask = g.cast(mask, BOOL)
        if self.where:
            return g.op("Softmax", g.op("Where", g.op("Not", mask), g.number(self.where), logits), axis=-1)
        return g.op("Where", mask, scores, g.number(0.0))

    def score(self, rows):
        g = self.graph
        self.logits = g.op("MatMul", rows, g.weight(self.hidden, self.experts, scale=self.router_scale))
        return self.logits

    def all_experts(self, rows):
        if self.product != "stack":
            return self.activated(rows)
        axis = self.layout.index("e") + (0 if self.flat else self.layout.index("e") > self.layout.index("t"))
        return self.graph.op("Concat", *[self.graph.unsqueeze(self.expert(rows), axis) for _ in range(self.experts)], axis=axis)

    def mixed(self, inner, matrix):
        g = self.graph
        if self.mix in ("three", "three_routes", "inner"):
            weight = g.weight(self.experts, self.inner, self.hidden)
            if self.mix.startswith("three"):
                terms = [(self.shaped("i"), inner), ("eih", weight), ("te", matrix)]
                terms = terms[::-1] if self.mix == "three_routes" else terms
                equation = ",".join(labels for labels, _ in terms) + "->th"
                return g.op("Einsum", *[value for _, value in terms], equation=equation.replace("t", "t" if self.flat else "bs"))
            return self.einsum(self.shaped("i"), "eih", "th", g.op("Mul", inner, g.unsqueeze(matrix, -1)), weight)
        rows = inner if self.product == "stack" else self.project(inner, self.inner, self.hidden)
        if self.mix == "einsum":
            return self.einsum("te", self.shaped("h"), "th", matrix, rows)
        if self.mix == "matmul":  # a vector of shares times the rows of the token, or behind them
            if self.layout == "tef":
                return g.squeeze(g.op("MatMul", g.unsqueeze(matrix, -2), rows), -2)
            return g.squeeze(g.op("MatMul", rows, g.unsqueeze(matrix, -1)), -1)
        axis = {"etf": 0, "tef": -2, "tfe": -1}[self.layout]
        shares = g.unsqueeze(matrix if axis else g.op("Transpose", matrix, perm=[1, 0]), -2 if axis == -1 else -1)
        # ReduceSum counts from the front in what torch writes
        front = axis if axis == 0 else axis + (3 if self.flat else 4)
        return g.sum(g.op("Mul", rows, shares), front, keepdims=0)

    def layer(self, value):
        g = self.graph
        self.rows = g.reshape(value, [-1, self.hidden]) if self.flat else value
        matrix = self.routing_matrix(self.rows)
        result = self.mixed(self.all_experts(self.rows), matrix)
        return g.reshape(result, g.op("Concat", *self.sizes, g.constant([self.hidden]), axis=0)) if self.flat else result

    def glu(self, gate, up):
        return self.graph.op("Mul", self.graph.activate(self.activation, gate), up)

    def gate_and_up(self, value):
        if self.halves == "two":
            return self.project(value, self.hidden, self.inner), self.project(value, self.hidden, self.inner)
        both, g = self.project(value, self.hidden, 2 * self.inner), self.graph
        axis = -1 if self.layout[-1] == "f" else (1 if self.flat else 2)
        if self.halves == "split":
            return g.op("Split", both, g.constant([self.inner] * 2), results=2, axis=axis)
        end = numpy.iinfo(numpy.int64).max
        return [g.op("Slice", both, g.constant([start]), g.constant([end]), g.constant([axis]), g.constant([2])) for start in (0, 1)]


class SelectedLayers(MixedLayers):
    """All experts on all tokens, of which the rows of the chosen ones are selected."""

    # select_by: "elements" (GatherElements), "pairs" (GatherND), "ids" (GatherND in each token) or "positions" (Gather); by_slot: one slot after the other
    more = MixedLayers.more | {"select_by": "elements", "by_slot": False}

    def select(self, rows, ids, count):
        """The rows of `count` ids a token: [tokens, count, hidden]."""
        g, h = self.graph, self.hidden
        if self.select_by == "elements":
            shape = g.op("Concat", g.op("Shape", ids), g.constant([h]), axis=0)
            return g.op("GatherElements", rows, g.op("Expand", g.unsqueeze(ids, -1), shape), axis=-2)
        if self.select_by == "ids":
            return g.op("GatherND", rows, g.unsqueeze(ids, -1), batch_dims=1)
        tokens = g.squeeze(g.op("Shape", rows, start=0, end=1), 0)
        numbers = g.unsqueeze(g.op("Range", g.constant(0), tokens, g.constant(1)), -1)
        if self.select_by == "pairs":
            repeated = g.op("Expand", numbers, g.op("Shape", ids))
            return g.op("GatherND", rows, g.op("Concat", g.unsqueeze(repeated, -1), g.unsqueeze(ids, -1), axis=-1))
        positions = g.op("Add", g.op("Mul", numbers, g.constant(self.experts)), ids)
        return g.op("Gather", g.reshape(rows, [-1, h]), positions, axis=0)

    def layer(self, value):
        g = self.graph
        self.rows = g.reshape(value, [-1, self.hidden]) if self.flat else value
        ids, weights = self.choose(self.rows)
        inner = self.all_experts(self.rows)
        rows = inner if self.product == "stack" else self.project(inner, self.inner, self.hidden)
        result = self.summed_by_slot(rows, ids, weights) if self.by_slot else self.summed(self.select(rows, ids, self.slots), weights)
        return g.reshape(result, g.op("Concat", *self.sizes, g.constant([self.hidden]), axis=0)) if self.flat else result

    def summed(self, selected, weights):
        g = self.graph
        if self.mix == "einsum":
            return self.einsum("tk", "tkh", "th", weights, selected)
        return g.sum(g.op("Mul", selected, g.unsqueeze(weights, -1)), 1 if self.flat else 2, keepdims=0)

    def summed_by_slot(self, rows, ids, weights):
        g, total = self.graph, None
        for slot in range(self.slots):
            column = [g.op("Slice", v, g.constant([slot]), g.constant([slot + 1]), g.constant([1])) for v in (ids, weights)]
            selected = g.squeeze(self.select(rows, column[0], 1), 1)
            term = g.op("Mul", column[1], selected)
            total = term if total is None else g.op("Add", total, term)
        return total


class SlotLayers(MixedLayers):
    """Weights gathered for each slot of a token, and multiplied by einsum."""

    more = MixedLayers.more | {"by_slot": False}

    def project(self, value, inputs, outputs):
        first = value == self.rows
        stack = self.weight(self.experts, outputs, inputs) if self.turned else self.weight(self.experts, inputs, outputs)
        slot = "" if self.by_slot else "k"
        read = "th" if first else f"t{slot}h"
        product = self.einsum(read, f"t{slot}ih" if self.turned else f"t{slot}hi", f"t{slot}i", value, self.gathered(stack))
        return self.graph.op("Add", product, self.gathered(self.weight(self.experts, outputs))) if self.bias else product

    def gathered(self, weight):
        g = self.graph
        return g.op("GatherND", weight, g.unsqueeze(self.ids, -1)) if self.gather == "nd" else g.op("Gather", weight, self.ids, axis=0)

    def weight(self, *shape):
        """The same weights for every slot."""
        if not self.by_slot:
            return self.graph.weight(*shape)
        if self.next == len(self.made):
            self.made.append(self.graph.weight(*shape))
        self.next += 1
        return self.made[self.next - 1]

    def summed_by_slot(self, weights):
        g, ids, self.made = self.graph, self.ids, []
        total = g.filled(g.op("Shape", self.rows), 0.0)
        for slot in range(self.slots):
            self.ids, self.next = g.op("Gather", ids, g.constant(slot), axis=1), 0
            rows = self.project(self.activated(self.rows), self.inner, self.hidden)
            total = g.op("Add", total, g.op("Mul", g.unsqueeze(g.op("Gather", weights, g.constant(slot), axis=1), -1), rows))
        return total

    def layer(self, value):
        g = self.graph
        self.rows = g.reshape(value, [-1, self.hidden]) if self.flat else value
        self.ids, weights = self.choose(self.rows)
        if self.by_slot:
            return g.reshape(self.summed_by_slot(weights), g.op("Concat", *self.sizes, g.constant([self.hidden]), axis=0))
        rows = self.project(self.activated(self.rows), self.inner, self.hidden)
        if self.mix == "matmul":
            result = g.squeeze(g.op("MatMul", g.unsqueeze(weights, -2), rows), -2)
        else:
            result = self.einsum("tk", "tkh", "th", weights, rows)
        return g.reshape(result, g.op("Concat", *self.sizes, g.constant([self.hidden]), axis=0)) if self.flat else result
