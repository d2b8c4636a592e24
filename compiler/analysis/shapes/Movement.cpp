// Operators that move elements: reshapes, transposes, slices, concatenation.
#include "compiler/analysis/GroupedRows.h"
#include "compiler/analysis/ShapeRules.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace switchyard {

namespace {

/// The new sizes of a Reshape are not, or not proved to be, those of as many elements.
LogicalResult refuseElements(NodeShapes &node, ArrayRef<Expression> sizes, Expression count, Expression known, bool contradicts) {
  std::string text = node.describe(0) + " to sizes " + describeShape(sizes);
  if (!count || !known)
    return node.unsupported("64 bits do not hold its number of elements: " + text);
  if (contradicts)
    return node.invalid("it makes another number of elements (" + count.str() + ", but " + known.str() + " asked for): " + text);
  bool isFrozen = count.dependsOnData() && known.getConstant();
  return node.unsupported("it is not proved to keep the number of elements (" + count.str() + ", and " + known.str() + " asked for" +
                          (isFrozen ? ", as the exporter's sample input had: its numbers of rows are frozen" : "") + "): " + text);
}

/// The size that is asked for by -1, where the others are not proved to divide the elements, but every call is checked to make it a number;
/// otherwise not known.
Expression inferAtRunTime(NodeShapes &node, Expression count, Expression known) {
  if (!count || !known || (count.getConstant() && known.getConstant()))
    return {};
  auto [whole, part] = cancelCommonFactor(count, known);
  if (part.getConstant()) {
    Expression quotient = floorDiv(whole, part);
    return part.isAtLeast(1) && succeeded(node.shapes.checkAtRunTime(quotient * part, whole)) ? quotient : Expression();
  }
  // Numbers aside, one side is then the other: a number of elements for each.
  int64_t times = getContent(whole), divisor = getContent(part);
  if (whole.getConstant() || divisor <= 0 || times % divisor != 0)
    return {};
  Expression a = divideExactly(whole, node.constant(times)), b = divideExactly(part, node.constant(divisor));
  return succeeded(node.shapes.checkAtRunTime(a, b)) ? node.constant(times / divisor) : Expression();
}

LogicalResult reshape(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (facts && node.isReadAtRunTime(1))
    return node.resultsAsStated(facts->elementType);
  std::optional<ArrayRef<Expression>> data = node.requireData(1, "the new sizes");
  if (!facts || !data)
    return failure();
  std::optional<Dims> sizes = Dims(*data);
  Expression count = countElements(node.context(), facts->shape);
  bool allowZero = node.node.getInt("allowzero", 0) != 0;
  Dims shape;
  std::optional<size_t> inferred;
  Expression known = node.constant(1);
  for (auto [d, size] : llvm::enumerate(*sizes)) {
    Expression dim = size;
    if (size.isConstant(0) && !allowZero) {
      if (d >= facts->shape.size())
        return node.invalid("size " + llvm::Twine(d) + " is 0, so that it is copied, but there is no such dimension in " +
                            node.describe(0));
      dim = facts->shape[d];
    }
    if (size.isConstant(-1)) {
      if (inferred)
        return node.invalid("more than one of the new sizes " + describeShape(*sizes) + " is -1");
      inferred = d;
    } else {
      known = known * dim;
    }
    shape.push_back(dim);
  }
  if (inferred) {
    if (known.isConstant(0))
      return node.unsupported("-1 among sizes of which one is 0: " + describeShape(*sizes));
    shape[*inferred] = divideExactly(count, known);
    if (!shape[*inferred])
      shape[*inferred] = inferAtRunTime(node, count, known);
    if (!shape[*inferred])
      return refuseElements(node, *sizes, count, known,
                            known.getConstant() && count.getConstant() && *count.getConstant() % *known.getConstant() != 0);
  } else if (!known.isProvedEqual(count) && failed(node.shapes.checkAtRunTime(known, count))) {
    return refuseElements(node, *sizes, count, known, known.getConstant() && count.getConstant());
  }
  return node.result(0, facts->elementType, shape, facts->data);
}

LogicalResult flatten(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts)
    return failure();
  int64_t rank = facts->shape.size(), axis = node.node.getInt("axis", 1);
  axis = axis < 0 ? axis + rank : axis;
  if (axis < 0 || axis > rank)
    return node.invalid("axis " + llvm::Twine(node.node.getInt("axis", 1)) + " is outside the rank of " + node.describe(0));
  ArrayRef<Expression> shape(facts->shape);
  Dims flat{countElements(node.context(), shape.take_front(axis)), countElements(node.context(), shape.drop_front(axis))};
  return node.result(0, facts->elementType, flat, facts->data);
}

LogicalResult transpose(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts)
    return failure();
  auto permutation = dyn_cast_or_null<DenseI64ArrayAttr>(node.node.getNodeAttr("perm"));
  Dims shape;
  if (!permutation) {
    shape.assign(facts->shape.rbegin(), facts->shape.rend());
  } else {
    if (permutation.size() != static_cast<int64_t>(facts->shape.size()) || !isPermutationVector(permutation.asArrayRef())) {
      std::string text = llvm::join(llvm::map_range(permutation.asArrayRef(), [](int64_t axis) { return std::to_string(axis); }), ", ");
      return node.invalid("perm [" + text + "] is no order of the dimensions of " + node.describe(0));
    }
    for (int64_t axis : permutation.asArrayRef())
      shape.push_back(facts->shape[axis]);
  }
  return node.result(0, facts->elementType, shape, shape.size() <= 1 ? facts->data : std::nullopt);
}

LogicalResult unsqueeze(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (facts && node.isReadAtRunTime(1))
    return node.resultsAsStated(facts->elementType);
  FailureOr<std::optional<SmallVector<int64_t>>> axes = node.axes(1);
  if (!facts || failed(axes))
    return failure();
  if (!*axes)
    return node.invalid("it has no axes");
  int64_t rank = facts->shape.size() + (*axes)->size();
  SmallVector<bool> inserted(rank, false);
  for (int64_t axis : **axes) {
    FailureOr<int64_t> position = node.checkAxis(axis, rank);
    if (failed(position))
      return failure();
    if (inserted[*position])
      return node.invalid("axis " + llvm::Twine(axis) + " stands twice among its axes");
    inserted[*position] = true;
  }
  Dims shape;
  auto next = facts->shape.begin();
  for (bool isNew : inserted)
    shape.push_back(isNew ? node.constant(1) : *next++);
  return node.result(0, facts->elementType, shape, facts->data);
}

LogicalResult squeeze(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (facts && node.isReadAtRunTime(1))
    return node.resultsAsStated(facts->elementType);
  FailureOr<std::optional<SmallVector<int64_t>>> axes = node.axes(1);
  if (!facts || failed(axes))
    return failure();
  SmallVector<bool> removed(facts->shape.size(), false);
  if (*axes) {
    for (int64_t axis : **axes) {
      FailureOr<int64_t> position = node.checkAxis(axis, facts->shape.size());
      if (failed(position) || failed(node.unify(facts->shape[*position], node.constant(1))))
        return failure();
      removed[*position] = true;
    }
  } else {
    for (auto [d, dim] : llvm::enumerate(facts->shape))
      removed[d] = dim.isConstant(1);
  }
  Dims shape;
  for (auto [d, dim] : llvm::enumerate(facts->shape))
    if (!removed[d])
      shape.push_back(dim);
  return node.result(0, facts->elementType, shape, facts->data);
}

/// A Concat of products of grouped rows: nobody knows the size of a group, but all of them together have the rows.
LogicalResult concatGroups(NodeShapes &node) {
  GroupedFault fault;
  std::optional<GroupedRows> grouped = readGroupedRows(node.shapes, node.node, fault);
  if (!grouped)
    return failure();  // the ranges are not known, which their nodes say
  Expression columns = getGroupedColumns(node.shapes, *grouped);
  return columns ? node.result(0, node.shapes.getFacts(grouped->rows)->elementType, {grouped->count, columns}) : failure();
}

LogicalResult concat(NodeShapes &node) {
  if (looksGrouped(node.node) && !node.shapes.hasShape(node.node.getInputs()[0]))
    return concatGroups(node);
  const TensorFacts *first = node.require(0);
  if (!first)
    return failure();
  FailureOr<int64_t> axis = node.axis(0, first->shape.size());
  if (failed(axis))
    return failure();
  Dims shape(first->shape);
  std::optional<Dims> data = *axis == 0 ? first->data : std::nullopt;
  for (unsigned index = 1; index < node.node.getInputs().size(); ++index) {
    const TensorFacts *facts = node.require(index);
    if (!facts)
      return failure();
    if (facts->shape.size() != shape.size())
      return node.invalid("its operands must have one rank, but are " + node.describe(0) + " and " + node.describe(index));
    for (auto [d, dim] : llvm::enumerate(facts->shape)) {
      if (static_cast<int64_t>(d) == *axis)
        shape[d] = shape[d] + dim;
      else if (FailureOr<Expression> joined = node.unify(shape[d], dim); succeeded(joined))
        shape[d] = *joined;
      else
        return failure();
    }
    if (data && facts->data)
      data->append(facts->data->begin(), facts->data->end());
    else
      data = std::nullopt;
  }
  return node.result(0, first->elementType, shape, data);
}

/// Sizes that the file states for the pieces of `dim`: they must be its sum.
FailureOr<Dims> statedPieces(NodeShapes &node, Expression dim, Dims sizes) {
  Expression sum = node.constant(0);
  for (Expression size : sizes) {
    if (size.getConstant() && !size.isAtLeast(0))
      return node.invalid("a piece of " + llvm::Twine(*size.getConstant()) + " elements is asked for: " + describeShape(sizes));
    if (!size.isAtLeast(0))
      return node.unsupported("a piece of " + size.str() + " elements is not proved to be at least 0");
    sum = sum ? sum + size : sum;
  }
  if (!sum)
    return node.unsupported("the sum of its pieces is too large an expression: " + describeShape(sizes));
  if (dim.getConstant() && sum.getConstant() && dim != sum)
    return node.invalid("its pieces " + describeShape(sizes) + " make " + sum.str() + " elements, but there are " + dim.str() + " in " +
                        node.describe(0));
  if (failed(node.unify(dim, sum)))
    return failure();
  return sizes;
}

/// The sizes of the pieces of a Split along a dimension.
FailureOr<Dims> splitSizes(NodeShapes &node, Expression dim) {
  if (auto sizes = dyn_cast_or_null<DenseI64ArrayAttr>(node.node.getNodeAttr("split")))
    return statedPieces(node, dim, llvm::map_to_vector(sizes.asArrayRef(), [&](int64_t size) { return node.constant(size); }));
  if (node.node.getInput(1)) {
    std::optional<ArrayRef<Expression>> sizes = node.requireData(1, "the sizes of its pieces");
    return sizes ? statedPieces(node, dim, Dims(*sizes)) : FailureOr<Dims>(failure());
  }
  int64_t count = node.node.getNumResults();
  if (count < 1)
    return node.invalid("it has no results");
  Expression piece = ceilDiv(dim, node.constant(count));
  Dims result(count, piece);
  result.back() = dim - piece * (count - 1);
  // Of two pieces the last is never longer than the first; of more it could fall below 0.
  if (count > 2 && !result.back().isAtLeast(0))
    return node.unsupported("the last of " + llvm::Twine(count) + " pieces of " + dim.str() + " elements is not proved to be at least 0");
  return result;
}

LogicalResult split(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts)
    return failure();
  if (node.isReadAtRunTime(1))
    return node.resultsAsStated(facts->elementType);
  TensorFacts whole = *facts;  // a copy: setting results moves the table
  FailureOr<int64_t> axis = node.axis(0, whole.shape.size());
  if (failed(axis))
    return failure();
  FailureOr<Dims> sizes = splitSizes(node, whole.shape[*axis]);
  if (failed(sizes))
    return failure();
  if (sizes->size() != node.node.getNumResults())
    return node.invalid("it states " + llvm::Twine(sizes->size()) + " sizes for " + llvm::Twine(node.node.getNumResults()) + " results");
  int64_t position = 0;
  for (auto [index, size] : llvm::enumerate(*sizes)) {
    Dims shape(whole.shape);
    shape[*axis] = size;
    std::optional<int64_t> length = size.getConstant();
    std::optional<Dims> data;
    if (whole.data && whole.shape.size() == 1 && length && *length >= 0 && *length <= static_cast<int64_t>(whole.data->size()) - position) {
      data = Dims(ArrayRef<Expression>(*whole.data).slice(position, *length));
      position += *length;
    }
    if (failed(node.result(index, whole.elementType, shape, data)))
      return failure();
  }
  return success();
}

LogicalResult tile(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts || !node.hasInputs(2, 2))
    return failure();
  if (node.isReadAtRunTime(1))
    return node.resultsAsStated(facts->elementType);
  std::optional<ArrayRef<Expression>> repeats = node.requireData(1, "the repeats");
  if (!repeats)
    return failure();
  if (repeats->size() != facts->shape.size())
    return node.invalid("it has " + llvm::Twine(repeats->size()) + " repeats for " + node.describe(0));
  Dims shape;
  for (auto [dim, repeat] : llvm::zip_equal(facts->shape, *repeats))
    shape.push_back(dim * repeat);
  return node.result(0, facts->elementType, shape);
}

LogicalResult slice(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (facts && llvm::any_of(llvm::seq(1u, 5u), [&](unsigned index) { return node.isReadAtRunTime(index); }))
    return node.resultsAsStated(facts->elementType);
  FailureOr<SmallVector<SliceRange>> ranges = getSliceRanges(node);
  if (!facts || failed(ranges))
    return failure();
  Dims shape;
  for (const SliceRange &range : *ranges)
    shape.push_back(range.size);
  std::optional<Dims> data;
  bool folds = facts->data && shape.size() == 1 && ranges->front().offset.getConstant() && shape.front().getConstant();
  if (folds) {
    data.emplace();
    for (int64_t index = 0; index < *shape.front().getConstant(); ++index)
      data->push_back((*facts->data)[*ranges->front().offset.getConstant() + index * ranges->front().stride]);
  }
  return node.result(0, facts->elementType, shape, data);
}

/// One bound of a Slice, moved into [low, high] where it lies outside; failure where its sign is not known.
FailureOr<Expression> clampBound(NodeShapes &node, Expression bound, Expression dim, Expression low, Expression high) {
  std::optional<int64_t> constant = bound.getConstant();
  // The largest and smallest integers are how exporters write "to the end".
  constexpr int64_t far = std::numeric_limits<int32_t>::max() - 1;
  if (constant && *constant >= far)
    return high;
  if (constant && *constant <= -far)
    return low;
  Expression distance = bound * -1, zero = node.constant(0);
  bool isEither = !bound.isAtLeast(0) && !distance.isAtLeast(0);
  // One that is moved up to 0 may be below it in no call.
  if (isEither && failed(node.shapes.checkAtRunTime(max(bound, zero), bound)))
    return node.unsupported("the sign of its bound " + bound.str() + " is not known before data is");
  if (!isEither && !bound.isAtLeast(0)) {
    // -d counts from the end, but -0 from the start.
    Expression isThere = min(distance, low.getContext().constant(1));
    if (low.isConstant(0) && isProvedAtLeast(dim, distance))
      return (dim - distance) * isThere;
    bound = dim * isThere + bound;
  }
  Expression clamped = max(low, min(bound, high));
  if (!clamped)
    return node.unsupported("its bound " + bound.str() + " is too large an expression");
  return clamped;
}

}  // namespace

FailureOr<SmallVector<SliceRange>> getSliceRanges(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts)
    return failure();
  auto bounds = [&](llvm::StringRef attribute, unsigned operand) -> std::optional<Dims> {
    if (auto values = dyn_cast_or_null<DenseI64ArrayAttr>(node.node.getNodeAttr(attribute)))
      return Dims(llvm::map_to_vector(values.asArrayRef(), [&](int64_t value) { return node.constant(value); }));
    std::optional<ArrayRef<Expression>> values = node.requireData(operand, attribute);
    return values ? std::optional(Dims(*values)) : std::nullopt;
  };
  std::optional<Dims> starts = bounds("starts", 1), ends = bounds("ends", 2);
  FailureOr<std::optional<SmallVector<int64_t>>> axes = node.axes(3);
  if (!starts || !ends || failed(axes))
    return failure();
  if (starts->size() != ends->size() || (*axes && (*axes)->size() != starts->size()))
    return node.invalid("it has " + llvm::Twine(starts->size()) + " starts, " + llvm::Twine(ends->size()) + " ends and " +
                        llvm::Twine(*axes ? (*axes)->size() : starts->size()) + " axes");
  SmallVector<int64_t> steps(starts->size(), 1);
  if (node.node.getInput(4)) {
    std::optional<SmallVector<int64_t>> values = node.constants(4);
    if (!values)
      return node.input(4) ? node.unsupported("its steps must be constants, but " + node.describe(4) + " are computed") : failure();
    if (values->size() != starts->size())
      return node.invalid("it has " + llvm::Twine(starts->size()) + " starts and " + llvm::Twine(values->size()) + " steps");
    steps = *values;
  }
  Expression zero = node.constant(0);
  SmallVector<SliceRange> ranges;
  for (Expression dim : facts->shape)
    ranges.push_back({zero, dim, 1});
  for (size_t index = 0; index < starts->size(); ++index) {
    FailureOr<int64_t> axis = node.checkAxis(*axes ? (**axes)[index] : index, facts->shape.size());
    if (failed(axis))
      return failure();
    if (steps[index] == 0)
      return node.invalid("its step along axis " + llvm::Twine(*axis) + " is 0");
    Expression dim = facts->shape[*axis];
    // No dimension is as long as the longest steps that a file may state.
    constexpr int64_t longest = std::numeric_limits<int32_t>::max();
    int64_t step = std::clamp(steps[index], -longest, longest);
    SliceRange &range = ranges[*axis];
    range.stride = step;
    Expression high = step > 0 ? dim : dim - 1;
    FailureOr<Expression> start = clampBound(node, (*starts)[index], dim, zero, high);
    FailureOr<Expression> end = clampBound(node, (*ends)[index], dim, step > 0 ? zero : node.constant(-1), high);
    if (failed(start) || failed(end))
      return failure();
    range.offset = *start;
    Expression length = step > 0 ? *end - *start : *start - *end;
    range.size = max(ceilDiv(length, node.constant(std::abs(step))), zero);
    // Backwards, the bounds of an empty dimension are 0 and -1.
    if (step < 0)
      range.size = min(range.size, dim);
  }
  return ranges;
}

void addMovementShapes(ShapeRules &rules) {
  rules["ai.onnx::Reshape"] = reshape;
  rules["ai.onnx::Flatten"] = flatten;
  rules["ai.onnx::Transpose"] = transpose;
  rules["ai.onnx::Unsqueeze"] = unsqueeze;
  rules["ai.onnx::Squeeze"] = squeeze;
  rules["ai.onnx::Concat"] = concat;
  rules["ai.onnx::Split"] = split;
  rules["ai.onnx::Slice"] = slice;
  rules["ai.onnx::Tile"] = tile;
  rules["ai.onnx::Trilu"] = likeFirst;
}

}  // namespace switchyard
