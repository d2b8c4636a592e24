"""Variants in f16 or bf16 whose sums are between casts to f32 and back, as torch writes them."""

import numpy
from gathered import GatheredLayers
from looped import LoopedLayers
from masked import MaskedLayers
from mixed import MixedLayers, SelectedLayers, SlotLayers
from narrow import KINDS, TOLERANCES, Narrow, cast, narrow
from onnx import ModelProto, TensorProto
from tiled import TiledLayers

SUMS = ("ReduceSum", "CumSum")
# Of rows of tens, which are added and rounded one by one, to 8 bits.
TOLERANCES = TOLERANCES | {"bf16": {"rtol": 5e-2, "atol": 0.4}}


def widened(model, floats, kind, late, products):
    """Every sum of floats between casts; `late`: the cast back stands behind the Reshape of a sum, where one reads it; `products`: where products are
    summed their factors are cast."""
    result = ModelProto()
    result.CopyFrom(model)
    readers = {}
    for node in model.graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    nodes, last = [], set()  # last: the results that are cast back
    for node in result.graph.node:
        if node.op_type in SUMS and node.input[0] in floats:
            terms, total = node.output[0] + ".terms", node.output[0]
            if products and nodes[-1].op_type == "Mul" and nodes[-1].output[0] == node.input[0]:
                product = nodes.pop()
                nodes += [cast(name, f"{total}.factor_{i}", TensorProto.FLOAT) for i, name in enumerate(product.input)]
                product.input[:] = [f"{total}.factor_{i}" for i in range(2)]
                nodes.append(product)
            else:
                nodes.append(cast(node.input[0], terms, TensorProto.FLOAT))
                node.input[0] = terms
            reshaped = late and [reader.op_type for reader in readers[total]] == ["Reshape"]
            last.add(readers[total][0].output[0] if reshaped else total)
        nodes.append(node)
        if node.output[0] in last:
            name = node.output[0]
            node.output[0] = name + ".sum"
            nodes.append(cast(node.output[0], name, KINDS[kind]))
    del result.graph.node[:]
    result.graph.node.extend(nodes)
    return result


class Widened(Narrow):
    def __init__(self, late=False, products=False, **options):
        super().__init__(**options)
        self.products = products
        self.late, self.tolerance = late, TOLERANCES[self.kind]

    def narrowed(self, model, floats):
        return widened(super().narrowed(model, floats), floats, self.kind, self.late, self.products)


def widened_sums(**variants):
    return narrow(Widened, **{"wide_" + name: variant for name, variant in variants.items()})


WIDENED = {
    "widened": widened_sums(
        mixtral=(GatheredLayers, {"experts": 6}),
        mixtral_late=(GatheredLayers, {"experts": 5, "slots": 3, "late": True, "opset": 17}),
        deepseek=(GatheredLayers, {"router": "sigmoid", "groups": 4, "kept": 2, "slots": 3, "epsilon": 1e-3, "scale": 2.5, "shared": "plain"}),
        einsum=(MixedLayers, {"experts": 6, "slots": 3}),
        behind_tokens=(MixedLayers, {"mix": "mul", "experts": 6, "bias": True, "gated": False, "activation": "gelu"}),
        behind_tokens_late=(MixedLayers, {"mix": "mul", "late": True, "slots": 3}),
        products=(MixedLayers, {"mix": "mul", "products": True, "experts": 5, "slots": 3}),
        products_of_one_hots=(MixedLayers, {"mix": "mul", "products": True, "late": True, "layout": "etf", "product": "stack", "activation": "relu", "gated": False}),
        products_tiled=(TiledLayers, {"products": True, "routes": "compared", "experts": 7}),
        products_masked=(MaskedLayers, {"products": True, "share": "cast", "experts": 5, "slots": 3}),
        products_gathered=(GatheredLayers, {"products": True, "experts": 6}),
        products_selected=(SelectedLayers, {"products": True, "experts": 6}),
        stacked=(MixedLayers, {"layout": "etf", "product": "stack", "mix": "mul", "experts": 5, "activation": "relu", "gated": False}),
        features_in_the_middle=(MixedLayers, {"layout": "tfe", "product": "stack", "mix": "mul", "late": True, "activation": "relu", "gated": False, "opset": 17}),
        batched=(MixedLayers, {"flat": False, "mix": "mul", "experts": 4, "slots": 1}),
        masked_scores=(MixedLayers, {"routes": "masked", "experts": 6, "slots": 3}),
        masked_by_one_hots=(MixedLayers, {"routes": "masked", "normalize": "sum of one-hots"}),
        where=(MixedLayers, {"routes": "where", "mix": "mul"}),
        where_logits=(MixedLayers, {"routes": "where", "where": -numpy.inf, "experts": 5}),
        selected=(SelectedLayers, {}),
        selected_late=(SelectedLayers, {"late": True, "experts": 5, "slots": 3}),
        slots=(SlotLayers, {"experts": 6, "slots": 3}),
        shares=(MaskedLayers, {}),
        shares_where=(MaskedLayers, {"share": "where", "experts": 5, "slots": 3, "flat": True, "halves": "two", "opset": 17}),
        loop=(LoopedLayers, {"halves": "two"}),
        tiled=(TiledLayers, {"experts": 6}),
        tiled_late=(TiledLayers, {"late": True, "routes": "compared", "experts": 7}),
        tiled_inputs=(TiledLayers, {"weigh_inputs": "product"}),
    ),
}
