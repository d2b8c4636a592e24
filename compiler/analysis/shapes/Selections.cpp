// Operators of which the values of the run say how large the result is: the file must state it.
#include "compiler/analysis/ShapeRules.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace switchyard {

namespace {

template <typename... Types> LogicalResult asStated(NodeShapes &node, Types... types) {
  if (!node.areResultsStated())
    return node.unsupported("the size of its result is a value of the run, and the file does not state it");
  return node.resultsAsStated({types...});
}

Type indexType(NodeShapes &node) { return IntegerType::get(node.node.getContext(), 64); }

LogicalResult compress(NodeShapes &node) {
  const TensorFacts *facts = node.require(0), *condition = node.require(1);
  if (!facts || !condition)
    return failure();
  if (node.node.getNodeAttr("axis") && failed(node.axis(0, facts->shape.size())))
    return failure();
  if (condition->shape.size() != 1)
    return node.invalid("its condition must be a vector, but is " + node.describe(1));
  return asStated(node, facts->elementType);
}

LogicalResult unique(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts || (node.node.getNodeAttr("axis") && failed(node.axis(0, facts->shape.size()))))
    return failure();
  return asStated(node, facts->elementType, indexType(node));
}

LogicalResult nonMaxSuppression(NodeShapes &node) {
  const TensorFacts *boxes = node.require(0), *scores = node.require(1);
  if (!boxes || !scores)
    return failure();
  if (boxes->shape.size() != 3 || scores->shape.size() != 3)
    return node.invalid("expected boxes and scores of rank 3, but got " + node.describe(0) + " and " + node.describe(1));
  return asStated(node, indexType(node));
}

}  // namespace

void addSelectionShapes(ShapeRules &rules) {
  rules["ai.onnx::Compress"] = compress;
  rules["ai.onnx::Unique"] = unique;
  rules["ai.onnx::NonMaxSuppression"] = nonMaxSuppression;
}

}  // namespace switchyard
