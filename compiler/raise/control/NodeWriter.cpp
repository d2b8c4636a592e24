#include "compiler/raise/control/NodeWriter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace switchyard::raise {

// The version of the default operator set in which axes and sizes became operands.
static constexpr int64_t operandVersion = 13;
// The same for Slice and Pad.
static constexpr int64_t sliceOperandVersion = 10, padOperandVersion = 11;

Value NodeWriter::constant(DenseElementsAttr elements) {
  auto op = arith::ConstantOp::create(builder, node.getLoc(), elements);
  shapes.infer(*op);
  return op;
}

Value NodeWriter::integer(int64_t value, bool isVector) {
  auto type = RankedTensorType::get(isVector ? ArrayRef<int64_t>{1} : ArrayRef<int64_t>{}, builder.getI64Type());
  return constant(DenseElementsAttr::get(type, value));
}

Value NodeWriter::integers(ArrayRef<int64_t> values) {
  auto type = RankedTensorType::get(values.size(), builder.getI64Type());
  return constant(DenseElementsAttr::get(type, values));
}

Value NodeWriter::zero(Value like) {
  Type element = shapes.getFacts(like)->elementType;
  Attribute number = isa<FloatType>(element) ? Attribute(FloatAttr::get(element, 0.0)) : IntegerAttr::get(element, 0);
  return constant(DenseElementsAttr::get(RankedTensorType::get({}, element), number));
}

Value NodeWriter::boolean(bool value, bool isVector) {
  auto type = RankedTensorType::get(isVector ? ArrayRef<int64_t>{1} : ArrayRef<int64_t>{}, builder.getI1Type());
  return constant(DenseElementsAttr::get(type, value));
}

ValueRange NodeWriter::create(llvm::StringRef type, ValueRange operands, ArrayRef<NamedAttribute> attributes, unsigned results) {
  SmallVector<Type> types(results, onnx::UnknownType::get(builder.getContext()));
  auto op = onnx::NodeOp::create(builder, node.getLoc(), types, operands, builder.getStringAttr("ai.onnx::" + type),
                                 builder.getI64IntegerAttr(static_cast<int64_t>(node.getVersion())), builder.getDictionaryAttr(attributes),
                                 node.getNameAttr(), builder.getStrArrayAttr({}), 0);
  return inferred(op);
}

ValueRange NodeWriter::inferred(onnx::NodeOp op) {
  shapes.infer(*op);
  for (Value result : op.getOutputs())
    if (const TensorFacts *facts = shapes.getFacts(result))
      result.setType(SymbolicShapes::getType(facts->shape, facts->elementType));
  return op.getOutputs();
}

ValueRange NodeWriter::copy(onnx::NodeOp original, ValueRange operands) {
  auto op = cast<onnx::NodeOp>(builder.clone(*original));
  op->setOperands(operands);
  return inferred(op);
}

Value NodeWriter::withAxis(llvm::StringRef type, Value value, int64_t axis) {
  if (static_cast<int64_t>(node.getVersion()) >= operandVersion)
    return create(type, {value, integers(axis)}).front();
  return create(type, value, builder.getNamedAttr("axes", builder.getDenseI64ArrayAttr(axis))).front();
}

Value NodeWriter::concat(ValueRange values, int64_t axis) { return create("Concat", values, attribute("axis", axis)).front(); }

Value NodeWriter::stack(ValueRange values, int64_t axis) {
  SmallVector<Value> rows;
  for (Value value : values)
    rows.push_back(unsqueeze(value, axis));
  return concat(rows, axis);
}

Value NodeWriter::transpose(Value value, ArrayRef<int64_t> permutation) {
  if (llvm::equal(permutation, llvm::seq<int64_t>(0, permutation.size())))
    return value;
  return create("Transpose", value, builder.getNamedAttr("perm", builder.getDenseI64ArrayAttr(permutation))).front();
}

Value NodeWriter::sum(Value value, int64_t axis) {
  if (static_cast<int64_t>(node.getVersion()) >= operandVersion)
    return create("ReduceSum", {value, integers(axis)}, attribute("keepdims", 0)).front();
  return create("ReduceSum", value, {builder.getNamedAttr("axes", builder.getDenseI64ArrayAttr(axis)), attribute("keepdims", 0)}).front();
}

Value NodeWriter::slice(Value value, int64_t begin, int64_t end, int64_t axis) {
  if (static_cast<int64_t>(node.getVersion()) >= sliceOperandVersion)
    return create("Slice", {value, integers(begin), integers(end), integers(axis)}).front();
  auto attribute = [&](llvm::StringRef name, int64_t number) { return builder.getNamedAttr(name, builder.getDenseI64ArrayAttr(number)); };
  return create("Slice", value, {attribute("axes", axis), attribute("ends", end), attribute("starts", begin)}).front();
}

Value NodeWriter::extend(Value value, int64_t axis) {
  size_t rank = shapes.getShape(value).size();
  SmallVector<int64_t> pads(2 * rank, 0);
  pads[rank + axis] = 1;
  if (static_cast<int64_t>(node.getVersion()) >= padOperandVersion)
    return create("Pad", {value, integers(pads)}).front();
  return create("Pad", value, builder.getNamedAttr("pads", builder.getDenseI64ArrayAttr(pads))).front();
}

ValueRange NodeWriter::split(Value value, ArrayRef<int64_t> sizes, int64_t axis) {
  if (static_cast<int64_t>(node.getVersion()) >= operandVersion)
    return create("Split", {value, integers(sizes)}, attribute("axis", axis), sizes.size());
  return create("Split", value, {attribute("axis", axis), builder.getNamedAttr("split", builder.getDenseI64ArrayAttr(sizes))}, sizes.size());
}

}  // namespace switchyard::raise
