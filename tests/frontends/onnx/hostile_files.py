"""Files that are large, deep, linked or strange in another way: hostile_files.py MOE_OPT SCRATCH.

Each is refused with its exit code and one line, or compiles, within LIMIT_SECONDS of the processor and LIMIT_BYTES of memory.
"""

import os
import re
import resource
import shutil
import subprocess
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

OK, INVALID, UNSUPPORTED, RESOURCES = 0, 3, 4, 7
LIMIT_SECONDS, LIMIT_BYTES = 10, 1 << 30
FLOAT = TensorProto.FLOAT


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def value(name, shape=("n", 4), kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def model(nodes, inputs, outputs, initializers=(), opset=21, **more):
    graph = helper.make_graph(list(nodes), "g", inputs, outputs, list(initializers))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)], ir_version=10, **more)


def node(kind, inputs, outputs, **attributes):
    return helper.make_node(kind, inputs, outputs, name=outputs[0], **attributes)


def relu(**more):
    return model([node("Relu", ["x"], ["y"])], [value("x")], [value("y")], **more)


def chain(length):
    names = ["x", *(f"v{number}" for number in range(length - 1)), "y"]
    return model([node("Relu", [a], [b]) for a, b in zip(names, names[1:])], [value("x")], [value("y")])


def containers():
    whole = relu().SerializeToString()
    yield "unknown-fields", whole + field(900, b"future") + varint(901 << 3) + b"\x05", OK, ""
    yield "empty-nodes", b"\x08\x0a" + field(8, b"\x10\x15") + field(7, b"\x0a\x00" * 5_000_000), RESOURCES, "more than 4194304 nodes; the limit keeps memory bounded"
    long = relu()
    long.graph.node[0].name = "n" * 20_000_000
    long.graph.node[0].op_type = "Nothing"
    yield "long-name", long.SerializeToString(), UNSUPPORTED, "node 'n+\\.\\.\\."
    for number in (2**31, 2**63 - 1):
        wrong = relu()
        wrong.opset_import[0].version = number
        yield f"opset-{number}", wrong.SerializeToString(), INVALID, f"opset version {number}"
    bare = relu()
    del bare.opset_import[:]
    yield "no-opset", bare.SerializeToString(), INVALID, "imports no operator set"


def graphs():
    yield "no-nodes", model([], [value("x")], [value("x")]), OK, ""
    yield "no-inputs", model([node("Relu", ["w"], ["y"])], [], [value("y", [4])], [numpy_helper.from_array(numpy.ones(4, numpy.float32), "w")]), OK, ""
    yield "no-outputs", model([node("Relu", ["x"], ["y"])], [value("x")], []), None, ""
    yield "chain", chain(4000), OK, ""
    wide = [node("Relu", ["x"], [f"v{number}"]) for number in range(10_000)]
    yield "fan-in", model([*wide, node("Sum", [item.output[0] for item in wide], ["y"])], [value("x")], [value("y")]), None, ""
    yield "20-dimensions", model([node("Relu", ["x"], ["y"])], [value("x", [1] * 20)], [value("y", [1] * 20)]), None, ""
    yield "huge-dimension", model([node("Relu", ["x"], ["y"])], [value("x", [2**62, 16])], [value("y", [2**62, 16])]), None, "2|large|limit|size"
    yield "zero-dimension", model([node("Relu", ["x"], ["y"])], [value("x", [0, 4])], [value("y", [0, 4])]), OK, ""
    yield "one-name-two-sizes", model([node("Add", ["x", "w"], ["y"])], [value("x", ["n", "n"]), value("w", ["n", "n"])], [value("y", ["n", "n"])]), OK, ""
    yield "stated-rank", model([node("Relu", ["x"], ["y"])], [value("x")], [value("y", [4])]), OK, "remark.*1 dimensions, but has 2"
    yield "stated-type", model([node("Relu", ["x"], ["y"])], [value("x")], [value("y", kind=TensorProto.INT64)]), None, ""
    for kind in (TensorProto.STRING, TensorProto.COMPLEX64, TensorProto.FLOAT8E4M3FN, TensorProto.INT4):
        yield f"type-{kind}", model([node("Identity", ["x"], ["y"])], [value("x", kind=kind)], [value("y", kind=kind)]), None, ""
    sequence = helper.make_tensor_sequence_value_info("s", FLOAT, ["n", 4])
    yield "sequence", model([node("SequenceAt", ["s", "i"], ["y"])], [sequence, value("i", [], TensorProto.INT64)], [value("y")]), UNSUPPORTED, "SequenceAt"
    optional = helper.make_value_info("o", helper.make_optional_type_proto(helper.make_tensor_type_proto(FLOAT, ["n", 4])))
    yield "optional", model([node("OptionalGetElement", ["o"], ["y"])], [optional], [value("y")]), UNSUPPORTED, "OptionalGetElement"
    yield "map", model([node("Cast", ["x"], ["y"], to=FLOAT)], [helper.make_value_info("x", map_type())], [value("y")]), None, ""


def map_type():
    kind = onnx.TypeProto()
    kind.map_type.key_type = TensorProto.INT64
    kind.map_type.value_type.tensor_type.elem_type = FLOAT
    return kind


def moe(name):
    weights = [numpy_helper.from_array(numpy.ones(shape, numpy.float32), key) for key, shape in (("fc1", [2, 3, 4]), ("fc2", [2, 4, 3]))]
    return helper.make_node("MoE", ["x", "r", "fc1", "", "fc2"], [name], name=name, domain="com.microsoft", k=1), weights


def control_flow():
    """MoE layers in the bodies of If, Loop and Scan."""
    inner, weights = moe("inner")
    body = helper.make_graph([inner], "then", [], [value("inner")])
    other = helper.make_graph([helper.make_node("Identity", ["x"], ["same"])], "else", [], [value("same")])
    inputs = [value("x"), value("r", ["n", 2]), value("c", [], TensorProto.BOOL)]
    yield "if", model([node("If", ["c"], ["y"], then_branch=body, else_branch=other)], inputs, [value("y")], weights), OK, ""
    step = helper.make_graph([inner, helper.make_node("Identity", ["go"], ["on"])], "loop",
                             [value("i", [], TensorProto.INT64), value("go", [], TensorProto.BOOL), value("carried")],
                             [value("on", [], TensorProto.BOOL), value("inner")])
    count = numpy_helper.from_array(numpy.array(3, numpy.int64), "count")
    yield "loop", model([node("Loop", ["count", "c", "x"], ["y"], body=step)], inputs, [value("y")], [*weights, count]), UNSUPPORTED, "whether it begins is not known before data is"
    scanned = helper.make_graph([helper.make_node("Relu", ["row"], ["result"])], "scan", [value("row", [4])], [value("result", [4])])
    yield "scan", model([node("Scan", ["x"], ["y"], body=scanned, num_scan_inputs=1)], [value("x")], [value("y")]), UNSUPPORTED, "the number of its iterations is not known before data is"


def external(location, offset=None, length=None, dims=(66,)):
    tensor = TensorProto(name="w", data_type=FLOAT, dims=dims, data_location=TensorProto.EXTERNAL)
    for key, entry in (("location", location), ("offset", offset), ("length", length)):
        if entry is not None:
            tensor.external_data.add(key=key, value=str(entry))
    return model([node("Add", ["x", "w"], ["y"])], [value("x", ["n", dims[0]])], [value("y", ["n", dims[0]])], [tensor])


def external_data(scratch):
    folder = os.path.join(scratch, "data")
    os.makedirs(os.path.join(folder, "sub"))
    os.makedirs(os.path.join(scratch, "outside"))
    size = 66 * 4
    for path in ("weights.bin", "sub/weights.bin", "../outside/weights.bin"):
        with open(os.path.join(folder, path), "wb") as file:
            file.write(numpy.ones(132, numpy.float32).tobytes())
    os.symlink("../outside/weights.bin", os.path.join(folder, "link.bin"))
    os.symlink("../outside", os.path.join(folder, "linked"))
    os.symlink("sub/weights.bin", os.path.join(folder, "inside.bin"))
    os.link(os.path.join(scratch, "outside", "weights.bin"), os.path.join(folder, "hard.bin"))
    os.mkfifo(os.path.join(folder, "pipe.bin"))
    for location in ("/etc/passwd", "../outside/weights.bin", "sub/../../outside/weights.bin", "link.bin", "linked/weights.bin", "/proc/self/environ", "pipe.bin", "sub",
                     "nowhere.bin", "", "a\0b", "x" * 5000, "..\\outside\\weights.bin"):
        yield location, external(location, 0, size), INVALID
    for location in ("weights.bin", "sub/weights.bin", "inside.bin", "./weights.bin"):
        yield location, external(location, 0, size), OK
    for offset, length in ((-1, size), ("0x10", size), (2**64, size), (10**6, size), (size + 4, size), (2**63 - 1, size), (0, 0), (0, size - 4), (0, size + 4), ("1e2", size), (" 4", size)):
        yield f"offset {offset}, length {length}", external("weights.bin", offset, length), INVALID
    yield "without offset and length", external("sub/weights.bin", dims=(132,)), OK


def hub_layout(scratch):
    """Snapshots of a hub's cache are links to blobs in a neighbouring folder."""
    blobs, snapshot = os.path.join(scratch, "hub", "blobs"), os.path.join(scratch, "hub", "snapshots", "abc")
    os.makedirs(blobs)
    os.makedirs(snapshot)
    onnx.save(external("model.onnx.data", 0, 66 * 4), os.path.join(blobs, "1234"))
    with open(os.path.join(blobs, "5678"), "wb") as file:
        file.write(numpy.ones(66, numpy.float32).tobytes())
    os.symlink("../../blobs/1234", os.path.join(snapshot, "model.onnx"))
    os.symlink("../../blobs/5678", os.path.join(snapshot, "model.onnx.data"))
    return os.path.join(snapshot, "model.onnx")


class Checks:
    def __init__(self, moe_opt, scratch):
        self.moe_opt, self.scratch, self.problems = moe_opt, scratch, []

    def compile(self, name, path, code, pattern="", options=None):
        artifact = os.path.join(self.scratch, "out.moe")
        shutil.rmtree(artifact, ignore_errors=True)

        def limit():
            resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_SECONDS, LIMIT_SECONDS + 5))

        child = subprocess.Popen([self.moe_opt, path, *(options or ("-o", artifact, "--report=none"))], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                 preexec_fn=limit)
        message = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        got, text = os.waitstatus_to_exitcode(status), message.decode("utf-8", "replace")
        codes = (OK, INVALID, UNSUPPORTED) if code is None else (code,)
        seconds, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024
        if got not in codes or not re.search(pattern if got else "", text):
            self.problems.append(f"{name}: exit {got}, not {code} with '{pattern}': {text[:400]}")
        if got and (text.count("\n") < 1 or "moe-opt: " not in text or re.search(r"[\x00-\x09\x0b-\x1f]", text) or len(text) > 20000):
            self.problems.append(f"{name}: the message is no plain text: {text[:400]!r}")
        if os.path.exists(artifact) != (got == OK and not options):
            self.problems.append(f"{name}: exit {got}, and an artifact: {os.path.exists(artifact)}")
        if peak > LIMIT_BYTES:
            self.problems.append(f"{name}: {peak / 1e9:.2f} GB")
        print(f"{name[:60]!r}: exit {got}, {seconds:.2f} s, {peak / 1e6:.0f} MB: {text.strip()[:150]}", flush=True)

    def content(self, name, content, code, pattern="", folder=None, options=None):
        path = os.path.join(folder or self.scratch, "model.onnx")
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.SerializeToString())
        self.compile(name, path, code, pattern, options)


def main(moe_opt, scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    checks = Checks(moe_opt, scratch)
    for cases in (containers(), graphs(), control_flow()):
        for case in cases:
            checks.content(*case)
    # Recursion over operands would end on a chain of this length; the later phases take time in the square of it.
    checks.content("long chain", chain(200_000), OK, options=("--stop-after=raise", "--emit=none"))
    large = os.path.join(scratch, "large.onnx")
    with open(large, "wb") as file:
        file.truncate((2 << 30) + 1)
    checks.compile("over 2 GiB", large, INVALID, "more than the 2147483647 that an ONNX file can have; store the weights as external data")
    os.remove(large)
    for name, content, code in external_data(scratch):
        checks.content(f"external data {name}", content, code, "the external data of tensor 'w'|size mismatch", os.path.join(scratch, "data"))
    # A tensor of no elements, whose bytes are too many to be kept with the graph.
    full = TensorProto(name="w", data_type=FLOAT, dims=[0, 32, 96], raw_data=bytes(4 * 32 * 96 * 2))
    checks.content("bytes of no elements", model([node("Shape", ["w"], ["y"])], [], [value("y", (3,), TensorProto.INT64)], [full]), INVALID,
                   "size mismatch: tensor 'w' of type 'tensor<0x32x96xf32>' needs 0 bytes, but its raw_data has 24576")
    checks.compile("hub layout", hub_layout(scratch), OK)
    shutil.rmtree(scratch)
    return "\n".join(checks.problems)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) or 0)
