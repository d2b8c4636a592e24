#include "compiler/raise/MoeLayer.h"
#include "compiler/raise/Passes.h"
#include "compiler/raise/fused/QuantisedExperts.h"
#include "compiler/raise/routers/Routers.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringSwitch.h"

namespace switchyard::raise {

#define GEN_PASS_DEF_RAISEFUSED
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

constexpr llvm::StringRef fusedType = "com.microsoft::MoE", quantisedType = "com.microsoft::QMoE";
/// The jitter that the sparse mixer's masks were trained with; the operator does not carry it.
constexpr double mixerEpsilon = 0.01;

/// The operands that both operators have, in the order of com.microsoft.MoE.
enum Operand : unsigned { input, router, fc1, fc1Bias, fc2, fc2Bias, fc3, fc3Bias, operandCount };
constexpr llvm::StringRef operandNames[operandCount] = {"input",
                                                        "router_probs",
                                                        "fc1_experts_weights",
                                                        "fc1_experts_bias",
                                                        "fc2_experts_weights",
                                                        "fc2_experts_bias",
                                                        "fc3_experts_weights",
                                                        "fc3_experts_bias"};

/// Where com.microsoft.QMoE has them, its scales and zero points between and behind them.
constexpr unsigned quantisedPositions[operandCount] = {0, 1, 2, 4, 5, 7, 8, 10};
constexpr unsigned routerWeights = 14, quantisedOperandCount = 21;

/// A layer, and the node whose result it gives.
struct FusedLayer {
  MoeLayer layer;
  onnx::NodeOp root;
};

/// Reads one com.microsoft.MoE or com.microsoft.QMoE node; the methods return failure after its first fault.
class FusedReader : FusedNode {
public:
  FusedReader(onnx::NodeOp node, SymbolicShapes &shapes, WeightRecipes &weights, bool assumeLegacyLayout)
      : FusedNode(node), shapes(shapes), weights(weights), assumeLegacyLayout(assumeLegacyLayout), quantised(node, weights) {}

  FailureOr<FusedLayer> read();

private:
  LogicalResult readAttributes();
  LogicalResult readSizes();
  LogicalResult readWeights();
  LogicalResult decideLayout();
  LogicalResult checkShape(Operand operand, ArrayRef<int64_t> expected);
  LogicalResult checkShapes();
  FailureOr<Router> readRouter();
  /// The choice that is made in front of the node, where its scores are scattered; otherwise what the node itself does.
  onnx::NodeOp readScatteredRouter(Router &router);
  FailureOr<moe::ActivationAttr> readActivation();
  void splitGateAndUp(Experts &experts);

  bool isQuantised() { return node.getOpType() == quantisedType; }
  Value operand(Operand index) { return node.getInput(isQuantised() ? quantisedPositions[index] : index); }
  Value getMix() { return isQuantised() ? node.getInput(routerWeights) : Value(); }
  bool isSwiglu() const { return activation == "swiglu"; }
  /// Gate and up stand in fc1: 1 row by row, 2 one after the other.
  int64_t fusion() const { return isSwiglu() ? swigluFusion : 0; }
  FloatAttr number(double value) { return FloatAttr::get(Float64Type::get(node.getContext()), value); }

  SymbolicShapes &shapes;
  WeightRecipes &weights;
  bool assumeLegacyLayout;
  QuantisedExperts quantised;

  llvm::StringRef activation = "relu";
  int64_t slots = 1, swigluFusion = 0, normalize = 0, sparseMixer = 0;
  double alpha = 1.0, beta = 0.0;
  std::optional<double> limit;
  int64_t experts = 0, hidden = 0, inner = 0;
  bool legacy = false;
  Attribute recipes[operandCount];
};

LogicalResult FusedReader::readAttributes() {
  for (NamedAttribute attribute : node.getNodeAttributes()) {
    llvm::StringRef name = attribute.getName();
    auto integer = dyn_cast<IntegerAttr>(attribute.getValue());
    auto real = dyn_cast<FloatAttr>(attribute.getValue());
    auto text = dyn_cast<StringAttr>(attribute.getValue());
    int64_t *number = llvm::StringSwitch<int64_t *>(name)
                          .Case("k", &slots)
                          .Case("swiglu_fusion", &swigluFusion)
                          .Case("normalize_routing_weights", &normalize)
                          .Case("use_sparse_mixer", &sparseMixer)
                          .Default(nullptr);
    if (number) {
      if (!integer)
        return invalid() << "attribute " << name << " must be an integer, but is " << attribute.getValue();
      *number = integer.getInt();
    } else if (name == "activation_type") {
      if (!text)
        return invalid() << "attribute " << name << " must be a string, but is " << attribute.getValue();
      activation = text.getValue();
    } else if (name == "activation_alpha" || name == "activation_beta" || name == "swiglu_limit") {
      if (!real)
        return invalid() << "attribute " << name << " must be a float, but is " << attribute.getValue();
      (name == "activation_alpha" ? alpha : name == "activation_beta" ? beta : limit.emplace()) = real.getValueAsDouble();
    } else {
      FailureOr<bool> known = isQuantised() ? quantised.readAttribute(attribute) : FailureOr<bool>(false);
      if (failed(known))
        return failure();
      if (!*known)
        return unsupported("unknown attribute ", name, " = ", attribute.getValue());
    }
  }
  for (auto [name, value, most] :
       {std::tuple("swiglu_fusion", swigluFusion, 2), {"normalize_routing_weights", normalize, 1}, {"use_sparse_mixer", sparseMixer, 1}})
    if (value < 0 || value > most)
      return invalid() << "attribute " << name << " must be in [0, " << most << "], but is " << value;
  if (limit && !(*limit > 0.0))
    return invalid() << "attribute swiglu_limit must be greater than 0, but is " << *limit;
  return success();
}

LogicalResult FusedReader::readSizes() {
  unsigned most = isQuantised() ? quantisedOperandCount : operandCount;
  if (node.getInputs().size() > most)
    return unsupported("expected at most ", most, " inputs, but there are ", node.getInputs().size());
  for (Operand operand : {input, router, fc1, fc2})
    if (!this->operand(operand))
      return invalid() << "input " << operandNames[operand] << " is missing";
  for (Operand operand : {input, router})
    if (!shapes.isKnownBeforeData(this->operand(operand)) || shapes.getShape(this->operand(operand)).size() < 2)
      return unsupported("the shape of ", operandNames[operand], " is not known as tokens x elements: ", this->operand(operand).getType());
  std::optional<int64_t> width = getStaticLastDim(operand(input)), scored = getStaticLastDim(operand(router));
  if (!width || !scored)
    return unsupported("the last dimensions of input and router_probs must be static, but they are ", operand(input).getType(),
                       " and ", operand(router).getType());
  hidden = *width;
  experts = *scored;
  Expression tokens = countRows(shapes, operand(input)), rows = countRows(shapes, operand(router));
  if (tokens && rows && tokens.getConstant() && rows.getConstant() && tokens != rows)
    return invalid() << "router_probs has " << rows.str() << " rows for " << tokens.str() << " tokens";
  if (slots < 1 || slots > experts)
    return invalid() << "expected 1 <= k <= experts, but k is " << slots << " and there are " << experts << " experts";
  return success();
}

LogicalResult FusedReader::readWeights() {
  if (isQuantised() && failed(quantised.checkLayout(hidden, fusion() != 0 ? 2 : 1, getElementTypeOrSelf(operand(input)))))
    return failure();
  for (Operand operand : {fc1, fc1Bias, fc2, fc2Bias, fc3, fc3Bias}) {
    Value value = this->operand(operand);
    if (!value)
      continue;
    bool decodes = isQuantised() && (operand == fc1 || operand == fc2 || operand == fc3);
    FailureOr<Attribute> recipe = decodes ? quantised.decode((operand - fc1) / 2) : getConstantRecipe(weights, value);
    if (failed(recipe))
      return failure();
    recipes[operand] = *recipe;
    if (!recipes[operand])
      return unsupported(operandNames[operand], " must be a weight of the model, but it is computed at run time");
    if (auto type = rt::getRecipeType(recipes[operand]); type.getRank() == 0 || type.getDimSize(0) != experts)
      return invalid() << "expected " << operandNames[operand] << " of " << experts << " experts, as many as router_probs scores, but got "
                       << type;
  }
  for (Operand operand : {fc1, fc2, fc3})
    if (recipes[operand] && rt::getRecipeType(recipes[operand]).getRank() != 3)
      return invalid() << "expected " << operandNames[operand] << " of rank 3, but got " << rt::getRecipeType(recipes[operand]);
  if (recipes[fc3Bias] && !recipes[fc3])
    return invalid() << "fc3_experts_bias stands without fc3_experts_weights";
  if (isSwiglu() && (fusion() == 0) != static_cast<bool>(recipes[fc3]))
    return invalid() << "expected fc3_experts_weights with swiglu_fusion 0 and none with 1 and 2, but swiglu_fusion is " << fusion()
                     << (recipes[fc3] ? " with" : " without") << " fc3_experts_weights";
  return success();
}

/// ONNX Runtime's own rule for which layout the weights have. Only files of 2024, with the three attributes of that time, can
/// be of the older one where nothing tells.
LogicalResult FusedReader::decideLayout() {
  RankedTensorType first = rt::getRecipeType(recipes[fc1]), second = rt::getRecipeType(recipes[fc2]);
  if (hidden == 0 || second.getDimSize(1) * second.getDimSize(2) % hidden != 0)
    return invalid() << "expected fc2_experts_weights of " << experts << " x " << hidden << " x I, but got " << second;
  inner = second.getDimSize(1) * second.getDimSize(2) / hidden;
  if (isQuantised()) {
    legacy = false;
  } else if (hidden != inner) {
    legacy = second.getDimSize(1) == inner;
  } else if (fusion() != 0) {
    legacy = first.getDimSize(1) == hidden;
  } else {
    legacy = assumeLegacyLayout;
    bool of2024 = llvm::all_of(node.getNodeAttributes(), [](NamedAttribute attribute) {
      return llvm::is_contained({"k", "activation_type", "normalize_routing_weights"}, attribute.getName());
    });
    if (of2024 && !assumeLegacyLayout)
      node.emitRemark() << "H = I = " << hidden
                        << ", so that the shapes do not tell the layout of 2024 from the current one; the current one is taken "
                           "(moe-raise-fused has assume-legacy-layout)";
  }
  if (legacy)
    for (Operand operand : {fc1, fc2, fc3})
      if (recipes[operand])
        recipes[operand] = transposeMatrices(recipes[operand]);
  return success();
}

LogicalResult FusedReader::checkShape(Operand operand, ArrayRef<int64_t> expected) {
  if (!recipes[operand] || rt::getRecipeType(recipes[operand]).getShape() == expected)
    return success();
  RankedTensorType stored = rt::getRecipeType(legacy ? getConstantRecipe(weights, this->operand(operand)) : recipes[operand]);
  InFlightDiagnostic message = invalid();
  message << "expected " << operandNames[operand] << " of ";
  llvm::interleave(expected, message, " x ");
  return message << (legacy ? " after transposing the layout of 2024" : "") << ", for H = " << hidden << ", I = " << inner << " and "
                 << experts << " experts, but it is " << stored;
}

LogicalResult FusedReader::checkShapes() {
  int64_t rows = fusion() != 0 ? 2 * inner : inner;
  return success(succeeded(checkShape(fc1, {experts, rows, hidden})) && succeeded(checkShape(fc1Bias, {experts, rows})) &&
                 succeeded(checkShape(fc2, {experts, hidden, inner})) && succeeded(checkShape(fc2Bias, {experts, hidden})) &&
                 succeeded(checkShape(fc3, {experts, inner, hidden})) && succeeded(checkShape(fc3Bias, {experts, inner})));
}

FailureOr<Router> FusedReader::readRouter() {
  if (sparseMixer && slots != 2)
    return invalid() << "use_sparse_mixer needs k = 2, but k is " << slots;
  if (sparseMixer && normalize)
    return unsupported("use_sparse_mixer together with normalize_routing_weights");
  if (sparseMixer && getMix())
    return unsupported("use_sparse_mixer together with router_weights");
  // With weights of their own the scores only choose: softmax could make equals of what differs.
  moe::Score score = getMix() ? moe::Score::identity : moe::Score::softmax;
  auto gating = moe::GatingAttr::get(node.getContext(), score, moe::Order::score_then_select, 1, 1, moe::GroupScore::max, moe::GroupFill::zero,
                                     normalize != 0, FloatAttr(), FloatAttr(), sparseMixer ? number(mixerEpsilon) : FloatAttr(),
                                     moe::TieRule::lowest_index);
  return Router{operand(router), {}, getMix(), gating, experts, slots};
}

onnx::NodeOp FusedReader::readScatteredRouter(Router &router) {
  if (sparseMixer || !isScattered(router.logits))
    return node;
  Match match(shapes);
  FailureOr<ScatteredRouter> scattered = matchScatteredRouter(match, router, node);
  if (failed(scattered)) {
    match.remark(node, "the scattered scores stay plain");
    return node;
  }
  router = scattered->router;
  return scattered->root;
}

FailureOr<moe::ActivationAttr> FusedReader::readActivation() {
  auto kind = llvm::StringSwitch<std::optional<moe::ActivationKind>>(activation)
                  .Case("identity", moe::ActivationKind::identity)
                  .Case("relu", moe::ActivationKind::relu)
                  // ONNX Runtime, whose operator this is, computes the tanh form.
                  .Case("gelu", moe::ActivationKind::gelu_tanh)
                  .Cases({"silu", "swiglu"}, moe::ActivationKind::silu)
                  .Default(std::nullopt);
  if (!kind)
    return unsupported("activation_type '", activation, "'; known are identity, relu, gelu, silu and swiglu");
  if (!isSwiglu() && (alpha != 1.0 || beta != 0.0 || limit || swigluFusion != 0))
    return unsupported("activation_alpha, activation_beta, swiglu_limit or swiglu_fusion with activation_type '", activation,
                       "'; they belong to swiglu");
  if (!isSwiglu())
    return moe::ActivationAttr::get(node.getContext(), *kind, FloatAttr(), FloatAttr(), FloatAttr());
  bool limited = limit && std::isfinite(*limit);
  return moe::ActivationAttr::get(node.getContext(), *kind, alpha != 1.0 ? number(alpha) : FloatAttr(),
                                  beta != 0.0 ? number(beta) : FloatAttr(), limited ? number(*limit) : FloatAttr());
}

/// Rows of gate and up in one matrix become two.
void FusedReader::splitGateAndUp(Experts &e) {
  bool interleaved = fusion() == 1;
  auto part = [&](Attribute recipe, bool up) -> Attribute {
    return recipe ? sliceRecipe(recipe, 1, up ? (interleaved ? 1 : inner) : 0, interleaved ? 2 : 1, inner) : Attribute();
  };
  e.up = part(e.gate, true);
  e.upBias = part(e.gateBias, true);
  e.gate = part(e.gate, false);
  e.gateBias = part(e.gateBias, false);
}

FailureOr<FusedLayer> FusedReader::read() {
  if (failed(readAttributes()))
    return failure();
  FailureOr<moe::ActivationAttr> function = readActivation();
  if (failed(function) || failed(readSizes()) || failed(readWeights()) || failed(decideLayout()) || failed(checkShapes()))
    return failure();
  FailureOr<Router> router = readRouter();
  if (failed(router))
    return failure();
  onnx::NodeOp root = readScatteredRouter(*router);
  MoeLayer layer;
  layer.tokens = operand(input);
  layer.router = *router;
  layer.experts = {recipes[fc1], recipes[fc1Bias], recipes[fc3], recipes[fc3Bias], recipes[fc2], recipes[fc2Bias], *function};
  if (fusion() != 0)
    splitGateAndUp(layer.experts);
  Match match(shapes);
  if (failed(checkLayer(match, layer, node)))
    return unsupported(match.getCondition());
  return FusedLayer{layer, root};
}

struct RaiseFusedPass : impl::RaiseFusedBase<RaiseFusedPass> {
  using RaiseFusedBase::RaiseFusedBase;

  void runOnOperation() override {
    WeightRecipes weights(getOperation());
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      SmallVector<onnx::NodeOp> nodes;
      function.walk([&](onnx::NodeOp node) {
        if (node.getOpType() == fusedType || node.getOpType() == quantisedType)
          nodes.push_back(node);
      });
      if (!nodes.empty())
        raise(function, nodes, weights);
    }
  }

private:
  void raise(func::FuncOp function, ArrayRef<onnx::NodeOp> nodes, WeightRecipes &weights) {
    SymbolicShapes shapes(function);
    for (onnx::NodeOp node : nodes) {
      FailureOr<FusedLayer> read = FusedReader(node, shapes, weights, assumeLegacyLayout).read();
      if (failed(read)) {
        if (!node->hasAttr(refusedAttribute))
          signalPassFailure();
        continue;
      }
      read->root.getResult(0).replaceAllUsesWith(emitLayer(read->root, shapes, weights, read->layer, node.getName()));
      if (read->root != node)
        read->root.erase();
      node.erase();
    }
    eraseDeadNodes(function);
  }
};

}  // namespace

}  // namespace switchyard::raise
