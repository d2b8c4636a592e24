// Spectra of signals, and the windows and filters that go with them.
#include "compiler/analysis/ShapeRules.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace switchyard {

namespace {

/// Operand `index` as one number; nothing where it is absent.
FailureOr<std::optional<Expression>> readNumber(NodeShapes &node, unsigned index, llvm::StringRef role) {
  if (!node.node.getInput(index))
    return std::optional<Expression>();
  std::optional<ArrayRef<Expression>> data = node.requireData(index, role);
  if (!data)
    return failure();
  if (data->size() != 1)
    return node.invalid(role + " must be one number, but is " + node.describe(index));
  return std::optional(data->front());
}

/// The axis is an attribute before version 20.
LogicalResult transform(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts)
    return failure();
  if (node.isReadAtRunTime(1) || node.isReadAtRunTime(2))
    return node.resultsAsStated(facts->elementType);
  FailureOr<std::optional<Expression>> length = readNumber(node, 1, "the length"), stated = readNumber(node, 2, "the axis");
  if (failed(length) || failed(stated))
    return failure();
  int64_t rank = facts->shape.size(), axis = node.node.getInt("axis", node.node.getVersion() < 20 ? 1 : -2);
  if (*stated && !(*stated)->getConstant())
    return node.unsupported("the axes must be constants, but " + node.describe(2) + " are computed");
  FailureOr<int64_t> position = node.checkAxis(*stated ? *(*stated)->getConstant() : axis, rank);
  if (failed(position))
    return failure();
  if (*position == rank - 1)
    return node.invalid("the last axis of " + node.describe(0) + " holds real and imaginary parts, and is not transformed");
  bool inverse = node.node.getInt("inverse", 0) != 0, onesided = node.node.getInt("onesided", 0) != 0;
  Dims shape(facts->shape);
  Expression points = *length ? **length : inverse && onesided ? (shape[*position] - 1) * 2 : shape[*position];
  shape[*position] = onesided && !inverse ? floorDiv(points, node.constant(2)) + 1 : points;
  shape.back() = node.constant(onesided && inverse ? 1 : 2);
  return node.result(0, facts->elementType, shape);
}

LogicalResult shortTransform(NodeShapes &node) {
  const TensorFacts *facts = node.require(0), *window = node.input(2);
  if (!facts)
    return failure();
  if (node.isReadAtRunTime(1) || node.isReadAtRunTime(3))
    return node.resultsAsStated(facts->elementType);
  FailureOr<std::optional<Expression>> step = readNumber(node, 1, "the step"), stated = readNumber(node, 3, "the length of a frame");
  if (failed(step) || failed(stated))
    return failure();
  Expression length = *stated ? **stated : window && window->shape.size() == 1 ? window->shape[0] : Expression();
  if (facts->shape.size() != 3 || !*step || !length)
    return node.invalid("expected a signal of rank 3, a step, and a window or the length of a frame, but got " + node.describe(0));
  if ((*step)->getConstant().value_or(1) < 1)
    return node.invalid("its step must be at least 1");
  Expression bins = node.node.getInt("onesided", 1) != 0 ? floorDiv(length, node.constant(2)) + 1 : length;
  Dims shape{facts->shape[0], floorDiv(facts->shape[1] - length, **step) + 1, bins, node.constant(2)};
  return node.result(0, facts->elementType, shape);
}

/// Windows and filters hold floats unless an attribute says otherwise.
Type resultType(NodeShapes &node) { return getElementType(node.node.getContext(), node.node.getInt("output_datatype", 1)); }

LogicalResult window(NodeShapes &node) {
  if (node.isReadAtRunTime(0))
    return node.resultsAsStated(resultType(node));
  FailureOr<std::optional<Expression>> size = readNumber(node, 0, "the size");
  return failed(size) || !*size ? failure() : node.result(0, resultType(node), {**size});
}

LogicalResult melWeights(NodeShapes &node) {
  if (node.isReadAtRunTime(0) || node.isReadAtRunTime(1))
    return node.resultsAsStated(resultType(node));
  FailureOr<std::optional<Expression>> bins = readNumber(node, 0, "the number of bins"), length = readNumber(node, 1, "the length");
  if (failed(bins) || failed(length) || !*bins || !*length)
    return failure();
  return node.result(0, resultType(node), {floorDiv(**length, node.constant(2)) + 1, **bins});
}

}  // namespace

void addSpectrumShapes(ShapeRules &rules) {
  rules["ai.onnx::DFT"] = transform;
  rules["ai.onnx::STFT"] = shortTransform;
  rules["ai.onnx::MelWeightMatrix"] = melWeights;
  for (llvm::StringRef name : {"HannWindow", "HammingWindow", "BlackmanWindow"})
    rules[("ai.onnx::" + name).str()] = window;
}

}  // namespace switchyard
