// Ops of `nn` to kernels.
#include "compiler/codegen/KernelCall.h"
#include "compiler/codegen/LowerToKernels.h"

#include "dialects/nn/NnDialect.h"
#include "dialects/rt/RtDialect.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace switchyard::codegen {

namespace {

using Sizes = SmallVector<OpFoldResult>;

Sizes sizesOf(OpBuilder &builder, Value tensor) { return tensor::getMixedSizes(builder, tensor.getLoc(), tensor); }

/// An uninitialised result of type `type`: static sizes of the type, dynamic ones of `sizes`.
Value emptyLike(OpBuilder &builder, Location loc, Type type, Sizes sizes) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<Value> dynamic;
  for (auto [d, size] : llvm::enumerate(tensor.getShape()))
    if (ShapedType::isDynamic(size))
      dynamic.push_back(getValueOrCreateConstantIndexOp(builder, loc, sizes[d]));
  return tensor::EmptyOp::create(builder, loc, tensor, dynamic);
}

template <typename Op>
struct KernelPattern : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;
  using Adaptor = typename OpConversionPattern<Op>::OpAdaptor;

  /// The call, and the sizes of all results.
  virtual KernelCall call(Op op, Adaptor adaptor, OpBuilder &builder) const = 0;

  LogicalResult matchAndRewrite(Op op, Adaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    if (failed(expectF32(op)))
      return failure();
    rewriter.replaceOp(op, buildCall(rewriter, op, call(op, adaptor, rewriter)));
    return success();
  }
};

struct LowerMatmul : KernelPattern<nn::MatmulOp> {
  using KernelPattern::KernelPattern;
  KernelCall call(nn::MatmulOp op, Adaptor adaptor, OpBuilder &builder) const override {
    Sizes sizes = sizesOf(builder, adaptor.getA());
    Value out = emptyLike(builder, op.getLoc(), op.getType(), sizes);
    return {.kernel = "matmul_panel_f32", .inputs = {adaptor.getA(), adaptor.getWeight(), adaptor.getBias()}, .outputs = {out},
            .integers = {{"n", cast<RankedTensorType>(op.getWeight().getType()).getDimSize(0)}}};
  }
};

/// The larger of two sizes that broadcast.
OpFoldResult broadcastSize(OpBuilder &builder, Location loc, OpFoldResult a, OpFoldResult b) {
  if (getConstantIntValue(a) == 1)
    return b;
  if (getConstantIntValue(b) == 1 || a == b || getConstantIntValue(a))
    return a;
  if (getConstantIntValue(b))
    return b;
  return arith::MaxSIOp::create(builder, loc, getValueOrCreateConstantIndexOp(builder, loc, a), getValueOrCreateConstantIndexOp(builder, loc, b)).getResult();
}

struct LowerBatchMatmul : KernelPattern<nn::BatchMatmulOp> {
  using KernelPattern::KernelPattern;
  KernelCall call(nn::BatchMatmulOp op, Adaptor adaptor, OpBuilder &builder) const override {
    Sizes a = sizesOf(builder, adaptor.getA()), b = sizesOf(builder, adaptor.getB());
    int64_t rank = std::max(a.size(), b.size()), fromA = rank - a.size(), fromB = rank - b.size();
    OpFoldResult one = builder.getIndexAttr(1);
    Sizes sizes;
    for (int64_t d = 0; d < rank - 2; ++d)
      sizes.push_back(broadcastSize(builder, op.getLoc(), d < fromA ? one : a[d - fromA], d < fromB ? one : b[d - fromB]));
    sizes.push_back(a[a.size() - 2]);
    sizes.push_back(b.back());
    return {.kernel = "batch_matmul_f32", .inputs = {adaptor.getA(), adaptor.getB()}, .outputs = {emptyLike(builder, op.getLoc(), op.getType(), sizes)}};
  }
};

struct LowerEmbedding : KernelPattern<nn::EmbeddingOp> {
  using KernelPattern::KernelPattern;
  KernelCall call(nn::EmbeddingOp op, Adaptor adaptor, OpBuilder &builder) const override {
    Sizes sizes = sizesOf(builder, adaptor.getIds());
    auto table = cast<RankedTensorType>(op.getTable().getType());
    sizes.push_back(builder.getIndexAttr(table.getDimSize(1)));
    return {.kernel = "embedding_f32", .inputs = {adaptor.getIds(), adaptor.getTable()}, .outputs = {emptyLike(builder, op.getLoc(), op.getType(), sizes)},
            .integers = {{"vocabulary", table.getDimSize(0)}}};
  }
};

struct LowerRmsNorm : KernelPattern<nn::RmsNormOp> {
  using KernelPattern::KernelPattern;
  KernelCall call(nn::RmsNormOp op, Adaptor adaptor, OpBuilder &builder) const override {
    Value out = emptyLike(builder, op.getLoc(), op.getType(), sizesOf(builder, adaptor.getX()));
    return {.kernel = "rms_norm_f32", .inputs = {adaptor.getX(), adaptor.getScale()}, .outputs = {out},
            .floats = {{"epsilon", op.getEpsilon().convertToDouble()}}};
  }
};

struct LowerLayerNorm : KernelPattern<nn::LayerNormOp> {
  using KernelPattern::KernelPattern;
  KernelCall call(nn::LayerNormOp op, Adaptor adaptor, OpBuilder &builder) const override {
    Value out = emptyLike(builder, op.getLoc(), op.getType(), sizesOf(builder, adaptor.getX()));
    return {.kernel = "layer_norm_f32", .inputs = {adaptor.getX(), adaptor.getScale(), adaptor.getBias()}, .outputs = {out},
            .floats = {{"epsilon", op.getEpsilon().convertToDouble()}}};
  }
};

struct LowerSoftmax : KernelPattern<nn::SoftmaxOp> {
  using KernelPattern::KernelPattern;
  KernelCall call(nn::SoftmaxOp op, Adaptor adaptor, OpBuilder &builder) const override {
    Value out = emptyLike(builder, op.getLoc(), op.getType(), sizesOf(builder, adaptor.getX()));
    return {.kernel = "softmax_f32", .inputs = {adaptor.getX()}, .outputs = {out}};
  }
};

struct LowerRotary : KernelPattern<nn::RotaryOp> {
  using KernelPattern::KernelPattern;
  KernelCall call(nn::RotaryOp op, Adaptor adaptor, OpBuilder &builder) const override {
    Value out = emptyLike(builder, op.getLoc(), op.getType(), sizesOf(builder, adaptor.getX()));
    return {.kernel = "rotary_f32", .inputs = {adaptor.getX(), adaptor.getPositions(), adaptor.getCosine(), adaptor.getSine()}, .outputs = {out},
            .integers = {{"heads", op.getHeads()}, {"interleaved", op.getInterleaved()}}};
  }
};

struct LowerAttention : KernelPattern<nn::AttentionOp> {
  using KernelPattern::KernelPattern;
  KernelCall call(nn::AttentionOp op, Adaptor adaptor, OpBuilder &builder) const override {
    Location loc = op.getLoc();
    Sizes query = sizesOf(builder, adaptor.getQuery());
    int64_t heads = op.getHeads(), kvHeads = op.getKvHeads();
    int64_t width = cast<RankedTensorType>(op.getQuery().getType()).getDimSize(2) / heads;
    Sizes cache{query[0], builder.getIndexAttr(kvHeads), adaptor.getTotal(), builder.getIndexAttr(width)};
    return {.kernel = "attention_f32",
            .inputs = {adaptor.getQuery(), adaptor.getKey(), adaptor.getValue(), adaptor.getPastKey(), adaptor.getPastValue(), adaptor.getLengths(),
                       adaptor.getBias(), adaptor.getSink()},
            .outputs = {emptyLike(builder, loc, op.getResult().getType(), query), emptyLike(builder, loc, op.getPresentKey().getType(), cache),
                        emptyLike(builder, loc, op.getPresentValue().getType(), cache)},
            .integers = {{"heads", heads}, {"kv_heads", kvHeads}, {"causal", op.getCausal()}, {"window", op.getWindow()}},
            .floats = {{"scale", op.getScale().convertToDouble()}, {"softcap", op.getSoftcap().convertToDouble()}}};
  }
};

struct LowerTopK : KernelPattern<nn::TopKOp> {
  using KernelPattern::KernelPattern;
  KernelCall call(nn::TopKOp op, Adaptor adaptor, OpBuilder &builder) const override {
    Sizes sizes = sizesOf(builder, adaptor.getX());
    return {.kernel = "topk_f32", .inputs = {adaptor.getX()},
            .outputs = {emptyLike(builder, op.getLoc(), op.getValues().getType(), sizes), emptyLike(builder, op.getLoc(), op.getIndices().getType(), sizes)},
            .integers = {{"largest", op.getLargest()}}};
  }
};

/// Kernels that move elements of any type.
template <typename Op>
struct MovePattern : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;
  using Adaptor = typename OpConversionPattern<Op>::OpAdaptor;
  virtual KernelCall call(Op op, Adaptor adaptor, OpBuilder &builder) const = 0;
  LogicalResult matchAndRewrite(Op op, Adaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, buildCall(rewriter, op, call(op, adaptor, rewriter)));
    return success();
  }
};

struct LowerGather : MovePattern<nn::GatherOp> {
  using MovePattern::MovePattern;
  KernelCall call(nn::GatherOp op, Adaptor adaptor, OpBuilder &builder) const override {
    Sizes data = sizesOf(builder, adaptor.getData()), sizes(data.begin(), data.begin() + op.getAxis());
    llvm::append_range(sizes, sizesOf(builder, adaptor.getIndices()));
    sizes.append(data.begin() + op.getAxis() + 1, data.end());
    return {.kernel = "gather", .inputs = {adaptor.getData(), adaptor.getIndices()}, .outputs = {emptyLike(builder, op.getLoc(), op.getType(), sizes)},
            .integers = {{"axis", op.getAxis()}}};
  }
};

struct LowerGatherElements : MovePattern<nn::GatherElementsOp> {
  using MovePattern::MovePattern;
  KernelCall call(nn::GatherElementsOp op, Adaptor adaptor, OpBuilder &builder) const override {
    Value out = emptyLike(builder, op.getLoc(), op.getType(), sizesOf(builder, adaptor.getIndices()));
    return {.kernel = "gather_elements", .inputs = {adaptor.getData(), adaptor.getIndices()}, .outputs = {out}, .integers = {{"axis", op.getAxis()}}};
  }
};

struct LowerGatherNd : MovePattern<nn::GatherNdOp> {
  using MovePattern::MovePattern;
  KernelCall call(nn::GatherNdOp op, Adaptor adaptor, OpBuilder &builder) const override {
    Sizes data = sizesOf(builder, adaptor.getData()), sizes = sizesOf(builder, adaptor.getIndices());
    int64_t tuple = cast<RankedTensorType>(op.getIndices().getType()).getShape().back();
    sizes.pop_back();
    sizes.append(data.begin() + op.getBatchDims() + tuple, data.end());
    return {.kernel = "gather_nd", .inputs = {adaptor.getData(), adaptor.getIndices()}, .outputs = {emptyLike(builder, op.getLoc(), op.getType(), sizes)},
            .integers = {{"batch_dims", op.getBatchDims()}}};
  }
};

struct LowerCumSum : MovePattern<nn::CumSumOp> {
  using MovePattern::MovePattern;
  KernelCall call(nn::CumSumOp op, Adaptor adaptor, OpBuilder &builder) const override {
    Value out = emptyLike(builder, op.getLoc(), op.getType(), sizesOf(builder, adaptor.getX()));
    return {.kernel = "cumsum", .inputs = {adaptor.getX()}, .outputs = {out},
            .integers = {{"axis", op.getAxis()}, {"exclusive", op.getExclusive()}, {"reverse", op.getReverse()}}};
  }
};

struct LowerOperator : OpConversionPattern<nn::OperatorOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(nn::OperatorOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    KernelCall call{.kernel = op.getKernel()};
    auto input = adaptor.getInputs().begin();
    for (bool present : op.getPresent())
      call.inputs.push_back(present ? *input++ : Value());
    ValueRange sizes = adaptor.getSizes();
    for (Type type : op.getResultTypes()) {
      int64_t dynamic = cast<RankedTensorType>(type).getNumDynamicDims();
      call.outputs.push_back(tensor::EmptyOp::create(rewriter, op.getLoc(), type, sizes.take_front(dynamic)));
      sizes = sizes.drop_front(dynamic);
    }
    for (NamedAttribute attribute : op.getIntegers())
      call.integers.push_back({attribute.getName(), cast<IntegerAttr>(attribute.getValue()).getInt()});
    for (NamedAttribute attribute : op.getFloats())
      call.floats.push_back({attribute.getName(), cast<FloatAttr>(attribute.getValue()).getValueAsDouble()});
    rewriter.replaceOp(op, buildCall(rewriter, op, call));
    return success();
  }
};

struct LowerReshape : OpConversionPattern<nn::ReshapeOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(nn::ReshapeOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<rt::ReshapeOp>(op, op.getType(), adaptor.getX(), adaptor.getSizes());
    return success();
  }
};

}  // namespace

void populateNnPatterns(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerMatmul, LowerBatchMatmul, LowerEmbedding, LowerRmsNorm, LowerLayerNorm, LowerSoftmax, LowerRotary, LowerAttention, LowerTopK,
               LowerGather, LowerGatherElements, LowerGatherNd, LowerCumSum, LowerOperator, LowerReshape>(converter, patterns.getContext());
}

}  // namespace switchyard::codegen
