"""MoE layers as loops over all experts, unrolled: NonZero, gathered rows, an MLP, weights, scattered sums. TorchScript's and dynamo's ways mix."""

import numpy
from gathered import GatheredLayers
from graph import BOOL, INT64


class LoopedLayers(GatheredLayers):
    def __init__(self, seed, **options):
        ways = {
            # one_hot | compared (with 1, of each expert) | row (compared with 0 … E-1) | number (compared with e)
            "mask": "one_hot", "permute": True, "room": 0,
            # split | slice | gather | plain (of NonZero as it is)
            "lookup": "split",
            # gather | nd | leading (an axis of 1 in front) | turned (the same, brought behind the tokens and back)
            "rows": "gather",
            # flat (token * k + slot) | tuple | none (one slot, which counts once)
            "weigh": "flat",
            # nd | elements | zeros (written into zeros that are added)
            "add": "nd",
            # folded (MatMul) | gemm | gathered (of weights stacked by expert) | split
            "weights": "folded",
            "order": "ascending",
            # the tokens are written in two parts, index by index
            "written": False,
            # what the sum begins at: filled | product (tokens times 0) | shared (an expert of all tokens) | between (the tokens, added amid the experts)
            "start": "filled",
        }
        own = {key: options.pop(key, value) for key, value in ways.items()}
        super().__init__(seed, **options)
        self.__dict__.update(own)

    def expert_weight(self, *shape):
        """The weight of the expert whose body is written, taken out of a stacked one where there are such."""
        g = self.graph
        if self.weights in ("folded", "gemm"):
            return g.weight(*shape)
        position, self.position = self.position, self.position + 1
        if len(self.stacked) <= position:
            whole = g.weight(self.experts, *shape)
            parts = g.op("Split", whole, g.constant([1] * self.experts), results=self.experts, axis=0) if self.weights == "split" else whole
            self.stacked.append([parts] if isinstance(parts, str) and self.weights == "split" else parts)
        if self.weights == "split":
            return g.squeeze(self.stacked[position][self.expert], 0)
        return g.op("Gather", self.stacked[position], g.constant(self.expert), axis=0)

    def project(self, value, inputs, outputs):
        g = self.graph
        if self.weights == "gemm":
            biases = [self.expert_weight(outputs)] if self.bias else []
            return g.op("Gemm", value, self.expert_weight(outputs, inputs), *biases, transB=1)
        if self.weights == "folded":
            product = g.op("MatMul", value, self.expert_weight(inputs, outputs))
        else:
            product = g.op("MatMul", value, g.op("Transpose", self.expert_weight(outputs, inputs), perm=[1, 0]))
        return g.op("Add", product, self.expert_weight(outputs)) if self.bias else product

    def gate_and_up(self, value):
        if self.halves != "chunk":
            return super().gate_and_up(value)
        # TorchScript computes the bounds of chunk(2) from the shape.
        g = self.graph
        both = self.project(value, self.hidden, 2 * self.inner)
        last = g.constant([-1])
        size = g.op("Div", g.op("Add", g.op("Gather", g.op("Shape", both), last, axis=0), g.constant([1])), g.constant([2]))
        ends = [g.op("Mul", size, g.constant([i])) for i in (1, 2)]
        return [g.op("Slice", both, start, end, last) for start, end in ((g.constant([0]), ends[0]), (ends[0], ends[1]))]

    def masks(self, ids):
        """The mask of each expert, slots x tokens or tokens x slots."""
        g, count = self.graph, self.experts
        if self.mask == "number":
            chosen = [g.op("Equal", ids, g.constant(e)) for e in range(count)]
            return [g.op("Transpose", mask, perm=[1, 0]) for mask in chosen] if self.permute else chosen
        if self.mask == "row":
            mask = g.cast(g.op("Equal", g.unsqueeze(ids, -1), g.constant(list(range(count)))), INT64)
        else:
            mask = g.op("OneHot", ids, g.constant(count + self.room), g.constant([0, 1]), axis=-1)
        if self.permute:
            mask = g.op("Transpose", mask, perm=[2, 1, 0])
        own = [g.op("Gather", mask, g.constant(e), axis=0 if self.permute else 2) for e in range(count)]
        return [g.op("Equal", each, g.constant(1)) if self.mask == "compared" else g.cast(each, BOOL) for each in own]

    def look_up(self, mask):
        """Token and slot of each choice."""
        g = self.graph
        found = g.op("NonZero", mask)
        if self.lookup == "plain":
            parts = [g.op("Gather", found, g.constant(i), axis=0) for i in (0, 1)]
        else:
            found = g.op("Transpose", found, perm=[1, 0])
            if self.lookup == "split":
                parts = g.op("Split", found, g.constant([1, 1]), results=2, axis=1)
            elif self.lookup == "slice":
                parts = [g.op("Slice", found, g.constant([i]), g.constant([i + 1]), g.constant([1])) for i in (0, 1)]
            else:
                parts = [g.op("Gather", found, g.constant([i]), axis=1) for i in (0, 1)]
            parts = [g.squeeze(part, 1) for part in parts]
        return reversed(parts) if self.permute else parts

    def rows_of(self, rows, token):
        g = self.graph
        if self.rows == "nd":
            return g.op("GatherND", rows, g.unsqueeze(token, -1))
        if self.rows == "turned":
            turned = g.op("Transpose", g.unsqueeze(rows, 0), perm=[1, 0, 2])
            return g.reshape(g.op("Transpose", g.op("GatherND", turned, g.unsqueeze(token, -1)), perm=[1, 0, 2]), [-1, self.hidden])
        if self.rows == "leading":
            return g.reshape(g.op("Gather", g.unsqueeze(rows, 0), token, axis=1), [-1, self.hidden])
        return g.op("Gather", rows, token, axis=0)

    def weights_of(self, weights, token, slot):
        g = self.graph
        column = g.unsqueeze(weights, 2)
        if self.weigh == "tuple":
            return g.op("GatherND", column, g.op("Concat", g.unsqueeze(token, -1), g.unsqueeze(slot, -1), axis=-1))
        sizes = g.op("Shape", column)
        slots, ones = [g.op("Gather", sizes, g.constant([axis]), axis=0) for axis in (1, 2)]
        position = g.op("Add", slot, g.op("Mul", token, slots))
        taken = g.op("Gather", g.op("Flatten", column, axis=2), position, axis=0)
        return g.reshape(taken, g.op("Concat", g.op("Shape", position), ones, axis=0))

    def add_to(self, total, token, value):
        g = self.graph
        if self.add == "nd":
            return g.op("ScatterND", total, g.unsqueeze(token, -1), value, reduction="add")
        first = g.op("Slice", total, g.constant([0, 0]), g.constant([1, numpy.iinfo(numpy.int64).max]), g.constant([0, 1]))
        value = g.op("Expand", value, g.op("Shape", first))
        index = g.op("Expand", g.unsqueeze(token, 1), g.op("Shape", value))
        if self.add == "elements":
            return g.op("ScatterElements", total, index, value, axis=0, reduction="add")
        return g.op("Add", total, g.op("ScatterElements", self.begin(total), index, value, axis=0))

    def begin(self, rows):
        """Zeros in the shape of the rows."""
        return self.graph.filled(self.graph.op("Shape", rows), 0.0)

    def write(self, value):
        """TorchScript's x[..., :n] = a; x[..., n:] = b."""
        g, split, end = self.graph, 5, numpy.iinfo(numpy.int64).max
        total = g.filled(g.op("Shape", value), 0.0)
        for first, last in ((0, split), (split, end)):
            bounds = [g.constant([first]), g.constant([last])]
            part = g.op("Slice", value, *bounds, g.constant([2]))
            lines = [g.op("Range", g.constant(0), g.op("Gather", g.op("Shape", total), g.constant(axis), axis=0), g.constant(1)) for axis in range(3)]
            lines[2] = g.op("Slice", lines[2], *bounds, g.constant([0]))
            lines = [g.reshape(line, [-1] + [1] * (2 - axis)) for axis, line in enumerate(lines)]
            shape = g.op("Shape", g.op("Add", g.op("Add", lines[0], lines[1]), lines[2]))
            grids = [g.unsqueeze(g.op("Expand", line, shape), -1) for line in lines]
            total = g.op("ScatterND", total, g.op("Concat", *grids, axis=-1), g.reshape(part, shape))
        return total

    def layer(self, value):
        g = self.graph
        rows = g.reshape(self.write(value) if self.written else value, [-1, self.hidden])
        ids, weights = self.choose(rows)
        masks = self.masks(ids)
        if self.start in ("filled", "between"):
            total = self.begin(rows)
        else:
            total = g.op("Mul", rows, g.number(0.0)) if self.start == "product" else self.shared_expert(rows)
        self.stacked = []
        experts = range(self.experts) if self.order == "ascending" else self.graph.random.permutation(self.experts)
        for self.expert in map(int, experts):
            self.position = 0
            token, slot = self.look_up(masks[self.expert])
            read, inputs = self.rows_of(rows, token), self.weigh_inputs == "product"
            if inputs:
                read = g.op("Mul", read, self.weights_of(weights, token, slot))
            result = self.project(self.activated(read), self.inner, self.hidden)
            if self.weigh != "none" and not inputs:
                result = g.op("Mul", result, self.weights_of(weights, token, slot))
            total = self.add_to(total, token, result)
            if self.start == "between" and self.expert == self.experts // 2:
                total = g.op("Add", total, rows)
        return g.reshape(total, g.op("Concat", *self.sizes, g.constant([self.hidden]), axis=0))
