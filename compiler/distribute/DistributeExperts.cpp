#include "compiler/distribute/Passes.h"

#include "dialects/moe/MoeDialect.h"
#include "dialects/rt/RtDialect.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace switchyard::distribute {

#define GEN_PASS_DEF_DISTRIBUTEEXPERTS
#include "compiler/distribute/Passes.h.inc"

namespace {

/// The ops of one MoE layer.
struct Layer {
  moe::DispatchOp dispatch;
  moe::ExpertOp expert;
  moe::CombineOp combine;
  int64_t index;
};

template <typename Op>
Op onlyUser(Value value) {
  return value.hasOneUse() ? dyn_cast<Op>(*value.user_begin()) : Op();
}

FailureOr<Layer> findLayer(moe::DispatchOp dispatch, int64_t index) {
  auto expert = onlyUser<moe::ExpertOp>(dispatch.getRows());
  auto combine = expert ? onlyUser<moe::CombineOp>(expert.getResult()) : moe::CombineOp();
  if (!combine || expert.getRoute() != dispatch.getRoute() || combine.getRoute() != dispatch.getRoute())
    return dispatch.emitOpError("expects its rows to go to one moe.expert and from there to one moe.combine, by its own route");
  return Layer{dispatch, expert, combine, index};
}

/// Rows [first, first + count) of a matrix.
Value slice(OpBuilder &builder, Location loc, Value matrix, Value first, Value count) {
  auto type = cast<RankedTensorType>(matrix.getType());
  OpFoldResult zero = builder.getIndexAttr(0), one = builder.getIndexAttr(1);
  OpFoldResult width = tensor::getMixedSize(builder, loc, matrix, 1);
  SmallVector<OpFoldResult> offsets{first, zero}, sizes{count, width}, strides{one, one};
  auto part = RankedTensorType::get({ShapedType::kDynamic, type.getDimSize(1)}, type.getElementType());
  return tensor::ExtractSliceOp::create(builder, loc, part, matrix, offsets, sizes, strides);
}

RankedTensorType withDynamicRows(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return RankedTensorType::get({ShapedType::kDynamic, type.getDimSize(1)}, type.getElementType());
}

void distribute(Layer layer) {
  auto [dispatch, expert, combine, index] = layer;
  OpBuilder builder(dispatch);
  Location loc = dispatch.getLoc();
  Value tokens = dispatch.getTokens();
  Value total = getValueOrCreateConstantIndexOp(builder, loc, tensor::getMixedSize(builder, loc, tokens, 0));
  auto share = rt::TokenShareOp::create(builder, loc, total);
  Value localTokens = slice(builder, loc, tokens, share.getFirst(), share.getCount());
  Value localIds = slice(builder, loc, dispatch.getIds(), share.getFirst(), share.getCount());
  auto source = dispatch.getRoute().getType();
  auto owner = moe::RouteType::get(builder.getContext(), source.getExperts(), source.getSlots(), moe::RouteSide::owner);
  RankedTensorType rowsType = withDynamicRows(dispatch.getRows());
  auto ofShare = [&](Location from, Value weights) { return weights ? slice(builder, from, weights, share.getFirst(), share.getCount()) : Value(); };
  auto local = moe::DispatchOp::create(builder, loc, rowsType, source, localTokens, localIds, ofShare(loc, dispatch.getWeights()));
  IntegerAttr number = builder.getI64IntegerAttr(index);
  auto there = moe::AllToAllOp::create(builder, loc, rowsType, owner, moe::Direction::dispatch, moe::Algorithm::flat,
                                       local.getRows(), local.getRoute(), Value(), index);

  builder.setInsertionPoint(expert);
  IRMapping operands;
  operands.map(dispatch.getRows(), there.getResult());
  operands.map(dispatch.getRoute(), there.getResultRoute());
  auto mapped = cast<moe::ExpertOp>(builder.clone(*expert, operands));
  mapped.getResult().setType(rowsType);
  mapped->setAttr("moe.layer", number);

  builder.setInsertionPoint(combine);
  auto back = moe::AllToAllOp::create(builder, combine.getLoc(), rowsType, Type(), moe::Direction::combine, moe::Algorithm::flat,
                                      mapped.getResult(), there.getResultRoute(), local.getRoute(), index);
  auto sum = moe::CombineOp::create(builder, combine.getLoc(), withDynamicRows(combine.getTokens()), back.getResult(), local.getRoute(),
                                    ofShare(combine.getLoc(), combine.getWeights()));
  sum->setAttr("moe.layer", number);
  Value all = moe::AllGatherOp::create(builder, combine.getLoc(), combine.getTokens().getType(), sum.getTokens(), total, number);
  combine.getTokens().replaceAllUsesWith(all);
  combine.erase();
  expert.erase();
  dispatch.erase();
}

/// The operands of an expert that are weights.
SmallVector<OpOperand *> weightsOf(moe::ExpertOp expert) {
  SmallVector<OpOperand *> result;
  for (OpOperand &operand : expert->getOpOperands())
    if (operand.get() != expert.getRows() && operand.get() != expert.getRoute())
      result.push_back(&operand);
  return result;
}

/// Marks the weights of an expert; one that is read elsewhere too is declared a second time, for this layer alone.
LogicalResult markWeights(moe::ExpertOp expert, int64_t index, SymbolTable &symbols, const DenseMap<StringAttr, int> &reads) {
  for (OpOperand *operand : weightsOf(expert)) {
    auto reference = operand->get().getDefiningOp<rt::WeightRefOp>();
    if (!reference)
      return expert.emitOpError("of layer ") << index << " expects its weights to be rt.weight_ref, but operand " << operand->getOperandNumber()
                                             << " is computed; fold its producer into the recipe of a weight";
    auto weight = symbols.lookup<rt::WeightOp>(reference.getWeight());
    bool shared = !reference->hasOneUse() || reads.lookup(reference.getWeightAttr().getAttr()) > 1;
    if (shared) {
      auto copy = cast<rt::WeightOp>(weight->clone());
      copy.setSymName((weight.getSymName() + ".layer" + Twine(index)).str());
      StringAttr name = symbols.insert(copy, std::next(Block::iterator(weight)));
      OpBuilder builder(expert);
      operand->set(rt::WeightRefOp::create(builder, reference.getLoc(), reference.getType(), FlatSymbolRefAttr::get(name)));
      weight = copy;
      if (reference->use_empty())
        reference.erase();
    }
    weight.setPerExpert(true);
  }
  return success();
}

struct DistributeExperts : impl::DistributeExpertsBase<DistributeExperts> {
  void runOnOperation() override {
    SmallVector<Layer> layers;
    WalkResult found = getOperation().walk([&](moe::DispatchOp dispatch) {
      FailureOr<Layer> layer = findLayer(dispatch, layers.size());
      if (failed(layer))
        return WalkResult::interrupt();
      layers.push_back(*layer);
      return WalkResult::advance();
    });
    if (found.wasInterrupted())
      return signalPassFailure();
    SymbolTable symbols(getOperation());
    DenseMap<StringAttr, int> reads;
    getOperation().walk([&](rt::WeightRefOp reference) { ++reads[reference.getWeightAttr().getAttr()]; });
    for (Layer &layer : layers)
      if (failed(markWeights(layer.expert, layer.index, symbols, reads)))
        return signalPassFailure();
    for (Layer &layer : layers)
      distribute(layer);
  }
};

}  // namespace

}  // namespace switchyard::distribute
