"""DeepSpeed's MoE layers: gates with a capacity as one-hot, cumulated sum and einsum; experts over the seats of all tokens."""

import numpy
from onnx import helper

from graph import BOOL, FLOAT, INT64, Graph


class CapacityLayers:
    """Layers in a row, each with a residual connection, over hidden states."""

    tolerance = None

    def __init__(self, seed, **options):
        defaults = {
            "experts": (4,), "slots": 1, "hidden": 24, "inner": 20, "factor": 1.0, "least": 2, "drop": True, "sizes": "integers", "one_hot": "equal",
            "form": "split", "groups": False, "activation": "gelu", "bias": True, "residual": False, "gate_bias": False, "opset": 18, "batch": "batch",
            "sequence": "sequence", "scripted": False, "processes": False,
            # how the taken seats are told: a "cast" to bool, "unequal" or "greater" than 0, or an "einsum" of what fits; "own": the score by a sum over the experts
            "mask": "cast", "own": False,
        }
        unknown = set(options) - set(defaults)
        if unknown:
            raise ValueError(f"unknown options {unknown}")
        self.__dict__.update(defaults | options)
        self.layers = len(self.experts)
        self.graph = Graph(seed, self.opset)

    def build(self):
        g, shape = self.graph, [self.batch, self.sequence, self.hidden]
        value = g.input("hidden_states", FLOAT, shape)
        self.sizes_of_tokens = [g.size(value, axis) for axis in (0, 1)]
        for count in self.experts:
            normal = g.rms_norm(value, self.hidden)
            mixed = self.layer(normal, count)
            if self.residual:
                mixed = self.mix(normal, mixed)
            value = g.op("Add", value, mixed)
        g.output(value, "output", FLOAT, shape)
        return g.model()

    def mix(self, value, mixture):
        """DeepSpeed's residual MoE: a dense MLP beside the experts, and two coefficients a token."""
        g = self.graph
        logits = g.op("Add", g.op("MatMul", value, g.weight(self.hidden, 2)), g.weight(2))
        coefficients = g.op("Softmax", logits, axis=-1)
        parts = [g.op("Slice", coefficients, g.constant([i]), g.constant([i + 1]), g.constant([2]), g.constant([1])) for i in (0, 1)]
        dense = self.mlp(value, self.linear)
        return g.op("Add", g.op("Mul", mixture, parts[0]), g.op("Mul", dense, parts[1]))

    def mlp(self, value, project):
        return project(self.graph.activate(self.activation, project(value, self.hidden, self.inner)), self.inner, self.hidden)

    def linear(self, value, rows, columns):
        g = self.graph
        product = g.op("MatMul", value, g.weight(rows, columns))
        return g.op("Add", product, g.weight(columns)) if self.bias else product

    def capacity(self, count, tokens):
        """max(ceil(tokens / experts * factor), least), as integers, as floats, or as the number that a static shape gives."""
        g, factor = self.graph, self.factor * self.slots
        if self.sizes == "static":
            return g.constant(max(int(numpy.ceil(self.batch * self.sequence / count * factor)), self.least))
        if not self.drop:
            return tokens
        if self.sizes == "floats":
            quotient = g.op("Div", g.cast(tokens, FLOAT), g.number(float(count)))
            scaled = g.op("Ceil", quotient if factor == 1.0 else g.op("Mul", quotient, g.number(factor)))
            seats = g.cast(scaled, INT64)
        else:
            parts = int(factor * 4)
            rounded = g.op("Sub", g.op("Add", g.op("Mul", tokens, g.constant(parts)), g.constant(4 * count)), g.constant(1))
            seats = g.op("Div", rounded, g.constant(4 * count))
        return self.scripted_maximum(seats) if self.scripted else g.op("Max", seats, g.constant(self.least))

    def scripted_maximum(self, seats):
        """`if seats < least: seats = least`, as a scripted function is exported."""
        g, least = self.graph, self.graph.constant(self.least)

        def branch(value):
            result = g.name("branch")
            node = helper.make_node("Identity", [value], [result])
            return helper.make_graph([node], result, [], [helper.make_tensor_value_info(result, INT64, None)])

        return g.op("If", g.op("Less", seats, least), then_branch=branch(least), else_branch=branch(seats))

    def rows_of(self, number, size, kind):
        """One-hot rows of a number a token; `size` is an integer, or the value of one."""
        g = self.graph
        if self.one_hot == "node":
            depth = g.constant(size) if isinstance(size, int) else size
            return g.cast(g.op("OneHot", number, depth, g.constant([0, 1]), axis=-1), kind)
        row = g.constant(list(range(size))) if isinstance(size, int) else g.op("Range", g.constant(0), size, g.constant(1))
        return g.cast(g.op("Equal", g.unsqueeze(number, -1), row), kind)

    def gate(self, logits, count):
        """The combine tensor: tokens x experts x seats."""
        g = self.graph
        tokens = g.op("Mul", *[g.op("Squeeze", size) for size in self.sizes_of_tokens])
        scores = g.op("Softmax", logits, axis=1)
        seats = self.capacity(count, tokens)
        row = int(max(numpy.ceil(self.batch * self.sequence / count * self.factor * self.slots), self.least)) if self.sizes == "static" else seats
        masks = [self.rows_of(g.op("ArgMax", scores, axis=1, keepdims=0), count, INT64)]
        if self.slots == 2:
            rest = g.op("Where", g.cast(masks[0], BOOL), g.number(-numpy.inf), logits)
            masks.append(self.rows_of(g.op("ArgMax", rest, axis=1, keepdims=0), count, INT64))
        kept, places = [], []
        for number, mask in enumerate(masks):
            position = g.op("Sub", g.op("CumSum", mask, g.constant(0)), g.constant(1))
            if number == 1:
                position = g.op("Add", position, g.sum(masks[0], 0, keepdims=1))
            if self.drop:
                mask = g.op("Mul", mask, g.cast(g.op("Less", position, seats), INT64))
            kept.append(g.cast(mask, FLOAT))
            places.append(g.sum(g.op("Mul", position, mask), 1, keepdims=0))
        shares = [self.share(scores, kept[0])] if self.slots == 1 else self.shares(scores, kept)
        seated = [self.rows_of(place, row, FLOAT) for place in places]
        self.fits = g.op("Einsum", kept[0], seated[0], equation="se,sc->sec") if self.mask == "einsum" else None
        terms = [g.op("Einsum", share, rows, equation="se,sc->sec") for share, rows in zip(shares, seated)]
        return terms[0] if self.slots == 1 else g.op("Add", *terms)

    def share(self, scores, kept):
        g = self.graph
        own = g.unsqueeze(g.sum(g.op("Mul", scores, kept), 1, keepdims=0), 1) if self.own else scores
        return g.op("Mul", own, kept)

    def taken(self, combine):
        """1 where a seat is taken."""
        g = self.graph
        if self.mask == "einsum":
            return self.fits
        if self.mask == "greater":
            return g.cast(g.op("Greater", combine, g.number(0.0)), FLOAT)
        return g.cast(g.op("Not", g.op("Equal", combine, g.number(0.0))) if self.mask == "unequal" else g.cast(combine, BOOL), FLOAT)

    def shares(self, scores, kept):
        g = self.graph
        parts = [g.op("Einsum", scores, mask, equation="se,se->s") for mask in kept]
        whole = g.op("Clip", g.op("Add", *parts), g.number(numpy.finfo(numpy.float32).eps))
        return [g.op("Einsum", g.op("Div", part, whole), mask, equation="s,se->se") for part, mask in zip(parts, kept)]

    def layer(self, value, count):
        g = self.graph
        rows = g.reshape(value, [-1, self.hidden])
        biases = [g.weight(count)] if self.gate_bias else []
        combine = self.gate(g.op("Gemm", rows, g.weight(count, self.hidden, scale=1.0), *biases, transB=1), count)
        seats = g.op("Einsum", self.taken(combine), rows, equation="sec,sm->ecm")
        result = g.op("Einsum", combine, self.run_experts(seats, count), equation="sec,ecm->sm")
        return g.reshape(result, g.op("Concat", *self.sizes_of_tokens, g.constant([self.hidden]), axis=0))

    def run_experts(self, seats, count):
        g = self.graph
        if self.form in ("batched", "einsum"):
            return self.mlp(seats, lambda x, k, n: self.batched(x, count, k, n))
        axis = 0
        if self.groups:
            # DeepSpeed's own code has a leading dimension for the groups of experts; one process is one group.
            seats, axis = g.reshape(seats, [1, count, -1, self.hidden]), 1
        if self.form == "split":
            names = {"num_outputs": count} if self.opset >= 18 else {}
            parts = g.op("Split", seats, results=count, axis=axis, **names)
            parts = parts if count > 1 else [parts]
        elif self.form == "slice":
            parts = [g.op("Slice", seats, g.constant([e]), g.constant([e + 1]), g.constant([axis])) for e in range(count)]
        else:
            parts = [g.op("Gather", seats, g.constant(e), axis=axis) for e in range(count)]
        results = [self.mlp(part, self.linear) for part in parts]
        if self.form == "gather":
            results = [g.unsqueeze(result, axis) for result in results]
        joined = g.op("Concat", *results, axis=axis)
        return g.reshape(joined, [count, -1, self.hidden]) if self.groups else joined

    def batched(self, value, count, rows, columns):
        g = self.graph
        weight = g.weight(count, rows, columns)
        product = g.op("Einsum", value, weight, equation="ecm,emi->eci") if self.form == "einsum" else g.op("MatMul", value, weight)
        return g.op("Add", product, g.weight(count, 1, columns)) if self.bias else product

    def feeds(self):
        sizes = [(2, 8), (1, 1), (3, 5), (1, 19), (2, 31), (0, 4)]
        if self.batch != "batch" or self.sequence != "sequence":
            sizes = [(batch, tokens) for batch in ((1, 2, 3) if self.batch == "batch" else (self.batch,))
                     for tokens in ((1, 7, 18) if self.sequence == "sequence" else (self.sequence,))]
        for batch, tokens in sizes:
            yield {"hidden_states": self.graph.random.standard_normal((batch, tokens, self.hidden)).astype(numpy.float32)}
