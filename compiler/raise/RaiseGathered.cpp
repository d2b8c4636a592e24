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

/// The weights that the rows of `value` were multiplied with last, where they are gathered: [Add of a bias to] MatMul.
onnx::NodeOp findGatheredProduct(WeightRecipes &weights, Value value) {
  value = skipReshapes(value);
  onnx::NodeOp sum = getDefiner(value, "Add");
  for (Value candidate : sum ? ValueRange(sum.getInputs()) : ValueRange(value)) {
    onnx::NodeOp product = getDefiner(skipReshapes(candidate), "MatMul");
    if (!product)
      continue;
    for (Value operand : product.getInputs())
      if (onnx::NodeOp gather = getGatheredWeight(weights, operand))
        return gather;
  }
  return {};
}

/// The ids by which `gather` chooses.
Value getIds(onnx::NodeOp gather) { return skipReshapes(gather.getInputs()[1]); }

/// The Mul of rows and weights in front of a sum over the slots, and which operand the rows are.
struct Weighing {
  onnx::NodeOp product, gather;
  unsigned rows;
};

std::optional<Weighing> findWeighing(WeightRecipes &weights, onnx::NodeOp sum) {
  onnx::NodeOp product = getDefiner(skipReshapes(sum.getInputs()[0]), "Mul");
  if (!product)
    return std::nullopt;
  for (unsigned index : {0u, 1u})
    if (onnx::NodeOp gather = findGatheredProduct(weights, product.getInputs()[index]))
      return Weighing{product, gather, index};
  return std::nullopt;
}

/// One weight a row: the weights have the shape of the rows, but for the H elements of a row.
LogicalResult checkWeighing(Match &match, const Weighing &weighing, int64_t hidden) {
  onnx::NodeOp product = weighing.product;
  FailureOr<ArrayRef<Expression>> rows = match.getShape(product.getInputs()[weighing.rows], product);
  FailureOr<ArrayRef<Expression>> weights = match.getShape(product.getInputs()[1 - weighing.rows], product);
  FailureOr<ArrayRef<Expression>> result = match.getShape(product.getResult(0), product);
  if (failed(rows) || failed(weights) || failed(result))
    return failure();
  size_t feature = rows->size();
  while (feature > 0 && (*rows)[feature - 1].isConstant(1))
    --feature;
  bool fits = *result == *rows && weights->size() == rows->size() && feature > 0 && (*rows)[feature - 1].isConstant(hidden);
  for (size_t d = 0; fits && d < rows->size(); ++d)
    fits = d + 1 == feature ? (*weights)[d].isConstant(1) : (*weights)[d] == (*rows)[d];
  return fits ? success() : match.fail(product, "it does not multiply each row of " + llvm::Twine(hidden) + " elements by one weight");
}

/// The sum runs over the slots: [..., k, H] along k.
LogicalResult checkSum(Match &match, onnx::NodeOp sum, int64_t slots, int64_t hidden) {
  auto type = dyn_cast<RankedTensorType>(sum.getInputs()[0].getType());
  std::optional<SmallVector<int64_t>> axes = match.getReductionAxes(sum);
  if (!type || !axes || axes->size() != 1 || axes->front() < 0 || axes->front() >= type.getRank())
    return match.fail(sum, "it does not sum along one constant axis");
  int64_t behind = 1;
  for (int64_t size : type.getShape().drop_front(axes->front() + 1))
    behind = ShapedType::isDynamic(size) ? -1 : behind * size;
  if (type.getDimSize(axes->front()) != slots || behind != hidden)
    return match.fail(sum, "it does not sum " + llvm::Twine(slots) + " slots of " + llvm::Twine(hidden) + " elements");
  return success();
}

FailureOr<MoeLayer> matchLayer(Match &match, WeightRecipes &weights, onnx::NodeOp sum, const Weighing &weighing) {
  onnx::NodeOp product = weighing.product;
  match.take(sum);
  match.takeReshapes(sum.getInputs()[0]);
  match.take(product);
  FailureOr<GatheredExperts> experts = matchGatheredExperts(match, weights, product.getInputs()[weighing.rows], product);
  if (failed(experts))
    return failure();
  int64_t hidden = rt::getRecipeType(experts->experts.down).getDimSize(1);
  if (failed(checkWeighing(match, weighing, hidden)))
    return failure();
  FailureOr<Router> router = matchRouter(match, experts->ids, product.getInputs()[1 - weighing.rows], product);
  if (failed(router) || failed(checkSum(match, sum, router->slots, hidden)) || failed(match.getShape(sum.getResult(0), sum)))
    return failure();
  MoeLayer layer{experts->tokens, *router, std::nullopt, experts->experts};
  if (failed(checkLayer(match, layer, sum)) || failed(match.checkReaders(sum)))
    return failure();
  return layer;
}

struct RaiseGatheredPass : impl::RaiseGatheredBase<RaiseGatheredPass> {
  void runOnOperation() override {
    WeightRecipes weights(getOperation());
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      eraseDeadNodes(function);  // they read nothing that is worth keeping
      SmallVector<std::pair<onnx::NodeOp, Weighing>> anchors;
      SmallVector<onnx::NodeOp> gathers;
      function.walk([&](onnx::NodeOp node) {
        if (node.getOpType() == "ai.onnx::ReduceSum") {
          if (std::optional<Weighing> weighing = findWeighing(weights, node))
            anchors.push_back({node, *weighing});
        } else if (node.getNumResults() == 1 && getGatheredWeight(weights, node.getResult(0)) == node) {
          gathers.push_back(node);
        }
      });
      remarkStrays(anchors, gathers);
      if (!anchors.empty())
        raise(function, anchors, weights);
    }
  }

private:
  /// Gathered weights that belong to no sum over slots stay plain, and the user hears of them once.
  void remarkStrays(ArrayRef<std::pair<onnx::NodeOp, Weighing>> anchors, ArrayRef<onnx::NodeOp> gathers) {
    llvm::DenseSet<Value> seen;
    for (const auto &[sum, weighing] : anchors)
      seen.insert(getIds(weighing.gather));
    for (onnx::NodeOp gather : gathers)
      if (seen.insert(getIds(gather)).second)
        gather.emitRemark() << "the gathered experts stay plain: no ReduceSum over weighed rows of these weights was found";
  }

  void raise(func::FuncOp function, ArrayRef<std::pair<onnx::NodeOp, Weighing>> anchors, WeightRecipes &weights) {
    SymbolicShapes shapes(function);
    for (const auto &[sum, weighing] : anchors) {
      Match match(shapes);
      FailureOr<MoeLayer> layer = matchLayer(match, weights, sum, weighing);
      if (failed(layer)) {
        match.remark(sum, "the gathered experts stay plain");
        continue;
      }
      onnx::NodeOp anchor = sum;
      OpBuilder builder(anchor);
      Dims shape(shapes.getShape(anchor.getResult(0)));
      anchor.getResult(0).replaceAllUsesWith(emitLayer(builder, anchor.getLoc(), shapes, weights, anchor.getName(), *layer, shape));
    }
    eraseDeadNodes(function);
  }
};

}  // namespace

}  // namespace switchyard::raise
