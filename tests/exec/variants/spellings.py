"""Activations in the ways that exporters write them: functions of a graph and a value."""

SELU = {"alpha": 1.6732632423543772, "gamma": 1.0507009873554805}


def reciprocal(g, x):
    """1 / (1 + e^-x)"""
    return g.op("Reciprocal", denominator(g, x))


def denominator(g, x):
    return g.op("Add", g.op("Exp", g.op("Neg", x)), g.number(1.0))


def times(g, x, factor):
    return g.op("Mul", x, g.number(factor))


def above(g, x, bound, then, otherwise, compare="Greater"):
    if compare == "Less":
        return g.op("Where", g.op("Less", x, g.number(bound)), otherwise, then)
    return g.op("Where", g.op(compare, x, g.number(bound)), then, otherwise)


def bounded_softplus(g, x, factor=1.0):
    """As dynamo writes torch's softplus, with its threshold."""
    argument = x if factor == 1.0 else times(g, x, factor)
    value = g.op("Softplus", argument)
    return above(g, argument, 20.0, x, value if factor == 1.0 else g.op("Div", value, g.number(factor)))


def logarithm(g, x):
    return g.op("Log", g.op("Add", g.number(1.0), g.op("Exp", x)))


def shifted(g, x):
    return g.op("Clip", g.op("Add", x, g.number(3.0)), g.number(0.0), g.number(6.0))


def exponential(g, x):
    return g.op("Sub", g.op("Exp", x), g.number(1.0))


SPELLINGS = {
    "relu": lambda g, x: g.op("Relu", x),
    "relu_max": lambda g, x: g.op("Max", x, g.number(0.0)),
    "relu_clip": lambda g, x: g.op("Clip", x, g.number(0.0)),
    "relu_squared": lambda g, x: g.op("Pow", g.op("Relu", x), g.number(2.0)),
    "silu": lambda g, x: g.silu(x),
    "silu_quotient": lambda g, x: g.op("Div", x, denominator(g, x)),
    "silu_reciprocal": lambda g, x: g.op("Mul", reciprocal(g, x), x),
    "quick_gelu": lambda g, x: g.op("Mul", x, g.op("Sigmoid", times(g, x, 1.702))),
    "quick_gelu_node": lambda g, x: g.op("QuickGelu", x, domain="com.microsoft", alpha=1.702),
    "gelu": lambda g, x: g.gelu(x),
    "gelu_tanh": lambda g, x: g.gelu_tanh(x),
    "gelu_microsoft": lambda g, x: g.op("Gelu", x, domain="com.microsoft"),
    "fast_gelu": lambda g, x: g.op("FastGelu", x, domain="com.microsoft"),
    "leaky_relu": lambda g, x: g.op("LeakyRelu", x, alpha=0.2),
    "leaky_relu_default": lambda g, x: g.op("LeakyRelu", x),
    "leaky_relu_zero": lambda g, x: g.op("LeakyRelu", x, alpha=0.0),
    "leaky_relu_one": lambda g, x: g.op("LeakyRelu", x, alpha=1.0),
    "leaky_relu_negative": lambda g, x: g.op("LeakyRelu", x, alpha=-0.5),
    "leaky_relu_slope": lambda g, x: g.op("PRelu", x, g.number([0.25])),
    "leaky_relu_max": lambda g, x: g.op("Max", x, times(g, x, 0.1)),
    "leaky_relu_where": lambda g, x: above(g, x, 0.0, x, times(g, x, 0.1)),
    "leaky_relu_less": lambda g, x: above(g, x, 0.0, x, times(g, x, 1.5), compare="Less"),
    "elu": lambda g, x: g.op("Elu", x),
    "elu_half": lambda g, x: g.op("Elu", x, alpha=0.5),
    "elu_zero": lambda g, x: g.op("Elu", x, alpha=0.0),
    "elu_where": lambda g, x: above(g, x, 0.0, x, exponential(g, x), compare="GreaterOrEqual"),
    "elu_where_scaled": lambda g, x: above(g, x, 0.0, x, times(g, exponential(g, x), 0.7)),
    "celu": lambda g, x: g.op("Celu", x, alpha=2.0),
    "selu": lambda g, x: g.op("Selu", x),
    "selu_stated": lambda g, x: g.op("Selu", x, **SELU),
    "tanh": lambda g, x: g.op("Tanh", x),
    "sigmoid": lambda g, x: g.op("Sigmoid", x),
    "sigmoid_reciprocal": reciprocal,
    "sigmoid_quotient": lambda g, x: g.op("Div", g.number(1.0), denominator(g, x)),
    "hard_sigmoid": lambda g, x: g.op("HardSigmoid", x, alpha=1 / 6),
    "hard_sigmoid_clip": lambda g, x: g.op("Div", shifted(g, x), g.number(6.0)),
    "hard_swish": lambda g, x: g.op("HardSwish", x),
    "hard_swish_product": lambda g, x: g.op("Mul", x, g.op("HardSigmoid", x, alpha=1 / 6)),
    "hard_swish_clip": lambda g, x: g.op("Div", g.op("Mul", x, shifted(g, x)), g.number(6.0)),
    "hard_swish_sixth": lambda g, x: g.op("Mul", x, times(g, shifted(g, x), 1 / 6)),
    "hard_swish_unit": lambda g, x: g.op("Mul", x, g.op("Clip", g.op("Add", g.op("Div", x, g.number(6.0)), g.number(0.5)), g.number(0.0), g.number(1.0))),
    "softplus": lambda g, x: g.op("Softplus", x),
    "softplus_bounded": bounded_softplus,
    "softplus_factor": lambda g, x: g.op("Div", g.op("Softplus", times(g, x, 2.0)), g.number(2.0)),
    "softplus_factor_bounded": lambda g, x: bounded_softplus(g, x, 2.0),
    "softplus_logarithm": lambda g, x: above(g, x, 20.0, x, logarithm(g, x)),
    "mish": lambda g, x: g.op("Mish", x),
    "mish_product": lambda g, x: g.op("Mul", x, g.op("Tanh", g.op("Softplus", x))),
    "mish_bounded": lambda g, x: g.op("Mul", x, g.op("Tanh", bounded_softplus(g, x))),
    "mish_logarithm": lambda g, x: g.op("Mul", g.op("Tanh", logarithm(g, x)), x),
    "relu6": lambda g, x: g.op("Clip", x, g.number(0.0), g.number(6.0)),
    "relu6_min": lambda g, x: g.op("Min", g.op("Relu", x), g.number(6.0)),
    "relu6_max": lambda g, x: g.op("Max", g.op("Min", x, g.number(6.0)), g.number(0.0)),
}
