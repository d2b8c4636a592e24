// Operators that pad, crop or reverse a tensor, or write into it; determinants.
#include "compiler/analysis/ShapeRules.h"

#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;

namespace switchyard {

namespace {

/// Sizes that only the run can prove are not negative.
Expression atLeastZero(NodeShapes &node, Expression size) {
  return size && !size.getConstant() && !size.isAtLeast(0) ? max(size, node.constant(0)) : size;
}

/// The pads of an attribute, or of operand 1.
std::optional<Dims> readPads(NodeShapes &node) {
  if (auto stated = dyn_cast_or_null<DenseI64ArrayAttr>(node.node.getNodeAttr("pads")))
    return Dims(llvm::map_to_vector(stated.asArrayRef(), [&](int64_t pad) { return node.constant(pad); }));
  std::optional<ArrayRef<Expression>> pads = node.requireData(1, "the pads");
  return pads ? std::optional(Dims(*pads)) : std::nullopt;
}

LogicalResult pad(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts)
    return failure();
  if (node.isReadAtRunTime(1) || node.isReadAtRunTime(3))
    return node.resultsAsStated(facts->elementType);
  std::optional<Dims> pads = readPads(node);
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, facts->shape.size()));
  if (node.node.getInput(3)) {
    std::optional<SmallVector<int64_t>> stated = node.constants(3);
    if (!stated)
      return node.input(3) ? node.unsupported("the axes must be constants, but " + node.describe(3) + " are computed") : failure();
    axes = *stated;
  }
  if (!pads)
    return failure();
  if (pads->size() != 2 * axes.size())
    return node.invalid("it has " + llvm::Twine(pads->size()) + " pads for " + llvm::Twine(axes.size()) + " axes of " + node.describe(0));
  Dims shape(facts->shape);
  for (auto [index, axis] : llvm::enumerate(axes)) {
    FailureOr<int64_t> position = node.checkAxis(axis, shape.size());
    if (failed(position))
      return failure();
    shape[*position] = atLeastZero(node, shape[*position] + (*pads)[index] + (*pads)[index + axes.size()]);
  }
  return node.result(0, facts->elementType, shape);
}

LogicalResult centerCropPad(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts)
    return failure();
  if (node.isReadAtRunTime(1))
    return node.resultsAsStated(facts->elementType);
  std::optional<ArrayRef<Expression>> sizes = node.requireData(1, "the sizes");
  if (!sizes)
    return failure();
  auto stated = dyn_cast_or_null<DenseI64ArrayAttr>(node.node.getNodeAttr("axes"));
  SmallVector<int64_t> axes = stated ? SmallVector<int64_t>(stated.asArrayRef()) : llvm::to_vector(llvm::seq<int64_t>(0, facts->shape.size()));
  if (axes.size() != sizes->size())
    return node.invalid("it has " + llvm::Twine(sizes->size()) + " sizes for " + llvm::Twine(axes.size()) + " axes of " + node.describe(0));
  Dims shape(facts->shape);
  for (auto [axis, size] : llvm::zip_equal(axes, *sizes)) {
    FailureOr<int64_t> position = node.checkAxis(axis, shape.size());
    if (failed(position))
      return failure();
    shape[*position] = atLeastZero(node, size);
  }
  return node.result(0, facts->elementType, shape);
}

LogicalResult reverseSequence(NodeShapes &node) {
  const TensorFacts *facts = node.require(0), *lengths = node.require(1);
  if (!facts || !lengths)
    return failure();
  int64_t rank = facts->shape.size(), batch = node.node.getInt("batch_axis", 1), time = node.node.getInt("time_axis", 0);
  if (rank < 2 || batch < 0 || batch > 1 || time != 1 - batch || lengths->shape.size() != 1)
    return node.invalid("expected batches and steps in the first two axes, and a length for each batch, but got " + node.describe(0) + " and " +
                        node.describe(1));
  return failed(node.unify(facts->shape[batch], lengths->shape[0])) ? failure() : likeFirst(node);
}

LogicalResult determinant(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts)
    return failure();
  size_t rank = facts->shape.size();
  if (rank < 2)
    return node.invalid("expected matrices, but got " + node.describe(0));
  Dims shape(ArrayRef<Expression>(facts->shape).drop_back(2));
  return failed(node.unify(facts->shape[rank - 1], facts->shape[rank - 2])) ? failure() : node.result(0, facts->elementType, shape);
}

/// The numbers of a vector that others are written over: a shape of which the exporter puts in one size.
std::optional<Dims> scatterData(NodeShapes &node) {
  std::optional<ArrayRef<Expression>> data = node.data(0), updates = node.data(2);
  std::optional<SmallVector<int64_t>> indices = node.constants(1);
  bool isOfVectors = node.hasInputs(3, 3) && node.input(0)->shape.size() == 1 && node.input(1)->shape == node.input(2)->shape;
  if (!isOfVectors || !data || !updates || !indices || node.node.getString("reduction", "none") != "none")
    return std::nullopt;
  Dims written(*data);
  int64_t size = written.size();
  for (auto [index, update] : llvm::zip_equal(*indices, *updates)) {
    if (index < -size || index >= size)
      return std::nullopt;
    written[index < 0 ? index + size : index] = update;
  }
  return written;
}

LogicalResult scatterElements(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  return facts ? node.result(0, facts->elementType, facts->shape, scatterData(node)) : failure();
}

LogicalResult tensorScatter(NodeShapes &node) {
  const TensorFacts *past = node.require(0), *updates = node.require(1);
  if (!past || !updates)
    return failure();
  FailureOr<int64_t> axis = node.axis(-2, past->shape.size());
  if (failed(axis))
    return failure();
  if (*axis == 0 || past->shape.size() != updates->shape.size())
    return node.invalid("expected a cache and updates of one rank, written along another axis than the batch: " + node.describe(0) + " by " +
                        node.describe(1));
  return node.result(0, past->elementType, past->shape);
}

}  // namespace

void addPaddingShapes(ShapeRules &rules) {
  rules["ai.onnx::Pad"] = pad;
  rules["ai.onnx::ScatterElements"] = scatterElements;
  rules["ai.onnx::CenterCropPad"] = centerCropPad;
  rules["ai.onnx::ReverseSequence"] = reverseSequence;
  rules["ai.onnx::Det"] = determinant;
  rules["ai.onnx::Scatter"] = likeFirst;
  rules["ai.onnx::ScatterND"] = likeFirst;
  rules["ai.onnx::TensorScatter"] = tensorScatter;
}

}  // namespace switchyard
