"""Models that are refused in the raise phase: exit code, one line a node, all nodes in one run: refusals.py MOE_OPT SCRATCH."""

import os
import re
import subprocess
import sys

import numpy as np
from onnx import TensorProto, helper, save

INVALID, UNSUPPORTED = 3, 4
HIDDEN, EXPERTS, INNER, VOCABULARY = 16, 4, 32, 24
FLOAT_TYPES = {"f64": TensorProto.DOUBLE, "f32": TensorProto.FLOAT}


def weight(name, kind, *shape):
    values = np.linspace(-1, 1, int(np.prod(shape)), dtype=np.float32)
    return helper.make_tensor(name, FLOAT_TYPES[kind], shape, values.tolist())


def language_model(kind, moe_attributes, extra=(), layers=1):
    """Embedding, then layers of norm, router and com.microsoft.MoE, then logits, all in one element type."""
    nodes = [helper.make_node("Gather", ["table", "ids"], ["x0"], name="embed")]
    weights = [weight("table", kind, VOCABULARY, HIDDEN), weight("scale", kind, HIDDEN), weight("router", kind, HIDDEN, EXPERTS),
               weight("fc1", kind, EXPERTS, INNER, HIDDEN), weight("fc2", kind, EXPERTS, HIDDEN, INNER), weight("head", kind, HIDDEN, VOCABULARY)]
    for layer in range(layers):
        nodes += [helper.make_node("LayerNormalization", [f"x{layer}", "scale"], [f"n{layer}"], name=f"norm{layer}"),
                  helper.make_node("MatMul", [f"n{layer}", "router"], [f"r{layer}"], name=f"router{layer}"),
                  helper.make_node("MoE", [f"n{layer}", f"r{layer}", "fc1", "", "fc2"], [f"m{layer}"], name=f"moe{layer}", domain="com.microsoft",
                                   **moe_attributes),
                  helper.make_node("Add", [f"x{layer}", f"m{layer}"], [f"x{layer + 1}"], name=f"add{layer}")]
    nodes += [helper.make_node("MatMul", [f"x{layers}", "head"], ["logits"], name="head"), *extra]
    return nodes, weights, [("logits", FLOAT_TYPES[kind], ["tokens", VOCABULARY])]


def write(path, nodes, weights, outputs, inputs=(("ids", TensorProto.INT64, ["tokens"]),)):
    graph = helper.make_graph(nodes, "refused", [helper.make_tensor_value_info(*i) for i in inputs], [helper.make_tensor_value_info(*o) for o in outputs], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)], ir_version=10)
    save(model, path)


def matmul_of(a, b):
    nodes = [helper.make_node("MatMul", ["x", "w"], ["y"], name="product")]
    return dict(nodes=nodes, weights=[weight("w", "f32", *b)], outputs=[("y", TensorProto.FLOAT, None)], inputs=[("x", TensorProto.FLOAT, a)])


def cases():
    """(name, what `write` takes, exit code, one pattern a line)"""
    yield "inner_sizes_differ", matmul_of([4, 5], [6, 7]), INVALID, [r"node 'product' \(MatMul\): .*sizes 5 and 6 must be equal: 'x' \[4, 5\] and 'w' \[6, 7\]"]
    reason = "computes in f32, not in f64: convert the model to float32"
    lines = [rf"node '{node}' \({op}\): \S+ version \d+ is not supported: .*{reason}"
             for node, op in [("norm0", "LayerNormalization"), ("moe0", "MoE")]]
    yield "all_f64", dict(zip(("nodes", "weights", "outputs"), language_model("f64", {"k": 2}))), UNSUPPORTED, lines
    nodes, weights, outputs = language_model("f32", {"k": 2, "activation_type": "mish"}, [helper.make_node("ImageDecoder", ["logits"], ["d"], name="decode")])
    yield ("refused_layer_and_operator", dict(nodes=nodes, weights=weights, outputs=outputs + [("d", TensorProto.FLOAT, None)]), UNSUPPORTED,
           [r"node 'moe0' \(MoE\): com.microsoft::MoE version 1 is not supported: activation_type 'mish'", r"node 'decode' \(ImageDecoder\): .*has no lowering"])
    nodes, weights, outputs = language_model("f32", {"k": 9}, [helper.make_node("ImageDecoder", ["logits"], ["d"], name="decode")])
    yield ("invalid_layer", dict(nodes=nodes, weights=weights, outputs=outputs + [("d", TensorProto.FLOAT, None)]), INVALID,
           [r"node 'moe0' \(MoE\): expected 1 <= k <= experts, but k is 9"])
    yield ("many_nodes", dict(zip(("nodes", "weights", "outputs"), language_model("f64", {"k": 2}, layers=16))), UNSUPPORTED,
           [r"is not supported"] * 20 + [r"12 more nodes are refused, too: 6 of ai.onnx::LayerNormalization, 6 of com.microsoft::MoE"])


def faults(moe_opt, scratch, name, model, code, patterns):
    path = os.path.join(scratch, name + ".onnx")
    write(path, **model)
    done = subprocess.run([moe_opt, path, "-o", os.path.join(scratch, name + ".moe")], capture_output=True, text=True, timeout=60)
    lines = [line for line in done.stderr.splitlines() if ": remark: " not in line]
    if done.returncode != code:
        yield f"{name}: exit {done.returncode}, not {code}"
    if len(lines) != len(patterns):
        yield f"{name}: {len(lines)} lines, not {len(patterns)}"
    yield from (f"{name}: '{line}' does not match {pattern}" for line, pattern in zip(lines, patterns) if not re.search(pattern, line))
    yield from (f"{name}: '{line}' names no file" for line in lines if path not in line)


if __name__ == "__main__":
    os.makedirs(sys.argv[2], exist_ok=True)
    found = [fault for case in cases() for fault in faults(sys.argv[1], sys.argv[2], *case)]
    sys.exit("\n".join(found) if found else 0)
