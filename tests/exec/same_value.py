"""An element's bits depend on its value alone, not on its place in a loop or on what is known of it at compile time: same_value.py BIN SCRATCH."""

import os
import shutil
import sys

import numpy
from harness import Failure, check, succeed
from onnx import TensorProto, helper, numpy_helper, save

INTEGERS = {"i8": TensorProto.INT8, "i16": TensorProto.INT16, "i32": TensorProto.INT32, "i64": TensorProto.INT64}
FUNCTIONS = {"Exp": [2.4379058, -7.1], "Log": [0.3711, 5.2], "Tanh": [-0.1116317, 1.7], "Erf": [-1.4644287, 0.93], "Sin": [6.0744185, 1.1],
             "Cos": [3.3711, -0.2], "Sigmoid": [0.7311, -2.2]}


def execute(tools, scratch, name, nodes, inputs, outputs, initializers=()):
    """Compiles a model of float inputs and runs it; the outputs by name."""
    folder = os.path.join(scratch, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    declared = [helper.make_tensor_value_info(key, TensorProto.FLOAT, ["n"]) for key in inputs]
    results = [helper.make_tensor_value_info(key, kind, ["n"]) for key, kind in outputs.items()]
    tensors = [numpy_helper.from_array(numpy.asarray(value, numpy.float32), key) for key, value in initializers]
    graph = helper.make_graph(nodes, "g", declared, results, tensors)
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), os.path.join(folder, "model.onnx"))
    for key, value in inputs.items():
        numpy.save(os.path.join(folder, key + ".npy"), value)
    succeed(os.path.join(tools, "moe-opt"), os.path.join(folder, "model.onnx"), "-o", os.path.join(folder, "model.moe"))
    succeed(os.path.join(tools, "moe-run"), os.path.join(folder, "model.moe"), "--input-dir", folder, "--output-dir", folder)
    return {key: numpy.load(os.path.join(folder, key + ".npy")) for key in outputs}


def casts_saturate(tools, scratch):
    """A float beyond the range of an integer is its nearest end, and NaN is 0, in vectors and behind them."""
    values = {70000.0: lambda i: min(70000, i.max), -3e9: lambda i: max(-3000000000, i.min), 1e30: lambda i: i.max, -numpy.inf: lambda i: i.min,
              numpy.nan: lambda i: 0, 100.9: lambda i: 100, -100.9: lambda i: -100, 2147483648.0: lambda i: min(2147483648, i.max)}
    for value, wanted in values.items():
        nodes = [helper.make_node("Cast", ["x"], [name], to=kind) for name, kind in INTEGERS.items()]
        got = execute(tools, scratch, "cast", nodes, {"x": numpy.full(45, value, numpy.float32)}, INTEGERS)
        for name, array in got.items():
            want = wanted(numpy.iinfo(array.dtype))
            check((array == want).all(), f"Cast of {value} to {name}: {sorted(set(array.tolist()))}, not {want}")


def constants_are_values(tools, scratch):
    """A function of a constant has the bits of the same function of an input."""
    for op, numbers in FUNCTIONS.items():
        for number in numbers:
            nodes = [helper.make_node(op, ["x"], ["a"]), helper.make_node(op, ["c"], ["f"]), helper.make_node("Mul", ["x", "zero"], ["z"]),
                     helper.make_node("Add", ["z", "f"], ["b"])]
            got = execute(tools, scratch, "function", nodes, {"x": numpy.full(11, number, numpy.float32)},
                          {"a": TensorProto.FLOAT, "b": TensorProto.FLOAT}, [("c", number), ("zero", 0)])
            bits = {name: set(array.view(numpy.uint32).tolist()) for name, array in got.items()}
            check(len(bits["a"]) == 1 and bits["a"] == bits["b"], f"{op} of {number}: bits {bits}")


if __name__ == "__main__":
    try:
        casts_saturate(*sys.argv[1:])
        constants_are_values(*sys.argv[1:])
    except Failure as failure:
        sys.exit(str(failure))
