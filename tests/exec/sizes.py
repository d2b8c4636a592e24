"""Sizes that are 0, sizes that only a number beside them tells, and sizes that are sums of others, against ONNX Runtime: sizes.py BIN SCRATCH."""

import os
import shutil
import sys

import numpy
import onnxruntime
from harness import Failure, check, run, succeed
from onnx import TensorProto, helper, numpy_helper, save

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64
ARRAYS = {FLOAT: numpy.float32, INT64: numpy.int64}
MICROSOFT = "com.microsoft"


class Model:
    """A model of one graph, compiled; `inputs` are (name, type, shape)."""

    def __init__(self, tools, folder, nodes, inputs, outputs, weights=()):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        self.tools, self.folder, self.inputs, self.outputs = tools, folder, inputs, outputs
        declared = [helper.make_tensor_value_info(*each) for each in inputs]
        results = [helper.make_tensor_value_info(name, FLOAT, None) for name in outputs]
        tensors = [numpy_helper.from_array(numpy.asarray(value), name) for name, value in weights]
        operators = [helper.make_opsetid("", 23), helper.make_opsetid(MICROSOFT, 1)]
        self.path = os.path.join(folder, "model.onnx")
        save(helper.make_model(helper.make_graph(nodes, "g", declared, results, tensors), opset_imports=operators, ir_version=10), self.path)
        succeed(os.path.join(tools, "moe-opt"), self.path, "-o", os.path.join(folder, "model.moe"))

    def feed(self, sizes):
        random = numpy.random.default_rng(7)
        for name, kind, shape in self.inputs:
            extents = [sizes.get(extent, extent) for extent in shape]
            array = random.integers(0, 2, extents) if kind == INT64 else random.standard_normal(extents)
            yield name, array.astype(ARRAYS[kind])

    def launch(self, ranks, *options):
        return [os.path.join(self.tools, "moe-run"), os.path.join(self.folder, "model.moe"), "-n", ranks, "--in-process", "--input-dir", self.folder, *options]

    def expect(self, sizes, wanted=None):
        """The outputs are those of ONNX Runtime, or `wanted`, on one rank and on two."""
        feed = dict(self.feed(sizes))
        if wanted is None:
            session = onnxruntime.InferenceSession(self.path, providers=["CPUExecutionProvider"])
            wanted = dict(zip(self.outputs, session.run(self.outputs, feed)))
        for name, array in feed.items():
            numpy.save(os.path.join(self.folder, name + ".npy"), array)
        expected = os.path.join(self.folder, "expected")
        os.makedirs(expected, exist_ok=True)
        for name, array in wanted.items():
            numpy.save(os.path.join(expected, name + ".npy"), array)
        digests = {succeed(*self.launch(ranks, "--expect-dir", expected, "--print-digest")).stdout for ranks in (1, 2)}
        check(len(digests) == 1, f"{self.folder}: the bits depend on the ranks: {digests}")

    def refuse(self, sizes, message, code=2):
        for name, array in self.feed(sizes):
            numpy.save(os.path.join(self.folder, name + ".npy"), array)
        done = run(*self.launch(2))
        check(done.returncode == code and message in done.stderr, f"{self.folder}: exit {done.returncode}, no '{message}':\n{done.stderr}")


def products_of_nothing(tools, scratch):
    """A sum over no columns is 0; a weight of no columns gives none."""
    for depth, width in ((0, 5), (4, 0), (0, 0)):
        for operator, transposed in (("MatMul", 0), ("Gemm", 0), ("Gemm", 1), ("FusedMatMul", 1)):
            attributes = {"transB": transposed} if operator != "MatMul" else {}
            domain = MICROSOFT if operator == "FusedMatMul" else ""
            operands = ["x", "w", "b"] if operator == "Gemm" else ["x", "w"]
            node = helper.make_node(operator, operands, ["y"], domain=domain, **attributes)
            weight = numpy.ones((width, depth) if transposed else (depth, width), numpy.float32)
            model = Model(tools, os.path.join(scratch, "nothing"), [node], [("x", FLOAT, ["n", depth])], ["y"],
                          [("w", weight), ("b", numpy.arange(width, dtype=numpy.float32))])
            model.expect({"n": 3})
            model.expect({"n": 0})
    table = Model(tools, os.path.join(scratch, "table"), [helper.make_node("Gather", ["w", "x"], ["y"])], [("x", INT64, ["n"])], ["y"],
                  [("w", numpy.zeros((4, 0), numpy.float32))])
    table.expect({"n": 3})


def named_axes(tools, scratch):
    """An axis of an input that only a weight gives its size."""
    eight = numpy.linspace(0.5, 1.5, 8, dtype=numpy.float32)
    stream = ("x", FLOAT, ["b", "s", "d"])
    norms = [("LayerNormalization", "", ["x", "w", "w"], [stream]), ("RMSNormalization", "", ["x", "w"], [stream]), ("PRelu", "", ["x", "w"], [stream]),
             ("SimplifiedLayerNormalization", "", ["x", "w"], [stream]), ("BiasGelu", MICROSOFT, ["x", "w"], [stream]),
             ("FastGelu", MICROSOFT, ["x", "w"], [stream]), ("Gemm", "", ["a", "v", "w"], [("a", FLOAT, ["n", "k"]), ("v", FLOAT, ["k", "d"])]),
             ("SkipLayerNormalization", MICROSOFT, ["x", "x", "w", "w", "w"], [stream]),
             ("GroupNormalization", "", ["i", "w", "w"], [("i", FLOAT, ["b", "d", "s"])])]
    for operator, domain, operands, inputs in norms:
        attributes = {"num_groups": 2} if operator == "GroupNormalization" else {}
        model = Model(tools, os.path.join(scratch, operator), [helper.make_node(operator, operands, ["y"], domain=domain, **attributes)], inputs, ["y"],
                      [("w", eight)])
        sizes = {"b": 2, "s": 3, "n": 4, "k": 5}
        model.expect({**sizes, "d": 8})
        model.refuse({**sizes, "d": 7}, ": 7 instead of 8")


def attention(tools, folder, mask, new="sequence_length"):
    """Attention to a cache and to new keys, in plain operators; the mask spans both."""
    heads, of_integers = ["batch_size", 2, new, 4], len(mask) == 2
    nodes = [helper.make_node("Concat", ["cache", "key"], ["present"], axis=2), helper.make_node("Transpose", ["present"], ["keys"], perm=[0, 1, 3, 2]),
             helper.make_node("MatMul", ["query", "keys"], ["scores"])]
    if of_integers:
        nodes += [helper.make_node("Equal", ["mask", "one"], ["kept"]), helper.make_node("Unsqueeze", ["kept", "axes"], ["spread"]),
                  helper.make_node("Where", ["spread", "scores", "low"], ["masked"])]
    else:
        nodes.append(helper.make_node("Add", ["scores", "mask"], ["masked"]))
    nodes += [helper.make_node("Softmax", ["masked"], ["weights"], axis=-1), helper.make_node("MatMul", ["weights", "present"], ["y"])]
    inputs = [("mask", INT64 if of_integers else FLOAT, mask), ("query", FLOAT, heads), ("key", FLOAT, heads),
              ("cache", FLOAT, ["batch_size", 2, "past_sequence_length", 4])]
    return Model(tools, folder, nodes, inputs, ["y", "present"],
                 [("one", numpy.int64(1)), ("low", numpy.float32(-1e4)), ("axes", numpy.array([1, 2]))])


def masks_over_a_cache(tools, scratch):
    """The size of a mask is the sum of past and new tokens, whatever the file calls it; another one ends the call."""
    for name in ("total_sequence_length", "past_sequence_length + sequence_length", "a"):
        for mask in (["batch_size", name], ["batch_size", 1, "sequence_length", name], ["batch_size", 1, 1, name]):
            model = attention(tools, os.path.join(scratch, "mask"), mask)
            for past, new in ((4, 3), (0, 3), (5, 1)):
                sizes = {"batch_size": 2, "past_sequence_length": past, "sequence_length": new}
                model.expect({**sizes, name: past + new})
                model.refuse({**sizes, name: past + new + 1}, f"{past + new + 1} instead of {past + new}")
    step = attention(tools, os.path.join(scratch, "step"), ["batch_size", "total_sequence_length"], new=1)
    step.expect({"batch_size": 2, "past_sequence_length": 6, "total_sequence_length": 7})
    step.refuse({"batch_size": 2, "past_sequence_length": 6, "total_sequence_length": 6}, "6 instead of 7")


def masks_cut_to_the_keys(tools, scratch):
    """A mask that is made causal, and cut to as many columns as there are keys: it has no others."""
    heads = ["batch_size", 2, "new", 4]
    nodes = [helper.make_node("Concat", ["cache", "key"], ["present"], axis=2), helper.make_node("Transpose", ["present"], ["keys"], perm=[0, 1, 3, 2]),
             helper.make_node("MatMul", ["query", "keys"], ["scores"]), helper.make_node("Shape", ["present"], ["length"], start=2, end=3),
             helper.make_node("Shape", ["mask"], ["total"], start=1, end=2), helper.make_node("Shape", ["cache"], ["past"], start=2, end=3),
             helper.make_node("Squeeze", ["total", "first"], ["columns"]), helper.make_node("Squeeze", ["past", "first"], ["begin"]),
             helper.make_node("Squeeze", ["length", "first"], ["end"]), helper.make_node("Range", ["zero", "columns", "one"], ["all"]),
             helper.make_node("Range", ["begin", "end", "one"], ["positions"]), helper.make_node("Unsqueeze", ["positions", "second"], ["rows"]),
             helper.make_node("LessOrEqual", ["all", "rows"], ["causal"]), helper.make_node("Equal", ["mask", "one"], ["kept"]),
             helper.make_node("Unsqueeze", ["kept", "axes"], ["spread"]), helper.make_node("And", ["causal", "spread"], ["both"]),
             helper.make_node("Slice", ["both", "first", "length", "last"], ["cut"]), helper.make_node("Where", ["cut", "scores", "low"], ["masked"]),
             helper.make_node("Softmax", ["masked"], ["weights"], axis=-1), helper.make_node("MatMul", ["weights", "present"], ["y"])]
    numbers = [("zero", 0), ("one", 1), ("first", [0]), ("second", [1]), ("last", [-1]), ("axes", [1, 2])]
    model = Model(tools, os.path.join(scratch, "cut"), nodes, [("mask", INT64, ["batch_size", "total"]), ("query", FLOAT, heads), ("key", FLOAT, heads),
                                                              ("cache", FLOAT, ["batch_size", 2, "past", 4])], ["y", "present"],
                  [("low", numpy.float32(-1e4)), *((name, numpy.array(value, numpy.int64)) for name, value in numbers)])
    for past, new in ((4, 3), (0, 3), (5, 1)):
        model.expect({"batch_size": 2, "past": past, "new": new, "total": past + new})
    model.refuse({"batch_size": 2, "past": 4, "new": 3, "total": 6}, "6 instead of 7")
    model.refuse({"batch_size": 2, "past": 4, "new": 3, "total": 8}, "8 instead of 7")


def lists_of_tokens(tools, scratch):
    """A list of tokens beside a batch of sequences: its size is their product."""
    nodes = [helper.make_node("Reshape", ["x", "shape"], ["list"]), helper.make_node("Add", ["list", "y"], ["z"])]
    model = Model(tools, os.path.join(scratch, "list"), nodes, [("y", FLOAT, ["tokens", 8]), ("x", FLOAT, ["batch", "sequence", 8])], ["z"],
                  [("shape", numpy.array([-1, 8]))])
    model.expect({"batch": 2, "sequence": 3, "tokens": 6})
    model.refuse({"batch": 2, "sequence": 3, "tokens": 5}, "5 instead of 6")


def blocks_of_a_trace(tools, scratch):
    """What the exporter counted while tracing holds for some lengths: those are computed, and others end with the sizes and the lengths there are."""
    numbers = [("zero", [0]), ("four", [4]), ("blocks", [-1, 2, 4]), ("first", [1]), ("end", [2**63 - 1])]
    weights = [(name, numpy.array(value, numpy.int64)) for name, value in numbers]
    nodes = [helper.make_node("Slice", ["x", "zero", "four", "zero"], ["cut"]), helper.make_node("Mul", ["cut", "x"], ["y"], name="whole")]
    model = Model(tools, os.path.join(scratch, "block"), nodes, [("x", FLOAT, ["n", 3])], ["y"], weights)
    for length in (1, 2, 4):
        model.expect({"n": length})
    model.refuse({"n": 5}, "node 'whole' (Mul): the sizes 'min(n, 4)' and 'n' must be equal, but are 4 and 5; the program is for a 'n' of 1 to 4 only", 8)
    nodes = [helper.make_node("Reshape", ["x", "blocks"], ["r"], name="split"), helper.make_node("Mul", ["r", "r"], ["y"])]
    model = Model(tools, os.path.join(scratch, "blocks"), nodes, [("x", FLOAT, ["n"])], ["y"], weights)
    for length in (0, 8, 24):
        model.expect({"n": length})
    model.refuse({"n": 9}, "must be equal, but are 8 and 9; the program is for a 'n' of 8, 16, 24, 32 and further numbers only", 8)
    nodes = [helper.make_node("Slice", ["x", "first", "end"], ["rest"]), helper.make_node("Slice", ["x", "zero", "first"], ["head"]),
             helper.make_node("Concat", ["head", "rest"], ["all"], axis=0), helper.make_node("Add", ["all", "x"], ["y"])]
    model = Model(tools, os.path.join(scratch, "shifted"), nodes, [("x", FLOAT, ["n"])], ["y"], weights)
    for length in (1, 5):
        model.expect({"n": length})


if __name__ == "__main__":
    try:
        for scenario in (products_of_nothing, named_axes, masks_over_a_cache, masks_cut_to_the_keys, lists_of_tokens, blocks_of_a_trace):
            scenario(*sys.argv[1:])
    except Failure as failure:
        sys.exit(str(failure))
