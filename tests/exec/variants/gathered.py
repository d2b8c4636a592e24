"""MoE layers with expert weights gathered for each token and slot, as torch exports the "batched_mm" experts of Hugging Face models."""

import numpy

from graph import BOOL, FLOAT, INT64, Graph


class GatheredLayers:
    """Layers in a row, each with a residual connection, over hidden states."""

    tolerance = None
    more = {}  # options of a derived form

    def __init__(self, seed, **options):
        defaults = {
            "layers": 1, "experts": 8, "slots": 2, "hidden": 24, "inner": 20, "router": "softmax", "normalize": True, "epsilon": 0.0, "scale": 1.0,
            "bias": False, "router_bias": False, "groups": 1, "kept": 1, "fill": 0.0, "gather": "nd", "repeat": "expand", "halves": "split",
            "weight_first": True, "activation": "silu", "gated": True, "shared": None, "opset": 20, "batch": "batch", "sequence": "sequence",
            # "no", or what multiplies what the experts read: a "product" of repeated tokens, or one that "repeats" them itself
            "weigh_inputs": "no",
            "limit": None, "processes": False, "told": False, "router_scale": 1.0, "selection_bias": options.get("router") == "sigmoid", "divide_by": "sum", "group_by_largest": False,
            "renumber": "no",  # or a table of other numbers for the chosen experts: "gather" or "nd"
        } | self.more
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
            mixed = self.layer(normal)
            if self.shared:
                mixed = g.op("Add", mixed, self.shared_expert(normal))
            value = g.op("Add", value, mixed)
        g.output(value, "output", FLOAT, shape)
        return g.model()

    def shared_expert(self, value):
        g = self.graph
        up = g.op("Mul", g.silu(g.op("MatMul", value, g.weight(self.hidden, 28))), g.op("MatMul", value, g.weight(self.hidden, 28)))
        dense = g.op("MatMul", up, g.weight(28, self.hidden))
        gate = g.op("Sigmoid", g.op("MatMul", value, g.weight(self.hidden, 1)))
        return g.op("Mul", gate, dense) if self.shared == "gated" else dense

    def score(self, rows):
        bias = [self.graph.weight(self.experts)] if self.router_bias else []
        return self.graph.op("Gemm", rows, self.graph.weight(self.experts, self.hidden, scale=self.router_scale), *bias, transB=1)

    def choose(self, rows):
        """Ids and weights, tokens x slots; where they are told they are outputs of the graph, too."""
        ids, weights = self.route(rows)
        if self.renumber != "no":
            g, table = self.graph, self.graph.constant(self.graph.random.permutation(self.experts).tolist())
            ids = g.op("Gather", table, ids, axis=0) if self.renumber == "gather" else g.op("GatherND", table, g.unsqueeze(ids, -1))
        if self.told:
            for name, value, kind in ((f"ids.{rows}", ids, INT64), (f"weights.{rows}", weights, FLOAT)):
                self.graph.output(value, name, kind, ["tokens", self.slots])
        return ids, weights

    def route(self, rows):
        """Ids and weights, tokens x slots."""
        g, slots = self.graph, self.graph.constant([self.slots])
        logits = self.score(rows)
        if self.router == "mixer":
            return self.mix_sparsely(logits)
        if self.router == "select":
            weights, ids = g.op("TopK", logits, slots, results=2)
            return ids, g.op("Softmax", weights, axis=-1)
        if self.router in ("select_sigmoid", "logits"):
            logits, ids = g.op("TopK", logits, slots, results=2)
            return ids, logits if self.router == "logits" else g.op("Sigmoid", logits)
        scores = self.score_experts(logits)
        if self.selection_bias:
            keys = self.limit_groups(g.op("Add", scores, g.weight(self.experts)))
            ids = g.op("TopK", keys, slots, results=2, sorted=int(self.told))[1]
            weights = g.op("GatherElements", scores, ids, axis=-1)
        else:
            weights, ids = g.op("TopK", self.limit_groups(scores), slots, results=2)
        if self.normalize:
            weights = g.op("Div", weights, self.divisor(weights))
        return ids, weights if self.scale == 1.0 else g.op("Mul", weights, g.number(self.scale))

    def score_experts(self, logits):
        g = self.graph
        if self.router == "root":
            return g.op("Sqrt", g.op("Softplus", logits))
        return g.op("Sigmoid", logits) if self.router == "sigmoid" else g.op("Softmax", logits, axis=-1)

    def divisor(self, weights):
        """The sum of a token's weights with an epsilon, a sum that is at least that, or their Euclidean length."""
        g = self.graph
        if self.divide_by == "length":
            return g.op("ReduceL2", weights, g.constant([-1]), keepdims=1)
        whole = g.sum(weights, -1, keepdims=1)
        if not self.epsilon:
            return whole
        return g.op("Max" if self.divide_by == "floor" else "Add", whole, g.number(self.epsilon))

    def mix_sparsely(self, logits):
        """Two choices of Phi-3.5-MoE, each weighed by a softmax over the logits that stand near it."""
        g, keys, ids, weights = self.graph, logits, [], []
        magnitude = g.op("Abs", logits)
        for _ in range(2):
            largest = g.op("ReduceMax", keys, axes=[-1], keepdims=1) if self.opset < 18 else g.op("ReduceMax", keys, g.constant([-1]), keepdims=1)
            ids.append(g.op("ArgMax", keys, axis=-1, keepdims=1))
            distance = g.op("Div", g.op("Sub", largest, logits), g.op("Max", magnitude, largest))
            near = g.op("Where", g.op("Greater", distance, g.number(0.2)), g.number(-numpy.inf), keys)
            weights.append(g.op("GatherElements", g.op("Softmax", near, axis=-1), ids[-1], axis=-1))
            keys = g.op("ScatterElements", logits, ids[-1], g.filled(g.op("Shape", ids[-1]), -numpy.inf), axis=-1)
        return g.op("Concat", *ids, axis=-1), g.op("Concat", *weights, axis=-1)

    def limit_groups(self, keys):
        """Only the experts of the groups with the largest sums of two keys, or the largest key, may be chosen."""
        g, size = self.graph, self.experts // self.groups
        if self.groups == 1:
            return keys
        view = g.reshape(keys, [-1, self.groups, size])
        if self.group_by_largest:
            sums = g.op("ReduceMax", view, g.constant([-1]), keepdims=0)
        else:
            sums = g.sum(g.op("TopK", view, g.constant([2]), results=2)[0], -1, keepdims=0)
        chosen = g.op("TopK", sums, g.constant([self.kept]), results=2, sorted=0)[1]
        ones = g.filled(g.op("Shape", chosen), 1.0)
        mask = g.op("ScatterElements", g.op("Expand", g.number(0.0), g.op("Shape", sums)), chosen, ones, axis=1)
        mask = g.reshape(g.op("Expand", g.unsqueeze(mask, -1), g.constant([1, self.groups, size])), [-1, self.experts])
        return g.op("Where", g.op("Not", g.cast(mask, BOOL)), g.number(self.fill), keys)

    def gathered(self, *shape):
        g = self.graph
        weight = g.weight(*shape)
        return g.op("GatherND", weight, g.unsqueeze(self.ids, -1)) if self.gather == "nd" else g.op("Gather", weight, self.ids, axis=0)

    def project(self, value, inputs, outputs):
        """Each row times the matrix of its expert."""
        g = self.graph
        if self.weight_first:
            product = g.squeeze(g.op("MatMul", self.gathered(self.experts, outputs, inputs), g.unsqueeze(value, -1)), -1)
        else:
            product = g.squeeze(g.op("MatMul", g.unsqueeze(value, 1), self.gathered(self.experts, inputs, outputs)), 1)
        return g.op("Add", product, self.gathered(self.experts, outputs)) if self.bias else product

    def gate_and_up(self, value):
        g = self.graph
        if self.halves == "two":
            return self.project(value, self.hidden, self.inner), self.project(value, self.hidden, self.inner)
        both = self.project(value, self.hidden, 2 * self.inner)
        if self.halves == "split":
            return g.op("Split", both, results=2, axis=1, **({"num_outputs": 2} if self.opset >= 18 else {}))
        end = numpy.iinfo(numpy.int64).max
        bounds = [(0, end, 2), (1, end, 2)] if self.halves == "interleaved" else [(0, self.inner, 1), (self.inner, 2 * self.inner, 1)]
        return [g.op("Slice", both, g.constant([start]), g.constant([stop]), g.constant([1]), g.constant([step])) for start, stop, step in bounds]

    def activated(self, value):
        g = self.graph
        if not self.gated:
            return g.activate(self.activation, self.project(value, self.hidden, self.inner))
        return self.glu(*self.gate_and_up(value))

    def glu(self, gate, up):
        g = self.graph
        if self.limit is None:
            return g.op("Mul", g.activate(self.activation, gate), up)
        gate = g.op("Clip", gate, "", g.number(self.limit))
        up = g.op("Clip", up, g.number(-self.limit), g.number(self.limit))
        glu = g.op("Mul", gate, g.op("Sigmoid", g.op("Mul", gate, g.number(1.702))))
        return g.op("Mul", g.op("Add", up, g.number(1.0)), glu)

    def layer(self, value):
        g, k, h = self.graph, self.slots, self.hidden
        rows = g.reshape(value, [-1, h])
        ids, weights = self.choose(rows)
        self.ids = g.reshape(ids, [-1])
        repeated = g.unsqueeze(rows, 1)
        if self.weigh_inputs == "repeats":
            repeated = g.op("Mul", repeated, g.unsqueeze(weights, -1))
        else:
            repeated = g.op("Tile" if self.repeat == "tile" else "Expand", repeated, g.constant([1, k, 1]))
        read, column = g.reshape(repeated, [-1, h]), g.unsqueeze(g.reshape(weights, [-1]), -1)
        if self.weigh_inputs == "product":
            read = g.op("Mul", read, column)
        weighed = self.project(self.activated(read), self.inner, h)
        if self.weigh_inputs == "no":
            weighed = g.op("Mul", weighed, column)
        mixed = g.sum(g.reshape(weighed, [-1, k, h]), 1, keepdims=0)
        return g.reshape(mixed, g.op("Concat", *self.sizes, g.constant([h]), axis=0))

    def feeds(self):
        sizes = [(2, 7), (1, 1), (3, 17), (0, 3)]
        if self.batch != "batch" or self.sequence != "sequence":
            sizes = [(batch, tokens) for batch in ((1, 3) if self.batch == "batch" else (self.batch,))
                     for tokens in ((1, 11) if self.sequence == "sequence" else (self.sequence,))]
        for batch, tokens in sizes:
            yield {"hidden_states": self.graph.random.standard_normal((batch, tokens, self.hidden)).astype(numpy.float32)}
