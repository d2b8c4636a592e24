"""MoE layers with each spelling of an activation, gated and not, as loops and with gathered weights."""

import numpy
from gathered import GatheredLayers
from looped import LoopedLayers
from narrow import Narrow
from spellings import SPELLINGS

# The operator sets that have the node; the others work with 17.
NEWER = {"mish": 18}
SIZES = numpy.array([0.0, 0.05, 0.5, 2.0, 4.0, 8.0, 16.0, 40.0], numpy.float32)


class Wide:
    """Rows of all sizes and no norm, so that the activations are read far from 0, too."""

    def __init__(self, seed, **options):
        super().__init__(seed, router_scale=0.02, **options)
        self.graph.rms_norm = lambda value, hidden: value

    def feeds(self):
        yield from super().feeds()
        rows = self.graph.random.standard_normal((len(SIZES), 5, self.hidden)).astype(numpy.float32)
        yield {"hidden_states": rows * SIZES[:, None, None]}


class Looped(Wide, LoopedLayers):
    pass


class Gathered(Wide, GatheredLayers):
    pass


def with_each(builder, gated, **options):
    """A layer of each spelling; sizes and ways alternate."""
    variants = {}
    for number, name in enumerate(SPELLINGS):
        opset = NEWER.get(name, 17 if number % 2 else 20)
        variant = f"{builder.__name__.lower()}_{'gated_' if gated else ''}{name}"
        variants[variant] = (builder, {"activation": name, "experts": 3 + number % 3, "inner": 9 + number % 4, "bias": number % 3 == 1, "opset": opset,
                                       "gated": gated} | options)
    return variants


def of_loops(gated):
    return with_each(Looped, gated, permute=False, mask="number")


def of_gathered_weights(gated):
    return with_each(Gathered, gated)


def in_f16(*names):
    """Numbers that were rounded to f16 are known, too."""
    return {f"f16_{name}": (Narrow, {"builder": GatheredLayers, "kind": "f16", "activation": name, "experts": 4, "opset": 20}) for name in names}


ACTIVATIONS = {
    "activations-looped": of_loops(
        gated=False,
    ),
    "activations-gathered-gated": of_gathered_weights(
        gated=True,
    ),
    "activations-narrow": in_f16(
        "elu", "selu", "mish_bounded", "softplus_bounded", "hard_swish", "hard_swish_clip", "hard_swish_sixth", "hard_swish_unit", "relu6", "gelu", "quick_gelu",
    ),
}
