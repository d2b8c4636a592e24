#ifndef SWITCHYARD_DIALECTS_NN_OPS_TD
#define SWITCHYARD_DIALECTS_NN_OPS_TD

include "NnDialect.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Nn_Op<string mnemonic, list<Trait> traits = []> : Op<NnDialect, mnemonic, [Pure] # traits>;

def Nn_Tensor : RankedTensorOf<[AnyType]>;
def Nn_Vector : TensorRankOf<[AnyFloat], [1]>;
def Nn_Ids : RankedTensorOf<[I64, I32]>;

def Nn_MatmulOp : Nn_Op<"matmul"> {
  let summary = "rows times a weight";
  let description = [{
    `c[..., n] = sum over k of a[..., k] * weight[n, k] (+ bias[n])`: the weight stands outputs first (N x K). One fma chain
    per element, k ascending from +0, then the bias.

    Constraints:
    1. the weight is N x K with the K of a's last dimension; the result is a's shape with N last.
    2. the bias has N elements.

    Example:
    ```mlir
    %c = nn.matmul %a, %w bias %b : tensor<?x64xf32>, tensor<96x64xf32>, tensor<96xf32> -> tensor<?x96xf32>
    ```
  }];
  let arguments = (ins Nn_Tensor:$a, TensorRankOf<[AnyFloat], [2]>:$weight, Optional<Nn_Vector>:$bias);
  let results = (outs Nn_Tensor:$result);
  let assemblyFormat = "$a `,` $weight (`bias` $bias^)? attr-dict `:` type($a) `,` type($weight) (`,` type($bias)^)? `->` type($result)";
  let hasVerifier = 1;
}

def Nn_BatchMatmulOp : Nn_Op<"batch_matmul"> {
  let summary = "matrix products of two activations";
  let description = [{
    numpy matmul of operands of rank at least 2: `c[..., m, n] = sum over k of a[..., m, k] * b[..., k, n]`; leading dimensions
    broadcast.

    Constraints:
    1. both have rank at least 2, a's last dimension is b's last but one, and the result is m x n.
    2. leading dimensions are equal to those of the result, or 1.

    Example:
    ```mlir
    %c = nn.batch_matmul %a, %b : tensor<?x4x?x8xf32>, tensor<?x4x8x?xf32> -> tensor<?x4x?x?xf32>
    ```
  }];
  let arguments = (ins Nn_Tensor:$a, Nn_Tensor:$b);
  let results = (outs Nn_Tensor:$result);
  let assemblyFormat = "$a `,` $b attr-dict `:` type($a) `,` type($b) `->` type($result)";
  let hasVerifier = 1;
}

def Nn_EmbeddingOp : Nn_Op<"embedding"> {
  let summary = "rows of a table by id";
  let description = [{
    `out[..., h] = table[ids[...], h]`. Negative ids count from the end; an id outside the table ends the run with a message.

    Constraints:
    1. the result is the shape of the ids with H last.

    Example:
    ```mlir
    %x = nn.embedding %ids, %table : tensor<?x?xi64>, tensor<96x64xf32> -> tensor<?x?x64xf32>
    ```
  }];
  let arguments = (ins Nn_Ids:$ids, TensorRankOf<[AnyFloat], [2]>:$table);
  let results = (outs Nn_Tensor:$result);
  let assemblyFormat = "$ids `,` $table attr-dict `:` type($ids) `,` type($table) `->` type($result)";
  let hasVerifier = 1;
}

class Nn_NormOp<string mnemonic> : Nn_Op<mnemonic, [AllTypesMatch<["x", "result"]>]> {
  let results = (outs Nn_Tensor:$result);
  let hasVerifier = 1;
}

def Nn_RmsNormOp : Nn_NormOp<"rms_norm"> {
  let summary = "root-mean-square normalisation over the last axis";
  let description = [{
    `x / sqrt(mean(x^2) + epsilon) * scale`.

    Constraints:
    1. the scale has the size of the last axis; the result has the type of x.

    Example:
    ```mlir
    %y = nn.rms_norm %x, %scale {epsilon = 1.0e-5 : f64} : tensor<?x64xf32>, tensor<64xf32>
    ```
  }];
  let arguments = (ins Nn_Tensor:$x, Nn_Vector:$scale, F64Attr:$epsilon);
  let assemblyFormat = "$x `,` $scale attr-dict `:` type($x) `,` type($scale)";
}

def Nn_LayerNormOp : Nn_NormOp<"layer_norm"> {
  let summary = "layer normalisation over the last axis";
  let description = [{
    `(x - mean(x)) / sqrt(variance(x) + epsilon) * scale + bias`.

    Constraints:
    1. scale and bias have the size of the last axis; the result has the type of x.

    Example:
    ```mlir
    %y = nn.layer_norm %x, %scale bias %bias {epsilon = 1.0e-5 : f64} : tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>
    ```
  }];
  let arguments = (ins Nn_Tensor:$x, Nn_Vector:$scale, Optional<Nn_Vector>:$bias, F64Attr:$epsilon);
  let assemblyFormat = "$x `,` $scale (`bias` $bias^)? attr-dict `:` type($x) `,` type($scale) (`,` type($bias)^)?";
}

def Nn_SoftmaxOp : Nn_Op<"softmax", [SameOperandsAndResultType]> {
  let summary = "softmax over the last axis";
  let description = [{
    `exp(x - max(x)) / sum(exp(x - max(x)))`; a row of negative infinities gives NaN, as ONNX does.

    Example:
    ```mlir
    %y = nn.softmax %x : tensor<?x8xf32>
    ```
  }];
  let arguments = (ins Nn_Tensor:$x);
  let results = (outs Nn_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Nn_RotaryOp : Nn_Op<"rotary", [AllTypesMatch<["x", "result"]>, AllTypesMatch<["cosine", "sine"]>]> {
  let summary = "rotary position embedding";
  let description = [{
    Rotates pairs of each head of x (B x S x heads*d) by the angles of its position (B x S): pairs (i, i + r/2), or
    (2i, 2i + 1) with `interleaved`, for i < r/2, where cosine and sine are P x r/2. The rest of a head passes through.

    Constraints:
    1. x is B x S x heads*d, the positions are B x S, cosine and sine have one type of rank 2.

    Example:
    ```mlir
    %y = nn.rotary %x, %positions, %cosine, %sine {heads = 4 : i64} : tensor<?x?x64xf32>, tensor<?x?xi64>, tensor<32x8xf32>
    ```
  }];
  let arguments = (ins Nn_Tensor:$x, Nn_Ids:$positions, Nn_Tensor:$cosine, Nn_Tensor:$sine, I64Attr:$heads, UnitAttr:$interleaved);
  let results = (outs Nn_Tensor:$result);
  let assemblyFormat = "$x `,` $positions `,` $cosine `,` $sine attr-dict `:` type($x) `,` type($positions) `,` type($cosine)";
  let hasVerifier = 1;
}

def Nn_AttentionOp : Nn_Op<"attention", [AttrSizedOperandSegments]> {
  let summary = "grouped-query attention with a KV cache";
  let description = [{
    query is B x S x heads*d, key and value are B x S x kv_heads*d; the caches are B x kv_heads x P x d and the results
    present_key and present_value B x kv_heads x T x d. `lengths` (B) is, for each sequence, the total number of valid keys
    less one. New keys are appended at lengths + 1 - S. A query at position p sees the keys up to p (`causal`), and of
    those the last `window`. `sink` (heads) adds exp(sink) to the denominator only; `bias` is added to the scores after
    `softcap`. `total` is T.

    Constraints:
    1. heads is a multiple of kv_heads; query has heads*d columns, key and value kv_heads*d.
    2. past_key and past_value stand together.
    3. the result has the type of the query.
    4. all caches are B x kv_heads x . x d.
    5. the sink has heads elements.

    Example:
    ```mlir
    %o, %pk, %pv = nn.attention %q, %k, %v past %k0, %v0 lengths %n total %t {heads = 4 : i64, kv_heads = 2 : i64}
       : (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>, tensor<?xi32>, index)
       -> (tensor<?x?x64xf32>, tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>)
    ```
  }];
  let arguments = (ins Nn_Tensor:$query, Nn_Tensor:$key, Nn_Tensor:$value, Optional<Nn_Tensor>:$past_key, Optional<Nn_Tensor>:$past_value,
                       TensorRankOf<[I32], [1]>:$lengths, Optional<Nn_Tensor>:$bias, Optional<Nn_Vector>:$sink,
                       Index:$total, I64Attr:$heads, I64Attr:$kv_heads, DefaultValuedAttr<I64Attr, "1">:$causal,
                       DefaultValuedAttr<I64Attr, "-1">:$window, DefaultValuedAttr<F64Attr, "0.0">:$scale,
                       DefaultValuedAttr<F64Attr, "0.0">:$softcap);
  let results = (outs Nn_Tensor:$result, Nn_Tensor:$present_key, Nn_Tensor:$present_value);
  let assemblyFormat = [{
    $query `,` $key `,` $value (`past` $past_key^ `,` $past_value)? `lengths` $lengths `total` $total (`bias` $bias^)? (`sink` $sink^)?
    attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def Nn_ReshapeOp : Nn_Op<"reshape"> {
  let summary = "the same elements, in row-major order, under another shape";
  let description = [{
    The result's dynamic dimensions are `sizes`, in order. The number of elements does not change; it is proved by the
    raise phase, which computes shapes symbolically, and the sizes of x travel along so that nothing need be computed
    from data.

    Constraints:
    1. `sizes` count the dynamic dimensions of the result.
    2. static shapes on both sides have equal numbers of elements, and the element type does not change.

    Example:
    ```mlir
    %y = nn.reshape %x [%tokens] : tensor<?x?x64xf32> -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Nn_Tensor:$x, Variadic<Index>:$sizes);
  let results = (outs Nn_Tensor:$result);
  let assemblyFormat = "$x `[` $sizes `]` attr-dict `:` type($x) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Nn_TopKOp : Nn_Op<"topk"> {
  let summary = "the k largest (or smallest) along the last axis, in order";
  let description = [{
    Ties go to the lowest index. The indices are i64.

    Constraints:
    1. values and indices have one shape, that of x but for the last axis, which is static.

    Example:
    ```mlir
    %v, %i = nn.topk %x {largest = true} : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi64>
    ```
  }];
  let arguments = (ins Nn_Tensor:$x, DefaultValuedAttr<BoolAttr, "true">:$largest);
  let results = (outs Nn_Tensor:$values, RankedTensorOf<[I64]>:$indices);
  let assemblyFormat = "$x attr-dict `:` type($x) `->` type($values) `,` type($indices)";
  let hasVerifier = 1;
}

class Nn_GatherLikeOp<string mnemonic> : Nn_Op<mnemonic> {
  let arguments = (ins Nn_Tensor:$data, Nn_Ids:$indices, I64Attr:$axis);
  let results = (outs Nn_Tensor:$result);
  let assemblyFormat = "$data `,` $indices attr-dict `:` type($data) `,` type($indices) `->` type($result)";
  let hasVerifier = 1;
}

def Nn_GatherOp : Nn_GatherLikeOp<"gather"> {
  let summary = "slices along an axis, by index";
  let description = [{
    ONNX Gather. Negative indices count from the end; others outside the axis end the run with a message.

    Constraints:
    1. 0 <= axis < rank of data.
    2. the shape of the result is that of data with the axis replaced by the shape of the indices.

    Example:
    ```mlir
    %y = nn.gather %x, %i {axis = 0 : i64} : tensor<32x8xf32>, tensor<?xi64> -> tensor<?x8xf32>
    ```
  }];
}

def Nn_GatherElementsOp : Nn_GatherLikeOp<"gather_elements"> {
  let summary = "elements along an axis, by index";
  let description = [{
    ONNX GatherElements. Negative indices count from the end; others outside the axis end the run with a message.

    Constraints:
    1. 0 <= axis < rank of data; data, indices and result have one rank.

    Example:
    ```mlir
    %y = nn.gather_elements %x, %i {axis = 1 : i64} : tensor<?x8xf32>, tensor<?x2xi64> -> tensor<?x2xf32>
    ```
  }];
}

def Nn_GatherNdOp : Nn_Op<"gather_nd"> {
  let summary = "slices by index tuples";
  let description = [{
    ONNX GatherND. Negative indices count from the end; others outside end the run with a message.

    Constraints:
    1. 0 <= batch_dims < min(rank of data, rank of indices), and the last dimension of the indices is static and fits data.
    2. the shape of the result is that of the indices without their last dimension, then what is left of data.

    Example:
    ```mlir
    %y = nn.gather_nd %x, %i : tensor<8x96x64xf32>, tensor<?x1xi64> -> tensor<?x96x64xf32>
    ```
  }];
  let arguments = (ins Nn_Tensor:$data, Nn_Ids:$indices, DefaultValuedAttr<I64Attr, "0">:$batch_dims);
  let results = (outs Nn_Tensor:$result);
  let assemblyFormat = "$data `,` $indices attr-dict `:` type($data) `,` type($indices) `->` type($result)";
  let hasVerifier = 1;
}

def Nn_OperatorOp : Nn_Op<"operator", [AttrSizedOperandSegments]> {
  let summary = "an operator that one kernel computes, of any element type";
  let description = [{
    What has neither an op of its own nor a form in `linalg`: operators of which axes, bounds or other small operands are values of the run,
    and arithmetic on elements that `arith` does not have. `kernel` is a row of kernels/kernels.inc; the inputs stand in its order,
    `present` says which of the row's inputs there are; `integers` and `floats` are the row's attributes. `sizes` are the dynamic
    dimensions of all results, in order; the kernel checks the sizes of its results against the values that it reads.

    Constraints:
    1. `sizes` count the dynamic dimensions of the results.
    2. `present` is true as often as there are inputs.
    3. All `integers` are i64, all `floats` f64.

    Example:
    ```mlir
    %y = nn.operator "reduce"(%x, %axes) [%n] {present = array<i1: true, true>, integers = {kind = 0, noop = 0}, floats = {}}
        : (tensor<?x8xf32>, tensor<1xi64>) -> tensor<?x1xf32>
    ```
  }];
  let arguments = (ins StrAttr:$kernel, Variadic<Nn_Tensor>:$inputs, Variadic<Index>:$sizes, DenseBoolArrayAttr:$present,
      DictionaryAttr:$integers, DictionaryAttr:$floats);
  let results = (outs Variadic<Nn_Tensor>:$results);
  let assemblyFormat = "$kernel `(` $inputs `)` `[` $sizes `]` attr-dict `:` functional-type($inputs, $results)";
  let hasVerifier = 1;
}

def Nn_CumSumOp : Nn_Op<"cumsum", [SameOperandsAndResultType]> {
  let summary = "running sums along an axis";
  let description = [{
    Constraints:
    1. 0 <= axis < rank.

    Example:
    ```mlir
    %y = nn.cumsum %x {axis = 0 : i64} : tensor<?x8xi64>
    ```
  }];
  let arguments = (ins Nn_Tensor:$x, I64Attr:$axis, UnitAttr:$exclusive, UnitAttr:$reverse);
  let results = (outs Nn_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let hasVerifier = 1;
}

#endif
