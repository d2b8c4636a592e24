"""The variants by group: name, builder, options. A name seeds its weights and inputs."""

import numpy

from activations import ACTIVATIONS
from assigned import ASSIGNED
from attention import Attention, MultiHead
from capacity import CapacityLayers
from fused import Decoder
from gathered import GatheredLayers
from looped import LoopedLayers
from grouped import GROUPED, PARALLEL, PROJECTIONS, GroupedLayers
from masked import MaskedLayers
from plain_loops import PLAIN_LOOPS
from mixed import MixedLayers, SelectedLayers, SlotLayers
from tiled import TiledLayers
from switch import SwitchLayers
from written import WRITTEN
from quantised import QuantisedLayers
from narrow_models import NARROW
from control import Control
from scanned import ScannedLayers
from encoder import Embedding, Packed
from widened import WIDENED
from hybrid import Hybrid, HybridDecoder


def group(builder):
    """What takes variants by name, and gives (builder, options) for each."""
    return lambda **variants: {name: (builder, options) for name, options in variants.items()}


decoders = group(Decoder)
layers = group(CapacityLayers)
gathered = group(GatheredLayers)
looped = group(LoopedLayers)
grouped = group(GroupedLayers)
tiled = group(TiledLayers)
mixed = group(MixedLayers)
slots = group(SlotLayers)
selected = group(SelectedLayers)
masked = group(MaskedLayers)
switches = group(SwitchLayers)
quantised = group(QuantisedLayers)
attentions = group(Attention)
multi_head = group(MultiHead)
scanned = group(ScannedLayers)
hybrid_decoders = group(HybridDecoder)

def control(**variants):
    return {name: (Control, {"kind": name.split("__")[0]} | options) for name, options in variants.items()}


def packed(**variants):
    return {name: (Embedding if name.startswith("embedding") else Packed, options) for name, options in variants.items()}


def hybrid(**variants):
    return {name: (Hybrid, {"operator": name.split("__")[0]} | options) for name, options in variants.items()}


GROUPS = {
    "fused-attention": decoders(
        packed={"packed": True, "attention_bias": True, "processes": True},
        no_rotary={"rotary": False},
        interleaved={"interleaved": 1},
        window={"window": 3, "layers": 2},
        softcap={"softcap": 5.0, "scale": 0.2},
        sinks={"sinks": "stated", "packed": True},
        smooth={"sinks": "smooth"},
        one_kv_head={"heads": 5, "kv_heads": 1, "hidden": 40},
        all_kv_heads={"heads": 3, "kv_heads": 3, "packed": True, "head": 16},
        positions={"positions": True, "packed": True},
        static_batch={"batch": 2},
    ),
    "fused-experts": decoders(
        two={"experts": 2, "slots": 1, "normalize": 0},
        three={"experts": 3, "slots": 3, "activation": "relu", "expert_bias": True},
        seven={"experts": 7, "slots": 4, "inner": 40, "hidden": 20, "layers": 3},
        sixteen={"experts": 16, "slots": 8, "activation": "swiglu", "router_bias": True, "expert_bias": True, "limit": 1.0},
        sixty={"experts": 60, "slots": 6},
        identity={"activation": "identity", "slots": 1, "expert_bias": True},
        gelu={"activation": "gelu"},
        swiglu={"activation": "swiglu", "layers": 6, "opset": 22, "inner": 24, "hidden": 24},
        raw_weights={"normalize": 0, "slots": 3},
        shared={"shared": True, "normalize": 0, "all_operands": False},
        opset18={"opset": 18, "slots": 1, "normalize": 1},
        equal_sizes={"hidden": 24, "inner": 24, "opset": 20},
    ),
    "capacity-top1": layers(
        top1_two_tight={"experts": (2,), "factor": 0.5, "least": 1, "processes": True},
        top1_three_floats={"experts": (3,), "factor": 1.25, "sizes": "floats"},
        top1_seven_roomy={"experts": (7,), "factor": 2.0, "least": 4, "hidden": 40, "inner": 28},
        top1_sixteen={"experts": (16,), "activation": "relu", "bias": False, "opset": 20},
        top1_sixty={"experts": (60,), "least": 1, "form": "batched", "sizes": "floats"},
        top1_einsum={"form": "einsum", "mask": "unequal", "own": True, "experts": (5,)},
        top1_einsum_greater={"form": "einsum", "mask": "greater", "bias": False, "activation": "relu", "sizes": "static", "batch": 2, "sequence": 9},
        top1_einsum_mask={"form": "einsum", "mask": "einsum", "one_hot": "node", "own": True},
        top1_one_hot_nodes={"one_hot": "node", "form": "slice", "opset": 17},
        top1_gathered_parts={"form": "gather", "activation": "silu", "gate_bias": True},
        top1_groups={"groups": True, "experts": (4, 8)},
        top1_groups_sliced={"groups": True, "form": "slice", "sizes": "static", "batch": 2, "sequence": 6},
        top1_no_drop={"drop": False, "experts": (4, 3)},
        top1_static={"sizes": "static", "batch": 2, "sequence": 9, "factor": 1.25},
        top1_static_nodes={"sizes": "static", "batch": 1, "sequence": 6, "one_hot": "node", "least": 1, "factor": 0.5},
        top1_static_batch={"batch": 2, "factor": 1.25},
        top1_residual_pyramid={"experts": (2, 4, 8), "residual": True, "factor": 0.5, "least": 1},
        top1_one={"experts": (1,), "factor": 0.5, "least": 1},
        top1_scripted={"scripted": True, "experts": (3, 8), "sizes": "floats", "factor": 1.25},
        top1_scripted_integers={"scripted": True, "least": 4, "opset": 17},
        top1_batched={"form": "batched", "experts": (5, 5), "opset": 21},
    ),
    "capacity-top2": layers(
        top2_einsum={"slots": 2, "form": "einsum", "mask": "unequal"},
        top2_einsum_greater={"slots": 2, "form": "einsum", "mask": "greater", "bias": False, "experts": (6,), "factor": 0.5},
        top2_two={"slots": 2, "experts": (2,), "factor": 0.5, "least": 1, "processes": True},
        top2_three_floats={"slots": 2, "experts": (3,), "factor": 1.25, "sizes": "floats"},
        top2_eight={"slots": 2, "experts": (8,), "hidden": 20, "inner": 44},
        top2_sixteen_nodes={"slots": 2, "experts": (16,), "one_hot": "node", "form": "slice", "least": 1, "factor": 0.5},
        top2_no_drop={"slots": 2, "drop": False, "form": "batched", "bias": False},
        top2_groups={"slots": 2, "groups": True, "form": "gather", "factor": 0.5, "least": 1},
        top2_static={"slots": 2, "sizes": "static", "batch": 3, "sequence": 5, "factor": 0.5, "least": 1},
        top2_residual_pyramid={"slots": 2, "experts": (3, 6), "residual": True, "factor": 0.5, "least": 1, "activation": "relu"},
        top2_gathered_parts={"slots": 2, "form": "gather", "opset": 21, "factor": 0.75},
    ),
    "control": control(
        chosen={}, chosen__old={"opset": 13}, by_rank={}, by_rank__new={"opset": 21}, loop={}, loop__one={"count": 1}, loop__old={"opset": 12}, until={"count": 2},
        until__none={"count": 0}, scan={}, scan__new={"opset": 21}, sequence={}, activations={}, quantised={}, quantised__new={"opset": 21}, convolved={},
    ),
    "gathered-softmax": gathered(
        mixtral={"layers": 2, "processes": True},
        told={"layers": 2, "told": True},
        olmoe={"experts": 16, "slots": 8, "normalize": False},
        two_of_two={"experts": 2, "slots": 2, "hidden": 40, "inner": 28},
        three_of_three={"experts": 3, "slots": 3, "halves": "slices", "opset": 17},
        one_slot={"experts": 4, "slots": 1},
        sixty={"experts": 60, "slots": 4, "inner": 12, "shared": "gated", "normalize": False},
        six_layers={"layers": 6, "experts": 7, "slots": 3, "gather": "plain"},
        tiled={"repeat": "tile", "opset": 18, "activation": "gelu"},
        plain_mlp={"gated": False, "activation": "relu", "bias": True, "opset": 21},
        static_sizes={"batch": 2, "sequence": 5},
        static_batch={"batch": 1},
        separate_matrices={"halves": "two", "weight_first": False, "gather": "plain"},
    ),
    "gathered-scores": gathered(
        gpt_oss={"router": "select", "experts": 8, "slots": 4, "router_bias": True, "bias": True, "weight_first": False, "halves": "interleaved",
                 "limit": 1.0},
        granite={"router": "select", "experts": 5, "slots": 3},
        deepseek_v3={"router": "sigmoid", "groups": 4, "kept": 2, "slots": 3, "epsilon": 1e-20, "scale": 2.5, "shared": "plain", "layers": 2},
        deepseek_infinite={"router": "sigmoid", "groups": 2, "kept": 1, "fill": -numpy.inf, "scale": 1.2},
        biased_sigmoid={"router": "sigmoid", "experts": 16, "slots": 6, "normalize": False, "scale": 0.5},
        one_sigmoid={"router": "sigmoid", "experts": 4, "slots": 1},
        scaled={"scale": 16.0, "normalize": False},
        root_of_softplus={"router": "root", "selection_bias": True, "scale": 1.5, "epsilon": 1e-20},
        plain_sigmoid={"router": "sigmoid", "selection_bias": False, "experts": 6},
        # Weights that the gate cannot make: they stay plain.
        floor_of_sum={"selection_bias": True, "divide_by": "floor", "epsilon": 0.3},
        by_length={"divide_by": "length", "experts": 16, "slots": 4},
        phi={"router": "mixer", "experts": 6, "layers": 2},
        phi_two={"router": "mixer", "experts": 2, "opset": 17},
    ),
    "looped-torchscript": looped(
        loop_told={"layers": 2, "halves": "two", "add": "zeros", "opset": 17, "told": True},
        loop_mixtral={"layers": 2, "halves": "two", "add": "zeros", "opset": 17, "processes": True},
        loop_olmoe={"experts": 16, "slots": 8, "normalize": False, "halves": "chunk", "add": "zeros", "opset": 17},
        loop_optimum={"layers": 2, "slots": 3, "halves": "two", "rows": "leading", "add": "zeros", "opset": 18},
        loop_two_of_two={"experts": 2, "halves": "chunk", "add": "elements", "opset": 18},
        loop_one_slot={"experts": 4, "slots": 1, "halves": "two", "add": "zeros", "opset": 17},
        loop_deepseek={"router": "sigmoid", "groups": 4, "kept": 2, "slots": 3, "epsilon": 1e-20, "scale": 2.5, "shared": "plain", "add": "zeros"},
        loop_room={"room": 1, "halves": "chunk", "weights": "gathered", "add": "zeros", "opset": 17},
        loop_granite={"router": "select", "experts": 5, "slots": 3, "add": "elements", "halves": "slices"},
        loop_static={"batch": 2, "sequence": 5, "add": "zeros"},
        loop_biased={"gated": False, "activation": "relu", "bias": True, "router_bias": True, "lookup": "gather"},
        loop_floor_of_sum={"selection_bias": True, "divide_by": "floor", "epsilon": 0.3, "halves": "two", "add": "zeros"},
        loop_written={"written": True, "experts": 3, "add": "zeros", "opset": 17},
        loop_added_between={"start": "between", "add": "zeros", "opset": 17},
        loop_shuffled={"order": "shuffled", "mask": "number", "permute": False},
    ),
    "looped-dynamo": looped(
        dynamo_mixtral={"layers": 2, "mask": "row", "lookup": "slice", "rows": "nd", "weigh": "tuple", "weights": "gathered", "processes": True},
        dynamo_gemm={"mask": "row", "lookup": "slice", "rows": "nd", "weigh": "tuple", "weights": "gemm", "bias": True, "experts": 6},
        dynamo_split_weights={"mask": "row", "lookup": "plain", "rows": "nd", "weigh": "tuple", "weights": "split", "halves": "slices", "slots": 4},
        dynamo_number={"mask": "number", "lookup": "slice", "rows": "nd", "weigh": "tuple", "weights": "gemm", "normalize": False, "opset": 21},
        dynamo_sixty={"mask": "row", "experts": 60, "slots": 4, "inner": 12, "weigh": "tuple", "shared": "gated", "weights": "gathered"},
        dynamo_many={"mask": "row", "experts": 96, "slots": 2, "hidden": 8, "inner": 8, "weigh": "tuple", "weights": "gemm"},
        dynamo_one_expert={"mask": "row", "experts": 1, "slots": 1, "weigh": "tuple"},
        dynamo_unweighed={"mask": "row", "experts": 4, "slots": 1, "weigh": "none", "permute": False},
        dynamo_single_token={"batch": 1, "sequence": 1, "mask": "row", "weigh": "tuple", "lookup": "slice"},
        dynamo_phi={"router": "mixer", "experts": 6, "mask": "row", "weigh": "tuple"},
        dynamo_added_between={"start": "between", "mask": "row", "weigh": "tuple"},
        dynamo_from_shared={"start": "shared", "layers": 2, "mask": "row", "weigh": "tuple"},
        dynamo_from_product={"start": "product", "experts": 5, "mask": "number", "add": "zeros"},
    ),
    "masked": masked(
        masked_told={"experts": 5, "slots": 3, "told": True},
        mobius={"layers": 2, "halves": "two", "product": "transposed", "opset": 22, "processes": True},
        cast={"share": "cast", "experts": 6, "slots": 3, "normalize": False, "shared": "gated"},
        where={"share": "where", "experts": 2, "slots": 1, "order": "shuffled"},
        sigmoid={"router": "sigmoid", "epsilon": 1e-9, "scale": 2.5, "flat": True, "product": "gemm", "bias": True},
        select={"router": "select", "experts": 5, "slots": 4, "router_bias": True, "limit": 1.0, "gated": True},
        plain_mlp={"gated": False, "activation": "gelu", "bias": True, "tree": "pairs", "experts": 7},
        one_node={"tree": "sum", "order": "shuffled", "experts": 16, "slots": 4, "inner": 12},
        from_zeros={"start": "zeros", "flat": True},
        from_shared={"start": "shared", "halves": "two", "layers": 2},
        scattered={"share": "scatter", "opset": 18, "layers": 2},
        scattered_rows={"share": "scatter", "flat": True, "experts": 3, "slots": 3},
        assigned={"share": "assign", "flat": True, "slots": 3, "layers": 2},
        assigned_one={"share": "assign", "flat": True, "slots": 1, "normalize": False, "experts": 5},
        one_hot={"share": "one_hot", "flat": True, "activation": "relu"},
        compared={"share": "compared", "experts": 12, "slots": 2},
        mixer={"router": "mixer", "experts": 6, "layers": 2, "halves": "two"},
        mixer_two={"router": "mixer", "experts": 2, "flat": True},
        static_sizes={"batch": 2, "sequence": 5},
    ),
    "grouped": grouped(
        **GROUPED),
    "renumbered": masked(
        renumbered_masked={"renumber": "nd", "experts": 7, "layers": 2},
        renumbered_columns={"renumber": "gather", "share": "assign", "flat": True, "slots": 3, "router": "select", "bias": True},
    ) | gathered(
        renumbered_gathered={"renumber": "gather", "experts": 6, "slots": 3},
        renumbered_biases={"renumber": "nd", "experts": 5, "bias": True, "router": "sigmoid", "told": True},
    ) | looped(
        renumbered_loop={"renumber": "gather", "experts": 5},
        renumbered_lookup={"renumber": "nd", "experts": 5, "slots": 3},
    ) | grouped(
        renumbered_groups={"renumber": "nd", "experts": 6, "slots": 3},
        renumbered_sizes={"renumber": "gather", "count": "direct", "experts": 5, "back": "add"},
    ),
    "parallel": grouped(
        **PARALLEL),
    "projections": grouped(
        **PROJECTIONS),
    "tiled": tiled(
        tiled_told={"slots": 3, "halves": "two", "zeros": "expand", "told": True},
        optimum={"router": "select", "slots": 4, "bias": True, "router_bias": True, "halves": "interleaved", "limit": 1.0, "batched": True, "layers": 2,
                 "processes": True},
        softmax={"slots": 3, "halves": "two", "zeros": "expand"},
        sigmoid={"router": "sigmoid", "scale": 2.5, "experts": 6, "tile": "expand"},
        product={"tile": "product", "experts": 5, "gated": False, "activation": "gelu", "bias": True},
        product_lifted={"tile": "product_lifted", "normalize": False, "slots": 1, "opset": 22},
        one_hot={"routes": "one_hot", "experts": 3, "slots": 3},
        compared={"routes": "compared", "batched": True, "opset": 18},
        mixer={"router": "mixer", "experts": 6, "tile": "expand"},
        hundred={"experts": 100, "slots": 6, "inner": 8, "shared": "gated"},
        static_sizes={"batch": 2, "sequence": 5},
    ),
    "mixed": mixed(
        tokens_first={"halves": "two", "layers": 2, "processes": True},
        experts_first={"layout": "etf", "halves": "split", "experts": 6, "slots": 3},
        features_between={"layout": "tfe", "halves": "two", "turned": True, "activation": "gelu_tanh"},
        batch_and_sequence={"flat": False, "gated": False, "activation": "gelu", "bias": True, "opset": 18},
        interleaved={"flat": False, "halves": "interleaved", "swapped": True, "shared": "gated"},
        lifted={"product": "matmul", "mix": "mul", "halves": "two", "bias": True},
        lifted_batch={"product": "matmul", "mix": "matmul", "flat": False, "gated": False, "activation": "relu"},
        stacked={"product": "stack", "mix": "mul", "activation": "gelu", "experts": 5},
        stacked_last={"product": "stack", "layout": "tfe", "mix": "matmul", "slots": 1, "normalize": False}, stacked_einsum={"product": "stack", "layout": "etf", "router": "select", "experts": 64, "slots": 6, "inner": 8},
        stacked_batch={"product": "stack", "flat": False, "mix": "matmul", "slots": 3, "layers": 2},
        three_operands={"mix": "three", "halves": "two", "layout": "etf"},
        three_tokens_first={"mix": "three", "gated": False, "activation": "relu", "opset": 22},
        shares_inside={"mix": "inner", "halves": "two"},
        one_hot_einsum={"routes": "one_hot", "gated": False, "activation": "silu", "flat": False},
        three_routes_first={"mix": "three_routes", "halves": "split"},
        one_hot_matmul={"routes": "one_hot_matmul", "mix": "matmul", "halves": "split", "slots": 3},
        normed_behind={"routes": "normed", "normalize": False, "mix": "mul", "gated": False},
        masked_scores={"routes": "masked", "mix": "mul", "halves": "two", "layout": "etf"},
        masked_by_one_hots={"routes": "masked", "normalize": "sum of one-hots", "gated": False, "opset": 18},
        masked_where={"routes": "where", "halves": "two", "flat": False},
        masked_logits={"routes": "where", "where": -numpy.inf, "gated": False, "experts": 3},
        hundred_mixed={"experts": 100, "slots": 6, "inner": 8, "halves": "split", "shared": "plain"},
    ) | slots(
        slots_einsum={"halves": "two", "layers": 2, "processes": True},
        slots_turned={"halves": "split", "turned": True, "bias": True, "experts": 5, "gather": "plain"},
        slots_batch={"flat": False, "gated": False, "activation": "gelu", "slots": 3},
        slots_swapped={"swapped": True, "halves": "two", "mix": "matmul", "router": "sigmoid", "scale": 2.5},
        slots_one_by_one={"by_slot": True, "slots": 3, "gated": False, "activation": "gelu", "bias": True},
        slots_one_by_one_gated={"by_slot": True, "halves": "split", "turned": True, "gather": "plain", "router": "select", "layers": 2},
        slots_single={"slots": 1, "halves": "interleaved", "router": "select", "opset": 22},
    ),
    "selected": selected(
        selected_elements={"halves": "two", "layers": 2, "processes": True},
        selected_batch={"flat": False, "product": "stack", "slots": 3, "activation": "gelu", "mix": "mul"},
        selected_pairs={"select_by": "pairs", "product": "stack", "mix": "mul", "normalize": False},
        selected_ids={"select_by": "ids", "gated": False, "bias": True, "opset": 18},
        selected_positions={"select_by": "positions", "product": "stack", "router": "select", "experts": 5},
        selected_one={"select_by": "pairs", "slots": 1, "halves": "split"},
        selected_lifted={"product": "matmul", "halves": "interleaved", "shared": "plain"},
        selected_by_slot={"select_by": "pairs", "by_slot": True, "product": "stack", "slots": 3},
        selected_by_slot_batched={"select_by": "elements", "by_slot": True, "gated": False, "experts": 40, "inner": 8, "layers": 2},
    ),
    "loop-nodes": scanned(
        node_dense={"layers": 2, "processes": True},
        node_dense_bias={"bias": True, "experts": 5, "slots": 3, "count": "shape", "gated": False, "activation": "gelu"},
        node_dense_matrix={"share": "matrix", "experts": 6, "count": "size", "opset": 18},
        node_dense_two={"halves": "two", "router": "sigmoid", "scale": 2.5, "condition": None, "opset": 22},
        node_dense_many={"experts": 160, "slots": 6, "inner": 8, "hidden": 8, "share": "matrix"},
        node_lookup={"body": "lookup", "layers": 2, "count": "shape"},
        node_lookup_bias={"body": "lookup", "bias": True, "experts": 12, "slots": 4, "router": "select", "gated": False, "activation": "relu"},
        node_lookup_product={"body": "lookup", "start": "product", "slots": 3},
        node_lookup_many={"body": "lookup", "experts": 96, "slots": 8, "inner": 8, "hidden": 8, "condition": "compared"},
        node_rows={"collect": "rows", "experts": 6},
        node_rows_bias={"collect": "rows", "bias": True, "slots": 1, "count": "shape", "router": "select"},
        node_from_product={"start": "product", "experts": 4},
        node_static={"batch": 2, "sequence": 5},
    ),
    "scan-nodes": scanned(
        scan_dense={"kind": "scan", "layers": 2, "processes": True},
        scan_dense_bias={"kind": "scan", "bias": True, "experts": 5, "slots": 3, "gated": False, "activation": "relu"},
        scan_dense_matrix={"kind": "scan", "share": "matrix", "experts": 6, "opset": 18},
        scan_dense_scanned={"kind": "scan", "share": "scanned", "experts": 7, "router": "sigmoid", "normalize": False},
        scan_dense_many={"kind": "scan", "experts": 128, "slots": 4, "inner": 8, "hidden": 8},
        scan_lookup={"kind": "scan", "body": "lookup", "halves": "two", "layers": 2},
        scan_lookup_bias={"kind": "scan", "body": "lookup", "bias": True, "slots": 4, "router": "select", "opset": 22},
        scan_rows={"kind": "scan", "collect": "rows", "experts": 6, "slots": 3},
        scan_rows_bias={"kind": "scan", "collect": "rows", "bias": True, "gated": False, "activation": "gelu"},
    ),
    "weighed-inputs": tiled(
        llama4={"router": "logits", "routes": "logits", "slots": 1, "weigh_inputs": "product", "shared": "plain", "layers": 2, "processes": True},
        llama4_sixteen={"router": "logits", "routes": "logits", "slots": 1, "experts": 16, "weigh_inputs": "product", "opset": 18, "zeros": "expand"},
        llama4_two={"router": "logits", "routes": "logits", "experts": 5, "weigh_inputs": "product", "halves": "two"},
        llama4_transposed={"router": "logits", "routes": "logits", "slots": 1, "weigh_inputs": "product", "before": False, "low": -3.4028235e38},
        llama4_hundred={"router": "logits", "routes": "logits", "slots": 1, "experts": 128, "inner": 8, "weigh_inputs": "repeats"},
        llama4_static={"router": "logits", "routes": "logits", "slots": 1, "weigh_inputs": "product", "batch": 2, "sequence": 5},
        shares={"router": "sigmoid", "slots": 3, "weigh_inputs": "product", "scale": 2.5},
        softmax_shares={"slots": 2, "weigh_inputs": "repeats", "tile": "product", "experts": 6, "normalize": False},
        softmax_of_selected={"router": "logits", "routes": "logits", "function": "Softmax", "slots": 3, "weigh_inputs": "repeats", "activation": "gelu"},
        one_hot_shares={"routes": "one_hot", "weigh_inputs": "product", "gated": False, "activation": "relu", "opset": 22},
        behind={"router": "logits", "routes": "logits", "slots": 2, "bias": True},
        behind_softmax={"router": "logits", "routes": "logits", "function": "Softmax", "slots": 3, "tile": "expand"},
    ) | gathered(
        gathered_llama4={"router": "select_sigmoid", "slots": 1, "weigh_inputs": "product", "bias": True, "layers": 2},
        gathered_repeats={"router": "select", "slots": 3, "weigh_inputs": "repeats", "experts": 6},
        gathered_product={"router": "sigmoid", "slots": 2, "weigh_inputs": "product", "scale": 2.5, "repeat": "tile"},
        gathered_one={"router": "softmax", "normalize": False, "slots": 1, "weigh_inputs": "product", "weight_first": False, "activation": "gelu", "gated": False},
        gathered_floor={"selection_bias": True, "divide_by": "floor", "epsilon": 0.3, "weigh_inputs": "product", "slots": 4},
    ) | looped(
        looped_llama4={"router": "select_sigmoid", "slots": 1, "weigh_inputs": "product", "bias": True},
        looped_torchscript={"weigh_inputs": "product", "slots": 3, "layers": 2, "halves": "chunk", "add": "zeros", "opset": 17},
        looped_dynamo={"weigh_inputs": "product", "mask": "row", "lookup": "slice", "rows": "nd", "weigh": "tuple", "weights": "gemm", "normalize": False},
    ),
    "switch-dense": switches(
        dense={"experts": 6, "processes": True},
        dense_two_tight={"experts": 2, "capacity": 1, "layers": 2},
        dense_share={"experts": 7, "capacity": 0.75, "one_hot": "node", "inner": 28},
        dense_of_the_call={"scope": "call", "capacity": 1.25, "part": "slice"},
        dense_of_the_call_number={"scope": "call", "capacity": 3, "weight": "gathered"},
        dense_none={"capacity": 0},
        dense_all={"capacity": 100, "part": "split"},
        dense_less={"compare": "Less", "weight": "topk", "zeros": "filled"},
        dense_biases={"bias": True, "activation": "gelu", "router_bias": True, "opset": 21},
        dense_gated={"gated": True, "activation": "silu", "experts": 3, "opset": 17},
        dense_static={"batch": 2, "sequence": 9, "capacity": 0.5},
        dense_static_batch={"batch": 1, "capacity": 1},
        dense_sixty={"experts": 60, "capacity": 1, "inner": 12},
    ),
    "switch-lookup": switches(
        rows={"form": "rows", "capacity": 3, "processes": True},
        rows_of_the_call={"form": "rows", "scope": "call", "capacity": 0.5, "zeros": "filled"},
        rows_gated={"form": "rows", "gated": True, "activation": "silu", "bias": True, "layers": 2},
        slots={"form": "slots", "opset": 20},
        slots_six_layers={"form": "slots", "layers": 6, "experts": 3, "one_hot": "node", "capacity": 0.75},
        slots_of_the_call={"form": "slots", "scope": "call", "weight": "topk", "capacity": 4},
        slots_less={"form": "slots", "compare": "Less", "part": "split", "experts": 5},
        elements={"form": "elements", "one_hot": "node", "zeros": "filled", "opset": 17, "layers": 2},
        elements_of_the_call={"form": "elements", "scope": "call", "capacity": 0.75, "bias": True}, elements_expanded={"form": "elements", "fitted": "expand", "layers": 2},
        elements_static={"form": "elements", "batch": 3, "sequence": 6, "capacity": 1, "activation": "gelu"},
        columns={"form": "columns", "one_hot": "node", "zeros": "filled", "opset": 17},
        columns_of_the_call={"form": "columns", "scope": "call", "capacity": 0.5, "part": "slice", "experts": 6},
        slots_of_one={"form": "slots", "experts": 1, "layers": 2},
        columns_of_one={"form": "columns", "experts": 1, "capacity": 3},
    ),
    "switch-assigned": switches(
        assign={"form": "assign"},
        assign_joined={"form": "assign", "joined": True, "capacity": 0.75, "bias": True, "opset": 20},
        assign_of_the_call={"form": "assign", "scope": "call", "capacity": 5, "joined": True},
        keep={"form": "assign", "keep": True, "layers": 2, "capacity": 1, "processes": True},
        keep_of_the_call={"form": "assign", "keep": True, "scope": "call", "capacity": 0.5},
        keep_elements={"form": "elements", "keep": True, "one_hot": "node", "opset": 17}, keep_expanded={"form": "elements", "keep": True, "fitted": "expand"},
        keep_unweighed={"form": "assign", "keep": True, "weighed": False, "experts": 3},
        unweighed={"form": "elements", "weighed": False},
        unweighed_one={"form": "elements", "weighed": False, "experts": 1, "layers": 2},
        keep_other_weights={"form": "assign", "keep": True, "weight": "smallest"},
    ),
    "quantised-weights": quantised(
        q4_block16={"processes": True, "expected_of": "file"},
        q4_block32_zeros={"block": 32, "zeros": True, "linear_block": 32, "linear_zeros": "packed", "embedding": {"block": 32, "zeros": True}},
        q4_block64={"block": 64, "hidden": 64, "inner": 128, "experts": 3, "slots": 1, "bias": True},
        q4_block128={"block": 128, "hidden": 128, "inner": 128, "linear_block": 128, "embedding": {"block": 128}},
        q4_rows={"block": 0, "hidden": 48, "inner": 20, "linear_block": 32},
        q4_rows_zeros={"block": 0, "zeros": True, "experts": 7, "slots": 3, "hidden": 40, "inner": 30},
        q8_block32={"bits": 8, "block": 32, "inner": 32, "linear_bits": 8, "linear_block": 32, "embedding": {"bits": 8}},
        q8_rows_zeros={"bits": 8, "block": 0, "zeros": True, "layers": 2, "linear_bits": 8, "linear_zeros": "packed", "linear_block": 64},
        q2_block16={"bits": 2, "zeros": True, "linear_bits": 2, "embedding": {"bits": 2, "zeros": True}},
        q2_rows={"bits": 2, "block": 0, "hidden": 44, "linear_bits": 2, "linear_zeros": "packed"},
        own_bits={"own_bits": {"fc2": 8}, "zeros": True},
        silu={"activation": "silu", "inner": 32, "hidden": 32, "bias": True},
        relu_six_layers={"activation": "relu", "layers": 6, "experts": 16, "slots": 4},
        fusion_two={"fusion": 2},
        in_graph={"in_graph": True, "opset": 24},
        in_graph_zeros={"in_graph": True, "zeros": True, "router": "mix", "expected_of": "file"},
        ragged_rows={"hidden": 40, "block": 0, "embedding": {"zeros": True}, "linear_zeros": "packed"},
        float_zeros={"linear_zeros": "floats", "hidden": 64},
        table_int4={"embedding": {"kind": "int4"}, "expected_of": "file"},
        table_planes={"embedding": {"kind": "planes", "zeros": True}, "expected_of": "file"},
        table_planes_8={"embedding": {"kind": "planes", "bits": 8}, "expected_of": "file"},
        table_columns={"embedding": {"kind": "columns"}, "expected_of": "file"},
        table_columns_zeros={"embedding": {"kind": "columns", "zeros": True}, "expected_of": "file"},
        table_int4_rows={"embedding": {"kind": "int4", "axis": 1, "block": 32, "linear": True}},
        table_int4_columns={"embedding": {"kind": "int4", "axis": 0, "block": 16, "linear": True}},
        table_float8={"embedding": {"kind": "float8"}, "opset": 23},
        table_float4={"embedding": {"kind": "float4"}, "opset": 23},
        table_axis={"embedding": {"kind": "axis", "bits": 8, "block": 0, "zeros": True}},
        fp4={"fp4": "fp4", "bias": True, "linear_floats": "fp8"}, nvfp4_linear={"fp4": "nvfp4", "linear_floats": "fp4", "linear_block": 32}, fp4_inputs_first={"fp4": "fp4", "inputs_first": True, "hidden": 64, "inner": 32, "fusion": 2, "layers": 2},
        fp4_equal_sizes={"fp4": "fp4", "inputs_first": True, "hidden": 64, "inner": 64},
        nvfp4={"fp4": "nvfp4", "activation": "silu", "hidden": 48, "inner": 80, "experts": 7},
        nvfp4_inputs_first={"fp4": "nvfp4", "inputs_first": True, "experts": 3, "slots": 1},
    ),
    "scattered-routers": quantised(
        liquid={"router": "liquid", "fused": "QMoE", "zeros": True, "processes": True},
        liquid_eight={"router": "liquid", "experts": 8, "slots": 4, "layers": 2, "conv": "liquid"},
        genai={"router": "genai", "experts": 8, "slots": 3, "bias": True},
        genai_scaled={"router": "genai", "scale": 2.5, "bits": 8, "conv": "none"},
        genai_silu={"router": "genai", "conv": "silu", "layers": 2, "normalize": 0},
        floor={"router": "floor", "experts": 5},
        choice={"router": "choice", "normalize": 0, "expected_of": "file"},
        choice_full={"router": "choice_full", "expected_of": "file", "experts": 6, "slots": 3},
    ),
    "attention-standard": attentions(
        own_tokens={},
        rows={"rank": 3, "causal": True, "scale": 0.2},
        masked={"mask": "bool"},
        masked_heads={"mask": "bool", "mask_shape": (4, "queries"), "causal": True},
        added={"mask": "float", "mask_shape": (1, 4, "queries"), "softcap": 2.0, "heads": 4, "kv_heads": 1},
        past={"past": True, "causal": True},
        past_masked={"past": True, "causal": True, "mask": "bool", "value_size": 12},
        cross={"cross": True, "rank": 3, "heads": 6, "kv_heads": 3},
        cross_masked={"cross": True, "mask": "bool", "value_size": 4, "softcap": 1.5},
        cross_causal={"cross": True, "causal": True, "mask": "float"},
        scores_raw={"scores": 0, "softcap": 1.0},
        scores_capped={"scores": 1, "softcap": 1.0, "past": True},
        scores_masked={"scores": 2, "mask": "float", "cross": True},
        scores_softmax={"scores": 3, "mask": "bool"},
        lengths={"lengths": True, "cross": True, "opset": 24},
        lengths_causal={"lengths": True, "cross": True, "causal": True, "opset": 24, "mask": "bool"},
        lengths_own_tokens={"lengths": True, "causal": True, "opset": 24},
    ),
    "attention-multi-head": multi_head(
        plain={}, biased={"bias": True, "value_size": 12},
        lengths={"padding": "length", "filter": -50.0},
        padded={"padding": "keys", "causal": True},
        padded_queries={"padding": "queries", "added": ("batch", 4)},
        added={"added": (1, 1), "scale": 0.3},
        past={"past": True, "padding": "keys", "bias": True},
        past_causal={"past": True, "causal": True, "added": ("batch", 1)},
        cross={"cross": True, "bias": True, "padding": "keys"},
        cross_heads={"cross": True, "rank": 4, "value_size": 8},
    ),
    "hybrid": hybrid(
        attention={}, attention__linear={"rule": "linear", "past": False}, attention__gated={"rule": "gated", "by_key": True, "scale": 0.3},
        attention__delta={"rule": "delta", "one_rate": True, "heads": 2}, attention__wide={"size": 16, "value_size": 100, "by_key": True},
        attention__more_states={"heads": 2, "states": 4, "past": False}, attention__shared_keys={"heads": 2, "states": 4, "keys": 2, "opset": 23},
        attention__one_state={"heads": 3, "states": 1, "value_size": 5}, gate={}, gate__decay={"rate": False, "heads": 7}, norm={},
        norm__sigmoid={"activation": "sigmoid", "size": 20}, norm__one={"activation": "swish", "heads": 1, "opset": 18}, shared={}, conv={}, conv__channels_last={"channels_last": True, "activation": "silu"},
        conv__apart={"channels_last": True, "past": False, "dilation": 3}, rotary={},
        rotary__interleaved={"layout": 1, "interleaved": 1, "size": 16}, rotary__rows={"rank": 3, "size": 24, "rotated": 16, "layout": 1},
        rotary__part={"rotated": 12, "size": 16, "heads": 3},
    ),
    "encoder": packed(
        plain={}, lengths={"padding": "length"}, ranges={"padding": "range", "filter": -3.0}, padded={"padding": "keys", "filter": -50.0},
        padded_queries={"padding": "queries", "added": ("batch", 4), "filter": -30.0}, added={"added": (1, 1), "scale": 0.3, "causal": True}, computed={"computed": True},
        values={"value_size": 12, "padding": "keys"}, past={"past": True, "padding": "keys"}, past_causal={"past": True, "causal": True},
        embedding={}, embedding_words={"segments": False, "masked": False}, embedding_positions={"positions": "batch"}, embedding_one_row={"positions": 1},
    ),
    "hybrid-decoders": hybrid_decoders(
        hybrid={"processes": True}, hybrid_many={"experts": 16, "slots": 5, "layers": 3, "opset": 23}, hybrid_more_states={"heads": 2, "states": 4, "layers": 1},
    ),
} | ASSIGNED | ACTIVATIONS | PLAIN_LOOPS | NARROW | WIDENED | WRITTEN
