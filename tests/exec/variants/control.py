"""Control flow, sequences and quantised activations over named dimensions: what the compiler unrolls, chooses or takes apart."""

import numpy
from onnx import helper

from graph import BOOL, FLOAT, INT64, Graph

WIDTH = 6


def body(name, inputs, nodes, outputs):
    """A nested graph; inputs and outputs are (name, type, shape)."""
    return helper.make_graph(nodes, name, [helper.make_tensor_value_info(*each) for each in inputs],
                             [helper.make_tensor_value_info(*each) for each in outputs])


def node(kind, operands, results, **attributes):
    return helper.make_node(kind, operands, results, **attributes)


class Control:
    layers, processes, tolerance = 0, False, None

    def __init__(self, seed, kind, opset=17, count=3):
        self.kind, self.count, self.graph = kind, count, Graph(seed, opset)

    def build(self):
        self.x = self.graph.input("x", FLOAT, ["rows", WIDTH])
        getattr(self, self.kind)()
        return self.graph.model()

    def rows(self, value, name):
        self.graph.output(value, name, FLOAT, None)

    def chosen(self):
        """An If of data, with a condition of one dimension."""
        flag = self.graph.input("flag", BOOL, [1])
        branches = [body(kind, [], [node(kind, [self.x], [kind + "_y"])], [(kind + "_y", FLOAT, None)]) for kind in ("Relu", "Neg")]
        self.rows(self.graph.op("If", flag, then_branch=branches[0], else_branch=branches[1]), "y")

    def by_rank(self):
        """An If that follows from a rank, around another one."""
        g = self.graph
        is_matrix = g.op("Equal", g.op("Size", g.op("Shape", self.x)), g.constant(2))
        inner = [body(kind, [], [node(kind, [self.x], [kind + "_z"])], [(kind + "_z", FLOAT, None)]) for kind in ("Sigmoid", "Tanh")]
        nested = node("If", [is_matrix], ["nested"], then_branch=inner[0], else_branch=inner[1])
        then = body("then", [], [nested, node("Add", ["nested", self.x], ["sum"])], [("sum", FLOAT, None)])
        flat = body("flat", [], [node("Neg", [self.x], ["other"])], [("other", FLOAT, None)])
        self.rows(g.op("If", is_matrix, then_branch=then, else_branch=flat), "y")

    def loop(self):
        """States, rows, a value from outside, and an If on the number of the iteration."""
        g = self.graph
        one, weight = g.constant(1), g.weight(WIDTH)
        branches = [body("b", [], [node("Mul", ["state", weight], ["p"])], [("p", FLOAT, None)]),
                    body("c", [], [node("Add", ["state", self.x], ["q"])], [("q", FLOAT, None)])]
        nodes = [node("Equal", ["i", one], ["second"]), node("If", ["second"], ["next"], then_branch=branches[0], else_branch=branches[1]),
                 node("Identity", ["go"], ["on"]), node("Softmax", ["next"], ["row"], axis=-1)]
        inner = body("body", [("i", INT64, []), ("go", BOOL, []), ("state", FLOAT, None)], nodes, [("on", BOOL, []), ("next", FLOAT, None), ("row", FLOAT, None)])
        results = g.op("Loop", g.constant(self.count), "", self.x, results=2, body=inner)
        self.rows(results[0], "y")
        self.rows(results[1], "z")

    def until(self):
        """A Loop without a count, which ends by the number of the iteration."""
        g = self.graph
        nodes = [node("Less", ["i", g.constant(self.count)], ["on"]), node("Add", ["state", self.x], ["next"])]
        inner = body("body", [("i", INT64, []), ("go", BOOL, []), ("state", FLOAT, None)], nodes, [("on", BOOL, []), ("next", FLOAT, None)])
        self.rows(g.op("Loop", "", g.constant(True, bool), self.x, body=inner), "y")

    def scan(self):
        """Backwards over the columns; the rows are put together along another axis."""
        g = self.graph
        inner = body("body", [("state", FLOAT, None), ("column", FLOAT, None)], [node("Add", ["state", "column"], ["next"]), node("Tanh", ["next"], ["row"])],
                     [("next", FLOAT, None), ("row", FLOAT, None)])
        results = g.op("Scan", g.sum(self.x, 1, 0), self.x, results=2, body=inner, num_scan_inputs=1, scan_input_axes=[1], scan_input_directions=[1],
                       scan_output_axes=[1], scan_output_directions=[1])
        self.rows(results[0], "y")
        self.rows(results[1], "z")

    def sequence(self):
        """Halves of the columns by SplitToSequence and SequenceAt, then all pieces put together again."""
        g = self.graph
        pieces = g.op("SplitToSequence", self.x, g.constant(WIDTH // 2), axis=1)
        gate, value = [g.op("SequenceAt", pieces, g.constant(index)) for index in (0, -1)]
        product = g.op("Mul", g.silu(gate), value)
        self.rows(g.op("ConcatFromSequence", g.op("SequenceInsert", pieces, product, g.constant(0)), axis=0, new_axis=1), "y")

    def activations(self):
        """Dynamically quantised activations times a weight of integers."""
        g = self.graph
        numbers = g.constant(self.graph.random.randint(-100, 100, (WIDTH, 5)), numpy.int8)
        q, scale, zero = g.op("DynamicQuantizeLinear", self.x, results=3)
        product = g.cast(g.op("MatMulInteger", q, numbers, zero), FLOAT)
        self.rows(g.op("Mul", product, g.op("Mul", scale, g.number(0.02))), "y")

    def convolved(self):
        """Convolutions of bytes: a sum, and one that is rounded to bytes again."""
        g = self.graph
        image = g.op("Unsqueeze", self.x, g.constant([1, 3]))
        q, scale, zero = g.op("DynamicQuantizeLinear", image, results=3)
        numbers = g.constant(g.random.randint(-100, 100, (4, 1, 2, 1)), numpy.int8)
        product = g.op("ConvInteger", q, numbers, zero, g.constant(5, numpy.int8), pads=[1, 0, 0, 0])
        self.rows(g.op("Mul", g.cast(product, FLOAT), scale), "y")
        size, point = g.number(0.05), g.constant(120, numpy.uint8)
        bytes_ = g.op("QuantizeLinear", image, size, point)
        scales, points = g.constant(numpy.linspace(0.01, 0.04, 4), numpy.float32), g.constant(numpy.zeros(4), numpy.int8)
        rounded = g.op("QLinearConv", bytes_, size, point, numbers, scales, points, g.number(0.1), point, g.constant([10, -20, 3, 4], numpy.int32), strides=[2, 1])
        self.rows(g.op("DequantizeLinear", rounded, g.number(0.1), point), "z")

    def quantised(self):
        """Quantised and dequantised by column, and a product of quantised matrices."""
        g = self.graph
        scales, points = g.constant(numpy.linspace(0.01, 0.06, WIDTH), numpy.float32), g.constant(numpy.arange(WIDTH), numpy.int8)
        self.rows(g.op("DequantizeLinear", g.op("QuantizeLinear", self.x, scales, points), scales, points), "y")
        scale, zero = g.number(0.05), g.constant(120, numpy.uint8)
        numbers = g.constant(self.graph.random.randint(-100, 100, (WIDTH, 5)), numpy.int8)
        product = g.op("QLinearMatMul", g.op("QuantizeLinear", self.x, scale, zero), scale, zero, numbers, g.number(0.01), g.constant(0, numpy.int8),
                       g.number(0.1), zero)
        self.rows(g.op("DequantizeLinear", product, g.number(0.1), zero), "z")

    def feeds(self):
        for rows in (1, 5):
            for flag in (True, False) if self.kind == "chosen" else (None,):
                x = self.graph.random.standard_normal((rows, WIDTH)).astype(numpy.float32)
                yield {"x": x} | ({} if flag is None else {"flag": numpy.array([flag])})
