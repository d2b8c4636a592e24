// Passes that read one form of MoE layers each.
#ifndef SWITCHYARD_COMPILER_RAISE_LAYERPASSES_TD
#define SWITCHYARD_COMPILER_RAISE_LAYERPASSES_TD

include "mlir/Pass/PassBase.td"

def RaiseFused : Pass<"moe-raise-fused", "::mlir::ModuleOp"> {
  let summary = "com.microsoft.MoE and QMoE become MoE layers";
  let description = [{
    The fused operator states what it means: its router is softmax over all experts, the k largest, ties to the lowest
    index, renormalised or not, or the sparse mixer; its experts are weights stacked by expert. Interleaved or concatenated
    rows of gate and up are taken apart by recipes. The operator of 2024 had its matrices transposed under the same version; the
    shapes say which it is, and where they do not (H = I) `assume-legacy-layout` does.

    The weights of `com.microsoft.QMoE` are decoded by recipes: 2, 4 and 8 bits or floats of 8 bits, one scale a row or a block, with zero points or
    without. Only raw weights (outputs first, the first element in the lowest bits) are; a layout that a device has packed is told by the attribute or the shapes. Where
    the operator has weights of its own for the chosen experts (`router_weights`) the scores only choose.

    Routers that the operator does not know stand in front of it: they choose experts, and scatter logarithms of their weights, or high scores,
    so that the operator comes to the same choice. They become the layer's router, together with a product behind the layer that corrects the sum of the weights. What is
    not proved stays plain, with a remark.

    A node that is wrong is an error. One that
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
    selection bias, groups, renormalisation and scale, or softmax over the selected. One expert a token may count once, without a weight. The
    weights may multiply the tokens that the first matrices read, and not the rows: then they are an operand of `moe.dispatch`.

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

def RaiseSlots : Pass<"moe-raise-slots", "::mlir::ModuleOp"> {
  let summary = "a sum over the slots of a token, one after the other, becomes a MoE layer";
  let description = [{
    A loop over the k slots, unrolled: each multiplies its column of the weights by what the experts of its column of the ids give, by weights that are
    gathered by these ids, or by rows that are selected among those of all experts.

    Starting at the sum, every term is read, and each condition is proved: each slot of one router stands once, ids and weights of a term are of one place,
    and all terms have the same tokens and experts. Where one fails, the plain ops stay and a remark says which, and at which node.

    ```mlir
    %id0 = onnx.node "ai.onnx::Gather"(%topk#1, %zero) {node_attributes = {axis = 1 : i64}, …}
    %w0 = onnx.node "ai.onnx::Gather"(%weights, %zero) {node_attributes = {axis = 1 : i64}, …}
    …
    %y = onnx.node "ai.onnx::Add"(%weighed0, %weighed1) …
    ```
    becomes
    ```mlir
    %ids, %weights = moe.gate %logits …
    %rows, %route = moe.dispatch %tokens, %ids : …
    %z = moe.expert %rows, %route …
    %y = moe.combine %z, %route, %weights : …
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::switchyard::moe::MoeDialect", "::switchyard::nn::NnDialect", "::switchyard::rt::RtDialect"];
}

def RaiseLooped : Pass<"moe-raise-looped", "::mlir::ModuleOp"> {
  let summary = "a loop over experts, unrolled, becomes a MoE layer";
  let description = [{
    The form that tracing exporters write for a loop over experts: a mask tells which (token, slot) chose an expert, NonZero looks
    them up, the rows of the tokens are gathered, go through the expert's MLP, are weighed by the weights of those slots, before it or behind
    it, and are added where they came from (ScatterND or ScatterElements). The mask is a one-hot or a comparison of ids; routers are those of
    `moe-raise-gathered`.

    There are other ways to the same: a loop over slots with one over experts in it; a mask that joins the slots of a token, or that tells where the share
    of an expert is not 0 (or more than 0, of weights that are never less), with rows weighed by that share; rows that are written over what was read there and added to; one expert a token
    whose rows are written over any tensor, of which nothing is left;
    and tokens that are repeated for their slots, of which each row is written by the expert of its own id, weighed behind the loop and summed over the slots.

    Starting at the last sum, every node up to logits and tokens is read. Each expert must stand in the loop once, with a body like the
    others'; rows, weights and sums must be of the (token, slot) that its own mask tells; the sum begins
    at zero, or at a tensor that is added to the layer. Where a
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

def RaiseSwitch : Pass<"moe-raise-switch", "::mlir::ModuleOp"> {
  let summary = "experts masked by seats of a top-1 router become a MoE layer";
  let description = [{
    Switch Transformer's form: the one-hot of an arg-max, its running count over the tokens of a sequence, and the comparison with the
    capacity give a mask of tokens x experts. Each expert computes all tokens and multiplies by its part of the mask, or NonZero finds the
    rows of its tokens, which are gathered, computed, and scattered into zeros. The largest score weighs each expert's rows or the
    sum. Tokens without a seat give zeros; where rows are written over the tokens themselves, those without a seat keep what they are, and a
    select puts them in.

    Starting at the last term of the sum, every node up to logits and tokens is read, and each condition is proved: each expert stands once,
    reads and writes the rows of its own part of one mask, and nothing but zeros, or the tokens, lies below. Where one fails, the plain ops stay and a
    remark says which, and at which node.

    ```mlir
    %count = onnx.node "ai.onnx::CumSum"(%onehot, %axis) …
    %fits = onnx.node "ai.onnx::LessOrEqual"(%count, %capacity) …
    …
    %y = onnx.node "ai.onnx::Mul"(%sum, %largest) …
    ```
    becomes
    ```mlir
    %ids, %weights = moe.gate %logits {gating = #moe.gating<>} : tensor<?x8xf32> -> tensor<?x1xi32>, tensor<?x1xf32>
    %kept, %left = moe.capacity %ids, %weights, %seats group %sequence {drop = #moe.drop<>, experts = 8 : i64} : tensor<?x1xi32>, tensor<?x1xf32>
    %rows, %route = moe.dispatch %tokens, %kept : …
    %z = moe.expert %rows, %route … {activation = #moe.activation<relu>} : …
    %y = moe.combine %z, %route, %left : …
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::switchyard::moe::MoeDialect", "::switchyard::nn::NnDialect",
                           "::switchyard::rt::RtDialect"];
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

def RaiseGrouped : Pass<"moe-raise-grouped", "::mlir::ModuleOp"> {
  let summary = "rows sorted by expert and multiplied group by group become a MoE layer";
  let description = [{
    The form that exporters write for "grouped_mm" experts: ids are sorted, which gives an order of the rows (token, slot); counts of the
    ids are cumulated, which gives the end of each expert's rows; tokens are gathered in that order; each expert multiplies the rows
    from the end of the one before to its own; the products are joined, weighed, brought back by the inverse of the order, and summed
    over the slots.

    Starting at the sum, every node up to logits and tokens is read, and each condition is proved: the sort is one of all ids, the
    ends are those of its groups, the matrices stand in the order of the experts, the inverse is that of the order, weights and tokens are
    gathered by it. Where one fails, the plain ops stay and a remark says which, and at which node.

    ```mlir
    %sorted:2 = onnx.node "ai.onnx::TopK"(%ids, %all) {node_attributes = {largest = 0 : i64, sorted = 1 : i64}, …}
    …
    %range = onnx.node "ai.onnx::Range"(%end2, %end3, %one) …
    %rows = onnx.node "ai.onnx::Gather"(%tokens, %range) …
    %product = onnx.node "ai.onnx::MatMul"(%rows, %matrix3) …
    …
    %y = onnx.node "ai.onnx::ReduceSum"(%weighed, %slots) …
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

def RaiseTiled : Pass<"moe-raise-tiled", "::mlir::ModuleOp"> {
  let summary = "tokens repeated for every expert in one batched product become a MoE layer";
  let description = [{
    The dense form with stacked weights: the tokens are repeated for every expert (by Tile, by Expand, or by the product itself), one
    batched product computes all experts on all tokens, the rows are multiplied by a matrix of routes that spreads the weights of the
    selected experts over all of them, with zeros elsewhere, and summed over the experts. The rows of experts that stand one by one may be
    stacked instead. The matrix may be a softmax or sigmoid of logits that are scattered into -inf; and it may multiply the repeated tokens
    instead of the rows, as in Llama-4, if experts give zeros for zeros: then the weights are an operand of `moe.dispatch`.

    Starting at the sum over the experts, every node up to logits and tokens is read, and each condition is proved: the matrix is of the
    router's experts, the batch has one entry an expert, axes, constants and readers are right. Where one fails, the plain ops
    stay and a remark says which, and at which node. The layer computes k experts a token, not all of them.

    ```mlir
    %routes = onnx.node "ai.onnx::ScatterElements"(%zeros, %topk#1, %weights) {node_attributes = {axis = 1 : i64}, …}
    %by_expert = onnx.node "ai.onnx::Transpose"(%routes) {node_attributes = {perm = array<i64: 1, 0>}, …}
    …
    %weighed = onnx.node "ai.onnx::Mul"(%experts, %shares) …
    %y = onnx.node "ai.onnx::ReduceSum"(%weighed, %zero) …
    ```
    becomes
    ```mlir
    %ids, %weights = moe.gate %logits {gating = #moe.gating<order = select_then_score>} : tensor<?x4xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
    %rows, %route = moe.dispatch %tokens, %ids : …
    %z = moe.expert %rows, %route … {activation = #moe.activation<silu, alpha = 1.702, beta = 1.0, limit = 7.0>} : …
    %y = moe.combine %z, %route, %weights : …
    ```
  }];
  let dependentDialects = ["::switchyard::moe::MoeDialect", "::switchyard::nn::NnDialect", "::switchyard::rt::RtDialect"];
}

def RaiseSelected : Pass<"moe-raise-selected", "::mlir::ModuleOp"> {
  let summary = "rows of the chosen experts, selected among those of all, become a MoE layer";
  let description = [{
    Every expert computes every token, by stacked weights or one by one, and the rows of the chosen ones are selected: by GatherElements along the experts,
    by GatherND with pairs of a token and an id, or by Gather at `token * E + id`. They are multiplied by the weights and summed over the slots.

    Starting at the sum, or at the product of one slot, the selection is read, what is selected from is written with the experts first
    (as `moe-arrange-experts` does), and experts, ids and weights are read as those of a layer. Where a condition fails the plain ops stay, and a remark
    says which. Gathers of what no experts give are not looked at.

    ```mlir
    %rows = onnx.node "ai.onnx::GatherElements"(%all, %ids_of_features) {node_attributes = {axis = 1 : i64}, …} : (tensor<?x8x16xf32>, tensor<?x2x16xi64>) -> …
    %weighed = onnx.node "ai.onnx::Mul"(%rows, %weights) …
    %y = onnx.node "ai.onnx::ReduceSum"(%weighed, %one) …
    ```
    becomes
    ```mlir
    %ids, %weights = moe.gate %logits …
    %rows, %route = moe.dispatch %tokens, %ids : …
    %z = moe.expert %rows, %route …
    %y = moe.combine %z, %route, %weights : …
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::switchyard::moe::MoeDialect", "::switchyard::nn::NnDialect", "::switchyard::rt::RtDialect"];
}

def RaiseMasked : Pass<"moe-raise-masked", "::mlir::ModuleOp"> {
  let summary = "experts computed on all tokens, and masked, become a MoE layer";
  let description = [{
    The form of builders that avoid sizes which depend on data: every expert reads every token, its rows are multiplied by its share in
    each token (the weight where the expert was selected, 0 elsewhere), and all of them are added. The share is the sum over the slots of
    the weights, masked by a comparison of the ids with the expert's number, or the column of a matrix that spreads weights over experts.

    Starting at the sum, every node up to logits and tokens is read, and each condition is proved: all experts of the router are
    added, each once, with the same ids and weights; they read the same tokens and are of one kind; axes, constants and readers are right.
    Where one fails, the plain ops stay and a remark says which, and at which node. The layer computes k experts a token, not all of them.

    ```mlir
    %chosen = onnx.node "ai.onnx::Equal"(%topk#1, %three) …
    %mask = onnx.node "ai.onnx::CastLike"(%chosen, %weights) …
    %masked = onnx.node "ai.onnx::Mul"(%weights, %mask) …
    %share = onnx.node "ai.onnx::ReduceSum"(%masked, %last) {node_attributes = {keepdims = 1 : i64}, …}
    %part = onnx.node "ai.onnx::Mul"(%expert3, %share) …
    %y = onnx.node "ai.onnx::Add"(%parts_of_others, %part) …
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

#endif  // SWITCHYARD_COMPILER_RAISE_LAYERPASSES_TD
