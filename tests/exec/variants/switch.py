"""Layers of Switch Transformers: one expert a token, with a capacity for each sequence; experts are masked, or look up their tokens."""

import numpy

from graph import BOOL, FLOAT, INT64, Graph


class SwitchLayers:
    """Layers in a row, each with a residual connection, over hidden states.

    form: how experts meet the mask. "dense": all tokens, times a part of the mask. "rows": NonZero of a part over all tokens, Gather, ScatterND
    of rows. "slots": NonZero of slots x tokens, GatherND, weights for each row. "elements": a boolean mask over the elements of the tokens, as
    TorchScript assigns. "assign": the same row by row. "columns": token numbers expanded over the elements of a row, ScatterElements into zeros, Add.
    keep: tokens without a seat keep their hidden state.
    """

    tolerance = None

    def __init__(self, seed, **options):
        defaults = {
            "layers": 1, "experts": 4, "hidden": 24, "inner": 20, "capacity": 2, "form": "dense", "one_hot": "equal", "part": "gather", "compare": "LessOrEqual",
            "weight": "largest", "scope": "sequence", "activation": "relu", "gated": False, "bias": False, "router_bias": False, "keep": False, "fitted": "slice", "joined": False, "weighed": True, "zeros": "expand", "opset": 18,
            "batch": "batch", "sequence": "sequence", "processes": False,
        }
        unknown = set(options) - set(defaults)
        if unknown:
            raise ValueError(f"unknown options {unknown}")
        self.__dict__.update(defaults | options)
        self.graph = Graph(seed, self.opset)

    def build(self):
        g, shape = self.graph, [self.batch, self.sequence, self.hidden]
        value = g.input("hidden_states", FLOAT, shape)
        self.sizes = [g.size(value, axis) for axis in (0, 1)]
        for _ in range(self.layers):
            normal = g.rms_norm(value, self.hidden)
            value = g.op("Add", value, self.layer(normal))
        g.output(value, "output", FLOAT, shape)
        return g.model()

    def reduce(self, kind, value):
        g = self.graph
        return g.op(kind, value, axes=[-1], keepdims=0) if self.opset < 18 else g.op(kind, value, g.constant([-1]), keepdims=0)

    def seats(self):
        """The capacity: a number, or a share of the sequence, rounded up."""
        g, parts = self.graph, int(self.capacity * 4)
        if isinstance(self.capacity, int):
            return g.constant(self.capacity)
        tokens = g.op("Mul", self.sizes[0], self.sizes[1]) if self.scope == "call" else self.sizes[1]
        rounded = g.op("Sub", g.op("Add", g.op("Mul", tokens, g.constant(parts)), g.constant(4 * self.experts)), g.constant(1))
        return g.op("Div", rounded, g.constant(4 * self.experts))

    def route(self, value):
        """The mask, tokens x experts, and one weight a token; `value` is B x S x H, or T x H where the capacity is that of the call."""
        g, experts = self.graph, self.experts
        bias = [g.weight(experts)] if self.router_bias else []
        logits = g.op("MatMul", value, g.weight(self.hidden, experts, scale=1.0))
        scores = g.op("Softmax", g.op("Add", logits, *bias) if bias else logits, axis=-1)
        if self.weight == "topk":
            weights, column = g.op("TopK", scores, g.constant([1]), results=2, axis=-1)
            ids = g.squeeze(column, -1)
        else:
            ids = g.op("ArgMax", scores, axis=-1, keepdims=0)
            column = g.unsqueeze(ids, -1)
            kind = "ReduceMin" if self.weight == "smallest" else "ReduceMax"
            weights = g.op("GatherElements", scores, column, axis=-1) if self.weight == "gathered" else g.unsqueeze(self.reduce(kind, scores), -1)
        if self.one_hot == "node":
            chosen = g.op("OneHot", ids, g.constant(experts), g.constant([0, 1]), axis=-1)
        else:
            chosen = g.cast(g.op("Equal", column, g.constant(range(experts))), INT64)
        count = g.op("CumSum", chosen, g.constant(-2))
        seats = self.seats() if self.compare == "LessOrEqual" else g.op("Add", self.seats(), g.constant(1))
        fits = g.op(self.compare, count, seats)
        if self.compare == "Less":
            return g.op("And", g.cast(chosen, BOOL), fits), weights
        return g.op("Mul", chosen, g.cast(fits, INT64)), weights

    def mlp(self, value):
        g = self.graph
        first = self.project(value, self.hidden, self.inner)
        active = g.activate(self.activation, first)
        if self.gated:
            active = g.op("Mul", active, self.project(value, self.hidden, self.inner))
        return self.project(active, self.inner, self.hidden)

    def project(self, value, rows, columns):
        g = self.graph
        bias = [g.weight(columns)] if self.bias else []
        if self.form in ("rows", "slots"):
            return g.op("Gemm", value, g.weight(columns, rows), *bias, transB=1)
        product = g.op("MatMul", value, g.weight(rows, columns))
        return g.op("Add", product, *bias) if bias else product

    def part_of(self, mask, expert, axis):
        """One expert's part of the mask, without the axis of the experts."""
        g = self.graph
        if self.part == "gather":
            return g.op("Gather", mask, g.constant(expert), axis=axis)
        if self.part == "slice":
            part = g.op("Slice", mask, g.constant([expert]), g.constant([expert + 1]), g.constant([axis]))
        else:
            if mask not in self.parts:
                names = {"num_outputs": self.experts} if self.opset >= 18 else {}
                self.parts[mask] = g.op("Split", mask, results=self.experts, axis=axis, **names)
            part = self.parts[mask][expert]
        return g.squeeze(part, axis)

    def zeros_like(self, value):
        g = self.graph
        return g.op("Expand", g.number(0.0), g.op("Shape", value)) if self.zeros == "expand" else g.filled(g.op("Shape", value), 0.0)

    def layer(self, value):
        g = self.graph
        self.parts = {}
        rank = 3
        if self.scope == "call":
            value, rank = g.reshape(value, [-1, self.hidden]), 2
        mask, weights = self.route(value)
        if self.form in ("rows", "slots", "columns"):
            rows = g.reshape(value, [-1, self.hidden])
            result = getattr(self, self.form)(rows, mask, weights, rank)
        else:
            result = getattr(self, self.form)(value, mask, rank)
        back = g.op("Concat", *self.sizes, g.constant([self.hidden]), axis=0)
        if self.form in ("slots", "columns"):
            return g.reshape(result, back)
        if self.form == "rows" and self.scope != "call":
            result = g.reshape(result, back)
        result = g.op("Mul", result, weights) if self.weighed else result
        return g.reshape(result, back) if self.scope == "call" else result

    def dense(self, value, mask, rank):
        g = self.graph
        total = self.zeros_like(value)
        for expert in range(self.experts):
            part = g.cast(g.unsqueeze(self.part_of(mask, expert, rank - 1), -1), FLOAT)
            total = g.op("Add", total, g.op("Mul", self.mlp(value), part))
        return total

    def rows(self, rows, mask, weights, rank):
        g = self.graph
        total = self.zeros_like(rows)
        for expert in range(self.experts):
            found = g.op("Transpose", g.op("NonZero", g.reshape(self.part_of(mask, expert, rank - 1), [-1])), perm=[1, 0])
            tokens = g.squeeze(found, 1)
            result = self.mlp(g.op("Gather", rows, g.reshape(tokens, [-1]), axis=0))
            total = g.op("ScatterND", g.reshape(total, [-1, self.hidden]), g.unsqueeze(tokens, -1), result, reduction="add")
        return total

    def lookup(self, turned, expert):
        """Coordinates of the tokens of an expert: [n, 2] of NonZero over slots x tokens, and its two columns."""
        g = self.graph
        found = g.op("Transpose", g.op("NonZero", self.part_of(turned, expert, 0)), perm=[1, 0])
        columns = [g.op("Slice", found, g.constant([i]), g.constant([i + 1]), g.constant([1]), g.constant([1])) for i in (0, 1)]
        return [g.squeeze(column, 1) for column in columns]

    def slots(self, rows, mask, weights, rank):
        g = self.graph
        del rank
        kept = g.cast(mask, INT64) if self.compare == "Less" else mask
        turned = g.op("Transpose", g.reshape(kept, [-1, 1, self.experts]), perm=[2, 1, 0])
        each = g.unsqueeze(g.reshape(weights, [-1, 1]), 2)
        total = self.zeros_like(rows)
        for expert in range(self.experts):
            slot, token = (g.unsqueeze(column, -1) for column in self.lookup(turned, expert))
            result = self.mlp(g.op("GatherND", rows, token))
            weight = g.op("GatherND", each, g.op("Concat", token, slot, axis=-1))
            total = g.op("ScatterND", total, token, g.op("Mul", result, weight), reduction="add")
        return total

    def assign(self, value, mask, rank):
        g = self.graph
        total = g.op("Identity", value) if self.keep else self.zeros_like(value)
        for expert in range(self.experts):
            found = g.op("NonZero", g.cast(self.part_of(mask, expert, rank - 1), BOOL))
            if self.joined:
                columns = [g.unsqueeze(g.op("Gather", found, g.constant(axis), axis=0), -1) for axis in range(rank - 1)]
                tuples = g.op("Concat", *columns, axis=-1) if rank > 2 else columns[0]
            else:
                tuples = g.op("Transpose", found, perm=[1, 0])
            total = g.op("ScatterND", total, tuples, self.mlp(g.op("GatherND", value, tuples)))
        return total

    def elements(self, value, mask, rank):
        g = self.graph
        total = g.op("Identity", value) if self.keep else self.zeros_like(value)
        for expert in range(self.experts):
            part = g.cast(self.part_of(mask, expert, rank - 1), BOOL)
            result = self.mlp(g.op("GatherND", value, g.op("Transpose", g.op("NonZero", part), perm=[1, 0])))
            whole = g.op("Expand", g.unsqueeze(part, rank - 1), g.op("Shape", total))
            found = g.op("Transpose", g.op("NonZero", whole), perm=[1, 0])
            values = self.fit(result, found, part)
            total = g.op("ScatterND", total, found, values)
        return total

    def fit(self, result, found, part):
        """The elements that are written, of which the exporter does not know that there are as many."""
        g = self.graph
        if self.fitted == "expand":
            count = g.op("ReduceSum", g.cast(g.reshape(part, [-1]), INT64), keepdims=1)
            return g.reshape(g.op("Expand", result, g.op("Concat", count, g.constant([self.hidden]), axis=0)), [-1])
        count = g.unsqueeze(g.op("Gather", g.op("Shape", found), g.constant(0), axis=0), 0)
        return g.op("Slice", g.reshape(result, [-1]), g.constant([0]), count, g.constant([0]))

    def columns(self, rows, mask, weights, rank):
        g = self.graph
        del rank
        kept = g.cast(mask, INT64) if self.compare == "Less" else mask
        turned = g.op("Transpose", g.reshape(kept, [-1, 1, self.experts]), perm=[2, 1, 0])
        each = g.unsqueeze(g.reshape(weights, [-1, 1]), 2)
        total = self.zeros_like(rows)
        for expert in range(self.experts):
            slot, token = self.lookup(turned, expert)
            result = self.mlp(g.op("Gather", rows, token, axis=0))
            slots = g.op("Gather", g.op("Shape", each), g.constant([1]), axis=0)
            weight = g.op("Gather", g.op("Flatten", each, axis=2), g.op("Add", slot, g.op("Mul", token, slots)), axis=0)
            weighed = g.op("Mul", result, weight)
            first = g.op("Slice", total, g.constant([0, 0]), g.constant([1, 2**63 - 1]), g.constant([0, 1]))
            weighed = g.op("Expand", weighed, g.op("Shape", first))
            index = g.op("Expand", g.unsqueeze(token, 1), g.op("Shape", weighed))
            total = g.op("Add", total, g.op("ScatterElements", self.zeros_like(total), index, weighed, axis=0))
        return total

    def feeds(self):
        sizes = [(2, 8), (1, 1), (3, 5), (1, 19), (2, 31), (0, 4)]
        if self.batch != "batch" or self.sequence != "sequence":
            sizes = [(batch, tokens) for batch in ((1, 2, 3) if self.batch == "batch" else (self.batch,))
                     for tokens in ((1, 7, 18) if self.sequence == "sequence" else (self.sequence,))]
        for batch, tokens in sizes:
            yield {"hidden_states": self.graph.random.standard_normal((batch, tokens, self.hidden)).astype(numpy.float32)}
