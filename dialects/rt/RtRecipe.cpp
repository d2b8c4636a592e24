// Verification of recipes: the type of a step follows from the types of its inputs.
#include "dialects/rt/RtDialect.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/Builders.h"
#include "llvm/Support/MathExtras.h"

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

/// Rows of bytes may hold more elements than there are, but not a byte more.
FailureOr<Shape> unpackedShape(Emit emit, RankedTensorType from, RankedTensorType to) {
  unsigned bits = to.getElementType().getIntOrFloatBitWidth();
  if (from.getRank() == 0 || !from.getElementType().isInteger(8) || (bits != 2 && bits != 4))
    return emit() << "step unpack expects rows of bytes and a type of 2 or 4 bits, but got " << from << " and " << to;
  int64_t bytes = from.getShape().back(), last = to.getRank() == from.getRank() ? to.getShape().back() : -1;
  if (last < 0 || (last * bits + 7) / 8 != bytes)
    return emit() << "step unpack expects rows of " << bytes << " bytes to hold one row of the result each, but its type is " << to;
  Shape result(from.getShape());
  result.back() = last;
  return result;
}

/// One scale, and one zero point, for every block.
FailureOr<Shape> dequantisedShape(Emit emit, ArrayRef<RankedTensorType> inputs, ArrayRef<int64_t> blocks) {
  Shape elements(inputs.front().getShape()), scales;
  if (blocks.size() != elements.size() || blocks.empty() || llvm::any_of(blocks, [](int64_t block) { return block < 1; }))
    return emit() << "step dequantise expects " << elements.size() << " block sizes of at least 1 for a tensor of " << elements.size()
                  << " dimensions, but got [" << blocks << "]";
  for (auto [size, block] : llvm::zip_equal(elements, blocks))
    scales.push_back(llvm::divideCeil(size, block));
  for (RankedTensorType input : inputs.drop_front())
    if (Shape(input.getShape()) != scales)
      return emit() << "step dequantise expects scales and zero points of shape [" << ArrayRef<int64_t>(scales) << "] for " << inputs.front()
                    << " in blocks of [" << blocks << "], but got " << input;
  for (RankedTensorType input : inputs)
    if (!input.getElementType().isIntOrFloat() || input.getElementType().getIntOrFloatBitWidth() > 32)
      return emit() << "step dequantise expects numbers of at most 32 bits, but got " << input;
  return elements;
}

/// The number of inputs that a step takes.
std::pair<size_t, size_t> countInputs(StepKind kind) {
  if (kind == StepKind::concat || kind == StepKind::stack)
    return {1, SIZE_MAX};
  return kind == StepKind::dequantise ? std::pair<size_t, size_t>{2, 3} : std::pair<size_t, size_t>{1, 1};
}

/// The element type that a step gives; null where any is right.
Type getStepElementType(StepKind kind, Type from) {
  if (kind == StepKind::cast || kind == StepKind::unpack)
    return {};
  return kind == StepKind::dequantise ? Type(Float32Type::get(from.getContext())) : from;
}

/// step_c2: the shape that the step gives.
FailureOr<Shape> getStepShape(Emit emit, StepKind kind, ArrayRef<int64_t> numbers, ArrayRef<RankedTensorType> types, RankedTensorType result) {
  ArrayRef<int64_t> from = types.front().getShape();
  switch (kind) {
  case StepKind::reshape:
    if (types.front().getNumElements() != result.getNumElements())
      return emit() << "step reshape expects " << types.front().getNumElements() << " elements, but got " << result;
    return Shape(result.getShape());
  case StepKind::transpose:
    return transposeShape(emit, from, numbers);
  case StepKind::slice:
    return sliceShape(emit, from, numbers, result.getShape());
  case StepKind::concat:
  case StepKind::stack:
    return joinShape(emit, kind, types, numbers);
  case StepKind::gather:
    return gatherShape(emit, from, numbers);
  case StepKind::broadcast:
    return broadcastShape(emit, from, result.getShape());
  case StepKind::cast:
    return Shape(from);
  case StepKind::pack_panels:
    return packedShape(emit, from);
  case StepKind::unpack:
    return unpackedShape(emit, types.front(), result);
  case StepKind::dequantise:
    return dequantisedShape(emit, types, numbers);
  }
  return failure();
}

}  // namespace

LogicalResult StepAttr::verify(Emit emit, StepKind kind, ArrayRef<int64_t> numbers, ArrayRef<Attribute> inputs, Type type) {
  auto [least, most] = countInputs(kind);
  // step_c1
  if (inputs.size() < least || inputs.size() > most)
    return emit() << "step " << stringifyStepKind(kind) << " expects "
                  << (kind == StepKind::dequantise ? "two or three inputs" : most > 1 ? "at least one input" : "one input") << ", but got "
                  << inputs.size();
  SmallVector<RankedTensorType> types;
  for (Attribute input : inputs) {
    types.push_back(getRecipeType(input));
    if (!types.back())
      return emit() << "step " << stringifyStepKind(kind) << " expects recipes as inputs, but got " << input;
  }
  auto result = dyn_cast_or_null<RankedTensorType>(type);
  if (!result || !result.hasStaticShape())
    return emit() << "step expects a tensor type of static shape, but got " << type;

  // step_c2
  FailureOr<Shape> shape = getStepShape(emit, kind, numbers, types, result);
  if (failed(shape))
    return failure();
  if (*shape != Shape(result.getShape()))
    return emit() << "step " << stringifyStepKind(kind) << " gives shape [" << ArrayRef<int64_t>(*shape) << "], but its type is " << result;
  Type element = getStepElementType(kind, types.front().getElementType());
  if (element && element != result.getElementType())
    return emit() << "step " << stringifyStepKind(kind) << (kind == StepKind::dequantise ? " gives" : " keeps") << " the element type " << element
                  << ", but its type is " << result;
  return success();
}

}  // namespace switchyard::rt
