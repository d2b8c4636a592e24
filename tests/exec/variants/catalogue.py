"""The variants by group: name, builder, options. A name seeds its weights and inputs."""

import numpy

from capacity import CapacityLayers
from fused import Decoder
from gathered import GatheredLayers
from looped import LoopedLayers


def decoders(**variants):
    return {name: (Decoder, options) for name, options in variants.items()}


def layers(**variants):
    return {name: (CapacityLayers, options) for name, options in variants.items()}


def gathered(**variants):
    return {name: (GatheredLayers, options) for name, options in variants.items()}


def looped(**variants):
    return {name: (LoopedLayers, options) for name, options in variants.items()}


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
        top1_batched={"form": "batched", "experts": (5, 5), "opset": 21},
    ),
    "capacity-top2": layers(
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
    "gathered-softmax": gathered(
        mixtral={"layers": 2, "processes": True},
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
        loop_written={"written": True, "experts": 3, "add": "zeros", "opset": 17},
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
    ),
}
