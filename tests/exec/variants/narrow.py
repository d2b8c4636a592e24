"""Variants in f16 or bf16: the model computes in the narrow type; what it must give is computed in f32 and rounded after every node."""

import numpy
import onnxruntime
from onnx import ModelProto, TensorProto, helper, numpy_helper

KINDS = {"f16": TensorProto.FLOAT16, "bf16": TensorProto.BFLOAT16}
TOLERANCES = {"f16": {"rtol": 1e-2, "atol": 2e-2}, "bf16": {"rtol": 5e-2, "atol": 0.12}}


def to_bits(array, kind):
    """The nearest numbers of the narrow type, ties to even, as bits."""
    if kind == "f16":
        return array.astype(numpy.float16).view(numpy.uint16)
    bits = array.astype(numpy.float32).view(numpy.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(numpy.uint16)


def from_bits(bits, kind):
    return bits.view(numpy.float16).astype(numpy.float32) if kind == "f16" else (bits.astype(numpy.uint32) << 16).view(numpy.float32)


def float_values(model):
    """The names of all tensors of floats that nodes give."""
    open_model = ModelProto()
    open_model.CopyFrom(model)
    known = {output.name for output in model.graph.output}
    values = [name for node in model.graph.node for name in node.output if name and name not in known]
    open_model.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in values)
    session = onnxruntime.InferenceSession(open_model.SerializeToString(), providers=["CPUExecutionProvider"])
    return {output.name for output in session.get_outputs() if output.type == "tensor(float)"}


def narrow_tensor(tensor, kind):
    bits = to_bits(numpy_helper.to_array(tensor), kind)
    return helper.make_tensor(tensor.name, KINDS[kind], tensor.dims, bits.tobytes(), raw=True)


def cast(source, target, kind):
    return helper.make_node("Cast", [source], [target], name="cast_" + target, to=kind)


def in_f32(model):
    return [info.name for info in model.graph.input if info.type.tensor_type.elem_type == TensorProto.FLOAT]


def narrowed(model, floats, kind):
    """The model in the narrow type, but for its inputs and outputs, which are cast."""
    result = ModelProto()
    result.CopyFrom(model)
    graph = result.graph
    for tensor in graph.initializer:
        if tensor.data_type == TensorProto.FLOAT:
            tensor.CopyFrom(narrow_tensor(tensor, kind))
    names = {name: name + ".narrow" for name in in_f32(model)}
    names |= {output.name: output.name + ".narrow" for output in graph.output if output.name in floats}
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.name == "to" and attribute.i == TensorProto.FLOAT:
                attribute.i = KINDS[kind]
            if attribute.HasField("t") and attribute.t.data_type == TensorProto.FLOAT:
                attribute.t.CopyFrom(narrow_tensor(attribute.t, kind))
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    before = [cast(name, names[name], KINDS[kind]) for name in in_f32(model)]
    after = [cast(names[output.name], output.name, TensorProto.FLOAT) for output in graph.output if output.name in floats]
    nodes = [*before, *graph.node, *after]
    del graph.node[:]
    graph.node.extend(nodes)
    return result


def rounding(model, floats, kind):
    """The model in f32, of which every tensor of floats is rounded to the narrow type."""
    result = ModelProto()
    result.CopyFrom(model)
    graph = result.graph
    for tensor in graph.initializer:
        if tensor.data_type == TensorProto.FLOAT:
            array = numpy_helper.to_array(tensor)
            tensor.CopyFrom(numpy_helper.from_array(from_bits(to_bits(array, kind), kind).reshape(array.shape), tensor.name))
    inputs = {name: name + ".rounded" for name in in_f32(model)}
    nodes = []

    def round_to(source, target):
        nodes.extend([cast(source, target + ".narrow", KINDS[kind]), cast(target + ".narrow", target, TensorProto.FLOAT)])

    for name, target in inputs.items():
        round_to(name, target)
    for node in model.graph.node:
        node = type(node).FromString(node.SerializeToString())
        node.input[:] = [inputs.get(name, name) for name in node.input]
        results = [name for name in node.output if name in floats]
        node.output[:] = [name + ".exact" if name in floats else name for name in node.output]
        nodes.append(node)
        for name in results:
            round_to(name + ".exact", name)
    del graph.node[:]
    graph.node.extend(nodes)
    return result


class Narrow:
    def __init__(self, seed, builder, kind, **options):
        self.source, self.kind = builder(seed=seed, **options), kind
        self.layers, self.processes, self.tolerance = self.source.layers, self.source.processes, TOLERANCES[kind]

    def build(self):
        model = self.source.build()
        floats = float_values(model)
        self.oracle = rounding(model, floats, self.kind)
        return self.narrowed(model, floats)

    def narrowed(self, model, floats):
        return narrowed(model, floats, self.kind)

    def feeds(self):
        return self.source.feeds()


def narrow(source=Narrow, **variants):
    """Each variant in both types."""
    return {f"{name}_{kind}": (source, {"builder": builder, "kind": kind} | options)
            for name, (builder, options) in variants.items() for kind in KINDS}
