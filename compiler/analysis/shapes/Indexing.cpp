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
  const TensorFacts *data = node.input(0), *indices = node.input(1);
  if (!data || !indices)
    return failure();
  FailureOr<int64_t> axis = NodeShapes::normalizeAxis(node.node.getInt("axis", 0), data->shape.size());
  if (failed(axis))
    return failure();
  Dims shape(ArrayRef<Expression>(data->shape).take_front(*axis));
  shape.append(indices->shape);
  shape.append(data->shape.begin() + *axis + 1, data->shape.end());
  return node.result(0, data->elementType, shape, gatherData(*data, *indices));
}

LogicalResult gatherElements(NodeShapes &node) {
  const TensorFacts *data = node.input(0), *indices = node.input(1);
  bool valid = data && indices && data->shape.size() == indices->shape.size();
  return valid ? node.result(0, data->elementType, indices->shape) : failure();
}

LogicalResult gatherNd(NodeShapes &node) {
  const TensorFacts *data = node.input(0), *indices = node.input(1);
  if (!data || !indices || indices->shape.empty())
    return failure();
  int64_t batch = node.node.getInt("batch_dims", 0);
  std::optional<int64_t> tuple = indices->shape.back().getConstant();
  int64_t rank = data->shape.size();
  if (!tuple || batch < 0 || batch > rank || *tuple > rank - batch || batch >= static_cast<int64_t>(indices->shape.size()))
    return failure();
  Dims shape(ArrayRef<Expression>(indices->shape).drop_back());
  shape.append(data->shape.begin() + batch + *tuple, data->shape.end());
  return node.result(0, data->elementType, shape);
}

LogicalResult scatter(NodeShapes &node) {
  const TensorFacts *data = node.input(0);
  return data ? node.result(0, data->elementType, data->shape) : failure();
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
  const TensorFacts *indices = node.input(0), *values = node.input(2);
  std::optional<ArrayRef<Expression>> depth = node.data(1);
  bool valid = indices && values && values->shape.size() == 1 && values->shape.front().isConstant(2) && depth && depth->size() == 1;
  if (!valid)
    return failure();
  FailureOr<int64_t> axis = NodeShapes::normalizeAxis(node.node.getInt("axis", -1), indices->shape.size() + 1);
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
  rules["ai.onnx::ScatterElements"] = scatter;
  rules["ai.onnx::ScatterND"] = scatter;
  rules["ai.onnx::OneHot"] = oneHot;
}

}  // namespace switchyard
