// Operators that pick elements by index.
#include "compiler/analysis/ShapeRules.h"

#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;

namespace switchyard {

namespace {

/// The data that a Gather with constant indices takes from a vector of known data.
std::optional<Dims> gatherData(const TensorFacts &data, const TensorFacts &indices) {
  if (!data.data || !indices.data || data.shape.size() != 1)
    return std::nullopt;
  Dims result;
  for (Expression index : *indices.data) {
    std::optional<int64_t> position = index.getConstant();
    int64_t size = data.data->size();
    if (!position || *position < -size || *position >= size)
      return std::nullopt;
    result.push_back((*data.data)[*position < 0 ? *position + size : *position]);
  }
  return result;
}

LogicalResult gather(NodeShapes &node) {
  const TensorFacts *data = node.require(0), *indices = node.require(1);
  if (!data || !indices)
    return failure();
  FailureOr<int64_t> axis = node.axis(0, data->shape.size());
  if (failed(axis))
    return failure();
  Dims shape(ArrayRef<Expression>(data->shape).take_front(*axis));
  shape.append(indices->shape);
  shape.append(data->shape.begin() + *axis + 1, data->shape.end());
  return node.result(0, data->elementType, shape, gatherData(*data, *indices));
}

LogicalResult gatherElements(NodeShapes &node) {
  const TensorFacts *data = node.require(0), *indices = node.require(1);
  if (!data || !indices || failed(node.axis(0, data->shape.size())))
    return failure();
  if (data->shape.size() != indices->shape.size())
    return node.invalid("data and indices must have one rank, but are " + node.describe(0) + " and " + node.describe(1));
  return node.result(0, data->elementType, indices->shape);
}

LogicalResult gatherNd(NodeShapes &node) {
  const TensorFacts *data = node.require(0), *indices = node.require(1);
  if (!data || !indices)
    return failure();
  if (indices->shape.empty())
    return node.invalid("its indices are a scalar, and no tuples: " + node.describe(1));
  int64_t batch = node.node.getInt("batch_dims", 0);
  std::optional<int64_t> tuple = indices->shape.back().getConstant();
  int64_t rank = data->shape.size();
  if (!tuple)
    return node.unsupported("the length of its index tuples is not a number: " + node.describe(1));
  if (batch < 0 || batch > rank || *tuple > rank - batch || batch >= static_cast<int64_t>(indices->shape.size()))
    return node.invalid("index tuples of " + llvm::Twine(*tuple) + " behind " + llvm::Twine(batch) +
                        " batch dimensions do not fit: " + node.describe(0) + " by " + node.describe(1));
  Dims shape(ArrayRef<Expression>(indices->shape).drop_back());
  shape.append(data->shape.begin() + batch + *tuple, data->shape.end());
  return node.result(0, data->elementType, shape);
}

LogicalResult nonZero(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts)
    return failure();
  if (node.areResultsStated())
    return node.resultsAsStated(IntegerType::get(node.node.getContext(), 64));
  Expression rank = node.constant(facts->shape.size());  // 0 for a scalar
  return node.result(0, IntegerType::get(node.node.getContext(), 64), {rank, node.shapes.makeCount(countElements(node.context(), facts->shape))});
}

/// The rows of a OneHot of constants along a new last axis.
std::optional<Dims> oneHotData(const TensorFacts &indices, const TensorFacts &values, Expression depth) {
  std::optional<int64_t> count = depth.getConstant();
  if (!indices.data || !values.data || !count || *count < 0 || *count > SymbolicShapes::maxDataElements)
    return std::nullopt;
  Dims data;
  for (Expression index : *indices.data) {
    std::optional<int64_t> position = index.getConstant();
    if (!position)
      return std::nullopt;
    for (int64_t column = 0; column < *count; ++column)
      data.push_back((*values.data)[*position == column || *position + *count == column]);
  }
  return data;
}

LogicalResult oneHot(NodeShapes &node) {
  const TensorFacts *indices = node.require(0), *values = node.require(2);
  if (indices && values && node.isReadAtRunTime(1))
    return node.resultsAsStated(values->elementType);
  std::optional<ArrayRef<Expression>> depth = node.requireData(1, "the depth");
  if (!indices || !values || !depth)
    return failure();
  if (values->shape.size() != 1 || (values->shape.front().getConstant() && !values->shape.front().isConstant(2)) || depth->size() != 1)
    return node.invalid("expected one depth and two values, but got " + node.describe(1) + " and " + node.describe(2));
  if (!values->shape.front().isConstant(2))
    return node.unsupported("the number of values is not known: " + node.describe(2));
  FailureOr<int64_t> axis = node.axis(-1, indices->shape.size() + 1);
  if (failed(axis))
    return failure();
  Dims shape(indices->shape);
  shape.insert(shape.begin() + *axis, depth->front());
  std::optional<Dims> data;
  if (*axis + 1 == static_cast<int64_t>(shape.size()))
    data = oneHotData(*indices, *values, depth->front());
  return node.result(0, values->elementType, shape, data);
}

}  // namespace

void addIndexingShapes(ShapeRules &rules) {
  rules["ai.onnx::Gather"] = gather;
  rules["ai.onnx::GatherElements"] = gatherElements;
  rules["ai.onnx::GatherND"] = gatherNd;
  rules["ai.onnx::NonZero"] = nonZero;
  rules["ai.onnx::OneHot"] = oneHot;
}

}  // namespace switchyard
