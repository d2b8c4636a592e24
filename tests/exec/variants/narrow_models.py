"""Variants in f16 and bf16, of builders of all forms."""

from attention import Attention, MultiHead
from encoder import Embedding, Packed
from fused import Decoder
from gathered import GatheredLayers
from hybrid import Hybrid
from narrow import narrow

NARROW = {
    "narrow": narrow(
        decoder=(Decoder, {"layers": 1, "attention_bias": True}),
        decoder_swiglu=(Decoder, {"experts": 6, "slots": 2, "activation": "swiglu", "limit": 1.0, "packed": True}),
        mixtral=(GatheredLayers, {"experts": 6}),
        one_slot=(GatheredLayers, {"experts": 4, "slots": 1, "activation": "gelu", "opset": 17}),
        gpt_oss=(GatheredLayers, {"router": "select", "experts": 8, "slots": 4, "router_bias": True, "bias": True, "halves": "interleaved"}),
        not_normalized=(GatheredLayers, {"experts": 5, "slots": 3, "normalize": False, "gated": False, "activation": "relu", "shared": "gated"}),
        ties=(GatheredLayers, {"experts": 12, "slots": 3, "router_scale": 2e-4, "normalize": False}),
        sigmoid=(GatheredLayers, {"router": "sigmoid", "experts": 6, "slots": 2}),
        attention=(Attention, {"mask": "bool", "causal": True, "past": True}),
        attention_scores=(Attention, {"cross": True, "scores": 3, "softcap": 2.0}),
        multi_head=(MultiHead, {"padding": "keys", "bias": True}),
        packed_attention=(Packed, {"padding": "keys"}),
        embedding=(Embedding, {}),
        linear_attention=(Hybrid, {"operator": "attention"}),
        linear_attention_gate=(Hybrid, {"operator": "gate"}),
        gated_norm=(Hybrid, {"operator": "norm"}),
        gated_add=(Hybrid, {"operator": "shared"}),
        three_positions=(Hybrid, {"operator": "rotary", "layout": 1}),
    ),
}
