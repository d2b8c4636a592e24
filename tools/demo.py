"""The demo behind tools/demo.sh: demo.py BIN SCRATCH LOG. Compiles and runs PR-MoE language models, and prints what happened."""

import json
import os
import re
import shutil
import subprocess
import sys

MODELS = {"ds_gpt_prmoe_dynamo": "capacity never reached", "ds_gpt_prmoe_cf1_small_dynamo": "capacity factor 1: overfull experts drop tokens"}
RANKS = [1, 2, 4]


class Demo:
    def __init__(self, tools, scratch, log):
        self.tools, self.scratch, self.log = tools, scratch, open(log, "a", encoding="utf-8")

    def run(self, *command):
        """Runs a tool, its output to the log; ends the demo when it fails."""
        line = " ".join(map(str, command))
        self.log.write(f"$ {line}\n")
        self.log.flush()
        done = subprocess.run([os.path.join(self.tools, command[0]), *map(str, command[1:])], stdin=subprocess.DEVNULL, stdout=self.log,
                              stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            sys.exit(f"demo: exit {done.returncode} from: {line}\ndemo: the log is {self.log.name}")

    def raised(self, name):
        return os.path.join(self.scratch, name + ".mlir")

    def layers(self, name):
        """How many MoE layers the compiler recovered, and how many of them have a capacity."""
        with open(self.raised(name), encoding="utf-8") as file:
            text = file.read()
        return len(re.findall("= moe.gate ", text)), len(re.findall("= moe.capacity ", text))

    def reports(self, name):
        """Compiles the model and runs it on each number of ranks; the reports."""
        model, artifact = os.path.join("tests", "models", name), os.path.join(self.scratch, name + ".moe")
        self.run("moe-opt", os.path.join(model, "model.onnx"), "--stop-after=raise", "-o", self.raised(name))
        self.run("moe-opt", os.path.join(model, "model.onnx"), "-o", artifact)
        cases = os.path.join(self.scratch, name + ".cases")
        with open(cases, "w", encoding="utf-8") as file:
            for suffix in ("", "_2", "_3"):
                file.write(f"set{suffix or '_1'} {os.path.abspath(model)}/inputs{suffix} {os.path.abspath(model)}/outputs{suffix}\n")
        tolerance = metadata(name)["tolerance"]
        for ranks in RANKS:
            report = os.path.join(self.scratch, f"{name}.{ranks}.json")
            self.run("moe-run", artifact, "-n", ranks, "--cases", cases, "--json", report, "--rtol", tolerance["rtol"], "--atol", tolerance["atol"])
            with open(report, encoding="utf-8") as file:
                yield json.load(file)


def metadata(name):
    with open(os.path.join("tests", "models", name, "meta.json"), encoding="utf-8") as file:
        return json.load(file)


def digests(report):
    return [[output["digest"] for output in case["outputs"]] for case in report["cases"]]


def load(report, layer):
    """Tokens per expert of a layer, over all input sets."""
    return [sum(counts) for counts in zip(*(case["layers"][layer]["tokens_per_expert"] for case in report["cases"]))]


def row(label, cells, width=6):
    print(f"    {label:<28}" + "".join(f"{cell:>{width}}" for cell in cells))


def summary(name, reports, layers):
    meta, last = metadata(name), reports[-1]
    print(f"\n{name}: PR-MoE, {MODELS[name]}")
    print(f"  compiled    {meta['layers']} transformer layers; {layers[0]} MoE layers recovered from DeepSpeed's one-hot/cumsum/einsum form, "
          f"{layers[1]} with capacity")
    for number, layer in enumerate(last["layers"]):
        tokens, ranks = load(last, number), range(last["ranks"])
        print(f"  MoE layer {number}: {layer['experts']} experts, top-{layer['slots']}, with a residual MLP")
        row("expert", range(layer["experts"]))
        row(f"lives on rank (of {last['ranks']})", layer["owners"])
        row("tokens", tokens)
        row(f"tokens on ranks {ranks[0]} to {ranks[-1]}", [sum(t for t, owner in zip(tokens, layer["owners"]) if owner == r) for r in ranks])
        dropped = sum(case["layers"][number]["dropped"] for case in last["cases"])
        if dropped:
            print(f"    {dropped} tokens dropped, as in the exported model")
    outputs = [output for report in reports for case in report["cases"] for output in case["outputs"]]
    print(f"  compared    {len(last['cases'])} input sets with the stored output of ONNX Runtime: largest difference "
          f"{max(output['largest_difference'] for output in outputs):.1e} (allowed {meta['tolerance']['atol']:.0e})")
    wrong = sum(output["mismatches"] for output in outputs)
    equal = all(digests(report) == digests(reports[0]) for report in reports)
    counts = ", ".join(str(report["ranks"]) for report in reports)
    print(f"  {'bits equal' if equal else 'BITS DIFFER'} on {counts} ranks")
    return equal and wrong == 0 and len(last["layers"]) == layers[0]


def main(tools, scratch, log):
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    demo = Demo(tools, scratch, log)
    print(f"compiling and running on {', '.join(map(str, RANKS))} ranks, one process each", flush=True)
    results = {name: list(demo.reports(name)) for name in MODELS}
    return all([summary(name, reports, demo.layers(name)) for name, reports in results.items()])


if __name__ == "__main__":
    sys.exit(0 if main(*sys.argv[1:]) else 1)
