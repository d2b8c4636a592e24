"""Activations of gathered experts: each spelling becomes the attribute that it says, and what is one step away from one stays plain, with a remark
that names the condition: activations.py BIN VARIANTS SCRATCH."""

import os
import re
import subprocess
import sys

import onnx

sys.path.insert(0, sys.argv[2])
import spellings as s  # noqa: E402
from gathered import GatheredLayers  # noqa: E402
from narrow import Narrow  # noqa: E402

RAISED = {
    "relu": "relu", "relu_max": "relu", "relu_clip": "relu", "relu_squared": "relu_squared",
    "silu": "silu", "silu_quotient": "silu", "silu_reciprocal": "silu", "quick_gelu": "silu, 1.702", "quick_gelu_node": "silu, 1.702",
    "gelu": "gelu", "gelu_tanh": "gelu_tanh", "gelu_microsoft": "gelu", "fast_gelu": "gelu_tanh",
    "leaky_relu": "leaky_relu, 0.2", "leaky_relu_default": "leaky_relu, 0.01", "leaky_relu_zero": "leaky_relu, 0", "leaky_relu_one": "leaky_relu, 1",
    "leaky_relu_negative": "leaky_relu, -0.5", "leaky_relu_slope": "leaky_relu, 0.25", "leaky_relu_max": "leaky_relu, 0.1",
    "leaky_relu_where": "leaky_relu, 0.1", "leaky_relu_less": "leaky_relu, 1.5",
    "elu": "elu", "elu_half": "elu, 0.5", "elu_zero": "elu, 0", "elu_where": "elu", "elu_where_scaled": "elu, 0.7", "celu": "celu, 2",
    "selu": "selu", "selu_stated": "selu", "tanh": "tanh", "sigmoid": "sigmoid", "sigmoid_reciprocal": "sigmoid", "sigmoid_quotient": "sigmoid",
    "hard_sigmoid": "hard_sigmoid", "hard_sigmoid_clip": "hard_sigmoid", "hard_swish": "hard_swish", "hard_swish_product": "hard_swish",
    "hard_swish_clip": "hard_swish", "hard_swish_sixth": "hard_swish", "hard_swish_unit": "hard_swish",
    "softplus": "softplus", "softplus_bounded": "softplus", "softplus_factor": "softplus, 2", "softplus_factor_bounded": "softplus, 2",
    "softplus_logarithm": "softplus", "mish": "mish", "mish_product": "mish", "mish_bounded": "mish", "mish_logarithm": "mish",
    "relu6": "relu6", "relu6_min": "relu6", "relu6_max": "relu6",
}

RANGE = "the activation's parameters are out of range"
UNKNOWN = ("(relu, relu_squared, gelu, gelu_tanh, silu, leaky_relu, elu, selu, celu, tanh, sigmoid, hard_sigmoid, hard_swish, softplus, mish, relu6)")
PLAIN = "expected Mul as a gated product, or a known activation " + UNKNOWN
GATED = "no factor is a known activation " + UNKNOWN


def clipped(low, high, added=3.0):
    return lambda g, x: g.op("Clip", g.op("Add", x, g.number(added)), g.number(low), g.number(high))


def bounded(g, x, bound, value):
    return s.above(g, x, bound, x, value)


MISSES = {
    "erf": (lambda g, x: g.op("Erf", x), PLAIN),
    "softsign": (lambda g, x: g.op("Softsign", x), PLAIN),
    "fast_gelu_of_a_sum": (lambda g, x: g.op("FastGelu", x, g.weight(9), domain="com.microsoft"), PLAIN),
    "slopes_by_column": (lambda g, x: g.op("PRelu", x, g.weight(9)), PLAIN),
    "selu_of_other_gamma": (lambda g, x: g.op("Selu", x, gamma=1.1), RANGE),
    "selu_of_other_alpha": (lambda g, x: g.op("Selu", x, alpha=1.7), RANGE),
    "celu_of_zero": (lambda g, x: g.op("Celu", x, alpha=0.0), RANGE),
    "hard_sigmoid_of_a_fifth": (lambda g, x: g.op("HardSigmoid", x), RANGE),
    "hard_sigmoid_moved": (lambda g, x: g.op("HardSigmoid", x, alpha=1 / 6, beta=0.4), RANGE),
    "hard_swish_of_a_fifth": (lambda g, x: g.op("Mul", x, g.op("HardSigmoid", x)), RANGE),
    "hard_swish_to_seven": (lambda g, x: g.op("Div", g.op("Mul", x, clipped(0.0, 7.0)(g, x)), g.number(6.0)), PLAIN),
    "hard_swish_from_one": (lambda g, x: g.op("Div", g.op("Mul", x, clipped(1.0, 6.0)(g, x)), g.number(6.0)), PLAIN),
    "hard_swish_moved_by_two": (lambda g, x: g.op("Div", g.op("Mul", x, clipped(0.0, 6.0, 2.0)(g, x)), g.number(6.0)), PLAIN),
    "hard_swish_by_seven": (lambda g, x: g.op("Div", g.op("Mul", x, clipped(0.0, 6.0)(g, x)), g.number(7.0)), PLAIN),
    "clip_to_five": (lambda g, x: g.op("Clip", x, g.number(0.0), g.number(5.0)), PLAIN),
    "clip_from_minus_one": (lambda g, x: g.op("Clip", x, g.number(-1.0), g.number(6.0)), PLAIN),
    "clip_above_zero": (lambda g, x: g.op("Min", x, g.number(0.0)), PLAIN),
    "larger_by_two": (lambda g, x: g.op("Max", x, s.times(g, x, 2.0)), RANGE),
    "larger_by_minus_one": (lambda g, x: g.op("Max", x, s.times(g, x, -1.0)), RANGE),
    "leaky_of_infinity": (lambda g, x: s.above(g, x, 0.0, x, s.times(g, x, float("inf"))), RANGE),
    "elu_of_infinity": (lambda g, x: s.above(g, x, 0.0, x, s.times(g, s.exponential(g, x), float("inf"))), RANGE),
    "leaky_above_one": (lambda g, x: s.above(g, x, 1.0, x, s.times(g, x, 0.1)), PLAIN),
    "leaky_exchanged": (lambda g, x: s.above(g, x, 0.0, s.times(g, x, 0.1), x), PLAIN),
    "elu_less_two": (lambda g, x: s.above(g, x, 0.0, x, g.op("Sub", g.op("Exp", x), g.number(2.0))), PLAIN),
    "softplus_bounded_at_five": (lambda g, x: bounded(g, x, 5.0, g.op("Softplus", x)), RANGE),
    "logarithm_bounded_at_hundred": (lambda g, x: bounded(g, x, 100.0, s.logarithm(g, x)), RANGE),
    "logarithm_unbounded": (s.logarithm, PLAIN),
    "softplus_of_two_factors": (lambda g, x: g.op("Div", g.op("Softplus", s.times(g, x, 2.0)), g.number(3.0)), PLAIN),
    "softplus_bounded_elsewhere": (lambda g, x: s.above(g, x, 20.0, x, g.op("Div", g.op("Softplus", s.times(g, x, 2.0)), g.number(2.0))), PLAIN),
    "softplus_beside_another": (lambda g, x: s.above(g, x, 20.0, s.times(g, x, 2.0), g.op("Softplus", x)), PLAIN),
    "mish_of_a_factor": (lambda g, x: g.op("Mul", x, g.op("Tanh", g.op("Div", g.op("Softplus", s.times(g, x, 2.0)), g.number(2.0)))), "expected MatMul as the product with an expert's weights"),
    "mish_bounded_at_one": (lambda g, x: g.op("Mul", x, g.op("Tanh", bounded(g, x, 1.0, g.op("Softplus", x)))), RANGE),
    "silu_plus_two": (lambda g, x: g.op("Div", x, g.op("Add", g.op("Exp", g.op("Neg", x)), g.number(2.0))), PLAIN),
    "reciprocal_of_a_sum": (lambda g, x: g.op("Reciprocal", g.op("Add", g.op("Exp", x), g.number(1.0))), PLAIN),
    "square_of_tanh": (lambda g, x: g.op("Pow", g.op("Tanh", x), g.number(2.0)), PLAIN),
    "cube_of_relu": (lambda g, x: g.op("Pow", g.op("Relu", x), g.number(3.0)), PLAIN),
    "product_of_others": (lambda g, x: g.op("Mul", g.op("Erf", x), g.op("Erf", x)), GATED),
}


def raise_layer(tools, scratch, spelling, gated, **narrow):
    s.SPELLINGS["tested"] = spelling
    options = {"activation": "tested", "gated": gated, "experts": 3, "inner": 9, "opset": 20}
    model = (Narrow(1, builder=GatheredLayers, **narrow, **options) if narrow else GatheredLayers(1, **options)).build()
    path = os.path.join(scratch, "model.onnx")
    onnx.save(model, path)
    return subprocess.run([os.path.join(tools, "moe-opt"), path, "--stop-after=raise", "-o", "-"], capture_output=True, text=True, check=True)


def attribute(text):
    found = re.search(r"#moe\.activation<(\w+)(?:, alpha = (\S+) : f64)?>", text)
    if not found:
        return "none"
    return found[1] if found[2] is None else f"{found[1]}, {float(found[2]):.5g}"


def main(tools, scratch):
    os.makedirs(scratch, exist_ok=True)
    wrong = [f"no expectation of {name}" for name in set(s.SPELLINGS) - set(RAISED)]
    for name, expected in RAISED.items():
        for gated in (False, True):
            done = raise_layer(tools, scratch, s.SPELLINGS[name], gated)
            if attribute(done.stdout) != expected:
                wrong.append(f"{name}, gated {gated}: expected {expected}, but got {attribute(done.stdout)}: {done.stderr}")
    for name, (spelling, condition) in MISSES.items():
        done = raise_layer(tools, scratch, spelling, False)
        if "moe.expert" in done.stdout or condition not in done.stderr:
            wrong.append(f"{name}: expected '{condition}', but got {attribute(done.stdout)}: {done.stderr}")
    # In f16 the exponential overflows below the bound.
    for kind, expected in (("f16", "none"), ("bf16", "softplus")):
        done = raise_layer(tools, scratch, s.SPELLINGS["softplus_logarithm"], False, kind=kind)
        if attribute(done.stdout) != expected:
            wrong.append(f"softplus_logarithm in {kind}: expected {expected}, but got {attribute(done.stdout)}: {done.stderr}")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[3]))
