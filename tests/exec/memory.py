"""The arena of a rank is a bound, and the worst routing reaches it: memory.py BIN MODEL_FOLDER SCRATCH.

Every token goes to experts of one rank, at the limits of the artifact. That rank then writes at least 85 % of the bytes that
the compiler's report states; no rank ever writes more.
"""

import json
import os
import shutil
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

from harness import Failure, Model, check, succeed

BATCH, SEQUENCE = 4, 128
HIDDEN, INNER, EXPERTS, CHOICES = 64, 96, 8, 2
HOT = (2, 3)  # experts of one owner on 1, 2 and 4 ranks


def hot_model(path):
    """A fused layer whose router gives tokens of positive elements to the experts HOT, and tokens of negative ones to the others."""
    random = numpy.random.default_rng(7)
    router = 0.1 * random.standard_normal((HIDDEN, EXPERTS))
    router[:, HOT] += 1
    weights = {"router": router, "fc1": 0.1 * random.standard_normal((EXPERTS, INNER, HIDDEN)), "fc2": 0.1 * random.standard_normal((EXPERTS, HIDDEN, INNER))}
    initializers = [numpy_helper.from_array(value.astype(numpy.float32), name) for name, value in weights.items()]
    initializers.append(helper.make_tensor("shape", TensorProto.INT64, [2], [-1, EXPERTS]))
    nodes = [helper.make_node("MatMul", ["hidden_states", "router"], ["logits"], name="/router"),
             helper.make_node("Reshape", ["logits", "shape"], ["flat"], name="/reshape"),
             helper.make_node("MoE", ["hidden_states", "flat", "fc1", "", "fc2"], ["output"], name="/moe", domain="com.microsoft", k=CHOICES,
                              activation_type="silu", normalize_routing_weights=1)]
    value = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", "seq", HIDDEN])
    graph = helper.make_graph(nodes, "hot", [value("hidden_states")], [value("output")], initializers)
    onnx.save(helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]), path)


class Memory:
    def __init__(self, tools, scratch, model, batch=BATCH, sequence=SEQUENCE):
        self.moe_run, self.scratch = os.path.join(tools, "moe-run"), scratch
        self.artifact = os.path.join(scratch, "model.moe")
        shutil.rmtree(self.artifact, ignore_errors=True)
        succeed(os.path.join(tools, "moe-opt"), model, "-o", self.artifact, "--max-batch", batch, "--max-seq", sequence)
        with open(os.path.join(self.artifact, "report.json"), encoding="utf-8") as file:
            self.bounds = {entry["ranks"]: entry["arena_bytes"] for entry in json.load(file)["ranks"]}

    def marks(self, ranks, tokens, threads):
        """The bound, the mark of each rank, and the rows that each received."""
        folder, report = os.path.join(self.scratch, "inputs"), os.path.join(self.scratch, "report.json")
        os.makedirs(folder, exist_ok=True)
        numpy.save(os.path.join(folder, "hidden_states.npy"), tokens.astype(numpy.float32))
        succeed(self.moe_run, self.artifact, "-n", ranks, "--threads", threads, "--input-dir", folder, "--json", report)
        with open(report, encoding="utf-8") as file:
            report = json.load(file)
        arena = {entry["arena_bytes"] for entry in report["rank_statistics"]}
        check(len(arena) == 1 and (threads > 1 or arena == {self.bounds[ranks]}), f"{ranks} ranks: arenas {arena}, reported {self.bounds}")
        marks = [entry["high_water_bytes"] for entry in sorted(report["rank_statistics"], key=lambda entry: entry["rank"])]
        check(0 < min(marks) and max(marks) <= min(arena), f"{ranks} ranks: {marks} written in arenas of {arena}")
        return min(arena), marks, report["cases"][0]["layers"][0]["rows_received"]

    def worst(self, ranks, tokens, choices):
        """All rows on one rank; its mark."""
        arena, marks, rows = self.marks(ranks, tokens, 1)
        owner = int(numpy.argmax(rows))
        check(rows[owner] == sum(rows) == tokens.shape[0] * tokens.shape[1] * choices, f"{ranks} ranks: rows {rows} are not on one rank")
        check(marks[owner] >= 0.85 * arena, f"{ranks} ranks: rank {owner} wrote {marks[owner]} of {arena} bytes, less than 85 %")
        print(f"{ranks} ranks: {marks} of {arena} bytes, rows {rows}")
        return owner, marks


def main(tools, folder, scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    # The stored tokens, and many of them: over and over.
    stored = numpy.load(os.path.join(folder, "inputs", "hidden_states.npy"))
    for tokens in (stored, numpy.resize(stored, (BATCH, SEQUENCE, stored.shape[-1]))):
        edge = Memory(tools, scratch, Model(folder).path, *tokens.shape[:2])
        for ranks in (1, 2, 4):
            edge.worst(ranks, tokens, 1)

    hot_model(os.path.join(scratch, "model.onnx"))
    hot = Memory(tools, scratch, os.path.join(scratch, "model.onnx"))
    tokens = numpy.abs(numpy.random.default_rng(8).standard_normal((BATCH, SEQUENCE, HIDDEN)))
    for ranks in (1, 2, 4):
        owner, marks = hot.worst(ranks, tokens, CHOICES)
        hot.marks(ranks, tokens, 2)
        # The mark follows the rows: the same rank writes less where most go elsewhere, and where there are few of them.
        _, spread, rows = hot.marks(ranks, -tokens, 1)
        check(ranks == 1 or rows[owner] < sum(rows) and spread[owner] < marks[owner], f"{ranks} ranks: {spread} written for rows {rows}, {marks} for all on rank {owner}")
        _, few, _ = hot.marks(ranks, tokens[:1, :4], 1)
        check(max(few) < 0.25 * marks[owner], f"{ranks} ranks: {few} written for 4 tokens, {marks} for {BATCH * SEQUENCE}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Failure as failure:
        sys.exit(str(failure))
