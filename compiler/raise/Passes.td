#ifndef SWITCHYARD_COMPILER_RAISE_PASSES_TD
#define SWITCHYARD_COMPILER_RAISE_PASSES_TD

include "mlir/Pass/PassBase.td"

def RaiseConstants : Pass<"moe-raise-constants", "::mlir::ModuleOp"> {
  let summary = "Constant nodes become constants and weights, as initializers are";
  let description = [{
    Exporters write constants as initializers or as `Constant` nodes. Afterwards both are `arith.constant` (small) or
    `rt.weight_ref` (large), so that weights are found whichever way they were written. Constants in another form than a
    tensor (`value_float` and its like) stay nodes for `moe-lower-onnx`.

    ```mlir
    %w = onnx.node "ai.onnx::Constant"() {node_attributes = {value = @w}, version = 13 : i64} : () -> tensor<8x96x64xf32>
    ```
    becomes
    ```mlir
    %w = rt.weight_ref @w : tensor<8x96x64xf32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::switchyard::rt::RtDialect"];
}

def InferShapes : Pass<"moe-infer-shapes", "::mlir::ModuleOp"> {
  let summary = "symbolic shapes of all values; named dimensions become index arguments";
  let description = [{
    Runs the symbolic shape analysis (compiler/analysis) on `@main` and writes what it finds: refined tensor types, one
    `index` argument with `rt.dim` for every named dimension of the inputs, `rt.name` and `rt.shape` on arguments and
    results, and `rt.limits` on the module. Names that an operator proves equal become one name. Results of operators
    that the analysis does not know keep their type.

    A node that contradicts itself or its operands, whatever the sizes of the call are (4x5 times 6x7, an axis outside the rank, a Sqrt of
    integers), is an error with tensors and sizes; all of them are reported at once.

    The limit of a dimension is `max-batch` where it leads an input whose second dimension is dynamic too, `max-batch` times
    `max-seq` where it leads a matrix of static width (a list of tokens), and `max-seq` elsewhere; the first of these that holds for some
    input counts (`runtime/base/dim_role.h`).

    ```mlir
    func.func @main(%x: tensor<?x8xf32> {onnx.name = "x", onnx.dims = ["tokens", 8]}) -> (!onnx.unknown {onnx.name = "y", onnx.dims = [unit, unit]}) {
      %y = onnx.node "ai.onnx::Relu"(%x) {version = 14 : i64} : (tensor<?x8xf32>) -> !onnx.unknown
      return %y : !onnx.unknown
    }
    ```
    becomes
    ```mlir
    module attributes {rt.limits = {tokens = 4096 : i64}} {
      func.func @main(%tokens: index {rt.dim = "tokens"}, %x: tensor<?x8xf32> {rt.name = "x", rt.shape = ["tokens", 8]})
          -> (tensor<?x8xf32> {rt.name = "y", rt.shape = ["tokens", 8]}) {
        %y = onnx.node "ai.onnx::Relu"(%x) {version = 14 : i64} : (tensor<?x8xf32>) -> tensor<?x8xf32>
        return %y : tensor<?x8xf32>
      }
    }
    ```
  }];
  let options = [
    Option<"maxBatch", "max-batch", "int64_t", "::switchyard::defaultMaxBatch", "the largest batch">,
    Option<"maxSequence", "max-seq", "int64_t", "::switchyard::defaultMaxSequence", "the longest sequence, past tokens included">
  ];
}

def RejectFrozenExperts : Pass<"moe-reject-frozen-experts", "::mlir::ModuleOp"> {
  let summary = "a file that lost experts at export is an error";
  let description = [{
    An exporter that traces a loop over "the experts that were hit" writes only those that its sample input hit. The router still
    scores all of them, so that the file gives wrong numbers for other inputs, without any sign. Such a file has a one-hot
    mask of the chosen experts, of which each expert's row is looked up by NonZero; if rows of some experts are never read, they are
    missing.

    ```mlir
    %mask = onnx.node "ai.onnx::Transpose"(%onehot) {node_attributes = {perm = array<i64: 2, 1, 0>}, …} : (tensor<?x1x4xi64>) -> tensor<4x1x?xi64>
    %row = onnx.node "ai.onnx::Gather"(%mask, %one) …   // and for experts 2 and 3, but not for 0
    ```
    stays as it is, with the error "expert 0 missing (frozen at export)".
  }];
}

def RaiseFused : Pass<"moe-raise-fused", "::mlir::ModuleOp"> {
  let summary = "com.microsoft.MoE becomes a MoE layer";
  let description = [{
    The fused operator states what it means: its router is softmax over all experts, the k largest, ties to the lowest
    index, renormalised or not, or the sparse mixer; its experts are weights stacked by expert. Interleaved or concatenated
    rows of gate and up are taken apart by recipes. The operator of 2024 had its matrices transposed under the same version; the
    shapes say which it is, and where they do not (H = I) `assume-legacy-layout` does. A node that is wrong is an error. One that
    is right, but not supported, stays with the reason in the attribute `onnx.refused`, which `moe-lower-onnx` reports with all
    other unsupported nodes.

    ```mlir
    %y = onnx.node "com.microsoft::MoE"(%x, %logits, %fc1, %none, %fc2)
      {node_attributes = {activation_type = "silu", k = 2 : i64, normalize_routing_weights = 1 : i64}, version = 1 : i64}
      : (tensor<?x64xf32>, tensor<?x8xf32>, tensor<8x96x64xf32>, none, tensor<8x64x96xf32>) -> tensor<?x64xf32>
    ```
    becomes
    ```mlir
    %ids, %weights = moe.gate %logits {gating = #moe.gating<renormalize = true>} : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
    %rows, %route = moe.dispatch %x, %ids : …
    %z = moe.expert %rows, %route gate %fc1 : … down %fc2 : … {activation = #moe.activation<silu>} : …
    %y = moe.combine %z, %route, %weights : …
    ```
  }];
  let options = [
    Option<"assumeLegacyLayout", "assume-legacy-layout", "bool", "false", "where H = I, fc1 is E x H x I and fc2 is E x I x H (2024)">
  ];
  let dependentDialects = ["::switchyard::moe::MoeDialect", "::switchyard::nn::NnDialect", "::switchyard::rt::RtDialect"];
}

def RaiseCapacity : Pass<"moe-raise-capacity", "::mlir::ModuleOp"> {
  let summary = "the one-hot, cumulated-sum, capacity einsum form becomes a MoE layer";
  let description = [{
    DeepSpeed's and GShard's form: one-hot masks of the first (and second) choice, positions by a cumulated sum over all
    tokens, a mask of what fits the capacity, two einsums with a tensor of tokens x experts x seats. Experts are unrolled (Split,
    bodies, Concat) or batched (weights of rank 3). The capacity may be any expression over the model's dimensions.

    Starting at the einsum that combines, every node up to logits and tokens is read, and each condition is proved: masks and
    weights have one source, each expert stands in its place once, axes, constants and readers are right. Where one fails, the
    plain ops stay and a remark says which, and at which node.

    ```mlir
    %mask = onnx.node "ai.onnx::Einsum"(%gates, %seat) {node_attributes = {equation = "se,sc->sec"}, …}
    …
    %y = onnx.node "ai.onnx::Einsum"(%combine, %experts) {node_attributes = {equation = "sec,ecm->sm"}, …}
    ```
    becomes
    ```mlir
    %ids, %weights = moe.gate %logits {gating = #moe.gating<>} : tensor<?x8xf32> -> tensor<?x1xi32>, tensor<?x1xf32>
    %kept, %left = moe.capacity %ids, %weights, %seats {drop = #moe.drop<>, experts = 8 : i64} : tensor<?x1xi32>, tensor<?x1xf32>
    %rows, %route = moe.dispatch %tokens, %kept : …
    %z = moe.expert %rows, %route … {activation = #moe.activation<gelu>} : …
    %y = moe.combine %z, %route, %left : …
    ```
  }];
  let dependentDialects = ["::switchyard::moe::MoeDialect", "::switchyard::nn::NnDialect", "::switchyard::rt::RtDialect"];
}

def RaiseGathered : Pass<"moe-raise-gathered", "::mlir::ModuleOp"> {
  let summary = "expert weights gathered by token and slot become a MoE layer";
  let description = [{
    The form that exporters write for "batched_mm" experts: the stacked weights are gathered by the ids of the selected experts, one
    matrix per token and slot, multiplied, weighed and summed over the slots. Routers: softmax or sigmoid before the selection, with
    selection bias, groups, renormalisation and scale, or softmax over the selected. One expert a token may count once, without a weight.

    Starting at the sum over the slots (with one slot, at the weighed rows or the second matrices), every node up to logits and tokens is read. Reshapes are followed, since they keep the order
    of the elements; every other node has its axes, shapes, constants and readers checked. Where a condition fails, the plain
    ops stay and a remark says which, and at which node.

    ```mlir
    %w = onnx.node "ai.onnx::Gather"(%fc1, %topk#1) …
    …
    %y = onnx.node "ai.onnx::ReduceSum"(%weighed, %axis) …
    ```
    becomes
    ```mlir
    %ids, %weights = moe.gate %logits {gating = #moe.gating<renormalize = true>} : tensor<?x4xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
    %rows, %route = moe.dispatch %tokens, %ids : …
    %z = moe.expert %rows, %route … {activation = #moe.activation<silu>} : …
    %y = moe.combine %z, %route, %weights : …
    ```
  }];
  let dependentDialects = ["::switchyard::moe::MoeDialect", "::switchyard::nn::NnDialect", "::switchyard::rt::RtDialect"];
}

def RaiseLooped : Pass<"moe-raise-looped", "::mlir::ModuleOp"> {
  let summary = "a loop over experts, unrolled, becomes a MoE layer";
  let description = [{
    The form that tracing exporters write for a loop over experts: a mask tells which (token, slot) chose an expert, NonZero looks
    them up, the rows of the tokens are gathered, go through the expert's MLP, are weighed by the weights of those slots, and are
    added where they came from (ScatterND or ScatterElements). The mask is a one-hot or a comparison of ids; routers are those of
    `moe-raise-gathered`.

    Starting at the last sum, every node up to logits and tokens is read. Each expert must stand in the loop once, with a body like the
    others'; rows, weights and sums must be of the (token, slot) that its own mask tells; the sum must begin at zero. Where a
    condition fails, the plain ops stay and a remark says which, and at which node.

    ```mlir
    %mask = onnx.node "ai.onnx::Transpose"(%onehot) …
    // and for each expert:
    %chosen = onnx.node "ai.onnx::Gather"(%mask, %expert) …
    %where = onnx.node "ai.onnx::NonZero"(%chosen) …
    …
    %sum1 = onnx.node "ai.onnx::ScatterND"(%sum0, %tokens, %weighed) {node_attributes = {reduction = "add"}, …}
    ```
    becomes
    ```mlir
    %ids, %weights = moe.gate %logits {gating = #moe.gating<renormalize = true>} : tensor<?x4xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
    %rows, %route = moe.dispatch %tokens, %ids : …
    %z = moe.expert %rows, %route … {activation = #moe.activation<silu>} : …
    %y = moe.combine %z, %route, %weights : …
    ```
  }];
  let dependentDialects = ["::switchyard::moe::MoeDialect", "::switchyard::nn::NnDialect", "::switchyard::rt::RtDialect"];
}

def RaiseScatteredSlices : Pass<"moe-raise-scattered-slices", "::mlir::ModuleOp"> {
  let summary = "ScatterND over a box of indices becomes a slice that is inserted";
  let description = [{
    TorchScript's exporter writes `x[..., :n] = y` as ScatterND with the index tuple of every element: a Concat of one grid an axis, each the numbers
    of that axis (Range, or a Slice of it) repeated over the others. Where all of them follow each other and are proved to lie inside, the
    updates are a slice of the result. Other ScatterND nodes stay.

    ```mlir
    %indices = onnx.node "ai.onnx::Concat"(%rows, %columns) {node_attributes = {axis = -1 : i64}, …}
    %z = onnx.node "ai.onnx::ScatterND"(%x, %indices, %y) … : (tensor<?x8xf32>, tensor<?x3x2xi64>, tensor<?x3xf32>) -> tensor<?x8xf32>
    ```
    becomes
    ```mlir
    %z = tensor.insert_slice %y into %x[0, 5] [%t, 3] [1, 1] : tensor<?x3xf32> into tensor<?x8xf32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

def LowerOnnx : Pass<"moe-lower-onnx", "::mlir::ModuleOp"> {
  let summary = "every remaining onnx.node becomes nn, linalg, tensor, arith, math";
  let description = [{
    One rule per operator, looked up by `domain::OpType` (compiler/raise/lower). Shapes and small integer tensors come from the
    symbolic shape analysis, so that shape arithmetic disappears into `arith` on the `rt.dim` arguments. Operators on weights
    alone that only move bytes become recipes of new weights; the weights of `nn.matmul` stand outputs first. All nodes that cannot be
    lowered are reported at once, with name, operator, version and the reason: also those of element types that no kernel computes in,
    and those that an earlier pass marked with `onnx.refused`. Beyond 20 nodes the others are counted by operator.

    ```mlir
    %w = rt.weight_ref @w : tensor<64x96xf32>
    %y = onnx.node "ai.onnx::MatMul"(%x, %w) {version = 13 : i64} : (tensor<?x64xf32>, tensor<64x96xf32>) -> tensor<?x96xf32>
    ```
    becomes
    ```mlir
    %w = rt.weight_ref @w.transpose : tensor<96x64xf32>
    %y = nn.matmul %x, %w : tensor<?x64xf32>, tensor<96x64xf32> -> tensor<?x96xf32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
                           "::mlir::tensor::TensorDialect", "::switchyard::nn::NnDialect", "::switchyard::rt::RtDialect"];
}

#endif
