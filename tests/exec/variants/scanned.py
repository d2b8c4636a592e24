"""MoE layers of which the experts are the iterations of a Loop, or of a Scan over the stacked weights."""

from gathered import GatheredLayers
from graph import BOOL, FLOAT, INT64
from onnx import helper


class ScannedLayers(GatheredLayers):
    more = {
        "kind": "loop",
        # dense (all tokens times the share of the expert) | lookup (NonZero, gathered rows, scattered sums)
        "body": "dense",
        # state (the sum goes from one iteration to the next) | rows (stacked, weighed and summed behind)
        "collect": "state",
        # masked (ids compared with the number) | matrix (column of the routes spread over all experts) | scanned (row of the same)
        "share": "masked",
        # of the iterations: number | shape | size (of weights)
        "count": "number",
        "start": "filled",  # or "product": the tokens times 0
        "condition": True,  # or the body compares the number with the count, or there is none
    }

    def stacked(self, *shape):
        """A matrix of the expert of an iteration, out of those of all experts."""
        g = self.graph
        weight = g.weight(self.experts, *shape)
        self.first = self.first or weight
        if self.kind == "loop":
            return g.op("Gather", weight, self.number, axis=0)
        return self.scanned(weight, shape)

    def scanned(self, value, shape):
        name = self.graph.name("part")
        self.scan_inputs.append(value)
        self.arguments.append(helper.make_tensor_value_info(name, FLOAT, shape))
        return name

    def project(self, value, inputs, outputs):
        g = self.graph
        product = g.op("MatMul", value, self.stacked(inputs, outputs))
        return g.op("Add", product, self.stacked(outputs)) if self.bias else product

    def gate_and_up(self, value):
        if self.halves == "two":
            return self.project(value, self.hidden, self.inner), self.project(value, self.hidden, self.inner)
        return super().gate_and_up(value)

    def spread(self, ids, weights):
        g = self.graph
        zeros = g.filled(g.op("Shape", self.logits), 0.0)
        return g.op("ScatterElements", zeros, ids, weights, axis=1)

    def score(self, rows):
        self.logits = super().score(rows)
        return self.logits

    def get_share(self):
        g = self.graph
        if self.share == "masked":
            mask = g.cast(g.op("Equal", self.ids, self.number), FLOAT)
            return g.sum(g.op("Mul", mask, self.weights), -1, keepdims=1)
        if self.share == "scanned":
            return g.unsqueeze(self.scanned(self.turned, [None]), 1)
        return g.unsqueeze(g.op("Gather", self.matrix, self.number, axis=1), 1)

    def dense(self, rows, total):
        g = self.graph
        result = self.project(self.activated(rows), self.inner, self.hidden)
        if self.collect == "rows":
            return total, result
        return g.op("Add", total, g.op("Mul", result, self.get_share())), None

    def lookup(self, rows, total):
        g = self.graph
        found = g.op("NonZero", g.op("Equal", self.ids, self.number))
        token, slot = [g.reshape(part, [-1]) for part in g.op("Split", found, g.constant([1, 1]), results=2, axis=0)]
        read = g.op("Gather", rows, token, axis=0)
        result = self.project(self.activated(read), self.inner, self.hidden)
        places = g.op("Concat", g.unsqueeze(token, 1), g.unsqueeze(slot, 1), axis=1)
        weighed = g.op("Mul", result, g.unsqueeze(g.op("GatherND", self.weights, places), 1))
        return g.op("ScatterND", total, g.unsqueeze(token, 1), weighed, reduction="add"), None

    def write_body(self, rows):
        """The nested graph, with the inputs of the node."""
        g = self.graph
        outer, g.nodes = g.nodes, []
        self.arguments, self.scan_inputs, self.first = [], [], None
        self.number, go, state = g.name("number"), g.name("go"), g.name("state")
        index = [self.number]
        if self.kind == "scan":
            self.scan_inputs.append(g.constant(range(self.experts)))
            self.arguments.append(helper.make_tensor_value_info(self.number, INT64, []))
        total, row = (self.dense if self.body == "dense" else self.lookup)(rows, state)
        results = [(g.op("Identity", total), FLOAT)] + ([(row, FLOAT)] if row else [])
        inputs = [helper.make_tensor_value_info(state, FLOAT, None)]
        if self.kind == "loop":
            on = g.op("Less", g.op("Add", self.number, g.constant(1)), g.constant(self.experts)) if self.condition == "compared" else g.op("Identity", go)
            results.insert(0, (on, BOOL))
            inputs = [helper.make_tensor_value_info(*index, INT64, []), helper.make_tensor_value_info(go, BOOL, [])] + inputs
        else:
            inputs += self.arguments
        outputs = [helper.make_tensor_value_info(name, kind, None if kind == FLOAT else []) for name, kind in results]
        body = helper.make_graph(g.nodes, g.name("body"), inputs, outputs)
        g.nodes = outer
        return body, len(outputs)

    def times(self):
        g = self.graph
        if self.count == "number":
            return g.constant(self.experts)
        if self.count == "shape":
            return g.op("Gather", g.op("Shape", self.first), g.constant(0), axis=0)
        return g.op("Size", g.weight(self.experts))

    def layer(self, value):
        g, h = self.graph, self.hidden
        rows = g.reshape(value, [-1, h])
        self.ids, self.weights = self.route(rows)
        if self.share != "masked" or self.collect == "rows":
            self.matrix = self.spread(self.ids, self.weights)
            self.turned = g.op("Transpose", self.matrix, perm=[1, 0])
        total = g.op("Mul", rows, g.number(0.0)) if self.start == "product" else g.filled(g.op("Shape", rows), 0.0)
        body, count = self.write_body(rows)
        if self.kind == "loop":
            condition = "" if self.condition is None else g.constant(True, bool)
            results = g.op("Loop", self.times() if self.condition != "alone" else "", condition, total, results=count - 1, body=body)
        else:
            results = g.op("Scan", total, *self.scan_inputs, results=count, body=body, num_scan_inputs=len(self.scan_inputs))
        mixed = results if isinstance(results, str) else results[0]
        if self.collect == "rows":
            mixed = g.sum(g.op("Mul", results[1], g.unsqueeze(self.turned, -1)), 0, keepdims=0)
        return g.reshape(mixed, g.op("Concat", *self.sizes, g.constant([h]), axis=0))
