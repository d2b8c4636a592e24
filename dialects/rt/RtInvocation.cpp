// Verification, effects and shapes of the calls: rt.kernel, rt.collective, rt.invoke.
#include "dialects/rt/RtDialect.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace switchyard::rt {

namespace {

LogicalResult verifyAttributes(Operation *op, DictionaryAttr attributes, Type type) {
  for (NamedAttribute attribute : attributes) {
    auto typed = dyn_cast<TypedAttr>(attribute.getValue());
    if (!typed || typed.getType() != type)
      return op->emitOpError("expects '") << attribute.getName().getValue() << "' to be of type " << type << ", but got " << attribute.getValue();
  }
  return success();
}

template <typename Call>
LogicalResult verifyCall(Call call) {
  // kernel_c1, collective_c1
  auto present = static_cast<size_t>(llvm::count(call.getPresent(), true));
  if (present != call.getInputs().size())
    return call.emitOpError("expects ") << present << " inputs, as `present` says, but got " << call.getInputs().size();
  // kernel_c2, collective_c2
  bool onTensors = llvm::any_of(call.getOutputs(), [](Value v) { return isa<TensorType>(v.getType()); });
  if (onTensors ? TypeRange(call.getResults()) != TypeRange(call.getOutputs()) : !call.getResults().empty())
    return call.emitOpError("expects ") << (onTensors ? "results of the types of the outputs" : "no result on buffers") << ", but got "
                                        << call.getResults().size() << " results";
  // kernel_c3, collective_c3
  Builder builder(call.getContext());
  if (failed(verifyAttributes(call, call.getIntegers(), builder.getI64Type())))
    return failure();
  return verifyAttributes(call, call.getFloats(), builder.getF64Type());
}

/// On buffers a call reads its inputs and writes its outputs; on tensors it has no effect.
template <typename Call>
void addEffects(Call call, SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  for (OpOperand &operand : call.getInputsMutable())
    if (isa<BaseMemRefType>(operand.get().getType()))
      effects.emplace_back(MemoryEffects::Read::get(), &operand, SideEffects::DefaultResource::get());
  for (OpOperand &operand : call.getOutputsMutable())
    if (isa<BaseMemRefType>(operand.get().getType()))
      effects.emplace_back(MemoryEffects::Write::get(), &operand, SideEffects::DefaultResource::get());
}

template <typename Call>
LogicalResult reifyOutputs(Call call, OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  for (auto [result, output] : llvm::zip_equal(call.getResults(), call.getOutputs()))
    shapes.push_back(tensor::getMixedSizes(builder, call.getLoc(), output));
  return success();
}

}  // namespace

LogicalResult KernelOp::verify() { return verifyCall(*this); }
void KernelOp::getEffects(SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) { addEffects(*this, effects); }
LogicalResult KernelOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) { return reifyOutputs(*this, builder, shapes); }

LogicalResult CollectiveOp::verify() {
  // collective_c4
  if (!getKernel().starts_with("collective."))
    return emitOpError("expects a name that starts with 'collective.', but got '") << getKernel() << "'";
  return verifyCall(*this);
}
void CollectiveOp::getEffects(SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) { addEffects(*this, effects); }
LogicalResult CollectiveOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) { return reifyOutputs(*this, builder, shapes); }

LogicalResult InvokeOp::verify() {
  // invoke_c1
  auto present = static_cast<size_t>(llvm::count(getPresent(), true));
  if (present != getTensors().size())
    return emitOpError("expects ") << present << " tensors, as `present` says, but got " << getTensors().size();
  return success();
}

}  // namespace switchyard::rt
