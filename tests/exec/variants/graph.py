"""A small writer of ONNX graphs: values are names, weights are seeded."""

import numpy
from onnx import TensorProto, helper, numpy_helper
from spellings import SPELLINGS

FLOAT, INT64, INT32, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.INT32, TensorProto.BOOL


class Graph:
    def __init__(self, seed, opset):
        self.random = numpy.random.RandomState(seed)
        self.opset = opset
        self.nodes, self.weights, self.inputs, self.outputs = [], [], [], []
        self.constants, self.count = {}, 0

    def name(self, stem):
        self.count += 1
        return f"{stem}_{self.count}"

    def input(self, name, kind, shape):
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, value, name, kind, shape):
        self.nodes.append(helper.make_node("Identity", [value], [name], name=self.name("out")))
        self.outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def op(self, kind, *operands, domain="", results=1, **attributes):
        """One node; the name of its result, or a list of names."""
        names = [self.name(kind) for _ in range(results)]
        self.nodes.append(helper.make_node(kind, list(operands), names, name=names[0], domain=domain, **attributes))
        return names[0] if results == 1 else names

    def constant(self, value, kind=numpy.int64):
        array = numpy.array(value, kind)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self.constants:
            self.constants[key] = self.name("constant")
            self.weights.append(numpy_helper.from_array(array, self.constants[key]))
        return self.constants[key]

    def number(self, value):
        return self.constant(value, numpy.float32)

    def weight(self, *shape, scale=0.5, offset=0.0):
        name = self.name("weight")
        array = (offset + scale * self.random.standard_normal(shape)).astype(numpy.float32)
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def reshape(self, value, shape):
        return self.op("Reshape", value, shape if isinstance(shape, str) else self.constant(shape))

    def unsqueeze(self, value, *axes):
        return self.op("Unsqueeze", value, self.constant(axes))

    def squeeze(self, value, *axes):
        return self.op("Squeeze", value, self.constant(axes))

    def sum(self, value, axis, keepdims):
        return self.op("ReduceSum", value, self.constant([axis]), keepdims=keepdims)

    def size(self, value, axis):
        """A dimension as a tensor of one element, as torch writes it."""
        return self.op("Shape", value, start=axis, end=axis + 1)

    def skip_norm(self, stream, value, hidden):
        """The norm of the sum, and the sum."""
        names = [self.name("normal"), "", "", self.name("stream")]
        operands = [stream, value, self.weight(hidden, scale=0.1, offset=1.0)]
        self.nodes.append(helper.make_node("SkipSimplifiedLayerNormalization", operands, names, name=names[0], domain="com.microsoft", epsilon=1e-5))
        return names[0], names[3]

    def filled(self, shape, value):
        """A tensor of `shape` (a value) of one number."""
        return self.op("ConstantOfShape", shape, value=numpy_helper.from_array(numpy.array([value], numpy.float32)))

    def cast(self, value, kind):
        return self.op("Cast", value, to=kind)

    def silu(self, value):
        return self.op("Mul", value, self.op("Sigmoid", value))

    def gelu(self, value):
        """As torch's exporter writes it before opset 20."""
        erf = self.op("Erf", self.op("Div", value, self.number(2.0**0.5)))
        return self.op("Mul", value, self.op("Mul", self.number(0.5), self.op("Add", erf, self.number(1.0))))

    def activate(self, kind, value):
        return SPELLINGS[kind](self, value)

    def gelu_tanh(self, value):
        """As TorchScript spells it, with products for the cube."""
        cube = self.op("Mul", value, self.op("Mul", value, value))
        inner = self.op("Add", value, self.op("Mul", self.number(0.044715), cube))
        tanh = self.op("Tanh", self.op("Mul", self.number((2 / numpy.pi) ** 0.5), inner))
        return self.op("Mul", self.op("Mul", self.number(0.5), value), self.op("Add", self.number(1.0), tanh))

    def rms_norm(self, value, hidden, scale=None):
        return self.op("SimplifiedLayerNormalization", value, scale or self.weight(hidden, scale=0.1, offset=1.0), axis=-1, epsilon=1e-5, stash_type=1)

    def model(self):
        graph = helper.make_graph(self.nodes, "variant", self.inputs, self.outputs, self.weights)
        imports = [helper.make_opsetid("", self.opset), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=imports, ir_version=10)
