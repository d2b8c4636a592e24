// How the ops of `rt` become ops on buffers (BufferizableOpInterface).
#include "dialects/rt/RtDialect.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::bufferization;

namespace switchyard::rt {

namespace {

MemRefType contiguousType(Type type) {
  auto shaped = cast<ShapedType>(type);
  return MemRefType::get(shaped.getShape(), shaped.getElementType());
}

/// A contiguous buffer of the shape of `buffer`.
Value allocateLike(RewriterBase &rewriter, Location loc, Value buffer) {
  SmallVector<OpFoldResult> sizes = memref::getMixedSizes(rewriter, loc, buffer);
  SmallVector<Value> dynamic;
  SmallVector<int64_t> fixed;
  dispatchIndexOpFoldResults(sizes, dynamic, fixed);
  return memref::AllocOp::create(rewriter, loc, contiguousType(buffer.getType()), dynamic);
}

/// A copy of `buffer` in a contiguous buffer of its own.
Value copyContiguous(RewriterBase &rewriter, Location loc, Value buffer) {
  Value copy = allocateLike(rewriter, loc, buffer);
  memref::CopyOp::create(rewriter, loc, buffer, copy);
  return copy;
}

/// Kernels take any strides but for the innermost dimension, which is contiguous.
bool kernelCanRead(Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  if (type.getLayout().isIdentity())
    return true;
  SmallVector<int64_t> strides;
  int64_t offset;
  return succeeded(type.getStridesAndOffset(strides, offset)) && (strides.empty() || strides.back() == 1);
}

template <typename Call>
LogicalResult bufferizeCall(Call call, RewriterBase &rewriter, const BufferizationOptions &options, BufferizationState &state) {
  SmallVector<Value> inputs, outputs;
  for (Value input : call.getInputs()) {
    FailureOr<Value> buffer = isa<TensorType>(input.getType()) ? getBuffer(rewriter, input, options, state) : FailureOr<Value>(input);
    if (failed(buffer))
      return failure();
    inputs.push_back(kernelCanRead(*buffer) ? *buffer : copyContiguous(rewriter, call.getLoc(), *buffer));
  }
  for (auto [index, output] : llvm::enumerate(call.getOutputs())) {
    FailureOr<Value> buffer = isa<TensorType>(output.getType()) ? getBuffer(rewriter, output, options, state) : FailureOr<Value>(output);
    if (failed(buffer))
      return failure();
    if (!kernelCanRead(*buffer))
      return call.emitOpError("cannot write an output whose innermost dimension is not contiguous: ") << buffer->getType();
    // Outputs that nothing reads may be one tensor, but a kernel may read what it has written.
    bool isShared = llvm::is_contained(call.getOutputs().take_front(index), output);
    outputs.push_back(isShared ? allocateLike(rewriter, call.getLoc(), *buffer) : *buffer);
  }
  Call::create(rewriter, call.getLoc(), TypeRange(), call.getKernel(), inputs, outputs, call.getScalars(), call.getPresent(),
               call.getIntegers(), call.getFloats(), call.getOp(), call.getLayer(), call.getSiteAttr());
  replaceOpWithBufferizedValues(rewriter, call, outputs);
  return success();
}

template <typename Call>
AliasingValueList aliasOfOutput(Call call, OpOperand &operand) {
  auto destination = cast<DestinationStyleOpInterface>(call.getOperation());
  if (destination.isDpsInit(&operand))
    return {{destination.getTiedOpResult(&operand), BufferRelation::Equivalent}};
  return {};
}

template <typename Call>
bool isOutput(Call call, OpOperand &operand) {
  return cast<DestinationStyleOpInterface>(call.getOperation()).isDpsInit(&operand);
}

}  // namespace

bool KernelOp::bufferizesToMemoryRead(OpOperand &operand, const AnalysisState &) { return !isOutput(*this, operand); }
bool KernelOp::bufferizesToMemoryWrite(OpOperand &operand, const AnalysisState &) { return isOutput(*this, operand); }
AliasingValueList KernelOp::getAliasingValues(OpOperand &operand, const AnalysisState &) { return aliasOfOutput(*this, operand); }
LogicalResult KernelOp::bufferize(RewriterBase &rewriter, const BufferizationOptions &options, BufferizationState &state) {
  return bufferizeCall(*this, rewriter, options, state);
}

bool CollectiveOp::bufferizesToMemoryRead(OpOperand &operand, const AnalysisState &) { return !isOutput(*this, operand); }
bool CollectiveOp::bufferizesToMemoryWrite(OpOperand &operand, const AnalysisState &) { return isOutput(*this, operand); }
AliasingValueList CollectiveOp::getAliasingValues(OpOperand &operand, const AnalysisState &) { return aliasOfOutput(*this, operand); }
LogicalResult CollectiveOp::bufferize(RewriterBase &rewriter, const BufferizationOptions &options, BufferizationState &state) {
  return bufferizeCall(*this, rewriter, options, state);
}

bool WeightRefOp::isWritable(Value, const AnalysisState &) { return false; }
LogicalResult WeightRefOp::bufferize(RewriterBase &rewriter, const BufferizationOptions &, BufferizationState &) {
  replaceOpWithNewBufferizedOp<WeightRefOp>(rewriter, *this, contiguousType(getType()), getWeightAttr());
  return success();
}

bool ExpertTableOp::isWritable(Value, const AnalysisState &) { return false; }
LogicalResult ExpertTableOp::bufferize(RewriterBase &rewriter, const BufferizationOptions &, BufferizationState &) {
  replaceOpWithNewBufferizedOp<ExpertTableOp>(rewriter, *this, contiguousType(getType()), getWeightAttr());
  return success();
}

bool PlacementOp::isWritable(Value, const AnalysisState &) { return false; }
LogicalResult PlacementOp::bufferize(RewriterBase &rewriter, const BufferizationOptions &, BufferizationState &) {
  replaceOpWithNewBufferizedOp<PlacementOp>(rewriter, *this, contiguousType(getType()), getLayerAttr());
  return success();
}

bool ReshapeOp::bufferizesToMemoryRead(OpOperand &, const AnalysisState &) { return false; }
bool ReshapeOp::bufferizesToMemoryWrite(OpOperand &, const AnalysisState &) { return false; }
AliasingValueList ReshapeOp::getAliasingValues(OpOperand &operand, const AnalysisState &) {
  return {{getOperation()->getResult(0), BufferRelation::Unknown}};
}
FailureOr<BufferLikeType> ReshapeOp::getBufferType(Value, const BufferizationOptions &, const BufferizationState &, SmallVector<Value> &) {
  return cast<BufferLikeType>(contiguousType(getType()));
}

LogicalResult ReshapeOp::bufferize(RewriterBase &rewriter, const BufferizationOptions &options, BufferizationState &state) {
  FailureOr<Value> buffer = getBuffer(rewriter, getX(), options, state);
  if (failed(buffer))
    return failure();
  Value source = *buffer;
  if (!cast<MemRefType>(source.getType()).getLayout().isIdentity())
    source = copyContiguous(rewriter, getLoc(), source);
  ReifiedRankedShapedTypeDims shapes;
  if (failed(reifyResultShapes(rewriter, shapes)))
    return failure();
  // Row-major strides, from the innermost dimension outwards.
  MemRefType type = contiguousType(getType());
  SmallVector<OpFoldResult> strides(type.getRank(), rewriter.getIndexAttr(1));
  for (int64_t d = type.getRank() - 2; d >= 0; --d) {
    std::optional<int64_t> size = getConstantIntValue(shapes[0][d + 1]), stride = getConstantIntValue(strides[d + 1]);
    if (size && stride) {
      strides[d] = rewriter.getIndexAttr(*size * *stride);
      continue;
    }
    Value product = arith::MulIOp::create(rewriter, getLoc(), getValueOrCreateConstantIndexOp(rewriter, getLoc(), strides[d + 1]),
                                          getValueOrCreateConstantIndexOp(rewriter, getLoc(), shapes[0][d + 1]));
    strides[d] = product;
  }
  Value view = memref::ReinterpretCastOp::create(rewriter, getLoc(), type, source, rewriter.getIndexAttr(0), shapes[0], strides);
  replaceOpWithBufferizedValues(rewriter, *this, view);
  return success();
}

}  // namespace switchyard::rt
