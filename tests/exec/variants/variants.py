"""Small models of the three forms, made here: what ONNX Runtime computes for them, every number of ranks must give, in the same bits.

variants.py BIN GROUP SCRATCH [NAME]: all variants of a group of catalogue.py, or one of them.
"""

import os
import re
import shutil
import sys
import zlib

import numpy
import onnx
import onnxruntime

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import catalogue  # noqa: E402
from harness import Failure, check, succeed  # noqa: E402

LAUNCHES = [("-n", 1, "--in-process"), ("-n", 2, "--in-process"), ("-n", 4, "--in-process")]
TOLERANCE = {"rtol": 1e-3, "atol": 1e-4}


def reference(model, feeds):
    """The outputs of ONNX Runtime, node by node as the file says."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.enable_mem_reuse = False  # the shapes that it infers for caches are not those that they have
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return [dict(zip(names, compute(session, feed))) for feed in feeds]


def compute(session, feed):
    if all(len(array) for array in feed.values()):
        return session.run(None, feed)
    # ONNX Runtime ends with a division by zero on an empty batch: compute a batch of 1, and keep nothing of it.
    one = {name: numpy.ones((1, *array.shape[1:]), array.dtype) for name, array in feed.items()}
    return [array[:0] for array in session.run(None, one)]


def store(folder, tensors):
    os.makedirs(folder)
    for name, array in tensors.items():
        numpy.save(os.path.join(folder, name + ".npy"), array)


class Variant:
    def __init__(self, tools, name, builder, options, scratch):
        self.moe_opt, self.moe_run = os.path.join(tools, "moe-opt"), os.path.join(tools, "moe-run")
        self.folder = os.path.join(scratch, name)
        self.source = builder(seed=zlib.crc32(name.encode()), **options)
        self.tolerance = self.source.tolerance or TOLERANCE

    def make(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        model = self.source.build()
        self.path = os.path.join(self.folder, "model.onnx")
        onnx.save(model, self.path)
        feeds = list(self.source.feeds())
        self.cases = os.path.join(self.folder, "cases")
        with open(self.cases, "w", encoding="utf-8") as file:
            for number, (feed, outputs) in enumerate(zip(feeds, reference(getattr(self.source, "oracle", model), feeds))):
                store(os.path.join(self.folder, f"in{number}"), feed)
                store(os.path.join(self.folder, f"out{number}"), outputs)
                file.write(f"set_{number} in{number} out{number}\n")

    def raised(self):
        done = succeed(self.moe_opt, self.path, "--stop-after=raise", "-o", "-")
        count = [len(re.findall(rf"= moe\.{op} ", done.stdout)) for op in ("gate", "expert")]
        layers = getattr(self.source, "raised_layers", self.source.layers)
        check(count == [layers] * 2, f"{layers} MoE layers, but raised to {count}: {done.stderr}")

    def run(self):
        self.make()
        self.raised()
        artifact = os.path.join(self.folder, "model.moe")
        succeed(self.moe_opt, self.path, "-o", artifact)
        tolerance = [part for key, value in self.tolerance.items() for part in ("--" + key, value)]
        launches = LAUNCHES + [("-n", 2)] if self.source.processes else LAUNCHES
        digests = [succeed(self.moe_run, artifact, "--cases", self.cases, "--print-digest", *tolerance, *options).stdout for options in launches]
        for options, digest in zip(launches, digests):
            check(digest == digests[0], f"{options}: other bits than on one rank\n{digests[0]}{digest}")
        shutil.rmtree(self.folder)


def main(tools, group, scratch, only=None):
    failed = 0
    for name, (builder, options) in catalogue.GROUPS[group].items():
        if only not in (None, name):
            continue
        try:
            Variant(tools, name, builder, options, scratch).run()
            print(f"{name}: ok", flush=True)
        except Failure as failure:
            failed += 1
            print(f"{name}: {failure}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
