"""Padding that reaches a token is noticed: padding.py BIN MODELS SCRATCH.

Decoders whose mask hides padding in some layers alone, or not quite, are run on prompts of different lengths; the tokens must be those of each prompt alone."""

import os
import shutil
import sys

import numpy
import onnx
from decoder_reference import Reference
from generation import TOKENS, compiled, generated, rows_of
from harness import Failure, check

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


def main(tools, models, scratch):
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
