// Operators that make tensors from shapes and constants.
#include "compiler/raise/lower/NodeLowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

LogicalResult constant(NodeLowering &node) {
  Dims shape = node.resultDims();
  RankedTensorType type = SymbolicShapes::getType(shape, node.resultElementType());
  if (auto name = dyn_cast_or_null<FlatSymbolRefAttr>(node.node.getNodeAttr("value")))
    return node.replace(node.shaped(rt::WeightRefOp::create(node.builder, node.loc, type, name), shape));
  DenseElementsAttr elements = dyn_cast_or_null<DenseElementsAttr>(node.node.getNodeAttr("value"));
  if (auto value = dyn_cast_or_null<FloatAttr>(node.node.getNodeAttr("value_float")))
    elements = DenseElementsAttr::get(type, value.getValue());
  else if (auto values = dyn_cast_or_null<DenseF32ArrayAttr>(node.node.getNodeAttr("value_floats")))
    elements = DenseElementsAttr::get(type, values.asArrayRef());
  if (!elements)
    return node.unsupported("its value is no tensor of numbers");
  return node.replace(node.shaped(arith::ConstantOp::create(node.builder, node.loc, elements), shape));
}

LogicalResult constantOfShape(NodeLowering &node) {
  Type type = node.resultElementType();
  TypedAttr element = node.zero(type);
  if (auto value = dyn_cast_or_null<DenseElementsAttr>(node.node.getNodeAttr("value"))) {
    // The analysis has counted one element. A complex number is no typed attribute.
    element = dyn_cast<TypedAttr>(*value.getValues<Attribute>().begin());
    if (!element)
      return node.unsupported("its value is no integer or float");
  }
  if (node.facts.isComputed(0))
    return node.replace(node.callKernel("expand", {node.fill({}, element), node.input(0)}));
  return node.replace(node.fill(node.resultDims(), element));
}

/// start + i * step, on integers.
LogicalResult range(NodeLowering &node) {
  Type type = node.resultElementType();
  std::optional<ArrayRef<Expression>> start = node.facts.data(0);
  std::optional<SmallVector<int64_t>> step = node.facts.constants(2);
  if (!start || !step || !type.isSignlessInteger())
    return node.unsupported("expects integers that are known before data is");
  Value first = node.shapes.materialize(start->front());
  Value result = node.elementwise({}, node.resultDims(), type, [&](OpBuilder &b, Location l, ValueRange) -> Value {
    Value index = linalg::IndexOp::create(b, l, 0), stride = arith::ConstantIndexOp::create(b, l, step->front());
    Value value = arith::AddIOp::create(b, l, first, arith::MulIOp::create(b, l, index, stride));
    return arith::IndexCastOp::create(b, l, type, value);
  });
  return node.replace(result);
}

/// Ones on diagonal k of a matrix.
LogicalResult eyeLike(NodeLowering &node) {
  Type type = node.resultElementType();
  auto floats = dyn_cast<FloatType>(type);
  auto element = [&](int64_t value) -> TypedAttr {
    return floats ? TypedAttr(node.builder.getFloatAttr(type, value)) : TypedAttr(node.builder.getIntegerAttr(type, value));
  };
  if (!floats && !type.isSignlessInteger())
    return node.unsupported("expects floats or integers with a sign");
  int64_t diagonal = node.node.getInt("k", 0);
  return node.replace(node.elementwise({}, node.resultDims(), type, [&](OpBuilder &b, Location l, ValueRange) -> Value {
    Value row = linalg::IndexOp::create(b, l, 0), column = linalg::IndexOp::create(b, l, 1);
    Value shifted = arith::AddIOp::create(b, l, row, arith::ConstantIndexOp::create(b, l, diagonal));
    Value hit = arith::CmpIOp::create(b, l, arith::CmpIPredicate::eq, shifted, column);
    Value one = arith::ConstantOp::create(b, l, element(1)), zero = arith::ConstantOp::create(b, l, element(0));
    return arith::SelectOp::create(b, l, hit, one, zero);
  }));
}

/// Sizes are data that the analysis knows; a shape that is not known has been reported before.
LogicalResult sizes(NodeLowering &node) { return node.unsupported("the shape has too many dimensions"); }

}  // namespace

void addConstantRules(LoweringRules &rules) {
  rules["ai.onnx::Constant"] = constant;
  rules["ai.onnx::ConstantOfShape"] = constantOfShape;
  rules["ai.onnx::EyeLike"] = eyeLike;
  rules["ai.onnx::Range"] = range;
  rules["ai.onnx::Shape"] = sizes;
  rules["ai.onnx::Size"] = sizes;
}

}  // namespace switchyard::raise
