"""The operators of encoders as ONNX Runtime fuses them: com.microsoft.EmbedLayerNormalization and com.microsoft.Attention, which projects its operands."""

import numpy

from attention import Attention
from graph import FLOAT, INT32

HIDDEN, WORDS, PLACES = 12, 11, 24


class Packed(Attention):
    """`padding`: how the mask of the padding is given, by "length", "range", "keys" or "queries"; `computed`: the weights are no constants."""

    defaults = Attention.defaults | {"opset": 20, "padding": None, "added": None, "filter": None, "computed": False}

    def build(self):
        g, columns = self.graph, self.heads * self.size
        all_columns = 2 * columns + self.heads * self.value_size
        matrix = self.input("matrix", FLOAT, [HIDDEN, all_columns]) if self.computed else g.weight(HIDDEN, all_columns)
        operands = [self.input("x", FLOAT, ["batch", "queries", HIDDEN]), matrix, g.weight(all_columns)]
        if self.padding in ("length", "range"):
            ends = self.input("length", INT32, ["batch"])
            operands.append(g.op("Concat", ends, self.input("start", INT32, ["batch"]), axis=0) if self.padding == "range" else ends)
        else:
            shapes = {"keys": ["batch"], "queries": ["batch", "queries"]}
            operands.append(self.over_keys("padding", INT32, shapes[self.padding]) if self.padding else "")
        operands.append(self.input("past", FLOAT, [2, "batch", self.heads, "past", self.size]) if self.past else "")
        operands.append(self.over_keys("added", FLOAT, [*self.added, "queries"]) if self.added else "")
        attributes = {"num_heads": self.heads, "unidirectional": int(self.causal)}
        attributes |= {key: value for key, value in (("scale", self.scale), ("mask_filter_value", self.filter)) if value}
        if self.size != self.value_size:
            attributes["qkv_hidden_sizes"] = [columns, columns, self.heads * self.value_size]
        outputs = {"output": 0} | ({"present": 1} if self.past else {})
        while operands[-1] == "":
            operands.pop()
        results = g.op("Attention", *operands, results=len(outputs), domain="com.microsoft", **attributes)
        for name, index in outputs.items():
            g.output(results if len(outputs) == 1 else results[index], name, FLOAT, None)
        return g.model()

    def tensor(self, name, kind, shape, sizes):
        random = self.graph.random
        if name == "length":
            return random.randint(sizes["queries"] // 2 + 1, sizes["queries"] + 1, shape, numpy.int32)
        if name == "start":
            return random.randint(0, sizes["queries"] // 2 + 1, shape, numpy.int32)
        return random.randint(0, 2, shape, numpy.int32) if kind == INT32 else super().tensor(name, kind, shape, sizes)


class Embedding(Attention):
    """`narrow` positions are of one row, for all sequences."""

    defaults = {"segments": True, "masked": True, "positions": None, "opset": 20}

    def build(self):
        g = self.graph
        tables = [g.weight(WORDS, HIDDEN), g.weight(PLACES, HIDDEN), g.weight(2, HIDDEN) if self.segments else ""]
        operands = [self.input("words", INT32, ["batch", "tokens"]), self.input("segments", INT32, ["batch", "tokens"]) if self.segments else "", *tables,
                    g.weight(HIDDEN, offset=1.0), g.weight(HIDDEN), self.input("mask", INT32, ["batch", "tokens"]) if self.masked else "",
                    self.input("positions", INT32, [self.positions, "tokens"]) if self.positions else ""]
        while operands[-1] == "":
            operands.pop()
        results = g.op("EmbedLayerNormalization", *operands, results=3, domain="com.microsoft", epsilon=1e-5)
        for index, kind in enumerate((FLOAT, INT32, FLOAT)):
            g.output(results[index], f"y{index}", kind, None)
        return g.model()

    def feeds(self):
        counts = {"words": WORDS, "segments": 2, "mask": 2, "positions": PLACES}
        for batch, tokens in ((2, 5), (1, 1), (3, PLACES)):
            sizes = {"batch": batch, "tokens": tokens}
            yield {name: self.graph.random.randint(0, counts[name], [sizes.get(dim, dim) for dim in shape], numpy.int32) for name, _, shape in self.inputs}
