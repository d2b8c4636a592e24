#include "compiler/codegen/KernelCall.h"

#include "dialects/rt/RtDialect.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

namespace switchyard::codegen {

ValueRange buildCall(OpBuilder &builder, Operation *op, const KernelCall &call) {
  SmallVector<Value> inputs;
  SmallVector<bool> present;
  for (Value input : call.inputs) {
    present.push_back(static_cast<bool>(input));
    if (input)
      inputs.push_back(input);
  }
  SmallVector<NamedAttribute> integers, floats;
  for (auto [name, value] : call.integers)
    integers.push_back(builder.getNamedAttr(name, builder.getI64IntegerAttr(value)));
  for (auto [name, value] : call.floats)
    floats.push_back(builder.getNamedAttr(name, builder.getF64FloatAttr(value)));
  TypeRange types(call.outputs);
  auto build = [&](auto tag) -> ValueRange {
    return decltype(tag)::create(builder, op->getLoc(), types, call.kernel, inputs, call.outputs, call.scalars, present,
                                 builder.getDictionaryAttr(integers), builder.getDictionaryAttr(floats), op->getName().getStringRef(),
                                 call.layer, IntegerAttr())
        .getResults();
  };
  return call.kernel.starts_with("collective.") ? build(rt::CollectiveOp()) : build(rt::KernelOp());
}

Value emptyTensor(OpBuilder &builder, Location loc, ArrayRef<OpFoldResult> sizes, Type elementType) {
  return tensor::EmptyOp::create(builder, loc, sizes, elementType);
}

LogicalResult expectF32(Operation *op) {
  auto check = [&](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return !tensor || !isa<FloatType>(tensor.getElementType()) || tensor.getElementType().isF32();
  };
  for (Type type : llvm::concat<const Type>(SmallVector<Type>(op->getOperandTypes()), SmallVector<Type>(op->getResultTypes())))
    if (!check(type))
      return op->emitOpError("has no kernel for ") << type << "; kernels compute in f32: cast before and after";
  return success();
}

OpFoldResult multiply(OpBuilder &builder, Location loc, OpFoldResult a, OpFoldResult b) {
  std::optional<int64_t> x = getConstantIntValue(a), y = getConstantIntValue(b);
  if (x && y)
    return builder.getIndexAttr(*x * *y);
  return arith::MulIOp::create(builder, loc, getValueOrCreateConstantIndexOp(builder, loc, a), getValueOrCreateConstantIndexOp(builder, loc, b)).getResult();
}

OpFoldResult add(OpBuilder &builder, Location loc, OpFoldResult a, OpFoldResult b) {
  std::optional<int64_t> x = getConstantIntValue(a), y = getConstantIntValue(b);
  if (x && y)
    return builder.getIndexAttr(*x + *y);
  return arith::AddIOp::create(builder, loc, getValueOrCreateConstantIndexOp(builder, loc, a), getValueOrCreateConstantIndexOp(builder, loc, b)).getResult();
}

}  // namespace switchyard::codegen
