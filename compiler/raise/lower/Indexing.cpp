// Operators that pick elements by index.
#include "compiler/raise/lower/KernelRules.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

/// The one non-negative index of a Gather with a constant scalar or one-element index.
std::optional<int64_t> singleIndex(NodeLowering &node, Expression dim) {
  std::optional<SmallVector<int64_t>> indices = node.facts.constants(1);
  if (!indices || indices->size() != 1)
    return std::nullopt;
  std::optional<int64_t> size = dim.getConstant();
  int64_t index = indices->front();
  if (index < 0 && size)
    index += *size;
  bool inside = index >= 0 && (size ? index < *size : false);
  return inside ? std::optional(index) : std::nullopt;
}

LogicalResult gather(NodeLowering &node) {
  Value data = node.input(0), indices = node.input(1);
  FailureOr<int64_t> axis = NodeShapes::normalizeAxis(node.node.getInt("axis", 0), node.rank(data));
  if (failed(axis))
    return node.unsupported("the axis is outside the rank");
  Dims shape = node.resultDims();
  if (std::optional<int64_t> index = singleIndex(node, node.dims(data)[*axis]))
    return node.replace(node.reshape(node.sliceAxis(data, *axis, node.constant(*index), node.constant(1)), shape));
  std::optional<SmallVector<int64_t>> constants = node.facts.constants(1);
  std::optional<int64_t> size = node.dims(data)[*axis].getConstant();
  bool vector = constants && node.rank(indices) == 1 && size && node.weights.getRecipe(data);
  if (vector && llvm::all_of(*constants, [&](int64_t index) { return index >= -*size && index < *size; })) {
    SmallVector<int64_t> numbers{*axis};
    for (int64_t index : *constants)
      numbers.push_back(index < 0 ? index + *size : index);
    RankedTensorType type = SymbolicShapes::getType(shape, node.resultElementType());
    return node.replace(node.shaped(node.weights.step(node.builder, rt::StepKind::gather, numbers, data, type), shape));
  }
  RankedTensorType type = SymbolicShapes::getType(shape, node.resultElementType());
  bool table = *axis == 0 && node.rank(data) == 2 && TensorBuilder::elementType(data).isF32();
  Value weight = table ? node.weights.asWeight(node.builder, data) : Value();
  if (weight)
    return node.replace(node.shaped(nn::EmbeddingOp::create(node.builder, node.loc, type, indices, weight), shape));
  return node.replace(node.shaped(nn::GatherOp::create(node.builder, node.loc, type, data, indices, *axis), shape));
}

LogicalResult gatherElements(NodeLowering &node) {
  FailureOr<int64_t> axis = NodeShapes::normalizeAxis(node.node.getInt("axis", 0), node.rank(node.input(0)));
  if (failed(axis))
    return node.unsupported("the axis is outside the rank");
  RankedTensorType type = SymbolicShapes::getType(node.resultDims(), node.resultElementType());
  Value result = nn::GatherElementsOp::create(node.builder, node.loc, type, node.input(0), node.input(1), *axis);
  return node.replace(node.shaped(result, node.resultDims()));
}

LogicalResult gatherNd(NodeLowering &node) {
  RankedTensorType type = SymbolicShapes::getType(node.resultDims(), node.resultElementType());
  int64_t batch = node.node.getInt("batch_dims", 0);
  Value result = nn::GatherNdOp::create(node.builder, node.loc, type, node.input(0), node.input(1), batch);
  return node.replace(node.shaped(result, node.resultDims()));
}

/// Rows that follow each other, by constant indices: what torch's slice_scatter becomes. The rows before, the updates, the rows after.
LogicalResult scatterNd(NodeLowering &node) {
  Value data = node.input(0), updates = node.input(2);
  std::optional<SmallVector<int64_t>> rows = node.facts.constants(1);
  Dims shape = node.dims(data), indices = node.dims(node.input(1));
  bool whole = rows && !rows->empty() && !shape.empty() && indices.size() == 2 && indices.back().isConstant(1) &&
               node.node.getString("reduction", "none") == "none";
  for (size_t i = 0; whole && i + 1 < rows->size(); ++i)
    whole = (*rows)[i + 1] == (*rows)[i] + 1;
  std::optional<int64_t> size = whole ? shape.front().getConstant() : std::nullopt;
  int64_t count = rows ? rows->size() : 0;
  Dims rest(shape);
  if (!rest.empty())
    rest.front() = node.constant(count);
  if (!size || rows->front() < 0 || rows->back() >= *size || node.dims(updates) != rest)
    return scatterNdKernel(node);
  int64_t first = rows->front();
  SmallVector<Value> parts;
  if (first > 0)
    parts.push_back(node.sliceAxis(data, 0, node.constant(0), node.constant(first)));
  parts.push_back(updates);
  if (first + count < *size)
    parts.push_back(node.sliceAxis(data, 0, node.constant(first + count), node.constant(*size - first - count)));
  return node.replace(parts.size() == 1 ? updates : node.concat(parts, 0));
}

/// values[1] where the index along `axis` is the one asked for, values[0] elsewhere. A negative index counts from the end.
LogicalResult oneHot(NodeLowering &node) {
  Dims shape = node.resultDims();
  FailureOr<int64_t> axis = NodeShapes::normalizeAxis(node.node.getInt("axis", -1), shape.size());
  Type type = node.resultElementType();
  if (failed(axis))
    return node.unsupported("the axis is outside the rank");
  Dims column = node.dims(node.input(0));
  column.insert(column.begin() + *axis, node.constant(1));
  Value depth = node.shapes.materialize(shape[*axis]);
  auto value = [&](int64_t position) {
    return node.reshape(node.sliceAxis(node.input(2), 0, node.constant(position), node.constant(1)), {});
  };
  SmallVector<Value> inputs{node.reshape(node.input(0), column), value(0), value(1)};
  Value result = node.elementwise(inputs, shape, type, [&](OpBuilder &b, Location l, ValueRange x) -> Value {
    Value wanted = arith::IndexCastOp::create(b, l, b.getIndexType(), castScalar(b, l, x[0], b.getI64Type()));
    Value zero = arith::ConstantIndexOp::create(b, l, 0);
    Value negative = arith::CmpIOp::create(b, l, arith::CmpIPredicate::slt, wanted, zero);
    wanted = arith::SelectOp::create(b, l, negative, arith::AddIOp::create(b, l, wanted, depth), wanted);
    Value hit = arith::CmpIOp::create(b, l, arith::CmpIPredicate::eq, wanted, linalg::IndexOp::create(b, l, *axis));
    return arith::SelectOp::create(b, l, hit, x[2], x[1]);
  });
  return node.replace(result);
}

}  // namespace

void addIndexingRules(LoweringRules &rules) {
  rules["ai.onnx::Gather"] = gather;
  rules["ai.onnx::GatherElements"] = gatherElements;
  rules["ai.onnx::GatherND"] = gatherNd;
  rules["ai.onnx::ScatterND"] = scatterNd;
  rules["ai.onnx::OneHot"] = oneHot;
}

}  // namespace switchyard::raise
