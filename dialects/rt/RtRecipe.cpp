// Verification of recipes: the type of a step follows from the types of its inputs.
#include "dialects/rt/RtDialect.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace switchyard::rt {

namespace {

using Emit = llvm::function_ref<InFlightDiagnostic()>;
using Shape = SmallVector<int64_t>;

FailureOr<Shape> transposeShape(Emit emit, ArrayRef<int64_t> from, ArrayRef<int64_t> permutation) {
  if (permutation.size() != from.size() || !isPermutationVector(permutation))
    return emit() << "step transpose expects a permutation of " << from.size() << " dimensions, but got [" << permutation << "]";
  Shape result;
  for (int64_t axis : permutation)
    result.push_back(from[axis]);
  return result;
}

/// A slice takes its sizes from the result type; offsets and strides must stay inside the input.
FailureOr<Shape> sliceShape(Emit emit, ArrayRef<int64_t> from, ArrayRef<int64_t> numbers, ArrayRef<int64_t> to) {
  size_t rank = from.size();
  if (numbers.size() != 2 * rank || to.size() != rank)
    return emit() << "step slice expects " << rank << " offsets and " << rank << " strides, but got " << numbers.size() << " numbers";
  for (size_t d = 0; d < rank; ++d) {
    int64_t offset = numbers[d], stride = numbers[rank + d];
    bool inside = offset >= 0 && stride >= 1 && (to[d] == 0 || offset + (to[d] - 1) * stride < from[d]);
    if (!inside)
      return emit() << "step slice leaves dimension " << d << " of size " << from[d] << ": offset " << offset << ", size " << to[d]
                    << ", stride " << stride;
  }
  return Shape(to);
}

FailureOr<Shape> joinShape(Emit emit, StepKind kind, ArrayRef<RankedTensorType> inputs, ArrayRef<int64_t> numbers) {
  Shape result(inputs.front().getShape());
  if (kind == StepKind::stack) {
    for (RankedTensorType input : inputs)
      if (input != inputs.front())
        return emit() << "step stack expects inputs of one type, but got " << inputs.front() << " and " << input;
    result.insert(result.begin(), inputs.size());
    return result;
  }
  if (numbers.size() != 1 || numbers[0] < 0 || numbers[0] >= static_cast<int64_t>(result.size()))
    return emit() << "step concat expects one axis below " << result.size() << ", but got [" << numbers << "]";
  int64_t axis = numbers[0];
  for (RankedTensorType input : inputs.drop_front()) {
    Shape other(input.getShape());
    if (other.size() != result.size())
      return emit() << "step concat expects inputs of one rank, but got " << inputs.front() << " and " << input;
    result[axis] += other[axis];
    other[axis] = result[axis];
    if (other != result)
      return emit() << "step concat expects inputs that differ along axis " << axis << " only, but got " << inputs.front() << " and " << input;
  }
  return result;
}

FailureOr<Shape> gatherShape(Emit emit, ArrayRef<int64_t> from, ArrayRef<int64_t> numbers) {
  if (numbers.empty() || numbers[0] < 0 || numbers[0] >= static_cast<int64_t>(from.size()))
    return emit() << "step gather expects an axis below " << from.size() << ", then indices, but got [" << numbers << "]";
  Shape result(from);
  for (int64_t index : numbers.drop_front())
    if (index < 0 || index >= from[numbers[0]])
      return emit() << "step gather index " << index << " is outside dimension " << numbers[0] << " of size " << from[numbers[0]];
  result[numbers[0]] = numbers.size() - 1;
  return result;
}

FailureOr<Shape> broadcastShape(Emit emit, ArrayRef<int64_t> from, ArrayRef<int64_t> to) {
  for (size_t d = 0; d < from.size(); ++d)
    if (to.size() < from.size() || (from[from.size() - 1 - d] != 1 && from[from.size() - 1 - d] != to[to.size() - 1 - d]))
      return emit() << "step broadcast cannot take shape [" << from << "] to [" << to << "]";
  return Shape(to);
}

FailureOr<Shape> packedShape(Emit emit, ArrayRef<int64_t> from) {
  if (from.size() < 2)
    return emit() << "step pack_panels expects a rank of at least 2, but got " << from.size();
  Shape result(from.drop_back(2));
  result.append({(from[from.size() - 2] + 15) / 16, from.back(), 16});
  return result;
}

}  // namespace

LogicalResult StepAttr::verify(Emit emit, StepKind kind, ArrayRef<int64_t> numbers, ArrayRef<Attribute> inputs, Type type) {
  bool joins = kind == StepKind::concat || kind == StepKind::stack;
  // step_c1
  if (joins ? inputs.empty() : inputs.size() != 1)
    return emit() << "step " << stringifyStepKind(kind) << " expects " << (joins ? "at least one input" : "one input") << ", but got " << inputs.size();
  SmallVector<RankedTensorType> types;
  for (Attribute input : inputs) {
    types.push_back(getRecipeType(input));
    if (!types.back())
      return emit() << "step " << stringifyStepKind(kind) << " expects recipes as inputs, but got " << input;
  }
  auto result = dyn_cast_or_null<RankedTensorType>(type);
  if (!result || !result.hasStaticShape())
    return emit() << "step expects a tensor type of static shape, but got " << type;
  ArrayRef<int64_t> from = types.front().getShape();

  // step_c2
  FailureOr<Shape> shape = Shape(result.getShape());
  switch (kind) {
  case StepKind::reshape:
    if (types.front().getNumElements() != result.getNumElements())
      return emit() << "step reshape expects " << types.front().getNumElements() << " elements, but got " << result;
    break;
  case StepKind::transpose:
    shape = transposeShape(emit, from, numbers);
    break;
  case StepKind::slice:
    shape = sliceShape(emit, from, numbers, result.getShape());
    break;
  case StepKind::concat:
  case StepKind::stack:
    shape = joinShape(emit, kind, types, numbers);
    break;
  case StepKind::gather:
    shape = gatherShape(emit, from, numbers);
    break;
  case StepKind::broadcast:
    shape = broadcastShape(emit, from, result.getShape());
    break;
  case StepKind::cast:
    shape = Shape(from);
    break;
  case StepKind::pack_panels:
    shape = packedShape(emit, from);
    break;
  }
  if (failed(shape))
    return failure();
  if (*shape != Shape(result.getShape()))
    return emit() << "step " << stringifyStepKind(kind) << " gives shape [" << ArrayRef<int64_t>(*shape) << "], but its type is " << result;
  if (kind != StepKind::cast && types.front().getElementType() != result.getElementType())
    return emit() << "step " << stringifyStepKind(kind) << " keeps the element type " << types.front().getElementType() << ", but its type is " << result;
  return success();
}

}  // namespace switchyard::rt
