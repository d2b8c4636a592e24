"""The operators of hybrid models beside attention: a linear attention, its gates and its norm, a shared expert's sum, rotary positions of three axes."""

import numpy

from fused import VOCABULARY, Decoder
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


class HybridDecoder(Hybrid):
    """Layers of a linear attention behind a short convolution, each with a MoE layer and a shared expert, in the way of Qwen3-Next; states of both."""

    defaults = Hybrid.defaults | {"layers": 2, "hidden": 24, "experts": 6, "slots": 2, "value_size": 12, "taps": 4, "processes": False}

    def __init__(self, seed, **options):
        super().__init__(seed, "layer", **options)
        self.moe = Decoder(seed, hidden=self.hidden, experts=self.experts, slots=self.slots)
        self.moe.graph = self.graph

    def state(self, name, *shape):
        self.inputs.append((f"past_{name}", FLOAT, ("batch", *shape)))
        return self.graph.input(f"past_{name}", FLOAT, ("batch", *shape))

    def build(self):
        g = self.graph
        ids = g.input("ids", INT64, ["batch", "tokens"])
        self.inputs.append(("ids", INT64, ("batch", "tokens")))
        stream, presents = g.op("Gather", g.weight(VOCABULARY, self.hidden, scale=1.0), ids, axis=0), {}
        for layer in range(self.layers):
            mixed, conv, recurrent = self.mixer(g.rms_norm(stream, self.hidden), layer)
            presents |= {f"present_conv.{layer}": conv, f"present_recurrent.{layer}": recurrent}
            stream = g.op("Add", stream, mixed)
            normal = g.rms_norm(stream, self.hidden)
            up = g.op("Mul", g.silu(self.linear(normal, self.hidden, 28)), self.linear(normal, self.hidden, 28))
            gate = g.op("Sigmoid", self.linear(normal, self.hidden, 1))
            shared = g.op("GatedAdd", self.moe.mixture(normal), self.linear(up, 28, self.hidden), gate, **DOMAIN)
            stream = g.op("Add", stream, shared)
        g.output(self.linear(g.rms_norm(stream, self.hidden), self.hidden, VOCABULARY), "logits", FLOAT, None)
        for name, value in presents.items():
            g.output(value, name, FLOAT, None)
        return g.model()

    def linear(self, value, rows, columns):
        return self.graph.op("MatMul", value, self.graph.weight(rows, columns, scale=0.3))

    def mixer(self, normal, layer):
        g, widths = self.graph, [self.heads * self.size, self.states * self.size, self.states * self.value_size]
        channels = sum(widths)
        columns = g.op("Transpose", self.linear(normal, self.hidden, channels), perm=[0, 2, 1])
        conv, conv_state = g.op("CausalConvWithState", columns, g.weight(channels, 1, self.taps), "", self.state(f"conv.{layer}", channels, self.taps - 1), results=2,
                                activation="silu", **DOMAIN)
        query, key, value = g.op("Split", g.op("Transpose", conv, perm=[0, 2, 1]), g.constant(widths), axis=-1, results=3)
        heads = g.reshape(key, [0, 0, self.states, self.size])
        key = g.reshape(g.op("LpNormalization", heads, axis=-1, p=2), [0, 0, self.states * self.size])
        decay, rate = g.op("LinearAttentionGate", self.linear(normal, self.hidden, self.states), g.weight(self.states), g.op("Neg", g.op("Exp", g.weight(self.states))),
                           self.linear(normal, self.hidden, self.states), results=2, **DOMAIN)
        mixed, state = g.op("LinearAttention", query, key, value, self.state(f"recurrent.{layer}", self.states, self.size, self.value_size), decay, rate, results=2,
                            q_num_heads=self.heads, kv_num_heads=self.states, **DOMAIN)
        width = max(self.heads, self.states) * self.value_size
        normed = g.op("GatedRMSNorm", mixed, g.weight(self.value_size, offset=1.0), self.linear(normal, self.hidden, width), **DOMAIN)
        return self.linear(normed, width, self.hidden), conv_state, state
