"""The operators of hybrid models beside attention: a linear attention, its gates and its norm, a shared expert's sum, rotary positions of three axes."""

import numpy

from graph import FLOAT, INT64, Graph

DOMAIN = {"domain": "com.microsoft"}


class Hybrid:
    layers, processes, tolerance = 0, False, None
    defaults = {"heads": 4, "keys": None, "states": 2, "size": 8, "value_size": 8, "rule": "gated_delta", "past": True, "by_key": False, "one_rate": False,
                "scale": 0.0, "activation": None, "layout": 0, "interleaved": 0, "rank": 4, "rotated": 0, "rate": True, "dilation": 1, "channels_last": False, "opset": 21}

    def __init__(self, seed, operator, **options):
        unknown = set(options) - set(self.defaults)
        if unknown:
            raise ValueError(f"unknown options {unknown}")
        self.__dict__.update(self.defaults | options)
        self.operator, self.graph, self.inputs = operator, Graph(seed, self.opset), []

    def build(self):
        getattr(self, self.operator)()
        return self.graph.model()

    def input(self, name, *shape, kind=FLOAT):
        shape = ("batch", "tokens", *shape) if len(shape) == 1 else shape
        self.inputs.append((name, kind, shape))
        return self.graph.input(name, kind, shape)

    def outputs(self, results):
        for index, result in enumerate([results] if isinstance(results, str) else results):
            self.graph.output(result, f"y{index}", FLOAT, None)

    def attention(self):
        """The rate lies between 0 and 1, the decay below 0."""
        g = self.graph
        operands = [self.input("query", self.heads * self.size), self.input("key", (self.keys or self.states) * self.size),
                    self.input("value", self.states * self.value_size),
                    self.input("past", "batch", self.states, self.size, self.value_size) if self.past else ""]
        if self.rule.startswith("gated"):
            decay = self.input("decay", self.states * (self.size if self.by_key else 1))
            operands.append(g.op("Neg", g.op("Abs", decay)))
        else:
            operands.append("")
        if self.rule.endswith("delta"):
            operands.append(g.op("Sigmoid", self.input("rate", 1 if self.one_rate else self.states)))
        while operands[-1] == "":
            operands.pop()
        self.outputs(g.op("LinearAttention", *operands, results=2, q_num_heads=self.heads, kv_num_heads=self.states, update_rule=self.rule, scale=self.scale,
                          **DOMAIN))

    def gate(self):
        g = self.graph
        operands = [self.input("a", self.heads), g.weight(self.heads), g.weight(self.heads)] + ([self.input("b", self.heads)] if self.rate else [])
        self.outputs(g.op("LinearAttentionGate", *operands, results=1 + self.rate, **DOMAIN))

    def norm(self):
        columns = self.heads * self.size
        attributes = {"activation": self.activation, "epsilon": 1e-3} if self.activation else {}
        self.outputs(self.graph.op("GatedRMSNorm", self.input("x", columns), self.graph.weight(self.size, offset=1.0), self.input("gate", columns), **attributes,
                                   **DOMAIN))

    def shared(self):
        self.outputs(self.graph.op("GatedAdd", self.input("x", self.size), self.input("y", self.size), self.input("gate", 1), **DOMAIN))

    def conv(self):
        """With the channels last they are two dimensions."""
        g, taps, channels = self.graph, 4, self.heads * self.size
        last = [self.heads, self.size] if self.channels_last else None
        x = self.input("x", "batch", "tokens", *last) if last else self.input("x", "batch", channels, "tokens")
        held = (taps - 1) * self.dilation
        past = (self.input("past", "batch", held, *last) if last else self.input("past", "batch", channels, held)) if self.past else ""
        operands = [x, g.weight(channels, 1, taps), g.weight(channels), past]
        while operands[-1] == "":
            operands.pop()
        self.outputs(g.op("CausalConvWithState", *operands, results=2, dilation=self.dilation, channels_last=int(self.channels_last),
                          activation=self.activation or "none", **DOMAIN))

    def rotary(self):
        half, g = (self.rotated or self.size) // 2, self.graph
        x = self.input("x", "batch", self.heads, "tokens", self.size) if self.rank == 4 else self.input("x", self.heads * self.size)
        positions = self.input("positions", 3, "batch", "tokens", kind=INT64)
        sections = [half - 2 * (half // 3), half // 3, half // 3]
        self.outputs(g.op("MRotaryEmbedding", x, positions, g.weight(32, half), g.weight(32, half), mrope_section=sections, mrope_layout=self.layout,
                          interleaved=self.interleaved, num_heads=self.heads, rotary_embedding_dim=self.rotated, **DOMAIN))

    def feeds(self):
        random = self.graph.random
        for batch, tokens in ((2, 5), (1, 1), (3, 17)):
            sizes = {"batch": batch, "tokens": tokens}
            feed = {}
            for name, kind, shape in self.inputs:
                shape = [sizes.get(dim, dim) for dim in shape]
                feed[name] = random.randint(0, 32, shape) if kind == INT64 else 0.5 * random.standard_normal(shape).astype(numpy.float32)
            yield feed
