"""Padding that reaches a token is noticed: padding.py BIN MODELS SCRATCH.

Decoders whose mask hides padding in some layers alone, or not quite, are run on prompts of different lengths; the tokens must be those of each prompt alone."""

import os
import shutil
import sys

import numpy
import onnx
from decoder_reference import Reference
from generation import TOKENS, compiled, generated, rows_of
from harness import Failure, check, succeed

MODEL = "qwen3_moe-dynamo-batched_mm-decode"
PROMPT = "9,2;3,1,4,1,5,9,2;7;8,3,1;6,5"


def masked_scores(graph):
    """The sums of scores and mask, by layer."""
    producers = {name: node for node in graph.node for name in node.output}
    sums = [producers[node.input[0]] for node in graph.node if node.op_type == "Softmax"]
    return [node for node in sums if node.op_type == "Add" and producers[node.input[1]].op_type == "Where"]


def without_mask(layer):
    def change(graph):
        node = masked_scores(graph)[layer]
        node.op_type = "Identity"
        del node.input[1]
    return change


def with_weak_mask(graph):
    """Hidden keys keep a little weight."""
    for place, node in enumerate(masked_scores(graph)):
        graph.initializer.append(onnx.numpy_helper.from_array(numpy.array(-3.0, numpy.float32), f"floor_{place}"))
        weak = onnx.helper.make_node("Max", [node.input[1], f"floor_{place}"], [f"weak_{place}"])
        node.input[1] = weak.output[0]
        graph.node.insert(list(graph.node).index(node), weak)


def counting_columns(path):
    """A decoder of GroupQueryAttention that takes the positions of new tokens from the length of its cache, padding or not."""
    random, node = numpy.random.default_rng(3), onnx.helper.make_node
    weights = {"embedding": (32, 16), "places": (64, 16), "wq": (16, 16), "wk": (16, 16), "wv": (16, 16), "head": (16, 32)}
    tensors = [onnx.numpy_helper.from_array(random.standard_normal(shape).astype(numpy.float32), name) for name, shape in weights.items()]
    tensors += [onnx.numpy_helper.from_array(numpy.array(value, kind), name)
                for name, value, kind in (("one", 1, numpy.int64), ("axis", [1], numpy.int64), ("last", [1], numpy.int32))]
    nodes = [node("Gather", ["embedding", "input_ids"], ["words"]), node("Shape", ["past.key"], ["pasts"], start=2, end=3),
             node("Shape", ["input_ids"], ["news"], start=1, end=2), node("Squeeze", ["pasts"], ["past"]), node("Squeeze", ["news"], ["new"]),
             node("Add", ["past", "new"], ["end"]), node("Range", ["past", "end", "one"], ["columns"]), node("Gather", ["places", "columns"], ["place"]),
             node("Add", ["words", "place"], ["x"]), *(node("MatMul", ["x", "w" + each], [each]) for each in "qkv"),
             node("ReduceSum", ["attention_mask", "axis"], ["long"]), node("Cast", ["long"], ["length"], to=onnx.TensorProto.INT32),
             node("Sub", ["length", "last"], ["lengths"]), node("Shape", ["attention_mask"], ["totals"], start=1, end=2),
             node("Squeeze", ["totals"], ["wide"]), node("Cast", ["wide"], ["total"], to=onnx.TensorProto.INT32),
             node("GroupQueryAttention", ["q", "k", "v", "past.key", "past.value", "lengths", "total"], ["mixed", "present.key", "present.value"],
                  domain="com.microsoft", num_heads=2, kv_num_heads=2),
             node("Add", ["mixed", "x"], ["y"]), node("MatMul", ["y", "head"], ["logits"])]
    value, real, integer = onnx.helper.make_tensor_value_info, onnx.TensorProto.FLOAT, onnx.TensorProto.INT64
    inputs = [value("input_ids", integer, ["b", "s"]), value("attention_mask", integer, ["b", "t"])]
    inputs += [value(f"past.{each}", real, ["b", 2, "p", 8]) for each in ("key", "value")]
    outputs = [value("logits", real, ["b", "s", 32]), *(value(f"present.{each}", real, ["b", 2, "t", 8]) for each in ("key", "value"))]
    operators = [onnx.helper.make_opsetid("", 21), onnx.helper.make_opsetid("com.microsoft", 1)]
    onnx.save(onnx.helper.make_model(onnx.helper.make_graph(nodes, "g", inputs, outputs, tensors), opset_imports=operators, ir_version=10), path)


def ends_at_once(tools, scratch):
    """Where the prompt that padding is tried with ends at its first token, the steps behind that are tried all the same."""
    folder = os.path.join(scratch, "columns")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    counting_columns(os.path.join(folder, "model.onnx"))
    succeed(os.path.join(tools, "moe-opt"), os.path.join(folder, "model.onnx"), "-o", os.path.join(folder, "model.moe"))

    def tokens(prompts, *options):
        launch = [os.path.join(tools, "moe-run"), os.path.join(folder, "model.moe"), "--in-process", "--generate", 6, "--prompt-ids", prompts, *options]
        return [line for line in succeed(*launch).stdout.splitlines() if not line.startswith("#")]

    prompts = ["7,2", "5,9,4,1", "3,1,4,1,5,6,2"]
    end = ["--eos-id", tokens(prompts[0])[0].split(",")[0]]
    want = [row for prompt in prompts for row in tokens(prompt, *end)]
    check(len(want[0].split(",")) == 1 and len(want[1].split(",")) == 6, f"the prompts do not end as this test needs: {want}")
    got = tokens(";".join(prompts), *end)
    check(got == want, f"{got}, not {want}")


def main(tools, models, scratch):
    ends_at_once(tools, scratch)
    source = os.path.join(models, MODEL)
    for name, change, padded in (("plain", lambda graph: None, True), ("first", without_mask(0), False), ("last", without_mask(1), False),
                                 ("weak", with_weak_mask, False)):
        folder = os.path.join(scratch, name)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(source, folder)
        model = onnx.load(os.path.join(folder, "model.onnx"))
        change(model.graph)
        onnx.save(model, os.path.join(folder, "model.onnx"))
        want = Reference(folder, folder).generate(rows_of(PROMPT), TOKENS)
        got = generated(tools, compiled(tools, folder, folder), folder, PROMPT)
        check((got["padding"] == "left") == padded, f"{name}: {got}")
        check(got["rows"] == want, f"{name}: {got['rows']}, not {want}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Failure as failure:
        sys.exit(str(failure))
