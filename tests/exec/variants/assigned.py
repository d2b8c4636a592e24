"""MoE layers as loops over experts that assign through a mask of rows, `rows[mask] = expert(...)` or `rows[mask] += ...`, as torch exports indexing."""

import numpy
from graph import BOOL, FLOAT, INT64
from looped import LoopedLayers


class AssignedLayers(LoopedLayers):
    def __init__(self, seed, **options):
        ways = {
            # repeated (rows of slots, written, then weighed and summed) | any (of the slots) | shares (looked up themselves) | slots (one after another)
            # | pairs (of token and slot)
            "form": "repeated",
            # how indexing is exported: dynamo | torchscript (which looks a mask up for each reading)
            "written": "dynamo",
            # mask (element by element) | index (row by row)
            "by": "mask",
            # how shares make a mask: they are one | greater (than 0) | unequal (to 0) | column (of their matrix, compared with 0)
            "compared": "no",
            # how any slot is told: ReduceMax | ReduceSum
            "join": "ReduceMax",
            # the share of an expert: column (of a matrix) | summed (over the slots of which the id is the expert's)
            "share": "column",
            # the mask is compared anew for each of its readings
            "compares": "once",
            # of the tokens and masks: flat | batched (sequences of tokens) | mixed (read by flat masks, written by batched ones)
            "shape": "flat",
            # what repeats the tokens: Expand | Tile
            "repeat": "Expand",
            # what is added is scattered with a sum, and not written over what was read
            "adds": False,
        }
        own = {key: options.pop(key, value) for key, value in ways.items()}
        super().__init__(seed, weights="gemm", permute=False, **options)
        self.__dict__.update(own)

    def found(self, mask):
        """The tokens of a mask, one index in a row."""
        g = self.graph
        tuples = g.op("Transpose", g.op("NonZero", mask), perm=[1, 0])
        if mask in self.batched:
            if self.written == "torchscript":
                return tuples
            lines = [g.squeeze(g.op("Slice", tuples, g.constant([i]), g.constant([i + 1]), g.constant([1])), 1) for i in (0, 1)]
            shape = g.op("Shape", g.op("Max", *lines))
            return g.op("Concat", *[g.unsqueeze(g.op("Expand", line, shape), -1) for line in lines], axis=-1)
        if self.by == "index":
            first = g.op("Slice", tuples, g.constant([0]), g.constant([1]), g.constant([1]))
            return g.unsqueeze(g.squeeze(first, 1), -1)
        if self.written == "torchscript":
            return tuples
        line = g.squeeze(tuples, 1)
        return g.unsqueeze(g.op("Expand", line, g.op("Shape", g.op("Max", line))), -1)

    def read(self, value, mask):
        """value[mask]"""
        g = self.graph
        if self.written == "torchscript":
            return g.op("Gather", value, g.squeeze(self.found(mask), -1), axis=0) if self.by == "index" else g.op("GatherND", value, self.found(mask))
        if mask not in self.tokens:
            self.tokens[mask] = self.found(mask)
        return g.op("GatherND", value, self.tokens[mask])

    def assign(self, total, mask, value):
        """total[mask] = value"""
        g = self.graph
        if self.by == "index":
            return g.op("ScatterND", total, self.tokens.get(mask) or self.found(mask), value)
        wide = g.op("Expand", g.unsqueeze(mask, -1), g.op("Shape", total))
        tuples = g.op("Transpose", g.op("NonZero", wide), perm=[1, 0])
        if self.written == "torchscript":
            size = g.op("Gather", g.op("Shape", tuples), g.constant(0), axis=0)
            vector = g.op("Slice", g.reshape(value, [-1]), g.constant([0]), g.unsqueeze(size, 0), g.constant([0]))
        else:
            count = g.op("ReduceSum", g.cast(g.reshape(mask, [-1]), INT64), keepdims=1)
            sizes = g.op("Concat", count, g.op("Slice", g.op("Shape", total), g.constant([-1]), g.constant([9]), g.constant([0])), axis=0)
            vector = g.reshape(g.op("Expand", value, sizes), [-1])
        return g.op("ScatterND", total, tuples, vector)

    def add_rows(self, total, mask, value):
        """total[mask] += value"""
        g = self.graph
        if self.adds:
            return g.op("ScatterND", total, self.found(mask), value, reduction="add")
        return self.assign(total, mask, g.op("Add", self.read(total, mask), value))

    def run_expert(self, expert, rows, mask):
        self.expert, self.position = expert, 0
        return self.project(self.activated(self.read(rows, mask)), self.inner, self.hidden)

    def expert_weight(self, *shape):
        """An expert's weights are the same in each slot."""
        key, self.position = (self.layer_number, self.expert, self.position), self.position + 1
        if key not in self.matrices:
            self.matrices[key] = self.graph.weight(*shape)
        return self.matrices[key]

    def repeat_rows(self, rows):
        """Each token for all of its slots, one after another."""
        g = self.graph
        return g.op(self.repeat, g.unsqueeze(rows, 1), g.constant([1, self.slots, 1]))

    def compare(self, ids, e):
        return self.graph.op("Equal", ids, self.graph.constant(e))

    def repeated(self, rows, ids, weights):
        g, k, h = self.graph, self.slots, self.hidden
        rows = g.reshape(self.repeat_rows(rows), [-1, h])
        flat, total = g.reshape(ids, [-1]), self.begin(rows)
        for e in self.order_of_experts():
            mask = self.compare(flat, e)
            other = self.compare(flat, e) if self.compares == "twice" else mask
            total = self.assign(total, other, self.run_expert(e, rows, mask))
        return g.sum(g.op("Mul", g.reshape(total, [-1, k, h]), g.unsqueeze(weights, -1)), 1, keepdims=0)

    def order_of_experts(self):
        return range(self.experts) if self.order == "ascending" else map(int, self.graph.random.permutation(self.experts))

    def matrix(self, rows, ids, weights):
        g = self.graph
        last = g.constant([-1])
        sizes = g.op("Concat", g.op("Slice", g.op("Shape", rows), g.constant([0]), last, g.constant([0])), g.constant([self.experts]), axis=0)
        if self.router == "sparse":
            return g.op("Softmax", g.op("ScatterElements", self.begin_matrix(sizes, -numpy.inf), ids, weights, axis=-1), axis=-1)
        return g.op("ScatterElements", self.begin_matrix(sizes, 0.0), ids, weights, axis=-1)

    def begin_matrix(self, sizes, number):
        return self.graph.filled(sizes, number)

    def share_of(self, full, e):
        if self.share == "summed":
            g, (_, ids, weights) = self.graph, self.routes
            return g.sum(g.op("Mul", weights, g.cast(self.compare(ids, e), FLOAT)), -1, keepdims=0)
        return self.graph.op("Gather", full, self.graph.constant(e), axis=-1)

    def weigh_rows(self, rows, share, mask):
        return self.graph.op("Mul", rows, self.graph.unsqueeze(self.read(share, mask), 1))

    def by_shares(self, rows, ids, weights):
        self.routes = rows, ids, weights
        g, full, total = self.graph, self.matrix(rows, ids, weights), self.begin(rows)
        for e in self.order_of_experts():
            share = self.share_of(full, e)
            mask = self.share_mask(full, share, e) if self.form == "shares" else self.any_slot(self.compare(ids, e))
            read, own = mask, rows
            if self.shape == "mixed":
                read, own = g.reshape(mask, [-1]), g.reshape(rows, [-1, self.hidden])
                share = self.share_of(g.reshape(full, [-1, self.experts]), e)
            if self.shape != "flat":
                self.batched.add(mask)
            total = self.add_rows(total, mask, self.weigh_rows(self.run_expert(e, own, read), share, read))
        return total

    def share_mask(self, full, share, e):
        g = self.graph
        if self.compared == "unequal":
            return g.op("Not", g.op("Equal", share, g.number(0.0)))
        if self.compared == "greater":
            return g.op("Greater", share, g.number(0.0))
        return g.op("Gather", g.op("Greater", full, g.number(0.0)), g.constant(e), axis=-1) if self.compared == "column" else share

    def any_slot(self, mask):
        g = self.graph
        axes = {"axes": [-1]} if self.join == "ReduceMax" and self.opset < 18 else {}
        joined = g.op(self.join, g.cast(mask, INT64), *([] if axes else [g.constant([-1])]), keepdims=0, **axes)
        return g.op("Greater", joined, g.constant(0)) if self.join == "ReduceSum" else g.cast(joined, BOOL)

    def slot_of_weights(self, weights, k):
        return self.graph.op("Gather", weights, self.graph.constant(k), axis=1)

    def mask_of_slot(self, ids, own, e, k):
        return self.compare(own, e)

    def by_slot(self, total, rows, ids, weights, k):
        g = self.graph
        own, weight = g.op("Gather", ids, g.constant(k), axis=1), self.slot_of_weights(weights, k)
        for e in self.order_of_experts():
            if e == self.skipped:
                continue
            mask = self.mask_of_slot(ids, own, e, k)
            total = self.add_rows(total, mask, g.op("Mul", g.unsqueeze(self.read(weight, mask), 1), self.run_expert(e, rows, mask)))
        return total

    def by_slots(self, rows, ids, weights):
        total, self.skipped = self.begin(rows), None
        for k in range(self.slots):
            total = self.by_slot(total, rows, ids, weights, k)
        return total

    def read_back(self, total, token, slot):
        return self.rows_of(total, token)

    def by_pairs(self, rows, ids, weights):
        """token, slot = where(ids == e); rows[token] += weights[token, slot] * expert(...)"""
        g, total = self.graph, self.begin(rows)
        for self.expert in self.order_of_experts():
            self.position = 0
            token, slot = self.look_up(self.compare(ids, self.expert))
            result = self.project(self.activated(self.rows_of(rows, token)), self.inner, self.hidden)
            result = g.op("Mul", self.weights_of(weights, token, slot), result)
            total = g.op("ScatterND", total, g.unsqueeze(token, -1), g.op("Add", self.read_back(total, token, slot), result))
        return total

    def score(self, rows):
        if self.shape == "flat":
            return super().score(rows)
        return self.graph.op("MatMul", rows, self.graph.weight(self.hidden, self.experts))

    def route(self, rows):
        if self.router != "sparse":
            return super().route(rows)
        # The logits themselves: the function of their matrix makes weights.
        logits, ids = self.graph.op("TopK", self.score(rows), self.graph.constant([self.slots]), results=2)
        return ids, logits

    def computed(self, rows, ids, weights):
        forms = {"repeated": self.repeated, "any": self.by_shares, "shares": self.by_shares, "slots": self.by_slots, "pairs": self.by_pairs}
        return forms[self.form](rows, ids, weights)

    def layer(self, value):
        g = self.graph
        self.tokens, self.matrices, self.batched = {}, {}, set()
        self.layer_number = getattr(self, "layer_number", -1) + 1
        rows = g.reshape(value, [-1, self.hidden]) if self.shape == "flat" else value
        ids, weights = self.choose(rows)
        return g.reshape(self.computed(rows, ids, weights), g.op("Concat", *self.sizes, g.constant([self.hidden]), axis=0))


def assigned(**variants):
    return {name: (AssignedLayers, options) for name, options in variants.items()}


ASSIGNED = {
    "assigned-rows": assigned(
        repeated_deepseek={"layers": 2, "slots": 3, "halves": "two", "processes": True, "told": True},
        repeated_torchscript={"written": "torchscript", "repeat": "Tile", "experts": 5, "bias": True, "gated": False, "activation": "gelu", "opset": 17},
        repeated_index={"by": "index", "layers": 2, "router": "sigmoid", "epsilon": 1e-20, "scale": 2.5, "halves": "two"},
        repeated_index_torchscript={"by": "index", "written": "torchscript", "experts": 16, "slots": 6, "normalize": False, "opset": 17, "shared": "plain"},
        repeated_one_slot={"slots": 1, "experts": 3, "activation": "relu", "gated": False},
        repeated_shuffled={"order": "shuffled", "router": "select", "experts": 7, "slots": 4, "router_bias": True},
        repeated_static={"batch": 2, "sequence": 5, "repeat": "Tile"},
        repeated_single_token={"batch": 1, "sequence": 1, "written": "torchscript"},
        repeated_one_expert={"experts": 1, "slots": 1, "by": "index"},
        repeated_compared_twice={"compares": "twice", "layers": 2, "halves": "two", "slots": 3, "experts": 4},
        repeated_compared_twice_torchscript={"compares": "twice", "written": "torchscript", "repeat": "Tile", "opset": 17},
        repeated_groups={"router": "sigmoid", "groups": 4, "kept": 2, "slots": 3, "epsilon": 1e-20, "scale": 2.5, "shared": "gated"},
    ),
    "assigned-sums": assigned(
        any_dynamo={"form": "any", "layers": 2, "bias": True, "halves": "two", "processes": True},
        any_torchscript={"form": "any", "written": "torchscript", "join": "ReduceSum", "experts": 5, "slots": 3, "opset": 17},
        any_added={"form": "any", "adds": True, "router": "select", "gated": False, "activation": "gelu"},
        any_summed={"form": "any", "share": "summed", "layers": 2, "experts": 5, "slots": 3},
        shares_summed={"form": "shares", "share": "summed", "compared": "greater", "written": "torchscript", "opset": 17},
        any_batched={"form": "any", "shape": "batched", "layers": 2, "experts": 4, "bias": True},
        any_batched_torchscript={"form": "any", "shape": "batched", "written": "torchscript", "join": "ReduceSum", "experts": 3, "opset": 17},
        any_mixed={"form": "any", "shape": "mixed", "router": "sparse", "gated": False, "activation": "relu", "bias": True, "layers": 2},
        any_mixed_torchscript={"form": "any", "shape": "mixed", "router": "sparse", "written": "torchscript", "experts": 5, "opset": 17},
        shares_batched={"form": "shares", "shape": "batched", "compared": "greater", "experts": 5, "slots": 3},
        any_index={"form": "any", "by": "index", "order": "shuffled", "slots": 1},
        shares_dynamo={"form": "shares", "by": "index", "adds": True, "layers": 2, "bias": True},
        shares_torchscript={"form": "shares", "by": "index", "written": "torchscript", "adds": True, "experts": 6, "slots": 4, "opset": 17},
        shares_read_back={"form": "shares", "by": "index", "router": "sigmoid", "epsilon": 1e-20, "scale": 2.5, "experts": 3},
        shares_greater={"form": "shares", "compared": "greater", "layers": 2, "experts": 5, "slots": 3},
        shares_unequal={"form": "shares", "compared": "unequal", "written": "torchscript", "router": "sigmoid", "normalize": False, "opset": 17},
        shares_column={"form": "shares", "compared": "column", "adds": True, "router": "select", "bias": True, "experts": 6},
        slots_dynamo={"form": "slots", "layers": 2, "experts": 4, "halves": "two", "told": True},
        slots_torchscript={"form": "slots", "written": "torchscript", "slots": 3, "experts": 5, "bias": True, "opset": 17},
        slots_index={"form": "slots", "by": "index", "order": "shuffled", "gated": False, "activation": "relu", "experts": 6},
        slots_of_one={"form": "slots", "slots": 1, "experts": 3},
        slots_added={"form": "slots", "adds": True, "by": "index", "experts": 3, "slots": 3, "normalize": False},
        pairs_mistral={"form": "pairs", "layers": 2, "router": "select", "rows": "nd", "weigh": "tuple", "halves": "two"},
        pairs_torchscript={"form": "pairs", "lookup": "slice", "experts": 5, "slots": 3, "bias": True, "opset": 17},
    ),
}
