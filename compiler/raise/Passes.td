#ifndef SWITCHYARD_COMPILER_RAISE_PASSES_TD
#define SWITCHYARD_COMPILER_RAISE_PASSES_TD

include "mlir/Pass/PassBase.td"

// One form of MoE layers a pass.
include "compiler/raise/LayerPasses.td"

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

def InlineControlFlow : Pass<"moe-inline-control-flow", "::mlir::ModuleOp"> {
  let summary = "If, Loop, Scan and sequences of which the compiler knows the course become their nodes";
  let description = [{
    Walks `@main` once, in order, with the symbolic shapes of what it has put in. An `If` whose condition is a constant, or follows from shapes, becomes
    the branch that is taken. An `If` whose condition is data becomes both branches and a `Where` for each result, if both give the same shape; a remark says so.
    A `Loop` of known length, of which each further iteration is known to begin, and a `Scan` along a static dimension are unrolled, up to
    65536 nodes, or 1048576 where each iteration reads its own part of a weight: experts, which become one layer. Sequences and optionals of
    known elements disappear: their nodes are replaced by the elements. What stays has the reason in `onnx.refused`, which `moe-lower-onnx` reports.

    ```mlir
    %rank = onnx.node "ai.onnx::Size"(%shape) {version = 21 : i64} : (tensor<2xi64>) -> tensor<i64>
    %two = onnx.node "ai.onnx::Equal"(%rank, %c2) {version = 21 : i64} : (tensor<i64>, tensor<i64>) -> tensor<i1>
    %y = onnx.node "ai.onnx::If"(%two) {graph_names = ["then_branch", "else_branch"], version = 21 : i64} graphs {
      %a = onnx.node "ai.onnx::Relu"(%x) {version = 21 : i64} : (tensor<?x4xf32>) -> tensor<?x4xf32>
      onnx.yield %a : tensor<?x4xf32>
    }, {
      onnx.yield %x : tensor<?x4xf32>
    } : (tensor<i1>) -> tensor<?x4xf32>
    ```
    becomes
    ```mlir
    %y = onnx.node "ai.onnx::Relu"(%x) {version = 21 : i64} : (tensor<?x4xf32>) -> tensor<?x4xf32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def InferShapes : Pass<"moe-infer-shapes", "::mlir::ModuleOp"> {
  let summary = "symbolic shapes of all values; named dimensions become index arguments";
  let description = [{
    Runs the symbolic shape analysis (compiler/analysis) on `@main` and writes what it finds: refined tensor types, one
    `index` argument with `rt.dim` for every named dimension of the inputs, `rt.name` and `rt.shape` on arguments and
    results, and `rt.limits` on the module. Names that an operator proves equal become one name, and a name that must
    equal a number or a sum of others becomes it. Any other two sizes that a node needs to be equal are taken to be, and stand in
    `rt.equalities` of `@main` for the runtime to check. Results of operators that the analysis does not know keep their type.

    A node that contradicts itself or its operands, whatever the sizes of the call are (4x5 times 6x7, an axis outside the rank, a Sqrt of
    integers), is an error with tensors and sizes; all of them are reported at once.

    The limit of a dimension is `max-batch` where it leads an input whose second dimension is dynamic too, `max-batch` times
    `max-seq` where it leads a matrix of static width (a list of tokens), and `max-seq` elsewhere; the first of these that holds for some
    input counts (`runtime/base/dim_role.h`). Tokens whose positions `GroupQueryAttention` makes are bound by the rows of its rotary cache, too, of which
    the fewest are `rt.positions` of the module (compiler/analysis/PositionTable.h).

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

def FoldWeights : Pass<"moe-fold-weights", "::mlir::ModuleOp"> {
  let summary = "what is made of weights alone becomes a weight; quantised weights become floats";
  let description = [{
    Nodes that move the elements of weights (Reshape, Transpose, Slice, Split, Concat, Expand, Gather by constants, Cast between float types)
    become recipes of new weights, so that every later match sees weights, however an exporter has written them.

    Operators on quantised weights become the same on floats: `com.microsoft.MatMulNBits`, `MatMulBlockQuantizedFp8Weight` and
    `MatMulBlockQuantizedFp4Weight` a MatMul (and an Add of the bias), `com.microsoft.GatherBlockQuantized` a Gather, `DequantizeLinear` of a weight that weight. The recipe decodes: 2, 4 or 8 bits, in blocks or by
    axis, with zero points or without, `(q - zero point) * scale` in f32. What is not decoded (a layout packed for some device, a weight that is
    computed) stays, with the reason in the attribute `onnx.refused`, which `moe-lower-onnx` reports.

    ```mlir
    %y = onnx.node "com.microsoft::MatMulNBits"(%x, %q, %s)
      {node_attributes = {K = 64 : i64, N = 96 : i64, bits = 4 : i64, block_size = 32 : i64}, version = 1 : i64}
      : (tensor<?x64xf32>, tensor<96x2x16xui8>, tensor<96x2xf32>) -> tensor<?x96xf32>
    ```
    becomes
    ```mlir
    %w = rt.weight_ref @q.decoded : tensor<64x96xf32>
    %y = onnx.node "ai.onnx::MatMul"(%x, %w) {version = 13 : i64} : (tensor<?x64xf32>, tensor<64x96xf32>) -> tensor<?x96xf32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::switchyard::rt::RtDialect"];
}

def NarrowSums : Pass<"moe-narrow-sums", "::mlir::ModuleOp"> {
  let summary = "a sum between a Cast to f32 and one back becomes a sum in the narrower type";
  let description = [{
    torch writes the sums of f16 and bf16 between casts, since it adds in f32 and rounds once. So does every node of these types here, so that the sum
    (`ReduceSum`, `CumSum`) of the narrower elements is the same, to the last bit, and the matchers of routers and experts read what was meant. A sum that
    is also read in f32, or in another type than the elements had, stays as it is.

    ```mlir
    %wide = onnx.node "ai.onnx::Cast"(%w) … : (tensor<?x2xf16>) -> tensor<?x2xf32>
    %sum = onnx.node "ai.onnx::ReduceSum"(%wide, %last) … : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
    %y = onnx.node "ai.onnx::Cast"(%sum) … : (tensor<?x1xf32>) -> tensor<?x1xf16>
    ```
    becomes
    ```mlir
    %y = onnx.node "ai.onnx::ReduceSum"(%w, %last) … : (tensor<?x2xf16>, tensor<1xi64>) -> tensor<?x1xf16>
    ```
  }];
}

def RejectFrozenExperts : Pass<"moe-reject-frozen-experts", "::mlir::ModuleOp"> {
  let summary = "a file that lost experts at export is an error";
  let description = [{
    An exporter that traces a loop over "the experts that were hit" writes only those that its sample input hit. The router still
    scores all of them, so that the file gives wrong numbers for other inputs, without any sign. Such a file has a one-hot
    mask of the chosen experts, of which each expert's row is looked up by NonZero; if rows of some experts are never read, they are
    missing. Where the rows are sorted by expert, the number of rows that each expert got from the sample input may be frozen instead.

    ```mlir
    %mask = onnx.node "ai.onnx::Transpose"(%onehot) {node_attributes = {perm = array<i64: 2, 1, 0>}, …} : (tensor<?x1x4xi64>) -> tensor<4x1x?xi64>
    %row = onnx.node "ai.onnx::Gather"(%mask, %one) …   // and for experts 2 and 3, but not for 0
    ```
    stays as it is, with the error "expert 0 missing (frozen at export)".
  }];
}

def ScatterScores : Pass<"moe-scatter-scores", "::mlir::ModuleOp"> {
  let summary = "scores masked by the choice of experts become the chosen scores, scattered";
  let description = [{
    Routers may keep the scores of all experts and mask them: by a product with a mask that has 1 at the chosen experts (a scatter of ones, or the sum of
    one-hots), or by Where. The ids are those of a TopK, so that they are all different. The same matrix is a scatter of the chosen scores into zeros, or
    into what Where fills with, which the matchers of routers read. A product is taken for a mask where scores are a Softmax or a Sigmoid: of an infinite score times 0 it would be NaN.

    What divides such a matrix by the sum over all experts, or scales it, moves in front of the scatter.

    ```mlir
    %mask = onnx.node "ai.onnx::ScatterElements"(%zeros, %topk#1, %ones) {node_attributes = {axis = -1 : i64}, …}
    %kept = onnx.node "ai.onnx::Mul"(%scores, %mask) …
    %sum = onnx.node "ai.onnx::ReduceSum"(%kept, %last) …
    %routes = onnx.node "ai.onnx::Div"(%kept, %sum) …
    ```
    becomes
    ```mlir
    %chosen = onnx.node "ai.onnx::GatherElements"(%scores, %topk#1) {node_attributes = {axis = -1 : i64}, …}
    %sum = onnx.node "ai.onnx::ReduceSum"(%chosen, %last) …
    %shares = onnx.node "ai.onnx::Div"(%chosen, %sum) …
    %routes = onnx.node "ai.onnx::ScatterElements"(%zeros, %topk#1, %shares) {node_attributes = {axis = -1 : i64}, …}
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def ArrangeExperts : Pass<"moe-arrange-experts", "::mlir::ModuleOp"> {
  let summary = "experts written with Einsum, or behind the dimension of the tokens, take the form that the raising passes read";
  let description = [{
    A layer that computes all experts on all tokens may have their dimension anywhere (`[tokens, experts, features]` of stacked experts), multiply by their weights
    with Einsum, and weigh with a Mul and a ReduceSum, a MatMul of vectors, or an Einsum. Starting at a sum weighed by a matrix that looks like routes, the rows
    are followed through element by element operators to the products with weights, and written anew as experts x rows x features: MatMul, Mul by the
    transposed matrix, and ReduceSum over the first dimension. So are the rows of experts behind a capacity.

    Einsum with weights gathered for each slot becomes MatMul of vectors, and the sum over slots or one-hots, weighed by Einsum or MatMul, Mul and ReduceSum.
    Einsum of more than two operands becomes one of pairs, from the left.

    ```mlir
    %a = onnx.node "ai.onnx::Einsum"(%x, %w1) {node_attributes = {equation = "th,ehi->tei"}, …} : (tensor<?x16xf32>, tensor<8x16x24xf32>) -> tensor<?x8x24xf32>
    %b = onnx.node "ai.onnx::Relu"(%a) …
    %c = onnx.node "ai.onnx::Einsum"(%b, %w2) {node_attributes = {equation = "tei,eih->teh"}, …} : (tensor<?x8x24xf32>, tensor<8x24x16xf32>) -> tensor<?x8x16xf32>
    %y = onnx.node "ai.onnx::Einsum"(%routes, %c) {node_attributes = {equation = "te,teh->th"}, …} : (tensor<?x8xf32>, tensor<?x8x16xf32>) -> tensor<?x16xf32>
    ```
    becomes
    ```mlir
    %a = onnx.node "ai.onnx::MatMul"(%x, %w1) … : (tensor<?x16xf32>, tensor<8x16x24xf32>) -> tensor<8x?x24xf32>
    %b = onnx.node "ai.onnx::Relu"(%a) …
    %c = onnx.node "ai.onnx::MatMul"(%b, %w2) … : (tensor<8x?x24xf32>, tensor<8x24x16xf32>) -> tensor<8x?x16xf32>
    %t = onnx.node "ai.onnx::Transpose"(%routes) {node_attributes = {perm = array<i64: 1, 0>}, …}
    %s = onnx.node "ai.onnx::Unsqueeze"(%t, %two) …
    %m = onnx.node "ai.onnx::Mul"(%c, %s) …
    %y = onnx.node "ai.onnx::ReduceSum"(%m, %zero) …
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def ScatterRows : Pass<"moe-scatter-rows", "::mlir::ModuleOp"> {
  let summary = "an assignment through a mask of rows, written element by element, becomes a scatter of rows";
  let description = [{
    Exporters write `sum[mask] = rows` with a mask that is expanded over the elements of a row: NonZero looks up all elements, and ScatterND writes the
    rows as one vector, cut or expanded to as many elements as the mask has. Where the mask itself is looked up, too, as what reads rows by it does, and
    there is a row for each of its tokens, whole rows are written there.

    Equal nodes of which masks are made become one, so that what is read by one mask is known to be as long as what is written by it.
    Rows that are written by a mask of several axes (over sequences of tokens) are written by their positions among all tokens, and so are those read that
    are gathered by the same mask.

    ```mlir
    %where = onnx.node "ai.onnx::NonZero"(%mask) …
    %wide = onnx.node "ai.onnx::Expand"(%column, %sizes) …
    %elements = onnx.node "ai.onnx::NonZero"(%wide) …
    %tuples = onnx.node "ai.onnx::Transpose"(%elements) …
    %vector = onnx.node "ai.onnx::Reshape"(%rows, %all) …
    %y = onnx.node "ai.onnx::ScatterND"(%sum, %tuples, %vector) …
    ```
    becomes
    ```mlir
    %where = onnx.node "ai.onnx::NonZero"(%mask) …
    %tokens = onnx.node "ai.onnx::Transpose"(%where) …
    %y = onnx.node "ai.onnx::ScatterND"(%sum, %tokens, %rows) …
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def MaskRows : Pass<"moe-mask-rows", "::mlir::ModuleOp"> {
  let summary = "rows that a mask looks up are computed for all rows";
  let description = [{
    NonZero finds as many rows as data says. Where the loop over experts that reads them is no layer that is recognised, what is computed from them is
    computed for all rows: every node from the lookup on must give each row from the same row alone. A Scatter that puts the rows back leaves out those for
    which the mask is not set: 0 is added for them, or they are written to a place behind the last one, which is cut off. What such rows say of a table
    is not read.

    What reads rows otherwise (a sum over rows, an output of the model, another lookup) is refused by `moe-lower-onnx`, with the node that does so.

    ```mlir
    %found = onnx.node "ai.onnx::NonZero"(%mask) …
    %tokens = onnx.node "ai.onnx::Gather"(%found, %zero) …
    %rows = onnx.node "ai.onnx::Gather"(%x, %tokens) …
    %results = onnx.node "ai.onnx::LayerNormalization"(%rows, %scale) …
    %y = onnx.node "ai.onnx::ScatterND"(%sum, %tuples, %results) {node_attributes = {reduction = "add"}, …}
    ```
    becomes
    ```mlir
    %all = onnx.node "ai.onnx::Range"(%zero, %count, %one) …
    %results = onnx.node "ai.onnx::LayerNormalization"(%rows, %scale) …
    %kept = onnx.node "ai.onnx::Where"(%chosen, %results, %zeros) …
    %y = onnx.node "ai.onnx::ScatterND"(%sum, %tuples, %kept) {node_attributes = {reduction = "add"}, …}
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def GroupProducts : Pass<"moe-group-products", "::mlir::ModuleOp"> {
  let summary = "products of groups of rows become one";
  let description = [{
    Rows that are sorted by group, one product a group with its own matrix, and the Concat of all of them: nobody knows before data is how many
    rows a group has, but all of them together are known. What is no MoE layer (the projections of an attention whose heads are experts,
    experts of which a condition failed) becomes one call of a kernel that reads where the groups end.

    The rows of the groups must be taken one after another, by ranges between cumulated counts or by a Split into the counts themselves, and
    the counts must be of as many numbers as there are rows. Where that is not proved, a remark says what failed.

    ```mlir
    %rows:2 = onnx.node "ai.onnx::Split"(%sorted, %counts) …
    %a = onnx.node "ai.onnx::MatMul"(%rows#0, %matrix0) …
    %b = onnx.node "ai.onnx::MatMul"(%rows#1, %matrix1) …
    %y = onnx.node "ai.onnx::Concat"(%a, %b) {node_attributes = {axis = 0 : i64}, …}
    ```
    becomes
    ```mlir
    %ends = nn.cumsum %counts …
    %y = nn.operator "grouped_matmul_f32"(%sorted, %ends, %matrices) [%n] …
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect", "::switchyard::nn::NnDialect",
                           "::switchyard::rt::RtDialect"];
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
