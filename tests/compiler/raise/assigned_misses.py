"""Near misses of loops over experts that assign through a mask: what is one step away from one runs plain and right, and the remark names the first condition
that fails: assigned_misses.py BIN VARIANTS SCRATCH."""

import os
import re
import subprocess
import sys

import onnxruntime

sys.path.insert(0, sys.argv[2])
from assigned import AssignedLayers  # noqa: E402
from variants import Failure, Variant, check  # noqa: E402


class OrderOfSlots(AssignedLayers):
    """All tokens, and all of them again."""

    def repeat_rows(self, rows):
        g = self.graph
        return g.op("Expand", g.unsqueeze(rows, 0), g.constant([self.slots, 1, 1]))


class JoinedRows(AssignedLayers):
    def repeat_rows(self, rows):
        column = self.graph.unsqueeze(rows, 1)
        return self.graph.op("Concat", *[column] * self.slots, axis=1)


class WeighedTwice(AssignedLayers):
    def run_expert(self, expert, rows, mask):
        g = self.graph
        if not hasattr(self, "each"):
            self.each = g.sum(rows, 1, keepdims=0)
        return g.op("Mul", super().run_expert(expert, rows, mask), g.unsqueeze(self.read(self.each, mask), 1))


class BeginsAtOne(AssignedLayers):
    def begin(self, rows):
        return self.graph.filled(self.graph.op("Shape", rows), 1.0)


class Overwritten(AssignedLayers):
    def add_rows(self, total, mask, value):
        return self.assign(total, mask, value)


class OtherRowsReadBack(AssignedLayers):
    def read_back(self, total, token, slot):
        return self.rows_of(total, slot if self.expert == 0 else token)


class ReshapedSum(AssignedLayers):
    def add_rows(self, total, mask, value):
        g = self.graph
        return super().add_rows(g.reshape(g.reshape(total, [-1, 6]), [-1, self.hidden]), mask, value)


class OtherShare(AssignedLayers):
    def share_of(self, full, e):
        return super().share_of(full, 1 if e == 0 else e)


class OtherMatrix(AssignedLayers):
    def share_of(self, full, e):
        if e == 1:
            full = self.matrix(*self.routes[:2], self.graph.op("Abs", self.routes[2]))
        return super().share_of(full, e)


class Unweighed(AssignedLayers):
    def weigh_rows(self, rows, share, mask):
        return rows


class JoinedTokens(AssignedLayers):
    def any_slot(self, mask):
        g = self.graph
        return g.cast(g.op("ReduceMax", g.cast(mask, 7), g.constant([0]), keepdims=0), 9)


class GreaterIds(AssignedLayers):
    def compare(self, ids, e):
        return self.graph.op("Greater", ids, self.graph.constant(0)) if e == 0 else super().compare(ids, e)


class OtherWeights(AssignedLayers):
    def slot_of_weights(self, weights, k):
        return super().slot_of_weights(weights, 1 - k)


class SummedWeights(AssignedLayers):
    def slot_of_weights(self, weights, k):
        return self.graph.sum(weights, 1, keepdims=0)


class OtherExperts(AssignedLayers):
    def by_slot(self, total, rows, ids, weights, k):
        self.matrices = {}
        return super().by_slot(total, rows, ids, weights, k)


class SomeSlots(AssignedLayers):
    def by_slot(self, total, rows, ids, weights, k):
        self.skipped = self.experts - 1 if k else None
        return super().by_slot(total, rows, ids, weights, k)


class AnySlotOnce(AssignedLayers):
    def mask_of_slot(self, ids, own, e, k):
        return self.any_slot(self.compare(ids, e)) if (e, k) == (1, 0) else super().mask_of_slot(ids, own, e, k)


SLOTS, ANY = {"form": "slots", "by": "index", "adds": True}, {"form": "any", "by": "index", "adds": True}
GREATER = {"form": "shares", "compared": "greater", "by": "index", "adds": True}

# Where nothing is expected, no loop is found.
MISSES = {
    "order of slots": (OrderOfSlots, {}, "node 'Expand_N' (ai.onnx::Expand): it does not repeat each token for its 2 slots"),
    "joined rows": (JoinedRows, {}, "node 'Concat_N' (ai.onnx::Concat): expected Expand or Tile as what repeats the tokens for their slots"),
    "weighed twice": (WeighedTwice, {}, "the rows of the slots are weighed twice, or added to others"),
    "begins at one": (BeginsAtOne, {}, None),
    "overwritten": (Overwritten, {"form": "any"}, "node 'ScatterND_N' (ai.onnx::ScatterND): it overwrites a sum instead of adding to it"),
    "other rows read back": (OtherRowsReadBack, {"form": "pairs"}, "node 'ScatterND_N' (ai.onnx::ScatterND): it does not add to the rows that it writes over"),
    "reshaped sum": (ReshapedSum, ANY, "node 'Reshape_N' (ai.onnx::Reshape): it gives the sum another shape on the way"),
    "other share": (OtherShare, ANY, "node 'GatherND_N' (ai.onnx::GatherND): it does not weigh the rows by the shares of this expert"),
    "other matrix": (OtherMatrix, ANY, "node 'GatherND_N' (ai.onnx::GatherND): its shares are of other routes than those of the expert before it"),
    "unweighed": (Unweighed, ANY, "node 'ScatterND_N' (ai.onnx::ScatterND): it does not weigh what an expert gives by its share"),
    "joined tokens": (JoinedTokens, ANY, "node 'ReduceMax_N' (ai.onnx::ReduceMax): it does not join the slots of a mask"),
    "greater ids": (GreaterIds, SLOTS, "node 'Greater_N' (ai.onnx::Greater): it is made of ids, not of a mask"),
    "other weights": (OtherWeights, SLOTS, "node 'GatherND_N' (ai.onnx::GatherND): it does not weigh the rows by the weights of slot 0"),
    "summed weights": (SummedWeights, SLOTS, "node 'GatherND_N' (ai.onnx::GatherND): expected the weights of one slot"),
    "other experts": (OtherExperts, SLOTS, "expert 0 is another one in slot 1"),
    "some slots": (SomeSlots, SLOTS, "expert 2 is missing"),
    "any slot once": (AnySlotOnce, SLOTS, "node 'NonZero_N' (ai.onnx::NonZero): it tells the slots apart otherwise than the expert before it"),
    "negative logits": (AssignedLayers, GREATER | {"router": "logits"}, "the mask leaves out weights that are not proved to be numbers of at least 0"),
    "negative scale": (AssignedLayers, GREATER | {"scale": -2.0}, "the mask leaves out weights that are not proved to be numbers of at least 0"),
    "a sum of 0": (AssignedLayers, GREATER | {"router": "sigmoid"}, "the mask leaves out weights that are not proved to be numbers of at least 0"),
}


def main(tools, scratch):
    failed = 0
    for name, (builder, options, expected) in MISSES.items():
        plain = type(builder.__name__, (builder,), {"raised_layers": 0})
        options = {"experts": 3, "slots": 2, "gated": False, "activation": "relu", "hidden": 12, "inner": 10} | options
        read, computed = (Variant(tools, name.replace(" ", "_"), plain, options, os.path.join(scratch, folder)) for folder in ("read", "computed"))
        try:
            read.make()
        except onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument:
            computed = None  # its indices are outside of a table in ONNX Runtime, too
        done = subprocess.run([tools + "/moe-opt", read.path, "--stop-after=raise", "--emit=none"], capture_output=True, text=True, check=False)
        remarks = [re.sub(r"_\d+'", "_N'", line.split("stays plain: ")[1]) for line in done.stderr.splitlines() if "stays plain: " in line]
        try:
            check(expected in remarks if expected else not remarks, f"expected '{expected}', but got: {remarks or done.stderr}")
            if computed:
                computed.run()
        except Failure as failure:
            failed += 1
            print(f"{name}: {failure}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[3]))
