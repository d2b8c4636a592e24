"""Rows that NonZero looks up, under one operator at a time: those that give each row from the same row alone equal ONNX Runtime, the others are refused:
row_wise.py BIN VARIANTS SCRATCH."""

import os
import subprocess
import sys

import numpy
import onnx

sys.path.insert(0, sys.argv[2])
from graph import BOOL, FLOAT, Graph  # noqa: E402
from variants import Failure, Variant, check  # noqa: E402

WIDTH, NOT_SUPPORTED = 4, 4


class Rows:
    """y = x, with body(rows of the mask) put back by a scatter: nd (tuples) | elements, whose places are moved by `shift` tokens."""

    layers = 0
    processes = False
    tolerance = None

    def __init__(self, seed, body, opset=18, scatter="nd", reduction="add", shift=0):
        self.graph, self.body, self.scatter, self.reduction, self.shift = Graph(seed, opset), body, scatter, reduction, shift

    def build(self):
        g = self.graph
        x, mask = g.input("x", FLOAT, ["tokens", WIDTH]), g.input("mask", BOOL, ["tokens"])
        self.found = g.op("NonZero", mask)
        self.own = g.op("Gather", self.found, g.constant(0), axis=0)
        rows = g.op("Gather", x, self.own, axis=0)
        value = self.body(g, rows, self)
        reduction = {"reduction": self.reduction} if self.reduction != "none" else {}
        place = g.op("Add", self.own, g.constant(self.shift)) if self.shift else self.own
        if self.scatter == "nd":
            y = g.op("ScatterND", x, g.unsqueeze(place, 1), value, **reduction)
        else:
            y = g.op("ScatterElements", x, g.op("Expand", g.unsqueeze(place, 1), g.op("Shape", value)), value, axis=0, **reduction)
        g.output(y, "y", FLOAT, ["tokens", WIDTH])
        return g.model()

    def feeds(self):
        for tokens, every in ((7, 2), (5, 1), (3, 9), (1, 1)):
            chosen = numpy.arange(tokens) % every == every - 1
            yield {"x": self.graph.random.standard_normal((tokens, WIDTH)).astype(numpy.float32), "mask": chosen}


class JoinedRows(Rows):
    """The rows of the mask, and the others behind them: body(both) is added where they come from, in one scatter, or in the `other` order."""

    def __init__(self, seed, body, other=False):
        super().__init__(seed, body)
        self.other = other

    def build(self):
        g = self.graph
        x, mask = g.input("x", FLOAT, ["tokens", WIDTH]), g.input("mask", BOOL, ["tokens"])
        places = [g.op("Gather", g.op("NonZero", own), g.constant(0), axis=0) for own in (mask, g.op("Not", mask))]
        rows = [g.op("Gather", x, place, axis=0) for place in places]
        number = g.op("Add", *(g.op("Shape", place) for place in places))
        value = g.op("Add", self.body(g, g.op("Concat", *rows, axis=0), self), g.op("Expand", g.weight(1, WIDTH), g.op("Concat", number, g.constant([WIDTH]), axis=0)))
        joined = g.unsqueeze(g.op("Concat", *(reversed(places) if self.other else places), axis=0), 1)
        g.output(g.op("ScatterND", x, joined, value, reduction="add"), "y", FLOAT, ["tokens", WIDTH])
        return g.model()


def count(g, rows):
    return g.op("Shape", rows, start=0, end=1)


def square(g, rows):
    """Each row as often as there are rows: [N, N, 4]."""
    return g.op("Expand", g.unsqueeze(rows, 1), g.op("Concat", count(g, rows), count(g, rows), g.constant([WIDTH]), axis=0))


RIGHT = {
    "relu": lambda g, rows, _: g.op("Relu", rows),
    "one row for all": lambda g, rows, _: g.op("Mul", rows, g.weight(1, WIDTH)),
    "where": lambda g, rows, _: g.op("Where", g.op("Greater", rows, g.number(0)), rows, g.weight(WIDTH)),
    "matmul": lambda g, rows, _: g.op("MatMul", rows, g.weight(WIDTH, WIDTH)),
    "matmul of turned rows": lambda g, rows, _: g.op("Transpose", g.op("MatMul", g.weight(WIDTH, WIDTH), g.op("Transpose", rows))),
    "matrices of rows": lambda g, rows, _: g.squeeze(g.op("MatMul", g.unsqueeze(rows, 1), g.op("Expand", g.weight(1, WIDTH, WIDTH), g.op("Concat", count(g, rows), g.constant([WIDTH, WIDTH]), axis=0))), 1),
    "gemm": lambda g, rows, _: g.op("Gemm", rows, g.weight(WIDTH, WIDTH), g.weight(1, WIDTH), transB=1, alpha=0.5, beta=2.0),
    "einsum": lambda g, rows, _: g.op("Einsum", rows, g.weight(WIDTH, WIDTH), equation="ij,jk->ik"),
    "einsum of rows": lambda g, rows, _: g.op("Einsum", rows, rows, equation="ij,ij->ij"),
    "softmax": lambda g, rows, _: g.op("Softmax", rows, axis=-1),
    "largest of a row": lambda g, rows, _: g.op("Sub", rows, g.op("ReduceMax", rows, g.constant([1]), keepdims=1)),
    "sum of a row": lambda g, rows, _: g.op("Mul", rows, g.unsqueeze(g.sum(rows, 1, 0), 1)),
    "argmax": lambda g, rows, _: g.op("Mul", rows, g.cast(g.unsqueeze(g.op("ArgMax", rows, axis=1, keepdims=0), 1), FLOAT)),
    "argmax in front": lambda g, rows, _: g.op("Mul", rows, g.cast(g.unsqueeze(g.op("ArgMax", g.op("Transpose", rows), axis=0, keepdims=0), 1), FLOAT)),
    "topk": lambda g, rows, _: g.op("TopK", rows, g.constant([WIDTH]), axis=-1, results=2)[0],
    "elements of a row": lambda g, rows, _: g.op("GatherElements", rows, g.op("TopK", rows, g.constant([WIDTH]), axis=-1, results=2)[1], axis=1),
    "written in a row": lambda g, rows, _: g.op("ScatterElements", rows, *reversed(g.op("TopK", rows, g.constant([2]), axis=-1, results=2)), axis=1),
    "columns": lambda g, rows, _: g.op("Gather", rows, g.constant([3, -1, 0, 0]), axis=-1),
    "pieces": lambda g, rows, _: g.op("Concat", *reversed(g.op("Split", rows, g.constant([1, 3]), axis=1, results=2)), axis=-1),
    "cut": lambda g, rows, _: g.op("Concat", g.op("Slice", rows, g.constant([-2]), g.constant([9]), g.constant([-1])), g.op("Slice", rows, g.constant([0]), g.constant([-2]), g.constant([-1])), axis=1),
    "cumulated": lambda g, rows, _: g.op("CumSum", rows, g.constant(-1), reverse=1, exclusive=1),
    "norm": lambda g, rows, _: g.op("LayerNormalization", rows, g.weight(WIDTH), g.weight(WIDTH), axis=-1, results=3)[0],
    "norm of a sum": lambda g, rows, _: g.skip_norm(rows, rows, WIDTH)[1],
    "dropout": lambda g, rows, _: g.op("Dropout", rows, results=2)[0],
    "another shape": lambda g, rows, _: g.op("Flatten", g.op("Mul", g.reshape(rows, [-1, 2, 2]), g.weight(2, 1)), axis=1),
    "shaped as rows": lambda g, rows, _: g.op("Add", rows, g.op("Expand", g.weight(1, WIDTH), g.op("Shape", rows))),
    "filled as rows": lambda g, rows, _: g.op("Add", rows, g.filled(g.op("Shape", rows), 0.5)),
    "another table": lambda g, rows, model: g.op("Add", rows, g.op("Gather", g.weight(16, WIDTH), model.own, axis=0)),
    "tuples of a table": lambda g, rows, model: g.op("Add", rows, g.op("GatherND", g.weight(16, WIDTH), g.op("Transpose", model.found, perm=[1, 0]))),
}
MIXED = {
    "sum of rows": lambda g, rows, _: g.op("Add", rows, g.sum(rows, 0, 1)),
    "softmax of columns": lambda g, rows, _: g.op("Softmax", rows, axis=0),
    "norm of all": lambda g, rows, _: g.op("LayerNormalization", rows, g.number(1.0), axis=0),
    "cumulated rows": lambda g, rows, _: g.op("CumSum", rows, g.constant(0)),
    "largest rows": lambda g, rows, _: g.op("TopK", rows, g.constant([1]), axis=0, results=2)[0],
    "rows by rows": lambda g, rows, _: g.op("MatMul", g.op("MatMul", rows, g.op("Transpose", rows)), rows),
    "einsum over rows": lambda g, rows, _: g.op("Einsum", rows, rows, rows, equation="ij,kj,kl->il"),
    "turned gemm": lambda g, rows, _: g.op("Gemm", g.op("Transpose", rows), g.weight(WIDTH, WIDTH), transA=1),
    "turned shape": lambda g, rows, _: g.reshape(g.op("Transpose", rows), [-1, WIDTH]),
    "reversed rows": lambda g, rows, _: g.op("Slice", rows, g.constant([-1]), g.constant([-(2**62)]), g.constant([0]), g.constant([-1])),
    "their number": lambda g, rows, _: g.op("Mul", rows, g.cast(count(g, rows), FLOAT)),
    "numbers of rows": lambda g, rows, _: g.op("Mul", rows, g.cast(g.unsqueeze(g.op("Range", g.constant(0), g.squeeze(count(g, rows), 0), g.constant(1)), 1), FLOAT)),
    "as often as rows": lambda g, rows, _: g.sum(square(g, rows), 1, 0),
    "all for each": lambda g, rows, _: g.sum(g.op("Expand", g.unsqueeze(rows, 0), g.op("Concat", count(g, rows), count(g, rows), g.constant([WIDTH]), axis=0)), 0, 0),
    "filled twice": lambda g, rows, _: g.op("Mul", rows, g.sum(g.filled(g.op("Concat", count(g, rows), count(g, rows), axis=0), 1.0), 1, 1)),
    "cut by their number": lambda g, rows, _: g.op("Mul", rows, g.sum(g.op("Slice", rows, g.constant([0]), count(g, rows), g.constant([1])), 1, 1)),
    "rows of rows": lambda g, rows, _: g.op("Gather", rows, g.op("Sub", count(g, rows), g.constant([1])), axis=0),
}
WAYS = {
    "written": {"reduction": "none"}, "largest": {"reduction": "max"}, "multiplied": {"reduction": "mul"},
    "elements": {"scatter": "elements"}, "written elements": {"scatter": "elements", "reduction": "none"},
    "from the end": {"reduction": "none", "shift": -1}, "elements from the end": {"scatter": "elements", "reduction": "none", "shift": -1},
    "largest from the end": {"reduction": "max", "shift": -1},
    "old": {"opset": 13, "reduction": "none"}, "old elements": {"opset": 13, "scatter": "elements", "reduction": "none"},
}


def run_right(tools, scratch, name, body, options, builder=Rows):
    try:
        Variant(tools, name.replace(" ", "_"), builder, {"body": body} | options, scratch).run()
        return 0
    except Failure as failure:
        print(f"{name}: {failure}")
        return 1


def refuse(tools, scratch, name, body, expected="what it finds cannot be computed for all rows: node", model=None):
    path = os.path.join(scratch, "model.onnx")
    onnx.save((model or Rows(1, body)).build(), path)
    done = subprocess.run([tools + "/moe-opt", path, "--stop-after=raise", "--emit=none"], capture_output=True, text=True, check=False)
    try:
        check(done.returncode == NOT_SUPPORTED and expected in done.stderr, f"{name}: exit {done.returncode}: {done.stderr}")
        return 0
    except Failure as failure:
        print(failure)
        return 1


def refuse_outside(tools, scratch):
    """A row that is chosen is not written behind the last place: that is no place of the tensor."""
    variant = Variant(tools, "outside", Rows, {"body": RIGHT["relu"], "reduction": "none", "shift": 1}, scratch)
    os.makedirs(variant.folder, exist_ok=True)
    path, artifact = os.path.join(variant.folder, "model.onnx"), os.path.join(variant.folder, "model.moe")
    onnx.save(variant.source.build(), path)
    subprocess.run([variant.moe_opt, path, "-o", artifact, "--report=none"], capture_output=True, check=True)
    for name, array in {"x": numpy.zeros((3, WIDTH), numpy.float32), "mask": numpy.ones(3, bool)}.items():
        numpy.save(os.path.join(variant.folder, name + ".npy"), array)
    done = subprocess.run([variant.moe_run, artifact, "-n", "1", "--in-process", "--input-dir", variant.folder], capture_output=True, text=True, check=False)
    if done.returncode == 8 and "is outside axis 0" in done.stderr:
        return 0
    print(f"outside: exit {done.returncode}: {done.stderr}")
    return 1


def main(tools, scratch):
    os.makedirs(scratch, exist_ok=True)
    failed = sum(run_right(tools, scratch, name, body, {}) for name, body in RIGHT.items())
    failed += sum(run_right(tools, scratch, name, RIGHT["relu"], options) for name, options in WAYS.items())
    failed += run_right(tools, scratch, "joined", RIGHT["norm"], {}, JoinedRows)
    failed += refuse(tools, scratch, "joined in another order", None, model=JoinedRows(1, RIGHT["relu"], other=True))
    failed += sum(refuse(tools, scratch, name, body) for name, body in MIXED.items())
    failed += refuse(tools, scratch, "one row", lambda g, rows, _: g.reshape(rows, [1, WIDTH]),
                     "(4 * count(0), and 4 asked for, as the exporter's sample input had: its numbers of rows are frozen)")
    failed += refuse_outside(tools, scratch)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[3]))
