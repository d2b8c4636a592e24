"""Layers with quantised weights: com.microsoft.QMoE, MatMulNBits, GatherBlockQuantized, DequantizeLinear; routers that scatter; short convolutions.

ONNX Runtime's QMoE of 8 and 2 bits is about 1 % off its own definition: the oracle is then the same graph over the floats that the weights stand for.
"""

import ml_dtypes
import numpy
from onnx import TensorProto, helper, numpy_helper

from graph import FLOAT, INT64, Graph

VOCABULARY = 40


def pack(numbers, bits):
    """Integers along the last axis in bytes, the first in the lowest bits."""
    per_byte = 8 // bits
    padding = -numbers.shape[-1] % per_byte
    numbers = numpy.pad(numbers, [(0, 0)] * (numbers.ndim - 1) + [(0, padding)]).astype(numpy.uint8)
    numbers = numbers.reshape(*numbers.shape[:-1], -1, per_byte)
    return (numbers << (bits * numpy.arange(per_byte, dtype=numpy.uint8))).sum(-1).astype(numpy.uint8)


class QuantisedLayers:
    def __init__(self, seed, **options):
        defaults = {
            "layers": 1, "experts": 4, "slots": 2, "hidden": 32, "inner": 64, "bits": 4, "block": 16, "zeros": False, "activation": "swiglu",
            "normalize": 1, "bias": False, "fused": "QMoE", "router": "plain", "linear_bits": 4, "linear_block": 16, "linear_zeros": None,
            "embedding": {}, "in_graph": False, "fusion": 1, "expected_of": "floats", "opset": 21, "conv": None, "scale": 1.0, "own_bits": {},
            "processes": False, "fp4": None, "inputs_first": False, "linear_floats": None,
        }
        unknown = set(options) - set(defaults)
        if unknown:
            raise ValueError(f"unknown options {unknown}")
        self.__dict__.update(defaults | options)
        self.seed, self.tolerance, self.floats = seed, None, False

    def build(self):
        model = self.make()
        if self.expected_of == "floats":
            twin = type(self)(self.seed)
            twin.__dict__.update({key: value for key, value in self.__dict__.items() if key != "graph"})
            twin.floats = True
            self.oracle = twin.make()
        return model

    def make(self):
        g = self.graph = Graph(self.seed, self.opset)
        ids = g.input("ids", INT64, ["batch", "sequence"])
        stream, self.states = self.embed(ids), []
        for layer in range(self.layers):
            normal = g.rms_norm(stream, self.hidden)
            if self.conv:
                stream = g.op("Add", stream, self.convolve(normal, layer))
                normal = g.rms_norm(stream, self.hidden)
            stream = g.op("Add", stream, self.mixture(normal))
        logits = self.linear(g.rms_norm(stream, self.hidden), self.hidden, VOCABULARY, bias=True)
        g.output(logits, "logits", FLOAT, ["batch", "sequence", VOCABULARY])
        for name, value, length in self.states:
            g.output(value, name, FLOAT, ["batch", self.hidden, length])
        return g.model()

    # Weights.

    def stored(self, array):
        name = self.graph.name("weight")
        self.graph.weights.append(numpy_helper.from_array(numpy.ascontiguousarray(array), name))
        return name

    def quantised(self, shape, bits, block, zeros):
        """Integers [..., K], scales and zero points [..., blocks], and the floats that they stand for. Scales of either sign."""
        random, blocks = self.graph.random, -(-shape[-1] // block) if block else 1
        q = random.randint(0, 2**bits, shape)
        scales = (random.choice([-1, 1], (*shape[:-1], blocks)) * random.uniform(0.5, 1.5, (*shape[:-1], blocks)) * 0.6 / 2**bits).astype(numpy.float32)
        points = random.randint(0, 2**bits, scales.shape) if zeros else numpy.full(scales.shape, 2 ** (bits - 1))
        spread = [numpy.repeat(x, block or shape[-1], axis=-1)[..., :shape[-1]] for x in (scales, points)]
        return q, scales, points, ((q - spread[1]).astype(numpy.float32) * spread[0]).astype(numpy.float32)

    def float_linear(self, value, rows, columns, bias):
        """A product with a weight in floats of 8 or 4 bits; the scales of the latter are bytes, and there is one for all."""
        g, block = self.graph, self.linear_block
        element = ml_dtypes.float8_e4m3fn
        codes = g.random.randint(0, 16, (columns, rows))
        numbers = g.random.uniform(-2, 2, (columns, rows)).astype(element)
        scales, factor = g.random.uniform(-0.4, 0.4, (columns, -(-rows // block))).astype(numpy.float32), numpy.float32(0.7)
        addend = g.weight(columns) if bias else ""
        if self.linear_floats == "fp4":
            scales = scales.astype(element)
            values = numpy.where(codes & 8, -1.0, 1.0) * numpy.array([0, 0.5, 1, 1.5, 2, 3, 4, 6])[codes & 7] * float(factor)
        else:
            values = numbers.astype(float)
        if self.floats:
            floats = values * numpy.repeat(scales.astype(float), block, -1)[:, :rows]
            product = g.op("MatMul", value, self.stored(floats.T.astype(numpy.float32)))
            return g.op("Add", product, addend) if bias else product
        if self.linear_floats == "fp4":
            operands = [value, self.stored(pack(codes, 4)), self.stored(scales.view(numpy.uint8)), self.stored(factor), "", addend]
        else:
            name = g.name("weight")
            g.weights.append(helper.make_tensor(name, TensorProto.FLOAT8E4M3FN, numbers.shape, numbers.tobytes(), raw=True))
            operands = [value, name, self.stored(scales), "", addend]
        while operands[-1] == "":
            operands.pop()
        return g.op(f"MatMulBlockQuantized{self.linear_floats.capitalize()}Weight", *operands, domain="com.microsoft", block_size=block)

    def linear(self, value, rows, columns, bias=False):
        g, bits, block = self.graph, self.linear_bits, self.linear_block
        if self.linear_floats:
            return self.float_linear(value, rows, columns, bias)
        q, scales, points, floats = self.quantised((columns, rows), bits, block, self.linear_zeros)
        addend = g.weight(columns) if bias else ""
        if self.floats:
            product = g.op("MatMul", value, self.stored(floats.T))
            return g.op("Add", product, addend) if bias else product
        padded = numpy.pad(q, [(0, 0), (0, -rows % block)]).reshape(columns, -1, block)
        packed = {"packed": pack(points, bits), "floats": points.astype(numpy.float32)}
        operands = [value, self.stored(pack(padded, bits)), self.stored(scales)]
        operands.append(self.stored(packed[self.linear_zeros]) if self.linear_zeros else "")
        operands += ["", addend] if bias else []
        return g.op("MatMulNBits", *operands, domain="com.microsoft", K=rows, N=columns, bits=bits, block_size=block)

    def embed(self, ids):
        g, kind = self.graph, self.embedding.get("kind", "bytes")
        bits, block, zeros = (self.embedding.get(key, value) for key, value in (("bits", 4), ("block", 16), ("zeros", False)))
        if kind == "int4":
            q = g.random.randint(-8, 8, (VOCABULARY, self.hidden))
            axis = self.embedding.get("axis", 1)
            shape = [VOCABULARY, self.hidden]
            shape[axis] = -(-shape[axis] // block)
            scales = (0.3 * g.random.standard_normal(shape)).astype(numpy.float32)
            floats = (q * numpy.repeat(scales, block, axis)[:VOCABULARY, :self.hidden]).astype(numpy.float32)
            if self.floats:
                return g.op("Gather", self.stored(floats), ids, axis=0)
            name = g.name("weight")
            g.weights.append(helper.make_tensor(name, TensorProto.INT4, q.shape, pack(q & 15, 4).tobytes(), raw=True))
            if self.embedding.get("linear"):
                table = g.op("DequantizeLinear", name, self.stored(scales), axis=axis, block_size=block)
                return g.op("Gather", table, ids, axis=0)
            return g.op("GatherBlockQuantized", name, ids, self.stored(scales), domain="com.microsoft", block_size=block, gather_axis=0,
                        quantize_axis=axis)
        if kind in ("float8", "float4"):
            return self.embed_floats(ids, kind, block)
        if kind == "planes":
            return self.embed_planes(ids, bits, block, zeros)
        if kind == "columns":
            return self.embed_columns(ids, block, zeros)
        q, scales, points, floats = self.quantised((VOCABULARY, self.hidden), bits, block, zeros)
        if self.floats:
            return g.op("Gather", self.stored(floats), ids, axis=0)
        if kind == "axis":
            scale = scales[:, 0]
            table = g.op("DequantizeLinear", self.stored(q.astype(numpy.uint8)), self.stored(scale), self.stored(points[:, 0].astype(numpy.uint8)), axis=0)
            return g.op("Gather", table, ids, axis=0)
        operands = [self.stored(pack(q, bits)), ids, self.stored(scales)] + ([self.stored(pack(points, bits))] if zeros else [])
        return g.op("GatherBlockQuantized", *operands, domain="com.microsoft", bits=bits, block_size=block, gather_axis=0, quantize_axis=1)

    def embed_planes(self, ids, bits, block, zeros):
        """A table of rank 3: rows are the sums of their planes."""
        g = self.graph
        q, scales, points, floats = self.quantised((VOCABULARY, 3, self.hidden), bits, block, zeros)
        if self.floats:
            rows = g.op("Gather", self.stored(floats), ids, axis=0)
        else:
            operands = [self.stored(pack(q, bits)), ids, self.stored(scales)] + ([self.stored(pack(points, bits))] if zeros else [])
            rows = g.op("GatherBlockQuantized", *operands, domain="com.microsoft", bits=bits, block_size=block, gather_axis=0, quantize_axis=-1)
        return g.op("ReduceSum", rows, g.constant([2]), keepdims=0)

    def embed_floats(self, ids, kind, block):
        """A table of floats of 8 or 4 bits."""
        g, wide = self.graph, kind == "float8"
        code, element, bits = (TensorProto.FLOAT8E4M3FN, ml_dtypes.float8_e4m3fn, 8) if wide else (TensorProto.FLOAT4E2M1, ml_dtypes.float4_e2m1fn, 4)
        numbers = g.random.standard_normal((VOCABULARY, self.hidden)).astype(element)
        scales = g.random.standard_normal((VOCABULARY, self.hidden // block)).astype(numpy.float32)
        if self.floats:
            return g.op("Gather", self.stored(numbers.astype(numpy.float32) * numpy.repeat(scales, block, 1)), ids, axis=0)
        name = g.name("weight")
        g.weights.append(helper.make_tensor(name, code, numbers.shape, pack(numbers.view(numpy.uint8).reshape(-1), bits).tobytes(), raw=True))
        table = g.op("DequantizeLinear", name, self.stored(scales), axis=1, block_size=block)
        return g.op("Gather", table, ids, axis=0)

    def embed_columns(self, ids, block, zeros):
        """A table of UINT4 that is gathered along its last axis."""
        g = self.graph
        q, scales, points, floats = self.quantised((VOCABULARY, self.hidden), 4, block, zeros)
        if not zeros:
            floats = (q * numpy.repeat(scales, block, axis=-1)[:, :self.hidden]).astype(numpy.float32)
        if self.floats:
            rows = g.op("Gather", self.stored(floats.T), ids, axis=1)
        else:
            names = []
            for array in (q.T, points.T):
                names.append(g.name("weight"))
                array = numpy.ascontiguousarray(array)
                g.weights.append(helper.make_tensor(names[-1], TensorProto.UINT4, array.shape, pack(array.reshape(-1), 4).tobytes(), raw=True))
            operands = [names[0], ids, self.stored(scales.T)] + (names[1:] if zeros else [])
            rows = g.op("GatherBlockQuantized", *operands, domain="com.microsoft", block_size=block, gather_axis=-1, quantize_axis=0)
        return g.op("Transpose", rows, perm=[1, 2, 0])

    # Experts.

    def fp4_matrices(self, rows, columns, halves):
        """Floats of four bits with a scale of 8 bits a block and one an expert, whose bytes hold neighbours along the inputs or the outputs."""
        g, e, block = self.graph, self.experts, 32 if self.fp4 == "fp4" else 16
        codes = g.random.randint(0, 16, (e, rows, columns))
        magnitudes = numpy.array([0, 0.5, 1, 1.5, 2, 3, 4, 6])
        kind, element = ((TensorProto.FLOAT8E8M0, ml_dtypes.float8_e8m0fnu) if self.fp4 == "fp4" else (TensorProto.FLOAT8E4M3FN, ml_dtypes.float8_e4m3fn))
        shape = (e, rows, columns // block)
        stored = numpy.exp2(g.random.randint(-6, -1, shape)) if self.fp4 == "fp4" else g.random.uniform(-0.3, 0.3, shape)
        stored, factors = stored.astype(element), g.random.uniform(0.3, 1.5, e).astype(numpy.float32)
        values = numpy.where(codes & 8, -1.0, 1.0) * magnitudes[codes & 7] * numpy.repeat(stored.astype(float), block, -1) * factors[:, None, None]
        if self.floats:
            return [self.stored(values.astype(numpy.float32)), "", "", ""]
        if halves:
            codes, stored = [part.reshape(e, rows // 2, 2, -1).transpose(0, 2, 1, 3).reshape(e, rows, -1) for part in (codes, stored)]
        scales = g.name("weight")
        g.weights.append(helper.make_tensor(scales, kind, shape, numpy.ascontiguousarray(stored).tobytes(), raw=True))
        return [self.stored(pack(codes.transpose(0, 2, 1) if self.inputs_first else codes, 4)), scales, "", self.stored(factors)]

    def matrices(self, rows, columns, projection):
        """The operands of one projection: weights, scales, zero points, global scales; floats alone in the twin. Rows of gate and up alternate."""
        g, e, bits = self.graph, self.experts, self.own_bits.get(projection, self.bits)
        if self.fp4:
            return self.fp4_matrices(rows, columns, self.activation == "swiglu" and projection == "fc1" and self.fusion == 2)
        q, scales, points, floats = self.quantised((e, rows, columns), bits, self.block, self.zeros)
        if self.floats:
            return [self.stored(floats), "", "", ""]
        half = self.activation == "swiglu" and projection == "fc1" and (self.in_graph or self.fusion == 2)
        parts = [q, scales, points]
        if half:
            parts = [part.reshape(e, rows // 2, 2, -1).transpose(0, 2, 1, 3).reshape(e, rows, -1) for part in parts]
        q, scales, points = parts
        if not self.block:
            scales, points = scales[..., 0], points[..., 0]
        names = [self.stored(pack(q, bits)), self.stored(scales), self.stored(pack(points, bits)) if self.zeros else ""]
        return [*([self.interleave(name, rows) for name in names] if half and self.in_graph else names), ""]

    def interleave(self, name, rows):
        """Rows of gate, then up, to alternating ones, as portable builders write it."""
        g, e = self.graph, self.experts
        if not name:
            return name
        last = g.op("Shape", name, start=2)
        halves = g.reshape(name, g.op("Concat", g.constant([e, 2, rows // 2]), last, axis=0))
        turned = g.op("Transpose", halves, perm=[0, 2, 1, 3])
        return g.reshape(turned, g.op("Concat", g.constant([e, rows]), last, axis=0))

    def mixture(self, value):
        g, e, h, i = self.graph, self.experts, self.hidden, self.inner
        rows = 2 * i if self.activation == "swiglu" else i
        probs, mix, factor = getattr(self, "route_" + self.router)(value)
        first, second = self.matrices(rows, h, "fc1"), self.matrices(h, i, "fc2")
        biases = [g.weight(e, rows), g.weight(e, h)] if self.bias else ["", ""]
        attributes = {"activation_type": self.activation, "k": self.slots, "normalize_routing_weights": self.normalize}
        if self.activation == "swiglu":
            attributes |= {"activation_alpha": 1.702, "activation_beta": 1.0, "swiglu_fusion": 1 if self.floats else self.fusion}
        if self.floats or self.fused == "MoE":
            mixed = g.op("MoE", value, probs, first[0], biases[0], second[0], biases[1], domain="com.microsoft", **attributes)
        else:
            operands = [value, probs, *first[:2], biases[0], *second[:2], biases[1], "", "", "", first[2], second[2], "", mix, first[3], second[3]]
            while operands[-1] == "":
                operands.pop()
            attributes |= {"expert_weight_bits": self.bits, **{key + "_expert_weight_bits": bits for key, bits in self.own_bits.items()}}
            attributes |= {"quant_type": self.fp4} if self.fp4 else {"block_size": self.block} if self.block else {}
            attributes |= {"weights_prepacked": 0} if self.in_graph else {}
            mixed = g.op("QMoE", *operands, domain="com.microsoft", **attributes)
        return g.op("Mul", mixed, factor) if factor else mixed

    # Routers: the scores that the fused node reads, weights of their own, a factor of its rows.

    def logits(self, value):
        return self.graph.op("MatMul", value, self.graph.weight(self.hidden, self.experts, scale=1.0))

    def route_plain(self, value):
        return self.graph.reshape(self.logits(value), [-1, self.experts]), "", ""

    def route_mix(self, value):
        logits = self.graph.reshape(self.logits(value), [-1, self.experts])
        return logits, self.graph.op("Sigmoid", logits), ""

    def choose(self, scores, axis):
        g = self.graph
        keys = g.op("Add", scores, g.weight(self.experts, scale=0.3))
        chosen = g.op("TopK", keys, g.constant([self.slots]), results=2, axis=-1)[1]
        return chosen, g.op("GatherElements", scores, chosen, axis=axis)

    def route_liquid(self, value):
        g = self.graph
        logits = self.logits(value)
        chosen, weights = self.choose(g.op("Sigmoid", logits), -1)
        fill = g.op("Expand", g.number([-3.4028234663852886e38]), g.op("Shape", logits))
        scattered = g.op("ScatterElements", fill, chosen, g.op("Log", weights), axis=-1)
        return g.reshape(scattered, [-1, self.experts]), "", ""

    def route_genai(self, value, rescale=True):
        g = self.graph
        logits = g.reshape(self.logits(value), [-1, self.experts])
        scores = g.op("Reciprocal", g.op("Add", g.op("Exp", g.op("Neg", logits)), g.number(1.0)))
        chosen, weights = self.choose(scores, 1)
        factor = ""
        if rescale:
            total = g.op("ReduceSum", weights, g.constant([-1]), keepdims=1)
            factor = g.op("Div", total, g.op("Add", total, g.number(1e-6)))
            factor = g.op("Mul", factor, g.number(self.scale)) if self.scale != 1.0 else factor
            rows = g.op("Slice", g.op("Shape", value), g.constant([0]), g.constant([-1]))
            factor = g.reshape(factor, g.op("Concat", rows, g.constant([1]), axis=0))
        logarithms = g.op("Log", g.op("Clip", weights, g.number(1e-30), ""))
        fill = g.filled(g.op("Shape", scores), -10000.0)
        return g.op("ScatterElements", fill, chosen, logarithms, axis=1), "", factor

    def route_floor(self, value):
        return self.route_genai(value, rescale=False)

    def route_choice(self, value):
        g = self.graph
        scores = g.op("Sigmoid", g.reshape(self.logits(value), [-1, self.experts]))
        chosen, weights = self.choose(scores, -1)
        weights = g.op("Div", weights, g.op("Add", g.sum(weights, -1, 1), g.number(1e-9)))
        weights = g.op("Mul", weights, g.number(2.5))
        shape = g.op("Shape", scores)
        ones = g.filled(g.op("Shape", chosen), 1.0)
        probs = g.op("ScatterElements", g.filled(shape, -numpy.inf), chosen, ones, axis=-1)
        return probs, g.op("ScatterElements", g.filled(shape, 0.0), chosen, weights, axis=-1), ""

    def route_choice_full(self, value):
        g = self.graph
        scores = g.op("Sigmoid", g.reshape(self.logits(value), [-1, self.experts]))
        chosen, _ = self.choose(scores, -1)
        ones = g.filled(g.op("Shape", chosen), 1.0)
        return g.op("ScatterElements", g.filled(g.op("Shape", scores), -numpy.inf), chosen, ones, axis=-1), scores, ""

    # Short convolutions.

    def convolve(self, value, layer):
        g, h, taps = self.graph, self.hidden, 3
        columns = g.op("Transpose", self.linear(value, h, h), perm=[0, 2, 1])
        kernel, length = g.weight(h, 1, taps), taps if self.conv == "liquid" else taps - 1
        past = g.input(f"past_conv.{layer}", FLOAT, ["batch", h, length])
        if self.conv == "liquid":
            joined = g.op("Concat", past, columns, axis=2)
            start = g.unsqueeze(g.op("Mul", g.op("Gather", g.op("Shape", value), g.constant(1), axis=0), g.constant(-1)), 0)
            end, axis = g.constant([2**63 - 1]), g.constant([2])
            result = g.op("Slice", g.op("Conv", joined, kernel, group=h, kernel_shape=[taps]), start, end, axis)
            state = g.op("Slice", joined, g.constant([-taps]), end, axis)
        else:
            result, state = g.op("CausalConvWithState", columns, kernel, g.weight(h), past, domain="com.microsoft", results=2, activation=self.conv)
        self.states.append((f"present_conv.{layer}", state, length))
        return g.op("Transpose", result, perm=[0, 2, 1])

    def feeds(self):
        for batch, tokens in ((2, 6), (1, 1), (3, 3), (0, 2)):
            random = self.graph.random
            feed = {"ids": random.randint(0, VOCABULARY, (batch, tokens))}
            for name, _, length in self.states:
                feed[name.replace("present", "past")] = random.standard_normal((batch, self.hidden, length)).astype(numpy.float32)
            yield feed
