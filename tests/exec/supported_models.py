"""The page of supported models, from what the tests prove: supported_models.py BIN [--check].

A row is a model of tests/models/road.txt, which tests/exec/road runs, or a group of tests/exec/variants, which its test runs; what is raised
is asked of moe-opt --report. With --check the page must be as it is already.
"""

import ast
import json
import os
import sys
import tempfile
import zlib

import onnx

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "variants")]
import catalogue  # noqa: E402
from harness import Failure, check, read_meta, run  # noqa: E402

ROOT = os.path.join(here, "..", "..")
MODELS = os.path.join(ROOT, "tests", "models")
PAGE = os.path.join(ROOT, "docs", "guides", "supported-models.md")
HEAD = """# Supported models

Written by `tests/exec/supported_models.py`; a test compares it. For a file of your own ask `moe-opt model.onnx --report`
([first model](first-model.md)).

## Exported models

Each is compiled and run as {processes} processes and as threads of one process on up to {threads} ranks: every output is within its tolerance of ONNX Runtime's and has
the same bits on each number of ranks ([results](../reference/road-results.md)). *Raised* counts the MoE layers that became `moe` operations, of those in the file.

| family | exporter | form | experts | k | router | activation | raised | ranks | model |
|---|---|---|---|---|---|---|---|---|---|
"""
VARIANTS = """
## Variants

Models that the tests build, in the ways that exporters write a layer: other sizes, numbers of experts, routers, activations, operator sets. Each equals ONNX Runtime on
1, 2 and 4 ranks, in the same bits.

| group | models | form | experts | k | routers | activations | raised |
|---|---|---|---|---|---|---|---|
"""
ACTIVATIONS = """
## Activations

What an expert applies to its first projection, alone or as the gate of a product with a second one (GLU, GEGLU, SwiGLU). Each is one node, or its decomposition by
an exporter; every number in it is checked.

| activation | as nodes |
|---|---|
| relu, relu_squared, relu6 | `Relu`, or a `Clip`, `Max` and `Min` with 0 and 6; a square of the first |
| leaky_relu(slope) | `LeakyRelu`, `PRelu` with one slope, `Max(x, slope * x)`, `Where(x > 0, x, slope * x)` |
| elu(alpha), celu(alpha), selu | `Elu`, `Celu`, `Selu` with the usual numbers, `Where(x > 0, x, alpha * (Exp(x) - 1))` |
| gelu, gelu_tanh | `Gelu`, `FastGelu`; by `Erf`; by `Tanh` |
| silu(factor) | `Swish`, `QuickGelu` (1.702), `x * Sigmoid(factor * x)`, `x / (1 + Exp(-x))` |
| sigmoid, tanh | `Sigmoid`, `1 / (1 + Exp(-x))`; `Tanh` |
| softplus(beta) | `Softplus`, `Softplus(beta * x) / beta`, either as it is or with x itself from a bound of at least 15 on |
| mish | `Mish`, `x * Tanh(Softplus(x))` |
| hard_sigmoid, hard_swish | `HardSigmoid` with 1/6, `HardSwish`, `Clip(x + 3, 0, 6) / 6`, and x times these |
"""
FAMILIES = {"fused": "decoder with com.microsoft.MoE", "deepspeed": "DeepSpeed-MoE", "edge": "edge case"}


def report_of(tools, path):
    done = run(os.path.join(tools, "moe-opt"), path, "--report=json")
    check(done.returncode == 0, f"{path}: exit {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def joined(values):
    """Each value once, in order."""
    return ", ".join(dict.fromkeys(str(value) for value in values if value != "")) or "-"


def sizes(values):
    values = sorted(set(values))
    return joined(values) if len(values) <= 4 else f"{values[0]} to {values[-1]}"


def raised(layers, wanted):
    return f"{layers} of {wanted}"


def road_constant(name):
    """A constant of road.py, which cannot be imported under the name of a folder."""
    with open(os.path.join(here, "road", "road.py"), encoding="utf-8") as file:
        for statement in ast.parse(file.read()).body:
            if isinstance(statement, ast.Assign) and statement.targets[0].id == name:
                return ast.literal_eval(statement.value)
    raise Failure(f"road.py has no {name}")


def exported_row(tools, name):
    folder = os.path.join(MODELS, name)
    meta, report = read_meta(folder), report_of(tools, os.path.join(folder, "model.onnx"))
    layers, experts = report["layers"], meta["experts"]
    wanted = meta["layers"] if isinstance(experts, int) else len([count for count in experts if count])
    exporter = meta.get("exporter", meta.get("producer", "")).partition(",")[0].partition(" (")[0]
    cells = [FAMILIES.get(meta["family"], meta["family"]), exporter, joined(layer["form"] for layer in layers), joined(layer["experts"] for layer in layers),
             joined(layer["slots"] for layer in layers), joined(layer["router"] for layer in layers), joined(layer["activation"] for layer in layers),
             raised(len(layers), wanted), f"1 to {max(ranks for ranks, _ in road_constant('THREADS'))}", name]
    return "| " + " | ".join(cells) + " |\n"


def variant_row(tools, group, variants):
    layers, wanted = [], 0
    for name, (builder, options) in variants.items():
        source = builder(seed=zlib.crc32(name.encode()), **options)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.onnx")
            onnx.save(source.build(), path)
            layers += report_of(tools, path)["layers"]
        wanted += getattr(source, "raised_layers", source.layers)
    if not layers and not wanted:
        return ""  # of attention and the like
    cells = [group, str(len(variants)), joined(layer["form"] for layer in layers), sizes(layer["experts"] for layer in layers), sizes(layer["slots"] for layer in layers),
             "; ".join(sorted({layer["router"] for layer in layers})), "; ".join(sorted({layer["activation"] for layer in layers})), raised(len(layers), wanted)]
    return "| " + " | ".join(cells) + " |\n"


def page(tools):
    with open(os.path.join(MODELS, "road.txt"), encoding="utf-8") as file:
        names = [line.strip() for line in file if line.strip() and not line.startswith("#")]
    processes = [str(ranks) for ranks in road_constant("PROCESSES")]
    text = HEAD.format(processes=", ".join(processes[:-1]) + " and " + processes[-1], threads=max(ranks for ranks, _ in road_constant("THREADS")))
    text += "".join(sorted(exported_row(tools, name) for name in names))
    return text + VARIANTS + "".join(variant_row(tools, group, variants) for group, variants in catalogue.GROUPS.items()) + ACTIVATIONS


def main(tools, mode=""):
    text = page(tools)
    if mode == "--check":
        with open(PAGE, encoding="utf-8") as file:
            check(file.read() == text, "docs/guides/supported-models.md is out of date: run .venv/bin/python3 tests/exec/supported_models.py build/default/bin")
        return
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Failure as failure:
        sys.exit(str(failure))
