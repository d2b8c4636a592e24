// Ops of `moe` to kernels and collectives.
#include "compiler/codegen/KernelCall.h"
#include "compiler/codegen/LowerToKernels.h"

#include "dialects/moe/MoeDialect.h"
#include "dialects/rt/RtDialect.h"
#include "kernels/layout/route.h"
#include "kernels/layout/expert.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <limits>

using namespace mlir;

namespace switchyard::codegen {

namespace {

namespace route = kernels::route;

double valueOr(FloatAttr attribute, double otherwise) { return attribute ? attribute.getValueAsDouble() : otherwise; }

int64_t layerOf(Operation *op) {
  auto layer = op->getAttrOfType<IntegerAttr>("moe.layer");
  return layer ? layer.getInt() : 0;
}

/// The gate that made a source route: it knows all tokens, and those of this rank.
FailureOr<moe::FusedGateOp> gateOf(Operation *op, Value source) {
  if (auto gate = source.getDefiningOp<moe::FusedGateOp>())
    return gate;
  return op->emitOpError("expects a source route of a moe.fused_gate; run moe-fuse-gating before");
}

OpFoldResult size(OpBuilder &builder, Value tensor, int64_t d) { return tensor::getMixedSize(builder, tensor.getLoc(), tensor, d); }

/// Rows for `tokens` tokens, each at all its slots, of H elements.
Value emptyRows(OpBuilder &builder, Operation *op, OpFoldResult tokens, int64_t slots, Value like) {
  OpFoldResult rows = multiply(builder, op->getLoc(), tokens, builder.getIndexAttr(slots));
  return emptyTensor(builder, op->getLoc(), {rows, size(builder, like, 1)}, cast<RankedTensorType>(like.getType()).getElementType());
}

/// Replaces `op` by a call; the results' types may be more or less static than those of the op.
void replaceByCall(ConversionPatternRewriter &rewriter, Operation *op, const KernelCall &call, const TypeConverter *converter) {
  SmallVector<Value> results;
  for (auto [result, old] : llvm::zip(buildCall(rewriter, op, call), op->getResults())) {
    Type type = converter->convertType(old.getType());
    results.push_back(result.getType() == type ? result : tensor::CastOp::create(rewriter, op->getLoc(), type, result).getResult());
  }
  rewriter.replaceOp(op, results);
}

struct LowerFusedGate : OpConversionPattern<moe::FusedGateOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(moe::FusedGateOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    if (failed(expectF32(op)))
      return failure();
    Location loc = op.getLoc();
    moe::RouteType type = op.getRoute().getType();
    moe::GatingAttr gating = op.getGating();
    moe::DropAttr drop = op.getDropAttr();
    Value placement = rt::PlacementOp::create(rewriter, loc, RankedTensorType::get({type.getExperts()}, rewriter.getI32Type()), op.getLayer());
    // The kernel reads -1 as no capacity; a formula that falls below 0 seats nobody.
    Value capacity = adaptor.getCapacity();
    if (capacity)
      capacity = arith::MaxSIOp::create(rewriter, loc, capacity, arith::ConstantIndexOp::create(rewriter, loc, 0));
    else
      capacity = arith::ConstantIndexOp::create(rewriter, loc, -1);
    Value group = adaptor.getGroup() ? adaptor.getGroup() : arith::ConstantIndexOp::create(rewriter, loc, -1).getResult();
    OpFoldResult tokens = size(rewriter, adaptor.getLogits(), 0), slots = rewriter.getIndexAttr(type.getSlots());
    OpFoldResult fixedWords = rewriter.getIndexAttr(route::sourceWords(type.getExperts(), type.getSlots(), 0));
    OpFoldResult words = add(rewriter, loc, fixedWords, multiply(rewriter, loc, adaptor.getCount(), rewriter.getIndexAttr(2 * type.getSlots())));
    KernelCall call{
        .kernel = "gate_f32",
        .inputs = {adaptor.getLogits(), adaptor.getSelectionBias(), adaptor.getMix(), placement},
        .outputs = {emptyTensor(rewriter, loc, {tokens, slots}, rewriter.getI32Type()), emptyTensor(rewriter, loc, {tokens, slots}, rewriter.getF32Type()),
                    emptyTensor(rewriter, loc, {words}, rewriter.getI32Type())},
        .scalars = {adaptor.getFirst(), adaptor.getCount(), capacity, group},
        .integers = {{"score", int64_t(gating.getScore())}, {"order", int64_t(gating.getOrder())}, {"groups", gating.getGroups()},
                     {"groups_kept", gating.getGroupsKept()}, {"group_score", int64_t(gating.getGroupScore())},
                     {"group_fill", int64_t(gating.getGroupFill())}, {"renormalize", gating.getRenormalize()},
                     {"sparse_mixer", static_cast<bool>(gating.getMixerEpsilon())},
                     {"drop_priority", drop ? int64_t(drop.getPriority()) : 0}, {"drop_renormalize", drop && drop.getRenormalize()}},
        .floats = {{"scale", valueOr(gating.getScale(), 1)}, {"renormalize_epsilon", valueOr(gating.getRenormalizeEpsilon(), 0)},
                   {"mixer_epsilon", valueOr(gating.getMixerEpsilon(), 0)}, {"drop_epsilon", drop ? valueOr(drop.getEpsilon(), 0) : 0}},
        .layer = static_cast<int64_t>(op.getLayer())};
    replaceByCall(rewriter, op, call, getTypeConverter());
    return success();
  }
};

struct LowerPermute : OpConversionPattern<moe::PermuteOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(moe::PermuteOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    if (failed(expectF32(op)))
      return failure();
    Value rows = emptyRows(rewriter, op, size(rewriter, adaptor.getTokens(), 0), op.getRoute().getType().getSlots(), adaptor.getTokens());
    KernelCall call{.kernel = "permute_f32", .inputs = {adaptor.getTokens(), adaptor.getRoute(), adaptor.getWeights()}, .outputs = {rows},
                    .layer = static_cast<int64_t>(op.getLayer())};
    replaceByCall(rewriter, op, call, getTypeConverter());
    return success();
  }
};

struct LowerExchangeCounts : OpConversionPattern<moe::ExchangeCountsOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(moe::ExchangeCountsOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    int64_t experts = op.getRoute().getType().getExperts();
    Value ranks = rt::RanksOp::create(rewriter, loc);
    OpFoldResult words = add(rewriter, loc, rewriter.getIndexAttr(route::receivedWords(experts, 0)), multiply(rewriter, loc, ranks, rewriter.getIndexAttr(experts)));
    KernelCall call{.kernel = "collective.exchange_counts", .inputs = {adaptor.getRoute()},
                    .outputs = {emptyTensor(rewriter, loc, {words}, rewriter.getI32Type())}, .layer = static_cast<int64_t>(op.getLayer())};
    replaceByCall(rewriter, op, call, getTypeConverter());
    return success();
  }
};

struct LowerExchangeRows : OpConversionPattern<moe::ExchangeRowsOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(moe::ExchangeRowsOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    FailureOr<moe::FusedGateOp> gate = gateOf(op, op.getRoute());
    if (failed(gate) || failed(expectF32(op)))
      return failure();
    // The worst routing sends every row of the call to one owner.
    Value rows = emptyRows(rewriter, op, size(rewriter, gate->getLogits(), 0), op.getRoute().getType().getSlots(), adaptor.getRows());
    KernelCall call{.kernel = "collective.exchange_rows", .inputs = {adaptor.getRows(), adaptor.getRoute(), adaptor.getOwner()}, .outputs = {rows},
                    .layer = static_cast<int64_t>(op.getLayer())};
    replaceByCall(rewriter, op, call, getTypeConverter());
    return success();
  }
};

struct LowerReturnRows : OpConversionPattern<moe::ReturnRowsOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(moe::ReturnRowsOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    FailureOr<moe::FusedGateOp> gate = gateOf(op, op.getRoute());
    if (failed(gate) || failed(expectF32(op)))
      return failure();
    Value rows = emptyRows(rewriter, op, gate->getCount(), op.getRoute().getType().getSlots(), adaptor.getRows());
    KernelCall call{.kernel = "collective.return_rows", .inputs = {adaptor.getRows(), adaptor.getOwner(), adaptor.getRoute()}, .outputs = {rows},
                    .layer = static_cast<int64_t>(op.getLayer())};
    replaceByCall(rewriter, op, call, getTypeConverter());
    return success();
  }
};

struct LowerAllGather : OpConversionPattern<moe::AllGatherOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(moe::AllGatherOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    if (failed(expectF32(op)))
      return failure();
    Value out = emptyTensor(rewriter, op.getLoc(), {adaptor.getTotal(), size(rewriter, adaptor.getTokens(), 1)}, rewriter.getF32Type());
    KernelCall call{.kernel = "collective.all_gather_tokens", .inputs = {adaptor.getTokens()}, .outputs = {out}, .layer = static_cast<int64_t>(op.getLayer())};
    replaceByCall(rewriter, op, call, getTypeConverter());
    return success();
  }
};

/// The address table of an expert weight; null where the operand is absent.
FailureOr<Value> expertTable(OpBuilder &builder, moe::ExpertOp op, Value weight) {
  if (!weight)
    return Value();
  auto reference = weight.getDefiningOp<rt::WeightRefOp>();
  if (!reference)
    return op.emitOpError("expects its weights to be rt.weight_ref, but got ") << weight;
  auto type = RankedTensorType::get({cast<RankedTensorType>(weight.getType()).getDimSize(0)}, builder.getI64Type());
  return rt::ExpertTableOp::create(builder, reference.getLoc(), type, reference.getWeightAttr()).getResult();
}

/// The formula of kernels/layout/expert.h.
Value workspaceRows(OpBuilder &builder, Location loc, OpFoldResult rows) {
  Value threads = rt::ThreadsOp::create(builder, loc);
  Value whole = getValueOrCreateConstantIndexOp(builder, loc, multiply(builder, loc, threads, builder.getIndexAttr(kernels::expert::rowsPerWorker)));
  Value filled = arith::MinSIOp::create(builder, loc, whole, getValueOrCreateConstantIndexOp(builder, loc, rows));
  return arith::MaxSIOp::create(builder, loc, threads, filled);
}

struct LowerExpert : OpConversionPattern<moe::ExpertOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(moe::ExpertOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    if (failed(expectF32(op)))
      return failure();
    Location loc = op.getLoc();
    SmallVector<Value> inputs{adaptor.getRows(), adaptor.getRoute()};
    for (Value weight : {op.getGate(), op.getGateBias(), op.getUp(), op.getUpBias(), op.getDown(), op.getDownBias()}) {
      FailureOr<Value> table = expertTable(rewriter, op, weight);
      if (failed(table))
        return failure();
      inputs.push_back(*table);
    }
    int64_t inner = cast<RankedTensorType>(op.getGate().getType()).getDimSize(1);
    moe::ActivationAttr activation = op.getActivation();
    OpFoldResult rows = size(rewriter, adaptor.getRows(), 0), hidden = size(rewriter, adaptor.getRows(), 1);
    OpFoldResult workspace = multiply(rewriter, loc, workspaceRows(rewriter, loc, rows), rewriter.getIndexAttr(inner));
    KernelCall call{.kernel = "expert_mlp_f32", .inputs = inputs,
                    .outputs = {emptyTensor(rewriter, loc, {rows, hidden}, rewriter.getF32Type()), emptyTensor(rewriter, loc, {workspace}, rewriter.getF32Type())},
                    .integers = {{"inner", inner}, {"activation", int64_t(activation.getKind())}},
                    .floats = {{"alpha", valueOr(activation.getAlpha(), 1)}, {"beta", valueOr(activation.getBeta(), 0)},
                               {"limit", valueOr(activation.getLimit(), std::numeric_limits<double>::infinity())}},
                    .layer = layerOf(op)};
    replaceByCall(rewriter, op, call, getTypeConverter());
    return success();
  }
};

struct LowerCombine : OpConversionPattern<moe::CombineOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(moe::CombineOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    if (failed(expectF32(op)))
      return failure();
    FailureOr<moe::FusedGateOp> gate = gateOf(op, op.getRoute());
    if (failed(gate))
      return failure();
    Value out = emptyTensor(rewriter, op.getLoc(), {gate->getCount(), size(rewriter, adaptor.getRows(), 1)}, rewriter.getF32Type());
    KernelCall call{.kernel = "combine_f32", .inputs = {adaptor.getRows(), adaptor.getRoute(), adaptor.getWeights()}, .outputs = {out}, .layer = layerOf(op)};
    replaceByCall(rewriter, op, call, getTypeConverter());
    return success();
  }
};

}  // namespace

void populateMoePatterns(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerFusedGate, LowerPermute, LowerExchangeCounts, LowerExchangeRows, LowerReturnRows, LowerAllGather, LowerExpert, LowerCombine>(
      converter, patterns.getContext());
}

}  // namespace switchyard::codegen
