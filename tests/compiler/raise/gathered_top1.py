"""Layers of one expert a token as a plain builder writes them: stacked weights gathered by the expert's id, in many spellings. Each becomes one MoE
layer and computes what ONNX Runtime does: gathered_top1.py BIN SCRATCH."""

import itertools
import os
import subprocess
import sys

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper, save

HIDDEN, EXPERTS, INNER, TOKENS = 16, 8, 24, 7  # no weight is small enough to become a constant in the program
RANDOM = np.random.default_rng(7)

CHOICES = {
    "select": ["topk", "argmax", "argmax_flat"],
    "weigh": ["softmax_before", "softmax_after", "sigmoid", "gathered_score", "largest_score", "none"],
    "gather": ["flat", "reshaped", "kept", "nd"],
    "order": ["in_out", "weight_first", "transposed", "transposed_before"],
    "bias": [False, True],
    "sum": ["none", "sum"],
    "act": ["Relu", "silu", "swiglu"],
    "after": ["nothing", "scale", "mask"],
}


class Builder:
    def __init__(self):
        self.nodes, self.weights = [], []

    def node(self, kind, *inputs, outputs=1, **attributes):
        names = [f"{kind.lower()}{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, name=names[0], **attributes))
        return names[0] if outputs == 1 else names

    def constant(self, values, kind=np.int64):
        name = f"c{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.array(values, kind), name))
        return name

    def weight(self, *shape):
        return self.constant(RANDOM.standard_normal(shape) / 4, np.float32)


def choose(b, choice):
    """ids [T, 1] or [T], and the weight of each token [T, 1], or nothing."""
    logits = b.node("MatMul", "x", b.weight(HIDDEN, EXPERTS))
    scores = {"softmax_before": "Softmax", "gathered_score": "Softmax", "largest_score": "Softmax", "sigmoid": "Sigmoid"}.get(choice["weigh"])
    keys = b.node(scores, logits) if scores else logits
    if choice["select"] == "topk":
        values, ids = b.node("TopK", keys, b.constant([1]), outputs=2, axis=-1)
    else:
        values, ids = None, b.node("ArgMax", keys, axis=-1, keepdims=int(choice["select"] == "argmax"))
    column = ids if choice["select"] != "argmax_flat" else b.node("Unsqueeze", ids, b.constant([1]))
    if choice["weigh"] == "none":
        return ids, None
    if choice["weigh"] == "softmax_after":
        return ids, b.node("Softmax", values if values else b.node("GatherElements", keys, column, axis=1), axis=-1)
    if choice["weigh"] == "gathered_score" or (values is None and choice["weigh"] != "largest_score"):
        return ids, b.node("GatherElements", keys, column, axis=1)
    return ids, values if values else b.node("ReduceMax", keys, b.constant([-1]), keepdims=1)


def gather(b, choice, stacked, ids, rank):
    """One tensor of rank `rank` - 1 a token: [T, ...], or [T, 1, ...] where the ids keep their column."""
    flat = choice["select"] == "argmax_flat"
    if choice["gather"] == "nd":
        return b.node("GatherND", stacked, b.node("Unsqueeze", ids, b.constant([1])) if flat else ids)
    if choice["gather"] == "kept":
        return b.node("Gather", stacked, b.node("Unsqueeze", ids, b.constant([1])) if flat else ids)
    if flat:
        return b.node("Gather", stacked, ids)
    ids = b.node("Squeeze", ids, b.constant([1])) if choice["gather"] == "flat" else b.node("Reshape", ids, b.constant([-1]))
    return b.node("Gather", stacked, ids)


def project(b, choice, rows, ids, inputs, outputs):
    """rows [T, (1,) 1, inputs] (or as columns) times the expert's matrix."""
    first = choice["order"] == "weight_first"
    stacked = b.weight(EXPERTS, inputs, outputs) if choice["order"] == "in_out" else b.weight(EXPERTS, outputs, inputs)
    if choice["order"] == "transposed_before":
        stacked = b.node("Transpose", stacked, perm=[0, 2, 1])
    matrix = gather(b, choice, stacked, ids, 3)
    if choice["order"] == "transposed":
        matrix = b.node("Transpose", matrix, perm=[0, 1, 3, 2] if choice["gather"] == "kept" else [0, 2, 1])
    product = b.node("MatMul", matrix, rows) if first else b.node("MatMul", rows, matrix)
    if not choice["bias"]:
        return product
    bias = gather(b, choice, b.weight(EXPERTS, outputs), ids, 2)
    return b.node("Add", product, b.node("Unsqueeze", bias, b.constant([-1 if first else -2])))


def layer(b, choice):
    ids, weights = choose(b, choice)
    kept, first = choice["gather"] == "kept", choice["order"] == "weight_first"
    vector = [1, 2] if kept and not first else [1, -1] if kept else [2] if first else [1]
    rows = b.node("Unsqueeze", "x", b.constant(vector))
    hidden = project(b, choice, rows, ids, HIDDEN, INNER)
    if choice["act"] == "Relu":
        active = b.node("Relu", hidden)
    else:
        active = b.node("Mul", hidden, b.node("Sigmoid", hidden))
    if choice["act"] == "swiglu":
        active = b.node("Mul", active, project(b, choice, rows, ids, HIDDEN, INNER))
    result = project(b, choice, active, ids, INNER, HIDDEN)
    result = b.node("Squeeze", result, b.constant([-1 if first else -2]))
    if choice["sum"] == "none":
        result = b.node("Squeeze", result, b.constant([1])) if kept else result
        return b.node("Mul", result, weights) if weights else result
    result = result if kept else b.node("Unsqueeze", result, b.constant([1]))
    result = b.node("Mul", result, b.node("Unsqueeze", weights, b.constant([-1]))) if weights else result
    return b.node("ReduceSum", result, b.constant([1]), keepdims=0)


def build(path, choice):
    b = Builder()
    result = layer(b, choice)
    if choice["after"] == "scale":
        result = b.node("Mul", result, b.weight(HIDDEN))
    elif choice["after"] == "mask":
        result = b.node("Mul", b.node("Cast", b.node("Greater", b.node("MatMul", "x", b.weight(HIDDEN, 1)), b.constant(0, np.float32)), to=TensorProto.FLOAT), result)
    result = b.node("Add", "x", result)
    graph = helper.make_graph(b.nodes, "top1", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["tokens", HIDDEN])],
                              [helper.make_tensor_value_info(result, TensorProto.FLOAT, ["tokens", HIDDEN])], b.weights)
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), path)
    return result


def samples():
    """Every pair of two choices' values, at least once."""
    keys = list(CHOICES)
    pairs = {(a, x, c, y) for a, c in itertools.combinations(keys, 2) for x in CHOICES[a] for y in CHOICES[c]}
    everything = [dict(zip(keys, values)) for values in itertools.product(*CHOICES.values())]
    RANDOM.shuffle(everything)
    while pairs:
        best = max(everything[:400] if len(pairs) > 20 else everything, key=lambda s: sum(s[a] == x and s[c] == y for a, x, c, y in pairs))
        pairs -= {p for p in pairs if best[p[0]] == p[1] and best[p[2]] == p[3]}
        yield best


def fault(tools, scratch, index, choice):
    path = os.path.join(scratch, f"{index}.onnx")
    result = build(path, choice)
    artifact, inputs, outputs = (os.path.join(scratch, f"{index}.{kind}") for kind in ("moe", "in", "out"))
    os.makedirs(inputs, exist_ok=True)
    os.makedirs(outputs, exist_ok=True)
    x = RANDOM.standard_normal((TOKENS, HIDDEN)).astype(np.float32)
    np.save(os.path.join(inputs, "x.npy"), x)
    np.save(os.path.join(outputs, result + ".npy"), onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, {"x": x})[0])
    raised = subprocess.run([os.path.join(tools, "moe-opt"), path, "--stop-after=raise"], capture_output=True, text=True, timeout=60)
    if raised.stdout.count("= moe.gate ") != 1 or raised.stdout.count("nn.gather") > 0:
        return "not raised: " + (raised.stderr or "no remark")
    for command in (["moe-opt", path, "-o", artifact], ["moe-run", artifact, "-n", "2", "--in-process", "--input-dir", inputs, "--expect-dir", outputs]):
        done = subprocess.run([os.path.join(tools, command[0]), *command[1:]], capture_output=True, text=True, timeout=60)
        if done.returncode:
            return f"{command[0]} exit {done.returncode}: {done.stderr}"
    return None


if __name__ == "__main__":
    os.makedirs(sys.argv[2], exist_ok=True)
    chosen = list(samples())
    found = [(choice, fault(sys.argv[1], sys.argv[2], index, choice)) for index, choice in enumerate(chosen)]
    failed = [f"{choice}: {what}" for choice, what in found if what]
    print(f"{len(chosen) - len(failed)} of {len(chosen)} layers raised and right")
    sys.exit("\n".join(failed) if failed or not chosen else 0)
