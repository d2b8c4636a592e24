// How rows of (token, slot) become tokens: each times its weight, summed over the slots.
#include "compiler/raise/experts/Experts.h"

using namespace mlir;

namespace switchyard::raise {

LogicalResult checkAddsOneShape(Match &match, onnx::NodeOp sum) {
  FailureOr<ArrayRef<Expression>> shape = match.getShape(sum.getResult(0), sum);
  for (Value operand : sum.getInputs()) {
    FailureOr<ArrayRef<Expression>> own = match.getShape(operand, sum);
    if (failed(shape) || failed(own))
      return failure();
    if (*own != *shape)
      return match.fail(sum, "it adds tensors of different shapes");
  }
  return success();
}

LogicalResult checkWeighing(Match &match, onnx::NodeOp product, Value ofRows, Value ofWeights, int64_t hidden) {
  FailureOr<ArrayRef<Expression>> rows = match.getShape(ofRows, product), weights = match.getShape(ofWeights, product);
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

}  // namespace switchyard::raise
