"""What ONNX Runtime computes for a model, and where that is no measure."""

import multiprocessing
import os

import numpy
import onnx
import onnxruntime

TIE = 1e-3  # routers that choose by a smaller difference may choose otherwise after rounding


class Rejected(Exception):
    """ONNX Runtime takes the model not, or not with these inputs."""


class Runner:
    """ONNX Runtime in a process of its own: some mutants end it with a failed assertion."""

    LIMIT_SECONDS = 60

    def __init__(self):
        self.context = multiprocessing.get_context("fork")
        self.process = None

    def start(self):
        self.end, other = self.context.Pipe()
        self.process = self.context.Process(target=serve, args=(other,), daemon=True)
        self.process.start()
        other.close()

    def stop(self):
        if self.process:
            self.end.close()
            self.process.kill()
            self.process.join()
        self.process = None

    def run(self, model, feed, extra=()):
        """All outputs, and the `extra` inner values, by name; node by node as the file says."""
        twin = onnx.ModelProto()
        twin.CopyFrom(model)
        known = {output.name for output in twin.graph.output}
        twin.graph.output.extend(onnx.ValueInfoProto(name=name) for name in dict.fromkeys(extra) if name not in known)
        if not self.process:
            self.start()
        try:
            self.end.send((twin.SerializeToString(), feed))
            if not self.end.poll(self.LIMIT_SECONDS):
                raise EOFError
            result = self.end.recv()
        except (EOFError, OSError):
            self.stop()
            raise Rejected("ONNX Runtime ended without a result") from None
        if isinstance(result, str):
            raise Rejected(result)
        return result


def serve(end):
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # where it ends by an assertion
    try:
        while True:
            end.send(compute(*end.recv()))
    except (EOFError, OSError):
        pass


def compute(model, feed):
    """The outputs by name, or why there are none."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_mem_reuse = False  # the shapes that it infers for caches are not those that they have
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        names = [output.name for output in session.get_outputs()]
        return dict(zip(names, session.run(None, feed)))
    except Exception as error:  # its binding raises classes of its own
        return str(error)


def inner_values(model):
    return [result for node in model.graph.node for result in node.output if result]


def with_defined_order(model):
    """TopK with sorted=0 may give any order; that of the largest first is one of them, and ours."""
    twin = onnx.ModelProto()
    twin.CopyFrom(model)
    for node in twin.graph.node:
        for attribute in node.attribute:
            if node.op_type == "TopK" and attribute.name == "sorted":
                attribute.i = 1
    return twin


def kept_operands(model):
    """Its MoE may write over an input that nothing reads later: as outputs they are read."""
    return [operand for node in model.graph.node if node.op_type == "MoE" for operand in node.input[:2]]


def is_tied(keys, k):
    """The k-th key of a row is the next one's, too: ONNX Runtime's fused experts take the last of equals, the operator the first."""
    ordered = -numpy.sort(-keys, axis=-1)
    return k < keys.shape[-1] and bool(numpy.any(ordered[..., k - 1] == ordered[..., k]))


def has_negative_weights(run, model, feed):
    """Its QMoE leaves out experts whose stated weight is negative."""
    stated = {node.input[14] for node in model.graph.node if node.op_type == "QMoE" and len(node.input) > 14 and node.input[14]}
    return any(numpy.any(value < 0) for name, value in run(model, feed, stated).items() if name in stated)


def why_no_choice(run, model, feed):
    """Why a choice of the model is none to compare: NaN among its keys, or less between them than rounding can change; or nothing."""
    choosers = {"TopK": 0, "ArgMax": 0, "ArgMin": 0, "MoE": 1, "QMoE": 1}
    keys = [(node, node.input[choosers[node.op_type]]) for node in model.graph.node if node.op_type in choosers]
    made = set(inner_values(model))
    values = run(model, feed, [operand for _, operand in keys if operand in made])
    for node, operand in keys:
        value = values.get(operand)
        if value is None or value.dtype.kind != "f" or not value.size:
            continue
        if numpy.any(numpy.isnan(value)):
            return "NaN among keys"
        if node.op_type in ("MoE", "QMoE") and is_tied(value, next((attribute.i for attribute in node.attribute if attribute.name == "k"), 1)):
            return "near tie"
        axis = next((attribute.i for attribute in node.attribute if attribute.name == "axis"), 0 if node.op_type.startswith("Arg") else -1)
        with numpy.errstate(invalid="ignore"):
            gaps = numpy.abs(numpy.diff(numpy.sort(value, axis=axis), axis=axis))
        finite = numpy.abs(value[numpy.isfinite(value)])
        # Keys that are equal to the bit are equal for everyone.
        if numpy.any((gaps > 0) & (gaps < TIE * max(1e-6, float(numpy.max(finite, initial=0.0))))):
            return "near tie"
    return None


def why_no_measure(model):
    """The reason why ONNX Runtime's result is none to compare with, or nothing: where its CPU kernels are known to depart from the operators."""
    narrow = {tensor.name for tensor in model.graph.initializer if tensor.data_type == onnx.TensorProto.FLOAT16}
    for node in model.graph.node:
        if node.op_type not in ("MoE", "QMoE"):
            continue
        stated = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
        if stated.get("use_sparse_mixer"):
            return "its MoE ignores use_sparse_mixer"
        if stated.get("activation_type") == b"swiglu" and stated.get("swiglu_fusion", 0) != 1:
            return "its MoE takes swiglu_fusion 1 only"
        if not stated.get("normalize_routing_weights", 0) and node.op_type == "QMoE":
            return "its QMoE normalizes always"
        if not stated.get("normalize_routing_weights", 0) and narrow & set(node.input):
            return "its MoE in f16 loses experts whose weights are not normalized"
    return None


def has_tanh_gelu(model):
    """Its MoE computes gelu in the tanh form."""
    return any(node.op_type == "MoE" and attribute.name == "activation_type" and attribute.s == b"gelu" for node in model.graph.node for attribute in node.attribute)


def difference(got, want, tolerance):
    """What differs, in a line, or nothing. Sizes of the numbers follow the mutation; the tolerance follows the largest."""
    if got.dtype != want.dtype or got.shape != want.shape:
        return f"{got.dtype}{got.shape}, not {want.dtype}{want.shape}"
    if want.dtype.kind != "f":
        return None if numpy.array_equal(got, want) else f"{numpy.sum(got != want)} of {want.size} elements differ"
    finite = want[numpy.isfinite(want)]
    largest = float(numpy.max(numpy.abs(finite), initial=0.0))
    if numpy.allclose(got, want, rtol=tolerance, atol=tolerance * 0.2 * max(largest, 1e-3), equal_nan=True):
        return None
    with numpy.errstate(invalid="ignore"):
        return f"differs by {numpy.nanmax(numpy.abs(got - want), initial=0):.3g}, largest {largest:.3g}"
