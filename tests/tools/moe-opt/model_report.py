"""--report of a model: what it tells, its exit code, and that it writes nothing: model_report.py MOE_OPT MODELS SCRATCH."""

import json
import os
import re
import shutil
import subprocess
import sys

import onnx

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "exec", "variants"))
from gathered import GatheredLayers  # noqa: E402

OK, USAGE, INVALID, UNSUPPORTED = 0, 2, 3, 4

# What the text tells, in order: lines of regular expressions.
TEXTS = {
    "ds_gpt_prmoe_dynamo": [
        r"model +model\.onnx", r"producer +pytorch 2", r"opset +ai\.onnx 18", r"nodes +326", r"parameters +91,204 in 107 tensors, 365 kB", r"MoE layers +2 found, 0 left plain",
        r" +form +experts +k +hidden +inner +router +activation +capacity +shared +node",
        r"  0  capacity +4 +1 +32 +64 +softmax, then top-k +gelu +max\(2 \* batch \* seq, 4\) +- +node_einsum_2", r"  1  capacity +8 +1 ",
        r"arithmetic +8\.98 MFLOP a token as the file says, 349 kFLOP a token raised \(25\.73 times less\), in a call of 4,096 tokens",
        r" +layer 0 computes 1 of 4 experts a token: E/k = 4", r"refused +no operators", r"verdict +compiles",
    ],
    "genai_silu_top2_f32": [r"producer +onnxruntime-genai", r"opset +ai\.onnx 21, com\.microsoft 1",
                            r"  0  fused +8 +2 +64 +48 +softmax, then top-k, renormalized +silu +- +- +/model/layers\.0/moe/MoE"],
}


class Reports:
    def __init__(self, moe_opt, scratch):
        self.moe_opt, self.scratch, self.problems = moe_opt, scratch, []

    def run(self, path, code, *options):
        shutil.copy(path, os.path.join(self.scratch, "model.onnx"))
        done = subprocess.run([self.moe_opt, "model.onnx", *options], cwd=self.scratch, capture_output=True, text=True, timeout=60)
        if done.returncode != code:
            self.problems.append(f"{path}: exit {done.returncode}, not {code}: {done.stderr}")
        if os.listdir(self.scratch) != ["model.onnx"]:
            self.problems.append(f"{path}: left {os.listdir(self.scratch)}")
        return done.stdout

    def text(self, path, code, patterns):
        printed = self.run(path, code, "--report", "--max-batch=8")
        lines = iter(printed.splitlines())
        for pattern in patterns:
            if not any(re.fullmatch(pattern + ".*", line) for line in lines):
                self.problems.append(f"{path}: no line '{pattern}' in order in\n{printed}")
                return

    def json(self, path, code, wanted):
        report = json.loads(self.run(path, code, "--report=json"))
        for key, value in wanted.items():
            if report[key] != value:
                self.problems.append(f"{path}: {key} is {report[key]}, not {value}")
        return report


def made(name, scratch, **options):
    path = os.path.join(scratch, name + ".onnx")
    onnx.save(GatheredLayers(seed=1, **options).build(), path)
    return path


def nearly(path, scratch):
    """The model with a first layer that takes the worst experts: it stays plain."""
    model = onnx.load(path)
    node = next(node for node in model.graph.node if node.op_type == "TopK")
    node.attribute.append(onnx.helper.make_attribute("largest", 0))
    other = os.path.join(scratch, "nearly.onnx")
    onnx.save(model, other)
    return other


def without_layers(scratch):
    x, y = (onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["n"]) for name in "xy")
    path = os.path.join(scratch, "without.onnx")
    onnx.save(onnx.helper.make_model(onnx.helper.make_graph([onnx.helper.make_node("Relu", ["x"], ["y"])], "g", [x], [y])), path)
    return path


def shared_router(scratch):
    """Two layers that choose alike, by the smallest logits: each is told once."""
    layers = GatheredLayers(seed=1, layers=2)
    choose, chosen = layers.route, []
    layers.route = lambda rows: chosen[0] if chosen else chosen.append(choose(rows)) or chosen[0]
    path = os.path.join(scratch, "shared.onnx")
    onnx.save(layers.build(), path)
    return nearly(path, scratch)


def halved_capacity(path, scratch):
    """The model with seats for half of its tokens: the tokens are divided by twice the experts."""
    model = onnx.load(path)
    divisor = next(node for node in model.graph.node if node.op_type == "Div").input[1]
    number = next(tensor for tensor in model.graph.initializer if tensor.name == divisor)
    number.CopyFrom(onnx.numpy_helper.from_array(2 * onnx.numpy_helper.to_array(number), divisor))
    other = os.path.join(scratch, "half.onnx")
    onnx.save(model, other)
    return other


def options(reports, path):
    """A report stands alone, and as far as the user goes; what it cannot go with is said."""
    for given, verdict in ((["--emit=none"], "compiles"), (["--stop-after=raise"], "passes the phases up to raise"), (["--emit=none", "--stop-after=import"], "passes the phases up to import")):
        if f"verdict      {verdict}\n" not in reports.run(path, OK, "--report", *given):
            reports.problems.append(f"--report {given}: no verdict '{verdict}'")
    if json.loads(reports.run(path, OK, "--report=json", "--stop-after=raise"))["last_phase"] != "raise":
        reports.problems.append("--report=json --stop-after=raise: no last_phase")
    if reports.run(path, OK, "--report=none"):
        reports.problems.append("--report=none prints something")
    if "moe.gate" not in reports.run(path, OK, "--report=none", "--stop-after=raise"):
        reports.problems.append("--report=none --stop-after=raise: no program")
    for given in (["-o", "x.mlir"], ["--emit=mlir"], ["--emit=llvm"], ["--moe-infer-shapes"]):
        if reports.run(path, USAGE, "--report", *given):
            reports.problems.append(f"--report {given}: something on standard output")


def main(moe_opt, models, scratch):
    shutil.rmtree(scratch, ignore_errors=True)
    work, files = os.path.join(scratch, "work"), os.path.join(scratch, "files")
    os.makedirs(work)
    os.makedirs(files)
    reports = Reports(moe_opt, work)
    for name, patterns in TEXTS.items():
        reports.text(os.path.join(models, name, "model.onnx"), OK, patterns)
    deepseek = made("deepseek", files, router="sigmoid", groups=4, kept=2, slots=3, epsilon=1e-20, scale=2.5, shared="plain", layers=2)
    layer = {"form": "gathered", "experts": 8, "slots": 3, "hidden": 24, "inner": 20, "activation": "silu, gated", "shared_expert": True,
             "router": "sigmoid, then top-k, 2 of 4 groups, selection bias, renormalized, times 2.5"}
    report = reports.json(deepseek, OK, {"plain_layers": [], "refused": [], "exit_code": OK, "opset": {"ai.onnx": 20, "com.microsoft": 1}})
    got = [{key: entry[key] for key in layer} for entry in report["layers"]]
    if got != [layer, layer]:
        reports.problems.append(f"layers are {got}, not {layer}")
    unshared = reports.json(made("two", files, layers=2), OK, {})
    if [entry["shared_expert"] for entry in unshared["layers"]] != [False, False]:
        reports.problems.append("the residual connection is taken for a shared expert")
    reports.text(nearly(made("two", files, layers=2), files), OK, ["MoE layers +1 found, 1 left plain", "  0  gathered",
                 "  plain: ReduceSum_[0-9]+: the gathered experts stay plain: node 'TopK_[0-9]+' .*: it takes the smallest", "verdict +compiles"])
    reports.text(without_layers(files), OK, ["MoE layers +0 found, 0 left plain", " +no part of the model is like a form of MoE layers that is known", "arithmetic"])
    reports.text(shared_router(files), OK, ["MoE layers +0 found, 2 left plain", "  plain: ", "  plain: ", "arithmetic"])
    reports.text(made("empty", files, inner=0), OK, ["MoE layers +0 found, 1 left plain", "  plain: .*: the experts have weights without elements, for H = 24 and I = 0", "verdict +compiles"])
    tight = os.path.join(models, "ds_layer_top1_cf1", "model.onnx")
    whole, half = (reports.json(path, OK, {})["after_raising"]["flops_per_token"] for path in (tight, halved_capacity(tight, files)))
    if not half < whole:
        reports.problems.append(f"half of the seats take {half} FLOP a token, all of them {whole}")
    options(reports, tight)
    bad = os.path.join(models, "bad")
    reports.text(os.path.join(bad, "unknown_op_known_domain", "model.onnx"), UNSUPPORTED,
                 ["refused +1 kinds of operators", "  1 com.microsoft::[A-Za-z0-9]+ version 1: the operator has no lowering .first: '.+'.", "verdict +is refused with exit code 4"])
    reports.text(os.path.join(bad, "k_zero", "model.onnx"), INVALID, ["refused +no operators", "error +/moe/MoE: expected 1 <= k <= experts", "verdict +is refused with exit code 3"])
    if reports.run(os.path.join(bad, "random_bytes", "model.onnx"), INVALID, "--report"):
        reports.problems.append("a report of what is no model")
    print("\n".join(reports.problems))
    return 1 if reports.problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
