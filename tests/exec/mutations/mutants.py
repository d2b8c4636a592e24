"""Mutants of an ONNX model: one node gone, one constant, operand, attribute or operator changed, one inner value read from outside."""

import collections

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

# What an operator can be mistaken for: same operands, other numbers.
SIBLINGS = {
    "ArgMax": ["ArgMin"], "Softmax": ["LogSoftmax", "Sigmoid"], "Sigmoid": ["Softmax", "Tanh", "Relu"], "Relu": ["Sigmoid", "Abs"], "Erf": ["Tanh"],
    "Tanh": ["Erf"], "ReduceSum": ["ReduceMax", "ReduceMean"], "ReduceMax": ["ReduceMin", "ReduceSum"], "Less": ["LessOrEqual", "Greater"],
    "LessOrEqual": ["Less"], "Greater": ["GreaterOrEqual", "Less"], "Equal": ["LessOrEqual", "GreaterOrEqual"], "Max": ["Min", "Sum"], "Min": ["Max"],
    "Add": ["Sub", "Mul"], "Sub": ["Add"], "Mul": ["Add", "Div"], "Div": ["Mul"], "Ceil": ["Floor", "Round"], "Floor": ["Ceil"], "Abs": ["Neg"],
    "And": ["Or"], "Or": ["And"], "Sqrt": ["Exp"], "Exp": ["Sqrt"], "Neg": ["Abs"], "Reciprocal": ["Neg"],
}
ORDERED = {"Sub", "Div", "MatMul", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Pow", "Mod", "Gather", "GatherElements"}
CHOICES = {
    "activation_type": ["relu", "gelu", "silu", "identity", "swiglu"], "reduction": ["none", "add", "mul", "max"], "approximate": ["none", "tanh"],
}
# Attributes of which 0 and 1 mean something; others are numbers.
FLAGS = {"keepdims", "largest", "sorted", "select_last_index", "exclusive", "reverse", "transA", "transB", "normalize_routing_weights", "use_sparse_mixer", "allowzero"}
SMALL = 64  # elements of a constant that a pattern may check
REWIRINGS = 3  # other values that an operand is tried with

Mutant = collections.namedtuple("Mutant", "kind what model")


def copy(model):
    """Without the types that the file states of inner values: a mutant may have others."""
    twin = onnx.ModelProto()
    twin.CopyFrom(model)
    del twin.graph.value_info[:]
    return twin


def numbers(array):
    """The constants that may stand in the place of `array`, and what was done."""
    flat = array.reshape(-1)
    if not flat.size:
        return
    if array.dtype == bool:
        yield "negated", ~array
        return
    first = float(flat[0])
    changes = [("+1", 1), ("-1", -1)] if array.dtype.kind in "iu" else [("x1.5", first * 0.5), ("+0.25", 0.25), ("negated", -2 * first)]
    for what, change in changes:
        if change and numpy.isfinite(change):
            twin = flat.copy()
            with numpy.errstate(over="ignore"):
                twin[0] += array.dtype.type(change)
            yield what, twin.reshape(array.shape)
    if flat[0]:
        twin = flat.copy()
        twin[0] = 0
        yield "0", twin.reshape(array.shape)
    if flat.size > 1 and flat[0] != flat[-1]:
        twin = flat.copy()
        twin[0], twin[-1] = flat[-1], flat[0]
        yield "ends swapped", twin.reshape(array.shape)


def attributes(attribute):
    """The attributes that may stand in the place of `attribute`, and what was done."""
    name, value = attribute.name, helper.get_attribute_value(attribute)
    if attribute.type == onnx.AttributeProto.INT:
        others = [1 - value] if name in FLAGS and value in (0, 1) else [value + 1, value - 1]
        if name == "to":
            others = [kind for kind in (TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL, TensorProto.INT32) if kind != value]
    elif attribute.type == onnx.AttributeProto.FLOAT:
        others = [value * 1.5, value + 0.25]
    elif attribute.type == onnx.AttributeProto.INTS:
        others = [list(reversed(value)), [each + 1 for each in value], [each - 1 for each in value]]
    elif attribute.type == onnx.AttributeProto.STRING and name == "equation":
        others = equations(value.decode())
    elif attribute.type == onnx.AttributeProto.STRING:
        others = CHOICES.get(name, [])
    elif attribute.type == onnx.AttributeProto.TENSOR:
        array = numpy_helper.to_array(value)
        others = [numpy_helper.from_array(twin) for _, twin in numbers(array)] if array.size <= SMALL else []
    else:
        others = []
    for other in others:
        twin = helper.make_attribute(name, other)
        if twin != attribute:
            yield "changed" if attribute.type == onnx.AttributeProto.TENSOR else f"{value} -> {other}", twin


def equations(text):
    """Two letters of one term exchanged."""
    operands, arrow, result = text.replace(" ", "").partition("->")
    for where, term in enumerate([*operands.split(","), result]):
        if len(term) > 1:
            terms = [*operands.split(","), result]
            terms[where] = term[1] + term[0] + term[2:]
            yield ",".join(terms[:-1]) + arrow + terms[-1]


def graphs(model):
    """The graph, and those that are nested in it, in an order that a copy has, too."""
    found = [model.graph]
    for graph in found:
        found += [attribute.g for node in graph.node for attribute in node.attribute if attribute.type == onnx.AttributeProto.GRAPH]
    return found


def node_at(model, site):
    return graphs(model)[site[0]].node[site[1]]


class Mutator:
    """`values` are all tensors of a run, by name; `pattern` are the names of the nodes that raising replaces."""

    def __init__(self, model, values, pattern, random):
        self.model, self.values, self.random = model, values, random
        self.sites = [(number, index) for number, graph in enumerate(graphs(model)) for index, node in enumerate(graph.node)
                      if (number or node.name in pattern) and node.op_type != "Constant"]
        self.constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer if numpy.prod(tensor.dims) <= SMALL}
        self.born = {result: (number, index) for number, graph in enumerate(graphs(model)) for index, node in enumerate(graph.node) for result in node.output}
        self.outputs = {output.name for output in model.graph.output}

    def all(self):
        """Every mutant, as a function that makes it."""
        makers = []
        for site in self.sites:
            node = node_at(self.model, site)
            makers += self.removals(site, node)
            makers += self.attribute_changes(site, node)
            makers += self.sibling_operators(site, node)
            makers += self.exchanges(site, node)
            makers += self.rewirings(site, node)
            makers += self.readers(site, node)
        return makers + list(self.constant_changes())

    def maker(self, kind, what, change):
        def make():
            twin = copy(self.model)
            change(twin)
            return Mutant(kind, what, twin)

        return make

    def removals(self, site, node):
        graph = graphs(self.model)[site[0]]
        for result in node.output:
            if not any(result in other.input for other in graph.node) and not (site[0] and any(output.name == result for output in graph.output)):
                continue
            kind = self.values[result].dtype if result in self.values else None
            # Nothing is known of nested values: ONNX Runtime tells which fit.
            fitting = [operand for operand in node.input if operand and (site[0] or (operand in self.values and self.values[operand].dtype == kind))]
            for operand in fitting if site[0] else fitting[:1]:
                yield self.maker("removed", f"{node.op_type} {node.name}: {result} is {operand}",
                                 lambda twin, a=result, b=operand: replace(graphs(twin)[site[0]], a, b))

    def attribute_changes(self, site, node):
        for position, attribute in enumerate(node.attribute):
            for what, other in attributes(attribute):
                yield self.maker("attribute", f"{node.op_type} {node.name}.{attribute.name}: {what}",
                                 lambda twin, p=position, o=other: node_at(twin, site).attribute[p].CopyFrom(o))

    def sibling_operators(self, site, node):
        for other in SIBLINGS.get(node.op_type, []):
            def change(twin, other=other):
                node_at(twin, site).op_type = other

            yield self.maker("operator", f"{node.op_type} {node.name}: {other}", change)

    def exchanges(self, site, node):
        first = 1 if node.op_type == "Where" else 0
        if node.op_type not in ORDERED and node.op_type != "Where":
            return

        def change(twin):
            operands = node_at(twin, site).input
            operands[first], operands[first + 1] = operands[first + 1], operands[first]

        yield self.maker("operands exchanged", f"{node.op_type} {node.name}", change)

    def rewirings(self, site, node):
        """An operand becomes another value of its type and sizes that exists before the node."""
        for position, operand in enumerate(node.input):
            if site[0]:
                names = [*(argument.name for argument in graphs(self.model)[site[0]].input), *(name for name, born in self.born.items() if born[0] == site[0] and born < site)]
                fits = [name for name in names if name != operand]
            elif operand in self.born and operand in self.values:
                mine = self.values[operand]
                fits = [name for name, value in self.values.items() if name != operand and name not in node.output and name in self.born and
                        self.born[name] < site and value.dtype == mine.dtype and value.shape == mine.shape and not numpy.array_equal(value, mine)]
            else:
                continue
            for other in self.random.sample(fits, min(REWIRINGS, len(fits))):
                def change(twin, position=position, other=other):
                    node_at(twin, site).input[position] = other

                yield self.maker("rewired", f"{node.op_type} {node.name}: operand {position} is {other}", change)

    def readers(self, site, node):
        """An inner value is an output of the model, too."""
        for result in node.output:
            if result in self.values and result not in self.outputs:
                value = self.values[result]

                def change(twin, result=result, value=value):
                    kind = helper.np_dtype_to_tensor_dtype(value.dtype)
                    twin.graph.node.append(helper.make_node("Identity", [result], ["read_outside"], name="read_outside"))
                    twin.graph.output.append(helper.make_tensor_value_info("read_outside", kind, [f"read_{axis}" for axis in range(value.ndim)]))

                yield self.maker("read outside", f"{node.op_type} {node.name}: {result}", change)

    def constant_changes(self):
        """Constants are changed for one reader alone: others may share them."""
        stated = {node.output[0]: node for node in self.model.graph.node if node.op_type == "Constant" and node.attribute[0].name == "value"}
        for site in self.sites:
            node = node_at(self.model, site)
            for position, operand in enumerate(node.input):
                array = self.constants.get(operand)
                if operand in stated:
                    array = numpy_helper.to_array(stated[operand].attribute[0].t)
                if array is None or array.size > SMALL:
                    continue
                for what, other in numbers(array):
                    def change(twin, site=site, position=position, other=other):
                        twin.graph.initializer.append(numpy_helper.from_array(other, "changed_constant"))
                        node_at(twin, site).input[position] = "changed_constant"

                    yield self.maker("constant", f"{node.op_type} {node.name}: operand {position} {what}", change)


def replace(graph, old, new):
    """All readers of `old` in its graph read `new`; the node that gives `old` is gone where it gives nothing else."""
    for node in graph.node:
        for position, operand in enumerate(node.input):
            if operand == old:
                node.input[position] = new
    for output in graph.output:
        if output.name == old:
            output.name = new
    for node in graph.node:
        if old in node.output and len(node.output) == 1:
            graph.node.remove(node)
            break
