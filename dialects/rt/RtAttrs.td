#ifndef SWITCHYARD_DIALECTS_RT_ATTRS_TD
#define SWITCHYARD_DIALECTS_RT_ATTRS_TD

include "RtDialect.td"
include "RtEnums.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"

class Rt_Attr<string name, string attrMnemonic, list<Trait> traits = []> : AttrDef<RtDialect, name, traits> {
  let mnemonic = attrMnemonic;
}

def Rt_SourceAttr : Rt_Attr<"Source", "source", [TypedAttrInterface]> {
  let summary = "the bytes of a tensor, somewhere in a file of the model";
  let description = [{
    `length` bytes at `offset` of `file` (a path relative to the model's folder; the model file itself by its name),
    read as elements of `type` in row-major order.

    **Constraints**
    1. `offset` and `length` are not negative.
    2. with `raw` encoding `length` equals the bytes of `type`.

    Example: `#rt.source<"model.onnx", 128, 8192, raw> : tensor<32x64xf32>`
  }];
  let parameters = (ins StringRefParameter<"path relative to the model's folder">:$file, "int64_t":$offset, "int64_t":$length,
                        EnumParameter<Rt_Encoding>:$encoding, AttributeSelfTypeParameter<"">:$type);
  let assemblyFormat = "`<` $file `,` $offset `,` $length `,` $encoding `>`";
  let genVerifyDecl = 1;
}

def Rt_InlineAttr : Rt_Attr<"Inline", "inline"> {
  let summary = "the elements of a small tensor, in the recipe itself";
  let description = [{
    For tensors whose file form is neither raw nor packed varints.

    Example: `#rt.inline<dense<[1.0, 2.0]> : tensor<2xf32>>`
  }];
  let parameters = (ins "::mlir::DenseElementsAttr":$value);
  let assemblyFormat = "`<` $value `>`";
}

def Rt_StepAttr : Rt_Attr<"Step", "step", [TypedAttrInterface]> {
  let summary = "a byte-moving step over other recipes";
  let description = [{
    Applies `kind` to `inputs` (each a source, an inline or a step); the result has type `type`. `numbers` are:

    | kind | numbers |
    |---|---|
    | reshape | none: the new shape is the type's |
    | transpose | the permutation |
    | slice | offsets, then strides, one each for every dimension |
    | concat | the axis |
    | stack | none: inputs are stacked along a new leading axis |
    | gather | the axis, then the indices |
    | broadcast | none: numpy broadcast to the type's shape |
    | cast | none: to the type's element type |
    | pack_panels | none: [..., N, K] to [..., ceil(N/16), K, 16], zero filled (kernels/layout/panel.h) |
    | unpack | none: rows of bytes to rows of elements of 2 or 4 bits, the first in the lowest bits; spare bits of a row are left out |
    | dequantise | a block size for every dimension |

    `dequantise` takes elements, scales and optional zero points, and gives f32: `(element - zero point) * scale` with the scale and the zero point
    of the element's block. All three are converted to f32 before.

    **Constraints**
    1. exactly one input, but for concat and stack at least one, and for dequantise two or three.
    2. the type is the result of the step on the types of the inputs.

    Example: `#rt.step<transpose [1, 0], (#rt.source<"m.onnx", 0, 8192, raw> : tensor<32x64xf32>)> : tensor<64x32xf32>`
  }];
  let parameters = (ins EnumParameter<Rt_StepKind>:$kind, OptionalArrayRefParameter<"int64_t">:$numbers,
                        ArrayRefParameter<"::mlir::Attribute">:$inputs, AttributeSelfTypeParameter<"">:$type);
  let assemblyFormat = "`<` $kind (`[` $numbers^ `]`)? `,` `(` $inputs `)` `>`";
  let genVerifyDecl = 1;
}

#endif
