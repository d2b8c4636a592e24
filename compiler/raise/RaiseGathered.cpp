#include "compiler/raise/MoeLayer.h"
#include "compiler/raise/Passes.h"
#include "compiler/raise/experts/Experts.h"
#include "compiler/raise/routers/Routers.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseSet.h"

namespace switchyard::raise {

#define GEN_PASS_DEF_RAISEGATHERED
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

/// Where a layer ends. `rows` are what the experts give; they are weighed by `product` and summed over the slots by `sum`, or neither where
/// there is one slot.
struct Anchor {
  onnx::NodeOp root;  // the last node, of which the result is the layer's
  Value rows;
  onnx::NodeOp matmul, gather;  // the second matrices of the experts
  onnx::NodeOp product, sum;
  bool weighsInputs = false;  // what the experts read is weighed, and not what they give
};

/// The ids by which `gather` chooses.
Value getIds(onnx::NodeOp gather) { return skipReshapes(gather.getInputs()[1]); }

/// The gathered weights that `product` multiplies with, or null.
onnx::NodeOp getWeights(WeightRecipes &weights, onnx::NodeOp product) {
  for (Value operand : product.getInputs())
    if (onnx::NodeOp gather = getGatheredWeight(weights, operand))
      return gather;
  return {};
}

/// The product with gathered weights that `value` comes from: [Add of a bias to] MatMul.
onnx::NodeOp findGatheredProduct(WeightRecipes &weights, Value value) {
  value = skipFloatCasts(value);
  onnx::NodeOp sum = getDefiner(value, "Add");
  for (Value candidate : sum ? ValueRange(sum.getInputs()) : ValueRange(value))
    if (onnx::NodeOp product = getDefiner(skipReshapes(candidate), "MatMul"); product && getWeights(weights, product))
      return product;
  return {};
}

/// The layer that ends in a sum over the slots, of rows that are weighed or, with one slot, as they are.
std::optional<Anchor> findSummed(WeightRecipes &weights, onnx::NodeOp sum) {
  Value summed = sum.getInputs()[0];
  if (onnx::NodeOp matmul = findGatheredProduct(weights, summed))
    return Anchor{sum, summed, matmul, getWeights(weights, matmul), {}, sum};
  onnx::NodeOp product = getDefiner(skipFloatCasts(summed), "Mul");
  for (unsigned index = 0; product && index < 2; ++index)
    if (onnx::NodeOp matmul = findGatheredProduct(weights, product.getInputs()[index]))
      return Anchor{sum, product.getInputs()[index], matmul, getWeights(weights, matmul), product, sum};
  return std::nullopt;
}

/// True where `value` comes, through whatever an activation is made of, from a product with weights gathered by `ids`.
bool comesFromExperts(WeightRecipes &weights, Value value, Value ids) {
  constexpr size_t mostNodes = 64;
  auto isProduct = [](onnx::NodeOp node) { return node.getOpType() == "ai.onnx::MatMul"; };
  auto isOfIds = [&](onnx::NodeOp node) {
    onnx::NodeOp gather = isProduct(node) ? getWeights(weights, node) : onnx::NodeOp();
    return gather && getIds(gather) == ids;
  };
  return static_cast<bool>(findOrigin(value, mostNodes, isOfIds, [&](onnx::NodeOp node) { return !isProduct(node); }));
}

/// The layer of one slot that ends behind `matmul`, the second matrices of its experts: [Add of a gathered bias], [Mul by the weight].
std::optional<Anchor> findSingle(WeightRecipes &weights, onnx::NodeOp matmul) {
  onnx::NodeOp gather = getWeights(weights, matmul);
  if (!gather || !comesFromExperts(weights, matmul.getInputs()[0] == gather.getResult(0) ? matmul.getInputs()[1] : matmul.getInputs()[0],
                                   getIds(gather)))
    return std::nullopt;
  Anchor anchor{matmul, matmul.getResult(0), matmul, gather, {}, {}};
  auto isBias = [&](Value value) {
    auto bias = skipReshapes(value).getDefiningOp<onnx::NodeOp>();
    return bias && llvm::is_contained({"ai.onnx::Gather", "ai.onnx::GatherND"}, bias.getOpType()) && getIds(bias) == getIds(gather);
  };
  Value value = anchor.rows;
  while (value.hasOneUse()) {
    auto reader = dyn_cast<onnx::NodeOp>(*value.user_begin());
    bool addsBias = reader && reader.getOpType() == "ai.onnx::Add" && findOperand(reader, isBias);
    if (addsBias)
      anchor.root = reader, anchor.rows = reader.getResult(0);
    else if (reader && reader.getOpType() == "ai.onnx::Mul")
      anchor.root = anchor.product = reader, anchor.rows = value;
    if (anchor.product || (!addsBias && !isReshape(reader)))
      break;
    value = reader.getResult(0);
  }
  return anchor;
}

/// How a layer may be read, the likeliest way first. A product behind one slot may scale or mask its rows instead of weighing them, and where
/// none weighs what the experts give, one may weigh what they read.
SmallVector<Anchor> getReadings(Anchor anchor) {
  SmallVector<Anchor> readings;
  if (anchor.product)
    readings.push_back(anchor);
  if (anchor.product && anchor.sum)
    return readings;
  if (anchor.product)
    anchor.root = cast<onnx::NodeOp>(anchor.rows.getDefiningOp());
  anchor.product = {};
  anchor.weighsInputs = true;
  readings.push_back(anchor);
  anchor.weighsInputs = false;
  readings.push_back(anchor);
  return readings;
}

FailureOr<MoeLayer> matchLayer(Match &match, WeightRecipes &weights, Anchor anchor) {
  onnx::NodeOp root = anchor.root, sum = anchor.sum, product = anchor.product;
  if (sum) {
    match.take(sum);
    match.takeFloatCasts(sum.getInputs()[0]);
  }
  Operation *reader = product ? product : root;
  if (product)
    match.take(product);
  FailureOr<GatheredExperts> experts = matchGatheredExperts(match, weights, anchor.rows, reader, anchor.weighsInputs);
  if (failed(experts))
    return failure();
  int64_t hidden = rt::getRecipeType(experts->experts.down).getDimSize(1);
  FailureOr<Router> router = failure();
  if (product) {
    Value weight = product.getInputs()[product.getInputs()[0] == anchor.rows ? 1 : 0];
    if (failed(checkWeighing(match, product, anchor.rows, weight, hidden)))
      return failure();
    router = matchRouter(match, experts->ids, weight, product);
  } else if (anchor.weighsInputs) {
    router = matchRouter(match, experts->ids, experts->weights, root);
    // Any column may stand in front of one slot, that of a norm too.
    if (succeeded(router) && router->weights && router->slots == 1)
      return failure();
  } else {
    router = matchUnweighedRouter(match, experts->ids, root);
  }
  if (failed(router) || (sum && failed(checkSum(match, sum, router->slots, hidden))) || failed(match.getShape(root.getResult(0), root)))
    return failure();
  if (!sum && router->slots != 1)
    return match.fail(root, "the rows of " + llvm::Twine(router->slots) + " slots are not summed");
  MoeLayer layer{experts->tokens, *router, std::nullopt, experts->experts, anchor.weighsInputs};
  if (failed(checkLayer(match, layer, root)) || failed(match.checkReaders(root)))
    return failure();
  return layer;
}

SmallVector<Anchor> readAnchors(func::FuncOp function, WeightRecipes &weights, SmallVector<onnx::NodeOp> &gathers) {
  SmallVector<Anchor> anchors;
  SmallVector<onnx::NodeOp> products;
  // Products by ids whose rows are summed are parts of those layers: the first matrices of a later one, too, where layers share a router.
  llvm::DenseSet<Value> summed;
  function.walk([&](onnx::NodeOp node) {
    if (node.getOpType() == "ai.onnx::ReduceSum") {
      if (std::optional<Anchor> anchor = findSummed(weights, node)) {
        anchors.push_back(*anchor);
        summed.insert(getIds(anchor->gather));
      }
    } else if (node.getOpType() == "ai.onnx::MatMul") {
      products.push_back(node);
    } else if (node.getNumResults() == 1 && getGatheredWeight(weights, node.getResult(0)) == node) {
      gathers.push_back(node);
    }
  });
  for (onnx::NodeOp product : products)
    if (std::optional<Anchor> anchor = findSingle(weights, product); anchor && !summed.contains(getIds(anchor->gather)))
      anchors.push_back(*anchor);
  return anchors;
}

/// Gathered weights that belong to no layer stay plain, and the user hears of them once.
void remarkStrays(ArrayRef<Anchor> anchors, ArrayRef<onnx::NodeOp> gathers) {
  llvm::DenseSet<Value> seen;
  for (const Anchor &anchor : anchors)
    seen.insert(getIds(anchor.gather));
  for (onnx::NodeOp gather : gathers)
    if (seen.insert(getIds(gather)).second)
      gather.emitRemark() << "the gathered experts stay plain: no ReduceSum over weighed rows of these weights was found, nor a second matrix "
                             "gathered by the same ids";
}

SmallVector<Anchor> findAnchors(func::FuncOp function, WeightRecipes &weights) {
  SmallVector<onnx::NodeOp> gathers;
  SmallVector<Anchor> anchors = readAnchors(function, weights, gathers);
  remarkStrays(anchors, gathers);
  return anchors;
}

void raiseGathered(SymbolicShapes &shapes, WeightRecipes &weights, Anchor anchor) {
  std::optional<Match> miss;  // of the likeliest reading that weighs what the experts give, or nothing
  for (const Anchor &reading : getReadings(anchor)) {
    Match match(shapes);
    FailureOr<MoeLayer> layer = matchLayer(match, weights, reading);
    if (succeeded(layer))
      return replaceLayer(match, weights, reading.root, layer, {});
    if (!miss && !reading.weighsInputs)
      miss.emplace(std::move(match));
  }
  replaceLayer(*miss, weights, anchor.root, failure(), "the gathered experts stay plain");
}

struct RaiseGatheredPass : impl::RaiseGatheredBase<RaiseGatheredPass> {
  void runOnOperation() override { raiseLayers(getOperation(), findAnchors, raiseGathered); }
};

}  // namespace

}  // namespace switchyard::raise
