"""One attention: the standard operator or com.microsoft.MultiHeadAttention, over named batch and numbers of tokens."""

import numpy

from graph import BOOL, FLOAT, INT32, INT64, Graph

VISIBLE = 0.7


class Attention:
    layers, processes, tolerance = 0, False, None
    defaults = {"heads": 4, "kv_heads": 2, "size": 8, "value_size": 8, "rank": 4, "causal": False, "past": False, "cross": False, "scale": None,
                "softcap": 0.0, "scores": None, "lengths": False, "mask": None, "mask_shape": ("batch", 1, "queries"), "opset": 23}

    def __init__(self, seed, **options):
        unknown = set(options) - set(self.defaults)
        if unknown:
            raise ValueError(f"unknown options {unknown}")
        self.__dict__.update(self.defaults | options)
        self.graph = Graph(seed, self.opset)
        self.inputs = []

    @property
    def tokens(self):
        """What the new keys are counted by."""
        return "keys" if self.cross else "queries"

    def input(self, name, kind, shape):
        self.inputs.append((name, kind, shape))
        return self.graph.input(name, kind, shape)

    def over_keys(self, name, kind, shape):
        """An input with one number for each key, those of the past in front."""
        new = self.input(name, kind, [*shape, self.tokens])
        return self.graph.op("Concat", self.input(name + "_past", kind, [*shape, "past"]), new, axis=-1) if self.past else new

    def rows(self, name, heads, size, count):
        return self.input(name, FLOAT, ["batch", heads, count, size] if self.rank == 4 else ["batch", count, heads * size])

    def caches(self):
        return [self.input(f"past_{name}", FLOAT, ["batch", self.kv_heads, "past", size]) if self.past else ""
                for name, size in (("key", self.size), ("value", self.value_size))]

    def node(self, kind, operands, outputs, **attributes):
        """The node, of which `outputs` are read; results in front of them are there, too."""
        while operands[-1] == "":
            operands.pop()
        last = max(outputs.values())
        results = self.graph.op(kind, *operands, results=max(last + 1, 2), **attributes)
        for name, index in outputs.items():
            self.graph.output(results[index], name, FLOAT, None)
        return self.graph.model()

    def build(self):
        operands = [self.rows("query", self.heads, self.size, "queries"), self.rows("key", self.kv_heads, self.size, self.tokens),
                    self.rows("value", self.kv_heads, self.value_size, self.tokens)]
        operands.append(self.over_keys("mask", {"bool": BOOL, "float": FLOAT}[self.mask], self.mask_shape) if self.mask else "")
        operands += self.caches()
        operands.append(self.input("lengths", INT64, ["batch"]) if self.lengths else "")
        attributes = {"is_causal": int(self.causal), "softcap": self.softcap, "qk_matmul_output_mode": self.scores or 0}
        attributes |= {"q_num_heads": self.heads, "kv_num_heads": self.kv_heads} if self.rank == 3 else {}
        attributes |= {"scale": self.scale} if self.scale else {}
        outputs = {"output": 0} | ({"present_key": 1, "present_value": 2} if self.past else {}) | ({"scores": 3} if self.scores is not None else {})
        return self.node("Attention", operands, outputs, **attributes)

    def feeds(self):
        for batch, queries, keys, past in ((2, 5, 7, 3), (1, 1, 9, 6), (3, 4, 4, 0), (1, 8, 2, 1)):
            sizes = {"batch": batch, "queries": queries, "keys": keys if self.cross else queries, "past": past}
            yield {name: self.tensor(name, kind, [sizes.get(dim, dim) for dim in shape], sizes) for name, kind, shape in self.inputs}

    def tensor(self, name, kind, shape, sizes):
        random = self.graph.random
        if name == "lengths":
            return random.randint(1, sizes["keys"] + 1, shape)
        if kind == BOOL:
            mask = random.random_sample(shape) < VISIBLE
            mask[..., 0, :] = False  # a query that sees no key
            return mask
        return random.standard_normal(shape).astype(numpy.float32)


class MultiHead(Attention):
    """`padding`: how the mask of the padding is given, by "length", "keys" or "queries"; `added`: batch and heads of what is added to the scores."""

    defaults = Attention.defaults | {"rank": 3, "kv_heads": 4, "opset": 20, "bias": False, "padding": None, "added": None, "filter": None}

    def build(self):
        columns = self.heads * self.size
        operands = [self.input("query", FLOAT, ["batch", "queries", columns]), self.rows("key", self.heads, self.size, self.tokens),
                    self.rows("value", self.heads, self.value_size, self.tokens)]
        operands.append(self.graph.weight(2 * columns + self.heads * self.value_size) if self.bias else "")
        if self.padding == "length":
            operands.append(self.input("length", INT32, ["batch"]))
        else:
            shapes = {"keys": ["batch"], "queries": ["batch", "queries"]}
            operands.append(self.over_keys("padding", INT32, shapes[self.padding]) if self.padding else "")
        operands.append(self.over_keys("added", FLOAT, [*self.added, "queries"]) if self.added else "")
        operands += self.caches()
        attributes = {"num_heads": self.heads, "unidirectional": int(self.causal)}
        attributes |= {key: value for key, value in (("scale", self.scale), ("mask_filter_value", self.filter)) if value}
        outputs = {"output": 0} | ({"present_key": 1, "present_value": 2} if self.past else {})
        return self.node("MultiHeadAttention", operands, outputs, domain="com.microsoft", **attributes)

    def tensor(self, name, kind, shape, sizes):
        if name == "length":
            return self.graph.random.randint(1, sizes["keys"] + 1, shape, numpy.int32)
        if kind == INT32:
            return self.graph.random.randint(0, 2, shape, numpy.int32)
        return super().tensor(name, kind, shape, sizes)
