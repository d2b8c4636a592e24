// Operators that make tensors from shapes and constants.
#include "compiler/analysis/ShapeRules.h"
#include "dialects/rt/RtDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace switchyard {

namespace {

LogicalResult shapeOf(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts)
    return failure();
  int64_t rank = facts->shape.size();
  auto clamp = [&](int64_t position) { return std::clamp<int64_t>(position < 0 ? position + rank : position, 0, rank); };
  int64_t start = clamp(node.node.getInt("start", 0)), end = clamp(node.node.getInt("end", rank));
  Dims sizes(ArrayRef<Expression>(facts->shape).slice(start, std::max<int64_t>(end - start, 0)));
  Type i64 = IntegerType::get(node.node.getContext(), 64);
  return node.result(0, i64, {node.constant(sizes.size())}, sizes);
}

LogicalResult sizeOf(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts)
    return failure();
  return node.result(0, IntegerType::get(node.node.getContext(), 64), {}, Dims{countElements(node.context(), facts->shape)});
}

LogicalResult constant(NodeShapes &node) {
  Builder builder(node.node.getContext());
  if (auto value = dyn_cast_or_null<ElementsAttr>(node.node.getNodeAttr("value"))) {
    Dims shape = llvm::map_to_vector(value.getShapedType().getShape(), [&](int64_t size) { return node.constant(size); });
    return node.result(0, value.getShapedType().getElementType(), shape, getConstantElements(node.context(), value));
  }
  if (auto name = dyn_cast_or_null<FlatSymbolRefAttr>(node.node.getNodeAttr("value"))) {
    auto weight = SymbolTable::lookupNearestSymbolFrom<rt::WeightOp>(node.node, name);
    auto type = weight ? dyn_cast<RankedTensorType>(weight.getType()) : RankedTensorType();
    if (!type)
      return node.invalid("there is no weight '" + name.getValue() + "' of a tensor type");
    return node.result(0, type.getElementType(), llvm::map_to_vector(type.getShape(), [&](int64_t size) { return node.constant(size); }));
  }
  if (auto value = dyn_cast_or_null<IntegerAttr>(node.node.getNodeAttr("value_int")))
    return node.result(0, builder.getI64Type(), {}, Dims{node.constant(value.getInt())});
  if (auto values = dyn_cast_or_null<DenseI64ArrayAttr>(node.node.getNodeAttr("value_ints"))) {
    Dims data = llvm::map_to_vector(values.asArrayRef(), [&](int64_t value) { return node.constant(value); });
    return node.result(0, builder.getI64Type(), {node.constant(values.size())}, data);
  }
  if (isa_and_nonnull<FloatAttr>(node.node.getNodeAttr("value_float")))
    return node.result(0, builder.getF32Type(), {});
  if (auto values = dyn_cast_or_null<DenseF32ArrayAttr>(node.node.getNodeAttr("value_floats")))
    return node.result(0, builder.getF32Type(), {node.constant(values.size())});
  return node.unsupported("its value is no tensor of numbers");
}

/// How many elements the tensor `value` of an attribute has; nothing where it is no tensor of numbers.
std::optional<int64_t> countValues(onnx::NodeOp node, Attribute value) {
  ShapedType type;
  if (auto elements = dyn_cast<ElementsAttr>(value))
    type = elements.getShapedType();
  else if (auto name = dyn_cast<FlatSymbolRefAttr>(value))
    if (auto weight = SymbolTable::lookupNearestSymbolFrom<rt::WeightOp>(node, name))
      type = dyn_cast<RankedTensorType>(weight.getType());
  return type && type.hasStaticShape() ? std::optional<int64_t>(type.getNumElements()) : std::nullopt;
}

LogicalResult constantOfShape(NodeShapes &node) {
  Attribute stated = node.node.getNodeAttr("value");
  std::optional<int64_t> values = stated ? countValues(node.node, stated) : 1;
  if (values && *values != 1)
    return node.invalid("its value must be one number, but holds " + llvm::Twine(*values));
  if (stated && !isa<DenseElementsAttr>(stated))
    return node.unsupported("its value is no tensor of numbers");
  auto value = dyn_cast_or_null<DenseElementsAttr>(stated);
  Type type = value ? value.getElementType() : Float32Type::get(node.node.getContext());
  if (node.isReadAtRunTime(0))
    return node.resultsAsStated(type);
  std::optional<ArrayRef<Expression>> sizes = node.requireData(0, "the sizes");
  if (!sizes)
    return failure();
  Dims shape(*sizes);
  std::optional<Dims> element = getConstantElements(node.context(), value);
  std::optional<int64_t> count = countElements(node.context(), shape).getConstant();
  if (!element || element->size() != 1 || !count || *count < 0 || *count > SymbolicShapes::maxDataElements)
    return node.result(0, type, shape);
  return node.result(0, type, shape, Dims(*count, element->front()));
}

/// A matrix like operand 0, of the element type asked for.
LogicalResult eyeLike(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts)
    return failure();
  if (facts->shape.size() != 2)
    return node.invalid("expected a matrix, but got " + node.describe(0));
  bool isStated = node.node.getNodeAttr("dtype") != nullptr;
  return node.result(0, isStated ? getElementType(node.node.getContext(), node.node.getInt("dtype", 0)) : facts->elementType, facts->shape);
}

LogicalResult range(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (facts && llvm::any_of(llvm::seq(0u, 3u), [&](unsigned index) { return node.isReadAtRunTime(index); }))
    return node.resultsAsStated(facts->elementType);
  std::optional<ArrayRef<Expression>> start = node.requireData(0, "start"), limit = node.requireData(1, "limit"),
                                      delta = node.requireData(2, "delta");
  if (!facts || !start || !limit || !delta)
    return failure();
  if (start->size() != 1 || limit->size() != 1 || delta->size() != 1)
    return node.invalid("start, limit and delta must be one number each: " + node.describe(0) + ", " + node.describe(1) + ", " +
                        node.describe(2));
  std::optional<int64_t> step = delta->front().getConstant();
  if (step == 0)
    return node.invalid("delta must not be 0");
  if (!step || *step == std::numeric_limits<int64_t>::min())
    return node.unsupported("delta must be a constant");
  std::optional<int64_t> first = start->front().getConstant(), last = limit->front().getConstant();
  if (int64_t length; first && last && llvm::SubOverflow(*last, *first, length))
    return node.unsupported("64 bits do not hold its length");
  Expression distance = limit->front() - start->front();
  Expression steps = *step > 0 ? ceilDiv(distance, delta->front()) : ceilDiv(distance * -1, node.constant(-*step));
  Expression count = max(steps, node.constant(0));
  std::optional<int64_t> length = count.getConstant();
  if (!length || *length > SymbolicShapes::maxDataElements)
    return node.result(0, facts->elementType, {count});
  Dims data;
  for (int64_t index = 0; index < *length; ++index)
    data.push_back(start->front() + *step * index);
  return node.result(0, facts->elementType, {count}, data);
}

}  // namespace

void addConstantShapes(ShapeRules &rules) {
  rules["ai.onnx::Shape"] = shapeOf;
  rules["ai.onnx::Size"] = sizeOf;
  rules["ai.onnx::Constant"] = constant;
  rules["ai.onnx::ConstantOfShape"] = constantOfShape;
  rules["ai.onnx::EyeLike"] = eyeLike;
  rules["ai.onnx::Range"] = range;
}

}  // namespace switchyard
