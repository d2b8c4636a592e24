"""Writes a synthetic fp32 model of fused MoE layers of any size, streaming: weights inline or in an external file.

    make_fused_moe.py OUT_FOLDER --gigabytes 1.9 [--external] [--layers 2] [--hidden 1024] [--inner 2048] [--experts N]

The number of experts follows from the size unless it is given. Memory stays at a few MiB whatever the size, so that the
generator cannot be what a memory measurement sees. Weights repeat one seeded block; they are small, so that outputs
stay finite.
"""

import argparse
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper

BLOCK = 1 << 22  # bytes written at a time


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number, length):
    """Key and length of a length-delimited protobuf field."""
    return varint(number << 3 | 2) + varint(length)


def big_tensor(name, dims, external):
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=dims)
    size = int(np.prod(dims)) * 4
    if external is not None:
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", "model.onnx.data"), ("offset", external), ("length", size)):
            tensor.external_data.add(key=key, value=str(value))
    return tensor.SerializeToString(), size


def build_nodes(args):
    nodes, source = [], "hidden_states"
    for layer in range(args.layers):
        nodes.append(helper.make_node("MatMul", [source, f"router.{layer}"], [f"logits.{layer}"], name=f"/layer.{layer}/router"))
        nodes.append(helper.make_node("Reshape", [f"logits.{layer}", "shape"], [f"flat.{layer}"], name=f"/layer.{layer}/reshape"))
        nodes.append(helper.make_node("MoE", [source, f"flat.{layer}", f"fc1.{layer}", "", f"fc2.{layer}"], [f"moe.{layer}"], domain="com.microsoft",
                                      name=f"/layer.{layer}/moe", k=2, activation_type="silu", normalize_routing_weights=1))
        nodes.append(helper.make_node("Add", [source, f"moe.{layer}"], [f"hidden.{layer}"], name=f"/layer.{layer}/add"))
        source = f"hidden.{layer}"
    return nodes, source


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--gigabytes", type=float, default=1.9)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--hidden", type=int, default=1024)
    parser.add_argument("--inner", type=int, default=2048)
    parser.add_argument("--experts", type=int)
    parser.add_argument("--external", action="store_true")
    args = parser.parse_args()
    per_expert = 2 * args.hidden * args.inner * 4
    args.experts = args.experts or max(2, int(args.gigabytes * 1e9 / args.layers / per_expert))

    nodes, last = build_nodes(args)
    small = [helper.make_tensor("shape", TensorProto.INT64, [2], [-1, args.experts])]
    random = np.random.default_rng(7)
    for layer in range(args.layers):
        router = random.standard_normal((args.hidden, args.experts), dtype=np.float32)
        small.append(onnx.numpy_helper.from_array(router, f"router.{layer}"))
    dims = ["batch", "seq", args.hidden]
    graph = helper.make_graph(nodes, "fused_moe", [helper.make_tensor_value_info("hidden_states", TensorProto.FLOAT, dims)],
                              [helper.make_tensor_value_info(last, TensorProto.FLOAT, dims)], small)
    head = helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)])

    bigs, offset = [], 0
    for layer in range(args.layers):
        for name, shape in ((f"fc1.{layer}", [args.experts, args.inner, args.hidden]), (f"fc2.{layer}", [args.experts, args.hidden, args.inner])):
            stub, size = big_tensor(name, shape, offset if args.external else None)
            bigs.append((stub, size))
            offset += size

    block = (random.standard_normal(BLOCK // 4).astype(np.float32) * 0.02).tobytes()

    def stream(out, size):
        for begin in range(0, size, BLOCK):
            out.write(block[: min(BLOCK, size - begin)])

    args.folder.mkdir(parents=True, exist_ok=True)
    graph_bytes = head.graph.SerializeToString()
    head.ClearField("graph")
    parts = []
    for stub, size in bigs:
        data = b"" if args.external else field(9, size)  # TensorProto.raw_data
        length = len(stub) + len(data) + (0 if args.external else size)
        parts.append((field(5, length) + stub + data, 0 if args.external else size))  # GraphProto.initializer
    graph_length = len(graph_bytes) + sum(len(prefix) + size for prefix, size in parts)
    with open(args.folder / "model.onnx", "wb") as out:
        out.write(head.SerializeToString())
        out.write(field(7, graph_length))  # ModelProto.graph
        out.write(graph_bytes)
        for prefix, size in parts:
            out.write(prefix)
            stream(out, size)
    if args.external:
        with open(args.folder / "model.onnx.data", "wb") as out:
            for _, size in bigs:
                stream(out, size)
    print(f"{args.folder}: {args.layers} layers of {args.experts} experts, {offset / 1e9:.2f} GB of expert weights")


if __name__ == "__main__":
    main()
