// Operators along axes: reductions, softmax, running sums, the largest.
#include "compiler/analysis/ShapeRules.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace switchyard {

namespace {

using Fold = Expression (*)(Expression, Expression);

Expression addElements(Expression a, Expression b) { return a + b; }
Expression multiplyElements(Expression a, Expression b) { return a * b; }
Expression maxElements(Expression a, Expression b) { return max(a, b); }
Expression minElements(Expression a, Expression b) { return min(a, b); }

template <Fold fold> LogicalResult reduce(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (facts && node.isReadAtRunTime(1))
    return node.resultsAsStated(facts->elementType);
  FailureOr<SmallVector<int64_t>> axes = getReducedAxes(node);
  if (!facts || failed(axes))
    return failure();
  bool keep = node.node.getInt("keepdims", 1) != 0;
  Dims shape;
  for (auto [d, dim] : llvm::enumerate(facts->shape)) {
    if (!llvm::is_contained(*axes, static_cast<int64_t>(d)))
      shape.push_back(dim);
    else if (keep)
      shape.push_back(node.constant(1));
  }
  std::optional<Dims> data;
  Fold combine = fold;
  bool folds = combine && facts->data && facts->shape.size() == 1 && axes->size() == 1 && !facts->data->empty();
  if (folds) {
    Expression all = facts->data->front();
    for (Expression element : ArrayRef<Expression>(*facts->data).drop_front())
      all = combine(all, element);
    data = Dims{all};
  }
  return node.result(0, facts->elementType, shape, data);
}

LogicalResult argument(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts)
    return failure();
  FailureOr<int64_t> axis = node.axis(0, facts->shape.size());
  if (failed(axis))
    return failure();
  Dims shape(facts->shape);
  if (node.node.getInt("keepdims", 1) != 0)
    shape[*axis] = node.constant(1);
  else
    shape.erase(shape.begin() + *axis);
  return node.result(0, IntegerType::get(node.node.getContext(), 64), shape);
}

/// Softmax and CumSum: along one axis, which leaves the shape as it is.
LogicalResult sameShape(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts)
    return failure();
  // Before version 13 the axis of Softmax stands for itself and all that follow.
  std::optional<SmallVector<int64_t>> operand = node.constants(1);
  if (node.node.getNodeAttr("axis") && node.node.getVersion() >= 13 && failed(node.axis(-1, facts->shape.size())))
    return failure();
  if (operand && operand->size() == 1 && failed(node.checkAxis(operand->front(), facts->shape.size())))
    return failure();
  return node.result(0, facts->elementType, facts->shape);
}

LogicalResult topK(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts)
    return failure();
  FailureOr<int64_t> axis = node.axis(-1, facts->shape.size());
  if (failed(axis))
    return failure();
  if (node.isReadAtRunTime(1))
    return node.resultsAsStated({facts->elementType, IntegerType::get(node.node.getContext(), 64)});
  Expression k = node.constant(node.node.getInt("k", 0)), dim = facts->shape[*axis];
  if (!node.node.getNodeAttr("k")) {
    std::optional<ArrayRef<Expression>> operand = node.requireData(1, "K");
    if (!operand)
      return failure();
    if (operand->size() != 1)
      return node.invalid("K must be one number, but is " + node.describe(1));
    k = operand->front();
  }
  if (k.getConstant().value_or(0) < 0 || (dim.getConstant() && k.getConstant() && *k.getConstant() > *dim.getConstant()))
    return node.invalid("K is " + k.str() + ", but axis " + llvm::Twine(*axis) + " of " + node.describe(0) + " has " + dim.str() +
                        " elements");
  if (dim.getConstant() && !(dim - k).isAtLeast(0))
    return node.unsupported("K = " + k.str() + " is not proved to be at most the " + dim.str() + " elements of axis " + llvm::Twine(*axis));
  Type elementType = facts->elementType;
  Dims shape(facts->shape);
  shape[*axis] = k;
  if (failed(node.result(0, elementType, shape)))
    return failure();
  return node.result(1, IntegerType::get(node.node.getContext(), 64), shape);
}

}  // namespace

FailureOr<SmallVector<int64_t>> getReducedAxes(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  FailureOr<std::optional<SmallVector<int64_t>>> stated = node.axes(1);
  if (!facts || failed(stated))
    return failure();
  SmallVector<int64_t> axes;
  bool all = !*stated || (*stated)->empty();
  if (all) {
    if (node.node.getInt("noop_with_empty_axes", 0) == 0)
      axes = llvm::to_vector(llvm::seq<int64_t>(0, facts->shape.size()));
    return axes;
  }
  for (int64_t axis : **stated) {
    FailureOr<int64_t> position = node.checkAxis(axis, facts->shape.size());
    if (failed(position))
      return failure();
    axes.push_back(*position);
  }
  llvm::sort(axes);
  axes.erase(llvm::unique(axes), axes.end());
  return axes;
}

void addReductionShapes(ShapeRules &rules) {
  rules["ai.onnx::ReduceSum"] = reduce<addElements>;
  rules["ai.onnx::ReduceProd"] = reduce<multiplyElements>;
  rules["ai.onnx::ReduceMax"] = reduce<maxElements>;
  rules["ai.onnx::ReduceMin"] = reduce<minElements>;
  rules["ai.onnx::ReduceMean"] = reduce<nullptr>;
  for (llvm::StringRef name : {"ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp"})
    rules[("ai.onnx::" + name).str()] = reduce<nullptr>;
  rules["ai.onnx::ReduceSumSquare"] = reduce<nullptr>;
  rules["ai.onnx::ArgMax"] = argument;
  rules["ai.onnx::ArgMin"] = argument;
  rules["ai.onnx::Softmax"] = sameShape;
  rules["ai.onnx::LogSoftmax"] = sameShape;
  rules["ai.onnx::Hardmax"] = sameShape;
  rules["ai.onnx::CumSum"] = sameShape;
  rules["ai.onnx::CumProd"] = sameShape;
  rules["ai.onnx::TopK"] = topK;
}

}  // namespace switchyard
