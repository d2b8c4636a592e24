"""Attention masks with holes, and of other numbers than 0 and 1, against ONNX Runtime on one rank and two: masks.py BIN MODELS SCRATCH.

GroupQueryAttention reads the sum of a mask alone, as the number of valid keys; attention made of products, or with a mask as an operand, reads each number."""

import os
import shutil
import sys

import numpy
import onnxruntime
from harness import Failure, check, run, succeed

# With the additive mask of a file: as an operand of GroupQueryAttention or Attention, or added to the scores before a softmax.
ADDED = ["mixtral-hf-batched_mm-fuse_cpu-decode", "mixtral-dynamo-opset23", "qwen3_moe-dynamo-batched_mm-decode", "mixtral-dynamo-batched_mm",
         "switch-encoder-legacy-loop_all"]
COUNTED = "genai_silu_top2_f32"
# Past, new tokens and rows of the mask, by step: holes anywhere, any numbers of a right sum, and a past with room.
STEPS = [(3, 1, [[1, 0, 1, 1], [1, 1, 1, 1]]), (3, 1, [[0, 0, 1, 1], [0, 1, 1, 0]]), (3, 1, [[2, 0, 1, 1], [-1, 1, 1, 1]]), (4, 2, [[1, 0, 1, 1, 1, 1]]),
         (8, 1, [[1, 1, 0, 1, 1], [1, 1, 1, 1, 1]]), (3, 1, [[0, 0, 0, 4], [1, 0, 0, 0]])]
TOLERANCE = 1e-4


def masks_of(shape):
    """Holes, padding on both sides, nothing at all, and other numbers."""
    batch, columns = shape
    random = numpy.random.default_rng(11)
    yield "whole", numpy.ones(shape)
    for name, changes in (("hole", {1: 0}), ("left", {0: 0, 1: 0}), ("right", {columns - 1: 0}), ("empty", dict.fromkeys(range(columns), 0)),
                          ("other", {0: 2, 1: -1, 2: 7})):
        mask = numpy.ones(shape)
        for column, value in changes.items():
            mask[0, column] = value
        yield name, mask
    for number in range(4):
        yield f"random_{number}", random.integers(0, 2, (batch, columns))


class Model:
    def __init__(self, tools, folder, scratch):
        path = os.path.join(folder, "model.onnx")
        self.tools, self.name, self.scratch = os.path.abspath(tools), os.path.basename(folder), os.path.join(scratch, os.path.basename(folder))
        os.makedirs(self.scratch)
        succeed(os.path.join(self.tools, "moe-opt"), path, "-o", os.path.join(self.scratch, "m.moe"), "--report=none")
        self.session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        self.inputs = self.session.get_inputs()
        self.stored = {}
        for value in self.inputs:
            self.stored[value.name] = numpy.load(os.path.join(folder, "inputs", f"{value.name}.npy"))

    def moe_run(self, name, arrays, ranks):
        """What the run of one case ends with, and its outputs."""
        folder, outputs = (os.path.join(self.scratch, f"{kind}-{name}-{ranks}") for kind in ("in", "out"))
        os.makedirs(folder)
        for tensor, array in arrays.items():
            numpy.save(os.path.join(folder, f"{tensor}.npy"), array)
        done = run(os.path.join(self.tools, "moe-run"), os.path.join(self.scratch, "m.moe"), "-n", ranks, "--in-process", "--input-dir", folder, "--output-dir", outputs)
        return done, outputs

    def agrees(self, name, arrays, valid=None):
        """All outputs, or those of the tokens of each sequence that `valid` counts: behind them ONNX Runtime reads memory that nothing has written."""
        expected = {value.name: array for value, array in zip(self.session.get_outputs(), self.session.run(None, arrays))}
        for ranks in (1, 2):
            done, folder = self.moe_run(name, arrays, ranks)
            check(done.returncode == 0, f"{self.name}: {name}: exit {done.returncode}: {done.stderr}")
            for tensor, want in expected.items():
                got = numpy.load(os.path.join(folder, f"{tensor}.npy"))
                axis = 1 if want.ndim == 3 else 2
                for sequence in range(want.shape[0]):
                    most = want.shape[axis] if valid is None else valid[sequence]
                    pair = [numpy.take(array[sequence], range(most), axis - 1) for array in (got, want)]
                    close = numpy.allclose(*pair, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)
                    check(got.shape == want.shape and close, f"{self.name}: {name}: {tensor} of sequence {sequence} differs on {ranks} ranks:\n{pair[0]}\n{pair[1]}")
        for tensor in expected:
            one, two = (numpy.load(os.path.join(self.scratch, f"out-{name}-{ranks}", f"{tensor}.npy")).tobytes() for ranks in (1, 2))
            check(one == two, f"{self.name}: {name}: {tensor} has other bits on two ranks")

    def refuses(self, name, arrays, message):
        """The runtime that the file is for refuses the same."""
        try:
            self.session.run(None, arrays)
            raise Failure(f"{self.name}: {name}: ONNX Runtime takes it")
        except onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument:
            pass
        done, _ = self.moe_run(name, arrays, 2)
        check(done.returncode == 8 and message in done.stderr, f"{self.name}: {name}: exit {done.returncode}: {done.stderr}")


def masks_that_are_added(tools, models, scratch):
    for name in ADDED:
        model = Model(tools, os.path.join(models, name), scratch)
        stored = model.stored["attention_mask"]
        for kind, mask in masks_of(stored.shape):
            model.agrees(kind, {**model.stored, "attention_mask": mask.astype(stored.dtype)})


def masks_that_are_counted(tools, models, scratch):
    model = Model(tools, os.path.join(models, COUNTED), scratch)
    shape = model.stored["attention_mask"].shape
    for kind, mask in masks_of(shape):
        arrays, sums = {**model.stored, "attention_mask": mask.astype(numpy.int64)}, mask.sum(1).astype(int)
        if sums.max() > shape[1]:
            model.refuses(kind, arrays, f"the attention mask gives sequence 0 {sums[0]} keys (seqlens_k + 1), but {shape[1]} new tokens behind at most 0 past ones")
        elif sums.min() > 0:
            model.agrees(kind, arrays, sums)
    random = numpy.random.default_rng(12)
    for number, (past, new, rows) in enumerate(STEPS):
        sizes = {"batch_size": len(rows), "past_sequence_length": past}
        arrays = {value.name: random.standard_normal([sizes.get(size, size) for size in value.shape]).astype(numpy.float32) for value in model.inputs if "past" in value.name}
        arrays |= {"input_ids": random.integers(1, 96, (len(rows), new)), "attention_mask": numpy.array(rows)}
        model.agrees(f"step_{number}", arrays)
    arrays["attention_mask"] = numpy.array([[2, 2, 2, 2], [1, 1, 1, 1]])
    model.refuses("large", arrays, "the attention mask gives sequence 0 8 keys (seqlens_k + 1), but 1 new tokens behind at most 3 past ones have 1 to 4")


if __name__ == "__main__":
    tools, models, scratch = sys.argv[1:]
    shutil.rmtree(scratch, ignore_errors=True)
    onnxruntime.set_default_logger_severity(4)
    try:
        masks_that_are_added(tools, models, scratch)
        masks_that_are_counted(tools, models, scratch)
    except Failure as failure:
        sys.exit(str(failure))
