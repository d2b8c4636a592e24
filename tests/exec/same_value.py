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


def execute(tools, scratch, name, nodes, inputs, outputs, initializers=(), result="n"):
    """Compiles a model of float inputs and runs it; the outputs by name."""
    folder = os.path.join(scratch, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    declared = [helper.make_tensor_value_info(key, TensorProto.FLOAT, ["n"]) for key in inputs]
    results = [helper.make_tensor_value_info(key, kind, [result]) for key, kind in outputs.items()]
    tensors = [numpy_helper.from_array(value if isinstance(value, numpy.ndarray) else numpy.float32(value), key) for key, value in initializers]
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


def functions_hold_their_range(tools, scratch):
    """Odd and even functions keep their sign and size to the ends of their range."""
    x = numpy.array([-89, -88, -60, -30, -17, -10, -8, -5, -1, -1e-6, 0, 1e-6, 1, 5, 8, 10, 17, 30, 60, 88, 89, numpy.inf, -numpy.inf], numpy.float32)
    got = execute(tools, scratch, "hyperbolic", [helper.make_node("Sinh", ["x"], ["s"]), helper.make_node("Cosh", ["x"], ["c"])], {"x": x},
                  {"s": TensorProto.FLOAT, "c": TensorProto.FLOAT})
    for name, function in (("s", numpy.sinh), ("c", numpy.cosh)):
        want = function(x.astype(numpy.float64)).astype(numpy.float32)
        check(numpy.allclose(got[name], want, rtol=1e-6, atol=0), f"{name}: {got[name]}, not {want}")


def reversed_slices_of_nothing_are_empty(tools, scratch):
    nodes = [helper.make_node("Slice", ["x", "start", "end", "axis", "step"], ["y"])]
    integers = [("start", [-1]), ("end", [-(2**62)]), ("axis", [0]), ("step", [-1])]
    for size in (0, 1, 5):
        x = numpy.arange(size, dtype=numpy.float32)
        got = execute(tools, scratch, "reversed", nodes, {"x": x}, {"y": TensorProto.FLOAT}, [(key, numpy.array(value, numpy.int64)) for key, value in integers],
                      result="m")
        check((got["y"] == x[::-1]).all() and got["y"].shape == x.shape, f"{size} elements reversed: {got['y']}")


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
        functions_hold_their_range(*sys.argv[1:])
        reversed_slices_of_nothing_are_empty(*sys.argv[1:])
    except Failure as failure:
        sys.exit(str(failure))
