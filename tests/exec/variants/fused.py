"""Decoders with com.microsoft.MoE, GroupQueryAttention and a cache, in the shapes that onnxruntime-genai writes."""

import numpy

from graph import FLOAT, INT64, Graph

VOCABULARY, POSITIONS = 37, 32


class Decoder:
    def __init__(self, seed, **options):
        defaults = {
            "layers": 1, "experts": 4, "slots": 2, "hidden": 24, "inner": 20, "heads": 4, "kv_heads": 2, "head": 16, "activation": "silu",
            "normalize": 1, "expert_bias": False, "router_bias": False, "attention_bias": False, "packed": False, "rotary": True, "window": -1,
            "softcap": 0.0, "sinks": None, "limit": None, "interleaved": 0, "opset": 21, "scale": 0.0, "batch": "batch_size",
            "shared": False, "all_operands": True, "positions": False, "processes": False,
        }
        unknown = set(options) - set(defaults)
        if unknown:
            raise ValueError(f"unknown options {unknown}")
        self.__dict__.update(defaults | options)
        self.graph = Graph(seed, self.opset)
        self.tolerance = None

    def build(self):
        g, cache = self.graph, ["past_sequence_length", self.head]
        ids = g.input("input_ids", INT64, [self.batch, "sequence_length"])
        mask = g.input("attention_mask", INT64, [self.batch, "total_sequence_length"])
        self.stated = g.input("position_ids", INT64, [self.batch, "sequence_length"]) if self.positions else ""
        self.pasts = [[g.input(f"past_key_values.{layer}.{part}", FLOAT, [self.batch, self.kv_heads, *cache]) for part in ("key", "value")]
                      for layer in range(self.layers)]
        last = g.op("Sub", g.op("ReduceSum", mask, g.constant([1]), keepdims=0), g.constant([1]))
        self.lengths = g.cast(last, 6)
        self.total = g.cast(g.op("Gather", g.op("Shape", mask), g.constant(1), axis=0), 6)
        if self.rotary:
            angles = numpy.outer(numpy.arange(POSITIONS), 1000.0 ** -numpy.linspace(0, 1, self.head // 2))
            self.cosine, self.sine = g.number(numpy.cos(angles)), g.number(numpy.sin(angles))
        stream = g.op("Gather", g.weight(VOCABULARY, self.hidden, scale=1.0), ids, axis=0)
        normal, presents = g.rms_norm(stream, self.hidden), []
        for layer in range(self.layers):
            attention, key, value = self.attention(normal, layer)
            presents += [(f"present.{layer}.key", key), (f"present.{layer}.value", value)]
            normal, stream = g.skip_norm(stream, attention, self.hidden)
            mixture = self.mixture(normal)
            if self.shared:
                gate = g.op("Sigmoid", g.op("MatMul", normal, g.weight(self.hidden, 1)))
                up = g.op("Mul", g.silu(g.op("MatMul", normal, g.weight(self.hidden, 28))), g.op("MatMul", normal, g.weight(self.hidden, 28)))
                mixture = g.op("Add", mixture, g.op("Mul", gate, g.op("MatMul", up, g.weight(28, self.hidden))))
            if not self.normalize:
                # ONNX Runtime's MoE may write over an input that nothing reads later: this output reads it.
                g.output(normal, f"kept.{layer}", FLOAT, [self.batch, "sequence_length", self.hidden])
            normal, stream = g.skip_norm(stream, mixture, self.hidden)
        logits = g.op("MatMul", normal, g.weight(self.hidden, VOCABULARY))
        g.output(logits, "logits", FLOAT, [self.batch, "sequence_length", VOCABULARY])
        for name, value in presents:
            g.output(value, name, FLOAT, [self.batch, self.kv_heads, "total_sequence_length", self.head])
        return g.model()

    def linear(self, value, rows, columns):
        g = self.graph
        product = g.op("MatMul", value, g.weight(rows, columns))
        return g.op("Add", product, g.weight(columns)) if self.attention_bias else product

    def attention(self, value, layer):
        g, q, kv = self.graph, self.heads * self.head, self.kv_heads * self.head
        if self.packed:
            operands = [self.linear(value, self.hidden, q + 2 * kv), "", ""]
        else:
            operands = [self.linear(value, self.hidden, width) for width in (q, kv, kv)]
        operands += [*self.pasts[layer], self.lengths, self.total]
        operands += [self.cosine, self.sine] if self.rotary else ["", ""]
        sink = g.weight(self.heads, scale=1.0) if self.sinks == "stated" else ""
        operands += [self.stated, "", sink]
        attributes = {"num_heads": self.heads, "kv_num_heads": self.kv_heads, "do_rotary": int(self.rotary), "local_window_size": self.window,
                      "softcap": self.softcap, "scale": self.scale, "rotary_interleaved": self.interleaved}
        if self.sinks == "smooth":
            attributes["smooth_softmax"] = 1
        while operands[-1] == "":
            operands.pop()
        mixed, key, present = g.op("GroupQueryAttention", *operands, domain="com.microsoft", results=3, **attributes)
        return self.linear(mixed, q, self.hidden), key, present

    def mixture(self, value):
        g, e, h, i = self.graph, self.experts, self.hidden, self.inner
        logits = g.op("MatMul", value, g.weight(h, e, scale=1.0))
        if self.router_bias:
            logits = g.op("Add", logits, g.weight(e))
        logits = g.reshape(logits, [-1, e])
        rows = 2 * i if self.activation == "swiglu" else i
        biases = [g.weight(e, rows), g.weight(e, h)] if self.expert_bias else ["", ""]
        operands = [value, logits, g.weight(e, rows, h), biases[0], g.weight(e, h, i), biases[1]]
        operands += ["", ""] if self.all_operands else []
        attributes = {"activation_type": self.activation, "k": self.slots, "normalize_routing_weights": self.normalize}
        if self.activation == "swiglu":
            attributes |= {"activation_alpha": 1.702, "activation_beta": 1.0, "swiglu_fusion": 1}
            attributes |= {"swiglu_limit": self.limit} if self.limit else {}
        return g.op("MoE", *operands, domain="com.microsoft", **attributes)

    def feeds(self):
        """A prompt, a decode step, a single token, a step of several tokens, a step of unequal lengths, an empty batch."""
        sets = [(2, 6, 0, (6, 6)), (2, 1, 5, (6, 6)), (1, 1, 0, (1,)), (1, 3, 4, (7,)), (3, 1, 9, (10, 7, 10)), (0, 3, 0, ())]
        for batch, tokens, past, lengths in sets:
            if self.batch != "batch_size" and batch != self.batch:
                continue
            yield self.feed(batch, tokens, past, lengths)

    def feed(self, batch, tokens, past, lengths):
        random = self.graph.random
        mask = numpy.zeros((batch, past + tokens), numpy.int64)
        for row, length in enumerate(lengths):
            mask[row, :length] = 1
        feed = {"input_ids": random.randint(0, VOCABULARY, (batch, tokens)), "attention_mask": mask}
        if self.positions:
            feed["position_ids"] = numpy.tile(numpy.arange(past, past + tokens), (batch, 1))
        for layer in range(self.layers):
            for part in ("key", "value"):
                shape = (batch, self.kv_heads, past, self.head)
                feed[f"past_key_values.{layer}.{part}"] = random.standard_normal(shape).astype(numpy.float32)
        return feed
