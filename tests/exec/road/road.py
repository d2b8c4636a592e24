"""One model of the road, from the ONNX file to ranks that agree: road.py [--full] BIN MODELS NAME SCRATCH."""

import json
import os
import re
import shutil
import sys

import numpy

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import safetensors_file  # noqa: E402
from harness import Failure, Model, check, succeed  # noqa: E402

PROCESSES = [1, 2, 4]
THREADS = [(3, 1), (4, 2), (16, 1)]
THREADS_FULL = [(ranks, threads) for ranks in (1, 2, 3, 4, 8, 16) for threads in (1, 2)]


class Road:
    def __init__(self, tools, folder, scratch):
        self.moe_opt, self.moe_run = os.path.join(tools, "moe-opt"), os.path.join(tools, "moe-run")
        self.model, self.scratch = Model(folder), scratch
        self.artifact = os.path.join(scratch, "model.moe")
        self.cases = self.model.cases(os.path.join(scratch, "cases"))

    def raised(self):
        """One gate a layer, and nothing left of the form that the exporter wrote, but what is no layer (`left` in meta.json)."""
        text = succeed(self.moe_opt, self.model.path, "--stop-after=raise", "-o", "-").stdout
        count = {op: len(re.findall(rf"= {re.escape(op)} ", text)) for op in ("moe.gate", "moe.expert", "nn.topk", "nn.cumsum")}
        layers = len(self.model.experts())
        check(count["moe.gate"] == layers and count["moe.expert"] == layers, f"{layers} MoE layers, but raised to {count}")
        left = {"nn.topk": 0, "nn.cumsum": 0} | self.model.meta.get("left", {})
        check(all(count[op] == number for op, number in left.items()), f"the router's pattern is left over: {count}, not {left}")
        check("= onnx.node " not in text, "onnx ops are left over")

    def compiled(self):
        shutil.rmtree(self.artifact, ignore_errors=True)
        succeed(self.moe_opt, self.model.path, "-o", self.artifact)

    def launch(self, *options, codes=(0,), artifact=None):
        """Runs all input sets in one launch; the report."""
        report = os.path.join(self.scratch, "report.json")
        succeed(self.moe_run, artifact or self.artifact, "--cases", self.cases, "--json", report, *self.model.tolerance, *options, codes=codes)
        with open(report, encoding="utf-8") as file:
            return json.load(file)

    def written(self, ranks):
        """The outputs of the first input set, as moe-run writes them; compared here, not by the tool under test."""
        names = sorted(name.removesuffix(".npy") for name in os.listdir(os.path.join(self.model.folder, "outputs")))
        files = {name: os.path.join(self.scratch, f"{name}.{ranks}.npy") for name in names}
        outputs = [part for name, path in files.items() for part in ("--output", f"{name}=@{path}")]
        succeed(self.moe_run, self.artifact, "-n", ranks, "--input-dir", os.path.join(self.model.folder, "inputs"), *outputs)
        tolerance = self.model.meta["tolerance"]
        for name, path in files.items():
            got, want = numpy.load(path), numpy.load(os.path.join(self.model.folder, "outputs", name + ".npy"))
            check(got.dtype == want.dtype and got.shape == want.shape, f"{name}: {got.dtype}{got.shape}, not {want.dtype}{want.shape}")
            check(numpy.allclose(got, want, **tolerance, equal_nan=True), f"{name}: differs by {numpy.max(numpy.abs(got - want), initial=0)} on {ranks} ranks")
        return {name: open(path, "rb").read() for name, path in files.items()}

    def distributed(self, report):
        """Only owners map an expert, and rows received are the routes to owned experts."""
        ranks, statistics = report["ranks"], report["rank_statistics"]
        check([layer["experts"] for layer in report["layers"]] == self.model.experts(), f"layers are {report['layers']}")
        for number, layer in enumerate(report["layers"]):
            owned = [[e for e, owner in enumerate(layer["owners"]) if owner == rank] for rank in range(ranks)]
            mapped = [entry["mapped_experts"][number] for entry in sorted(statistics, key=lambda entry: entry["rank"])]
            check(mapped == owned, f"layer {number}: mapped {mapped}, but owned {owned}")
            check(sum(map(bool, owned)) == min(ranks, layer["experts"]), f"layer {number}: {owned} leaves ranks without experts")
            for case in report["cases"]:
                routed = case["layers"][number]
                received = [sum(routed["tokens_per_expert"][e] for e in experts) for experts in owned]
                check(routed["rows_received"] == received, f"{case['name']} layer {number}: rows {routed['rows_received']}, routes {received}")
                check(sum(routed["rows_sent"]) == sum(received), f"{case['name']} layer {number}: {routed['rows_sent']} sent, {received} received")

    def bounded(self, report):
        """No rank writes more than the arena that was laid out for it."""
        for rank in report["rank_statistics"]:
            check(0 < rank["high_water_bytes"] <= rank["arena_bytes"], f"rank {rank['rank']}: {rank['high_water_bytes']} bytes written in an arena of {rank['arena_bytes']}")

    def dropped(self, report):
        """Where a capacity is reached, as many routes are dropped as in the exported model."""
        for case in report["cases"]:
            wanted = self.model.meta.get("dropped_routes", {}).get(case["name"])
            got = [layer["dropped"] for layer in case["layers"]]
            check(wanted is None or got == wanted, f"{case['name']}: {got} routes dropped, not {wanted}")

    def corrupted(self, report):
        """The busiest expert of a layer is spoilt in the artifact: its owner alone reads it, and the output changes."""
        copy = os.path.join(self.scratch, "corrupt.moe")
        for number, layer in enumerate(report["layers"]):
            load = numpy.sum([case["layers"][number]["tokens_per_expert"] for case in report["cases"]], axis=0)
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(self.artifact, copy)
            safetensors_file.spoil(os.path.join(copy, "weights", f"experts-L{layer['layer']:03}.safetensors"), int(numpy.argmax(load)))
            spoilt = self.launch("-n", 2, "--in-process", artifact=copy, codes=(0, 8))
            check(digests(spoilt) != digests(report), f"layer {number}: no output changed though expert {numpy.argmax(load)} is spoilt")
        shutil.rmtree(copy)


def digests(report):
    return [[(output["name"], output["digest"]) for output in case["outputs"]] for case in report["cases"]]


def road(tools, folder, scratch, full):
    one = Road(tools, folder, scratch)
    one.raised()
    one.compiled()
    check(one.written(1) == one.written(4), "the written outputs differ in bits on 1 and 4 ranks")
    launches = [("-n", ranks) for ranks in PROCESSES]
    launches += [("-n", ranks, "--in-process", "--threads", threads) for ranks, threads in (THREADS_FULL if full else THREADS)]
    first, largest = None, 0.0
    for options in launches:
        report = one.launch(*options)
        check(report["ranks"] == options[1] and len(report["cases"]) == len(one.model.sets), f"{options}: ran {report['ranks']} ranks")
        first = first or report
        check(digests(report) == digests(first), f"{options}: other bits than on one rank")
        outputs = [output for case in report["cases"] for output in case["outputs"]]
        check(all(output["mismatches"] == 0 for output in outputs), f"{options}: {outputs}")
        largest = max([largest, *(output["largest_difference"] for output in outputs)])
        one.distributed(report)
        one.bounded(report)
        one.dropped(report)
    one.corrupted(first)
    shutil.rmtree(one.artifact)
    row = {"experts": one.model.experts(), "sets": len(one.model.sets), "launches": len(launches), "largest": largest,
           "tolerance": one.model.meta["tolerance"]["atol"]}
    with open(os.path.join(scratch, "row.json"), "w", encoding="utf-8") as file:
        json.dump(row, file)
    print(row)


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--full"]
    try:
        road(arguments[0], os.path.join(arguments[1], arguments[2]), arguments[3], "--full" in sys.argv)
    except Failure as failure:
        sys.exit(str(failure))
