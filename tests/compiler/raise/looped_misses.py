"""Near misses of raise-looped.mlir: what is one step away from a loop over experts stays plain, and the remark names the first condition that
fails: looped_misses.py BIN MODULE."""

import re
import subprocess
import sys


def node(name, kind, operands, types, result, attributes="", version=13):
    attributes = f", node_attributes = {{{attributes}}}" if attributes else ""
    return f'    %{name} = onnx.node "ai.onnx::{kind}"({operands}) {{name = "{name}"{attributes}, version = {version} : i64}} : ({types}) -> {result}\n'


def constant(name, value, kind):
    return f"    %{name} = arith.constant dense<{value}> : tensor<{kind}>\n"


class Text:
    """The module, and edits of it by the names of nodes."""

    def __init__(self, text):
        self.lines = text.splitlines(keepends=True)

    def find(self, name):
        return next(i for i, line in enumerate(self.lines) if line.startswith((f"    %{name} =", f"    %{name}:")))

    def edit(self, names, *pairs):
        for name in names.split():
            at = self.find(name)
            for old, new in pairs:
                assert old in self.lines[at], (name, old)
                self.lines[at] = self.lines[at].replace(old, new)
        return self

    def put(self, before, *lines):
        at = self.find(before)
        self.lines[at:at] = lines
        return self

    def replace(self, name, *lines):
        at = self.find(name)
        self.lines[at:at + 1] = lines
        return self

    def all(self, pattern, new):
        self.lines = re.sub(pattern, new, "".join(self.lines)).splitlines(keepends=True)
        return self


IDS, MASKS, ROWS, COLUMN, LINE, SCATTER = "tensor<?x2xi64>", "tensor<?x2x3xi64>", "tensor<?x6xf32>", "tensor<?x1xi64>", "tensor<?xi64>", "ai.onnx::ScatterND"


def as_elements(text, sums="0 1 2"):
    """The sums by ScatterElements."""
    for e in sums.split():
        text.put(f"sum{e}", node(f"shape{e}", "Shape", f"%weighed{e}", ROWS, "tensor<2xi64>", version=15),
                 node(f"wide{e}", "Expand", f"%column{e}, %shape{e}", f"{COLUMN}, tensor<2xi64>", "tensor<?x6xi64>"))
        text.edit(f"sum{e}", ("ScatterND", "ScatterElements"), (f"%column{e}", f"%wide{e}"), (COLUMN, "tensor<?x6xi64>"))
    return text


def by_tuples(text, bodies="0 1 2"):
    """The weights by GatherND of (token, slot)."""
    for e in bodies.split():
        text.replace(f"weight{e}", node(f"second{e}", "Unsqueeze", f"%slot{e}, %axis1", f"{LINE}, tensor<1xi64>", COLUMN),
                     node(f"first{e}", "Unsqueeze", f"%token{e}, %axis1", f"{LINE}, tensor<1xi64>", COLUMN),
                     node(f"tuple{e}", "Concat", f"%first{e}, %second{e}", f"{COLUMN}, {COLUMN}", IDS, "axis = 1 : i64"),
                     node(f"weight{e}", "GatherND", f"%cube, %tuple{e}", f"tensor<?x2x1xf32>, {IDS}", "tensor<?x1xf32>"))
    return text.put("second0", node("cube", "Unsqueeze", "%top#0, %axis2", "tensor<?x2xf32>, tensor<1xi64>", "tensor<?x2x1xf32>"))


def by_row(text, numbers="[0, 1, 2]", kind="3xi64"):
    """The mask by a comparison with the numbers of the experts."""
    text.replace("onehot", node("thin", "Unsqueeze", "%top#1, %last_axis", f"{IDS}, tensor<1xi64>", "tensor<?x2x1xi64>"),
                 node("onehot", "Equal", "%thin, %numbers", f"tensor<?x2x1xi64>, tensor<{kind}>", "tensor<?x2x3xi1>"))
    text.replace("numbers", constant("numbers", numbers, kind))
    text.edit("mask", ("tensor<?x2x3xi64>", "tensor<?x2x3xi1>"), ("tensor<3x2x?xi64>", "tensor<3x2x?xi1>"))
    text.edit("one0 one1 one2", ("tensor<3x2x?xi64>", "tensor<3x2x?xi1>"), ("-> tensor<2x?xi64>", "-> tensor<2x?xi1>"))
    return text.edit("found0 found1 found2", ("(tensor<2x?xi64>)", "(tensor<2x?xi1>)"))


def of_three_axes(text, e=0, before=None):
    """NonZero of a mask with a leading axis of 1: three coordinates."""
    text.edit(f"found{e}", ("(tensor<2x?xi64>) -> tensor<2x?xi64>", "(tensor<1x2x?xi64>) -> tensor<3x?xi64>"), *(before or []))
    text.edit(f"turned{e}", ("tensor<2x?xi64>", "tensor<3x?xi64>"), (IDS, "tensor<?x3xi64>"))
    text.put(f"parts{e}", constant("three_ones", 1, "3xi64"))
    return text.edit(f"parts{e}", (":2", ":3"), ("%ones", "%three_ones"), (f"{IDS}, tensor<2xi64>", "tensor<?x3xi64>, tensor<3xi64>"),
                     ("-> (", f"-> ({COLUMN}, "))


def with_input(text, name, kind, dims):
    """One more input."""
    return text.all(r"main\(%t: index \{rt.dim = \"t\"\}, ", f'main(%t: index {{rt.dim = "t"}}, %u: index {{rt.dim = "u"}}, %{name}: tensor<{kind}xf32> {{rt.name = "{name}", rt.shape = [{dims}]}}, ')


HITS = {
    "as it is": lambda t: t,
    "ScatterElements": as_elements,
    "tuples": by_tuples,
    "row": by_row,
    "room for more": lambda t: t.edit("depth", ("<3>", "<4>")).all("x2x3xi64", "x2x4xi64").all("3x2x", "4x2x"),
}

MISSES = {
    "bits": (lambda t: t.put("onehot", node("short", "Cast", "%top#1", IDS, "tensor<?x2xi8>", "to = 3 : i64"))
             .edit("onehot", ("%top#1", "%short"), (IDS, "tensor<?x2xi8>")),
             "node 'short' (ai.onnx::Cast): it converts ids to a type that may not hold them"),
    "mask of a mask": (lambda t: t.put("onehot", node("equal", "Equal", "%top#1, %n1", f"{IDS}, tensor<i64>", "tensor<?x2xi1>"),
                                       node("again", "Cast", "%equal", "tensor<?x2xi1>", IDS, "to = 7 : i64")).edit("onehot", ("%top#1", "%again")),
                       "node 'onehot' (ai.onnx::OneHot): it is made of a mask, not of ids"),
    "mixed": (lambda t: t.put("onehot", node("line", "Reshape", "%top#1, %last_axis", f"{IDS}, tensor<1xi64>", LINE, version=14),
                              constant("pairs", "[-1, 2]", "2xi64"), node("back", "Reshape", "%line, %pairs", f"{LINE}, tensor<2xi64>", IDS, version=14))
              .edit("onehot", ("%top#1", "%back")),
              "node 'line' (ai.onnx::Reshape): it mixes tokens, slots and experts"),
    "expert of data": (lambda t: t.put("one1", node("asked", "ReduceMax", "%top#1", IDS, "tensor<i64>", "keepdims = 0 : i64")).edit("one1", ("%n1", "%asked")),
                       "node 'one1' (ai.onnx::Gather): it does not pick one expert by a constant"),
    "expert of a slot": (lambda t: t.edit("mask", ("2, 1, 0", "1, 2, 0"), ("-> tensor<3x2x", "-> tensor<2x3x"))
                         .edit("one0 one1", ("tensor<3x2x", "tensor<2x3x"), ("-> tensor<2x", "-> tensor<3x")).edit("found0 found1", ("(tensor<2x", "(tensor<3x"))
                         .edit("one2", ("tensor<3x2x", "tensor<2x3x"), ("-> tensor<2x", "-> tensor<3x"), ("%n2", "%n1")).edit("found2", ("(tensor<2x", "(tensor<3x")),
                         "node 'found0' (ai.onnx::NonZero): it does not look up the choices of one expert"),
    "from 1 on": (lambda t: by_row(t, "[1, 2, 3]"), "node 'onehot' (ai.onnx::Equal): expected the numbers of the experts from 0 on"),
    "number a slot": (lambda t: t.replace("onehot", node("onehot", "Equal", "%top#1, %zero_one", f"{IDS}, tensor<2xi64>", "tensor<?x2xi1>"))
                      .replace("mask", node("mask", "Transpose", "%onehot", "tensor<?x2xi1>", "tensor<2x?xi1>"))
                      .edit("found0", ("%one0", "%mask"), ("(tensor<2x?xi64>)", "(tensor<2x?xi1>)")).replace("one0").replace("one1")
                      .edit("found1", ("%one1", "%mask"), ("(tensor<2x?xi64>)", "(tensor<2x?xi1>)")).replace("one2")
                      .edit("found2", ("%one2", "%mask"), ("(tensor<2x?xi64>)", "(tensor<2x?xi1>)")),
                      "node 'onehot' (ai.onnx::Equal): the numbers of the experts are compared with tokens or slots one by one"),
    "numbers in a square": (lambda t: t.replace("onehot", node("onehot", "Equal", "%top#1, %square", f"{IDS}, tensor<2x2xi64>", "tensor<2x2xi1>"))
                            .put("onehot", constant("square", "[[0, 1], [2, 3]]", "2x2xi64"))
                            .replace("mask", node("mask", "Transpose", "%onehot", "tensor<2x2xi1>", "tensor<2x2xi1>"))
                            .edit("found0", ("%one0", "%mask"), ("(tensor<2x?xi64>)", "(tensor<2x2xi1>)")).replace("one0").replace("one1")
                            .edit("found1", ("%one1", "%mask"), ("(tensor<2x?xi64>)", "(tensor<2x2xi1>)")).replace("one2")
                            .edit("found2", ("%one2", "%mask"), ("(tensor<2x?xi64>)", "(tensor<2x2xi1>)")),
                            "node 'onehot' (ai.onnx::Equal): the numbers of the experts are not along one axis"),
    "all experts": (lambda t: of_three_axes(t, 0, [("%one0", "%mask"), ("tensor<1x2x?xi64>", "tensor<3x2x?xi64>")]).replace("one0"),
                    "node 'found0' (ai.onnx::NonZero): it does not look up the choices of one expert"),
    "three coordinates": (lambda t: of_three_axes(t).edit("one0", ("%n0", "%axis0"), ("tensor<i64>) -> tensor<2x", "tensor<1xi64>) -> tensor<1x2x")),
                          f"node 'sum0' ({SCATTER}): its indices are not of the tokens of this expert"),
    "other choices": (lambda t: t.put("one1", node("ids1", "Neg", "%top#1", IDS, IDS),
                                      node("onehot1", "OneHot", "%ids1, %depth, %zero_one", f"{IDS}, tensor<i64>, tensor<2xi64>", MASKS, version=11),
                                      node("mask1", "Transpose", "%onehot1", MASKS, "tensor<3x2x?xi64>", "perm = array<i64: 2, 1, 0>"))
                      .edit("one1", ("%mask", "%mask1")),
                      "node 'found1' (ai.onnx::NonZero): it looks up other choices than the expert before it"),
    "other room": (lambda t: t.put("one1", constant("four", 4, "i64"),
                                   node("onehot1", "OneHot", "%top#1, %four, %zero_one", f"{IDS}, tensor<i64>, tensor<2xi64>", "tensor<?x2x4xi64>", version=11),
                                   node("mask1", "Transpose", "%onehot1", "tensor<?x2x4xi64>", "tensor<4x2x?xi64>", "perm = array<i64: 2, 1, 0>"))
                   .edit("one1", ("%mask", "%mask1"), ("tensor<3x2x?xi64>", "tensor<4x2x?xi64>")),
                   "node 'found1' (ai.onnx::NonZero): it tells apart another number of experts than the expert before it"),
    "less room": (lambda t: t.edit("depth", ("<3>", "<2>")).all("x2x3xi64", "x2x2xi64").all("3x2x", "2x2x").edit("sum2", ("%sum1", "%zeros"))
                  .all("return %sum2", "return %sum1"), "the router scores 3 experts, but the mask tells apart 2"),
    "other weights": (lambda t: t.put("weight1", node("flat1", "Neg", "%flat", "tensor<?x1xf32>", "tensor<?x1xf32>")).edit("weight1", ("%flat", "%flat1")),
                      "node 'weight1' (ai.onnx::Gather): it reads other weights than the expert before it"),
    "slots times two": (lambda t: t.edit("scaled1", ("%token1", "%slot1")).edit("position1", ("%slot1", "%token1")),
                        "node 'weight1' (ai.onnx::Gather): it does not gather by token * 2 + slot"),
    "a slot twice": (lambda t: t.put("position1", node("slots1", "Add", "%slot1, %slot1", f"{LINE}, {LINE}", LINE, version=14)).edit("position1", ("%slot1", "%slots1")),
                     "node 'weight1' (ai.onnx::Gather): it does not gather by token * 2 + slot"),
    "large slots": (lambda t: t.put("position1", constant("large", 2**31 - 1, "i64"),
                                    *(node(f"more{i}", "Mul", f"%{'slot1' if i == 0 else f'more{i - 1}'}, %large", f"{LINE}, tensor<i64>", LINE, version=14) for i in range(3)))
                    .edit("position1", ("%slot1", "%more2")),
                    "node 'weight1' (ai.onnx::Gather): it does not gather by token * 2 + slot"),
    "many terms": (lambda t: t.put("position1", *(node(f"more{i}", "Add", f"%{'slot1' if i == 0 else f'more{i - 1}'}, %slot1", f"{LINE}, {LINE}", LINE, version=14) for i in range(5)))
                   .edit("position1", ("%slot1", "%more4")),
                   "node 'weight1' (ai.onnx::Gather): it computes a position of too many terms"),
    "positions of pairs": (lambda t: t.put("position1", node("turn1", "Unsqueeze", "%slot1, %axis1", f"{LINE}, tensor<1xi64>", COLUMN))
                           .edit("position1", ("%slot1", "%turn1"), (f"({LINE}, {LINE}) -> {LINE}", f"({COLUMN}, {LINE}) -> tensor<?x?xi64>"))
                           .edit("weight1", (LINE, "tensor<?x?xi64>"), ("-> tensor<?x1xf32>", "-> tensor<?x?x1xf32>"))
                           .edit("weighed1", ("tensor<?x1xf32>", "tensor<?x?x1xf32>"), (f"-> {ROWS}", "-> tensor<?x?x6xf32>"))
                           .edit("sum1", (f"{COLUMN}, {ROWS}", f"{COLUMN}, tensor<?x?x6xf32>")),
                           f"node 'sum1' ({SCATTER}): it does not scatter rows of 6 elements"),
    "half of the weights": (lambda t: t.edit("flat", ("%column_sizes", "%some")).put("flat", constant("some", "[-1, 2]", "2xi64")).edit("flat", ("-> tensor<?x1xf32>", "-> tensor<?x2xf32>"))
                            .edit("weight0 weight1 weight2", ("(tensor<?x1xf32>", "(tensor<?x2xf32>"), ("-> tensor<?x1xf32>", "-> tensor<?x2xf32>"))
                            .put("weighed0", node("w0", "ReduceSum", "%weight0, %axis1", "tensor<?x2xf32>, tensor<1xi64>", "tensor<?x1xf32>")).edit("weighed0", ("%weight0", "%w0"))
                            .put("weighed1", node("w1", "ReduceSum", "%weight1, %axis1", "tensor<?x2xf32>, tensor<1xi64>", "tensor<?x1xf32>")).edit("weighed1", ("%weight1", "%w1"))
                            .put("weighed2", node("w2", "ReduceSum", "%weight2, %axis1", "tensor<?x2xf32>, tensor<1xi64>", "tensor<?x1xf32>")).edit("weighed2", ("%weight2", "%w2")),
                            "node 'w0' (ai.onnx::ReduceSum): expected Gather as the weights of the rows"),
    "weights of scores": (lambda t: t.edit("flat", ("%top#0", "%scores"), ("tensor<?x2xf32>", "tensor<?x3xf32>")),
                          "node 'weight0' (ai.onnx::Gather): it does not gather from the weights of 2 slots of each token"),
    "bits of a token": (lambda t: t.put("column1", node("short1", "Cast", "%token1", LINE, "tensor<?xi8>", "to = 3 : i64"),
                                        node("long1", "Cast", "%short1", "tensor<?xi8>", LINE, "to = 7 : i64")).edit("column1", ("%token1", "%long1")),
                        "node 'long1' (ai.onnx::Cast): expected NonZero as what looks up the tokens of an expert"),
    "slot and token": (lambda t: by_tuples(t).edit("tuple1", ("%first1, %second1", "%second1, %first1")),
                       "node 'tuple1' (ai.onnx::Concat): its indices are not of the tokens of this expert"),
    "token and token": (lambda t: by_tuples(t).edit("tuple1", ("%second1", "%first1")), "node 'tuple1' (ai.onnx::Concat): its indices are not of the slots of this expert"),
    "weights of all slots": (lambda t: t.edit("weighed1", ("%weight1", "%weights1"), ("tensor<?x1xf32>", "tensor<?x6xf32>"))
                             .put("weighed1", node("weights1", "Concat", ", ".join(["%weight1"] * 6), ", ".join(["tensor<?x1xf32>"] * 6), ROWS, "axis = 1 : i64")),
                             "node 'weighed1' (ai.onnx::Mul): it does not multiply each row by one weight"),
    "tokens turned": (lambda t: t.put("rows1", node("turned_x", "Transpose", "%x", ROWS, "tensor<6x?xf32>"))
                      .edit("rows1", ("%x", "%turned_x"), (f"({ROWS}", "(tensor<6x?xf32>")).edit("rows1", ("version", "node_attributes = {axis = 1 : i64}, version"), (f"-> {ROWS}", "-> tensor<6x?xf32>"))
                      .put("inner1", node("right1", "Transpose", "%rows1", "tensor<6x?xf32>", ROWS)).edit("inner1", ("%rows1", "%right1")),
                      "node 'right1' (ai.onnx::Transpose): expected Gather as the rows of the tokens"),
    "elements along rows": (lambda t: as_elements(t).edit("sum1", ("node_attributes = {", "node_attributes = {axis = 1 : i64, ")),
                            "node 'sum1' (ai.onnx::ScatterElements): it does not scatter along the tokens"),
    "elements one by one": (lambda t: as_elements(t).replace("wide1", node("wide1", "Concat", "%column1, %column1, %column1, %column1, %column1, %column1", ", ".join([COLUMN] * 6), "tensor<?x6xi64>", "axis = 1 : i64")),
                            "node 'wide1' (ai.onnx::Concat): expected Expand as the indices of the tokens, repeated over their elements"),
    "elements of rows": (lambda t: as_elements(t).put("wide1", node("pairs1", "Concat", "%column1, %column1, %column1, %column1, %column1, %column1", ", ".join([COLUMN] * 6), "tensor<?x6xi64>", "axis = 1 : i64"))
                         .edit("wide1", ("%column1", "%pairs1"), (f"({COLUMN}", "(tensor<?x6xi64>")),
                         "node 'wide1' (ai.onnx::Expand): it does not repeat one index a row over the elements of the row"),
    "indices of pairs": (lambda t: t.put("sum1", node("two1", "Concat", "%column1, %column1", f"{COLUMN}, {COLUMN}", IDS, "axis = 1 : i64"),
                                         node("sum_of1", "ReduceSum", "%weighed1, %axis1", f"{ROWS}, tensor<1xi64>", "tensor<?xf32>", "keepdims = 0 : i64"))
                         .edit("sum1", ("%column1, %weighed1", "%two1, %sum_of1"), (f"{COLUMN}, {ROWS})", f"{IDS}, tensor<?xf32>)")),
                         f"node 'sum1' ({SCATTER}): it does not scatter rows of 6 elements"),
    "added twice": (lambda t: t.put("sum2", node("twice", "Add", "%sum1, %sum1", f"{ROWS}, {ROWS}", ROWS, version=14)).edit("sum2", ("%sum1", "%twice")),
                    f"node 'sum1' ({SCATTER}): it is added twice"),
    "broadcast": (lambda t: t.put("sum0", constant("one_row", 0.0, "1x6xf32")).put("sum2", node("wider", "Add", "%sum1, %one_row", f"{ROWS}, tensor<1x6xf32>", ROWS, version=14))
                  .edit("sum2", ("%sum1", "%wider")), "node 'wider' (ai.onnx::Add): it adds to another shape than [t, 6]"),
    "looked up otherwise": (lambda t: t.put("column1", node("best1", "ArgMax", "%weighed1", ROWS, LINE, "axis = 1 : i64, keepdims = 0 : i64")).edit("column1", ("%token1", "%best1")),
                            f"node 'sum1' ({SCATTER}): its indices are not looked up by NonZero"),
    "positions of others": (lambda t: t.edit("position1", ("%slot1", "%slot0")), f"node 'sum1' ({SCATTER}): the shape of an operand is not known"),
    "rows of others": (lambda t: t.edit("rows1", ("%token1", "%token0")), f"node 'sum1' ({SCATTER}): the shape of an operand is not known"),
    "fewer tokens": (lambda t: with_input(t, "q", "?x6", '"u", 6').edit("rows1", ("%x", "%q")), "node 'rows1' (ai.onnx::Gather): it does not gather rows of t x 6"),
    "more sums": (lambda t: with_input(t, "q", "?x6", '"u", 6').edit("sizes", ("%x", "%q")),
                  f"node 'sum0' ({SCATTER}): it scatters to another number of rows than t tokens"),
    "batches": (lambda t: with_input(t, "l", "?x4x3", '"u", 4, 3').put("one0", node("top0:2", "TopK", "%l, %k", "tensor<?x4x3xf32>, tensor<1xi64>", "(tensor<?x4x2xf32>, tensor<?x4x2xi64>)", version=11)
                                                                       .replace('"top0:2"', '"top0"'),
                node("hot0", "OneHot", "%top0#1, %depth, %zero_one", "tensor<?x4x2xi64>, tensor<i64>, tensor<2xi64>", "tensor<?x4x2x3xi64>", version=11),
                node("mask0", "Transpose", "%hot0", "tensor<?x4x2x3xi64>", "tensor<3x2x?x4xi64>", "perm = array<i64: 3, 2, 0, 1>"))
                .edit("one0", ("%mask", "%mask0"), ("tensor<3x2x?xi64>", "tensor<3x2x?x4xi64>"), ("-> tensor<2x?xi64>", "-> tensor<2x?x4xi64>"))
                .edit("found0", ("(tensor<2x?xi64>) -> tensor<2x?xi64>", "(tensor<2x?x4xi64>) -> tensor<3x?xi64>"))
                .edit("turned0", ("tensor<2x?xi64>", "tensor<3x?xi64>"), (IDS, "tensor<?x3xi64>"))
                .replace("slot0", node("slot0", "Gather", "%turned0, %n0", "tensor<?x3xi64>, tensor<i64>", LINE, "axis = 1 : i64"))
                .replace("token0", node("token0", "Gather", "%turned0, %n1", "tensor<?x3xi64>, tensor<i64>", LINE, "axis = 1 : i64")).replace("parts0"),
                "node 'found0' (ai.onnx::NonZero): the mask is not tokens x slots of one expert"),
    "an expert twice": (lambda t: t.put("onehot", node("id0", "Gather", "%top#1, %axis0", f"{IDS}, tensor<1xi64>", COLUMN, "axis = 1 : i64"),
                                        node("ids", "Concat", "%id0, %id0", f"{COLUMN}, {COLUMN}", IDS, "axis = 1 : i64")).edit("onehot", ("%top#1", "%ids"))
                        .edit("sum1", ('"add"', '"none"'), ("%sum0", "%zeros")).put("sum2", node("both", "Add", "%sum0, %sum1", f"{ROWS}, {ROWS}", ROWS, version=14))
                        .edit("sum2", ("%sum1", "%both")),
                        "a token that chooses an expert twice would count once"),
    "tokens that data counts": (lambda t: t.put("scores", node("first", "Gather", "%z, %n0", f"{ROWS}, tensor<i64>", "tensor<?xf32>", "axis = 1 : i64"),
                                                node("nz", "NonZero", "%first", "tensor<?xf32>", "tensor<1x?xi64>"),
                                                node("some", "Squeeze", "%nz, %axis0", "tensor<1x?xi64>, tensor<1xi64>", LINE),
                                                node("xs", "Gather", "%z, %some", f"{ROWS}, {LINE}", ROWS), node("ls", "Gather", "%logits, %some", f"tensor<?x3xf32>, {LINE}", "tensor<?x3xf32>"))
                                .edit("scores", ("%logits", "%ls")).edit("sizes rows0 rows1 rows2", ("%x", "%xs")),
                                "the number of tokens is not known before data is"),
}


def run(tool, text):
    done = subprocess.run([tool, "-", "--moe-raise-looped"], input=text, capture_output=True, text=True, check=False)
    remarks = [line.split("remark: ")[1] for line in done.stderr.splitlines() if "remark: " in line]
    return done.returncode, done.stdout.count("moe.gate "), remarks, done.stderr


def main(tools, path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    module = text[text.index("\nmodule {") + 1:]
    failed = 0
    for name, change in HITS.items():
        code, gates, remarks, errors = run(tools + "/moe-opt", "".join(change(Text(module)).lines))
        if code or gates != 1 or remarks:
            failed += 1
            print(f"{name}: not raised: {errors}")
    for name, (change, expected) in MISSES.items():
        code, gates, remarks, errors = run(tools + "/moe-opt", "".join(change(Text(module)).lines))
        if code or gates or not any(remark.startswith("the loop over experts stays plain: " + expected) for remark in remarks):
            failed += 1
            print(f"{name}: exit {code}, {gates} raised, expected '{expected}', but got: {errors}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
