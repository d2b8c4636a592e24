#include "tools/moe-opt/LayerSummary.h"

#include "compiler/raise/Graph.h"
#include "dialects/nn/NnDialect.h"
#include "dialects/onnx/OnnxDialect.h"
#include "dialects/support/Diagnostics.h"

#include "llvm/Support/Format.h"

using namespace mlir;

namespace switchyard {

namespace {

std::string describeRouter(moe::GateOp gate) {
  moe::GatingAttr gating = gate.getGating();
  std::string text;
  llvm::raw_string_ostream out(text);
  if (gating.getMixerEpsilon())
    out << "sparse mixer, ";
  std::string score = moe::stringifyScore(gating.getScore()).str();
  out << (gating.getOrder() == moe::Order::select_then_score ? "top-k, then " + score : score + ", then top-k");
  if (gating.getGroups() > 1)
    out << ", " << gating.getGroupsKept() << " of " << gating.getGroups() << " groups";
  if (gate.getSelectionBias())
    out << ", selection bias";
  if (gating.getRenormalize())
    out << ", renormalized";
  if (FloatAttr scale = gating.getScale())
    out << ", times " << llvm::format("%g", scale.getValueAsDouble());
  return text;
}

std::string describeActivation(moe::ExpertOp expert) {
  moe::ActivationAttr activation = expert.getActivation();
  std::string text;
  llvm::raw_string_ostream out(text);
  out << moe::stringifyActivationKind(activation.getKind());
  if (FloatAttr alpha = activation.getAlpha())
    out << "(" << llvm::format("%g", alpha.getValueAsDouble()) << ")";
  if (expert.getUp())
    out << ", gated";
  return text;
}

bool reshapes(Operation *op) {
  auto node = dyn_cast_or_null<onnx::NodeOp>(op);
  return isa_and_nonnull<nn::ReshapeOp>(op) ||
         (node && llvm::is_contained({"Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity"}, node.getType()));
}

Value skipReshapes(Value value) {
  while (reshapes(value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  return value;
}

/// True where `value` comes, through a few nodes, from a product of `tokens` with a matrix.
bool comesFromTokens(Value value, Value tokens) {
  constexpr size_t mostNodes = 48;
  auto isOfTokens = [&](onnx::NodeOp node) {
    return llvm::is_contained({"MatMul", "Gemm", "MatMulNBits"}, node.getType()) && skipReshapes(node.getInputs()[0]) == tokens;
  };
  return static_cast<bool>(raise::findOrigin(value, mostNodes, isOfTokens));
}

/// A dense expert reads the tokens of the layer, too, and is added to its result.
bool hasSharedExpert(Value result, Value tokens) {
  SmallVector<Value> values{result};
  for (size_t next = 0; next < values.size(); ++next)
    for (Operation *user : values[next].getUsers()) {
      if (reshapes(user)) {
        values.push_back(user->getResult(0));
        continue;
      }
      auto node = dyn_cast<onnx::NodeOp>(user);
      if (node && llvm::is_contained({"Add", "GatedAdd"}, node.getType()))
        for (Value operand : node.getInputs())
          if (operand != values[next] && comesFromTokens(operand, tokens))
            return true;
    }
  return false;
}

}  // namespace

LayerSummary summarizeLayer(moe::ExpertOp expert, SymbolicShapes &shapes) {
  LayerSummary layer;
  layer.name = getNodeName(expert.getLoc());
  auto route = cast<moe::RouteType>(expert.getRoute().getType());
  layer.experts = route.getExperts();
  layer.slots = route.getSlots();
  auto down = cast<RankedTensorType>(expert.getDown().getType());
  layer.hidden = down.getDimSize(1);
  layer.inner = down.getDimSize(2);
  layer.activation = describeActivation(expert);
  auto dispatch = expert.getRoute().getDefiningOp<moe::DispatchOp>();
  Value ids = dispatch ? dispatch.getIds() : Value();
  if (auto capacity = ids ? ids.getDefiningOp<moe::CapacityOp>() : moe::CapacityOp()) {
    Expression seats = shapes.getExpression(capacity.getCapacity());
    layer.capacity = seats ? seats.str() : "computed";
    ids = capacity.getIds();
  }
  if (auto gate = ids ? ids.getDefiningOp<moe::GateOp>() : moe::GateOp())
    layer.router = describeRouter(gate);
  for (Operation *user : expert->getUsers())
    if (auto combine = dyn_cast<moe::CombineOp>(user); combine && dispatch)
      layer.shared = hasSharedExpert(combine.getTokens(), skipReshapes(dispatch.getTokens()));
  return layer;
}

}  // namespace switchyard
