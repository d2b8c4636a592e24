#include "dialects/rt/RtDialect.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

#include "dialects/rt/RtDialect.cpp.inc"
#include "dialects/rt/RtEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/rt/RtAttrs.cpp.inc"

using namespace mlir;

namespace switchyard::rt {

void RtDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/rt/RtAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/rt/RtOps.cpp.inc"
      >();
}

RankedTensorType getRecipeType(Attribute recipe) {
  if (auto source = dyn_cast_or_null<SourceAttr>(recipe))
    return dyn_cast<RankedTensorType>(source.getType());
  if (auto step = dyn_cast_or_null<StepAttr>(recipe))
    return dyn_cast<RankedTensorType>(step.getType());
  if (auto values = dyn_cast_or_null<InlineAttr>(recipe))
    return dyn_cast<RankedTensorType>(values.getValue().getType());
  return {};
}

LogicalResult SourceAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError, llvm::StringRef file, int64_t offset,
                                 int64_t length, Encoding encoding, Type type) {
  // source_c1
  if (offset < 0 || length < 0)
    return emitError() << "source expects offset and length of at least 0, but got offset " << offset << " and length " << length;
  auto tensor = dyn_cast_or_null<RankedTensorType>(type);
  if (!tensor || !tensor.hasStaticShape())
    return emitError() << "source expects a tensor type of static shape, but got " << type;
  // source_c2
  if (encoding == Encoding::raw && tensor.getElementType().isIntOrFloat()) {
    int64_t bits = tensor.getElementType().getIntOrFloatBitWidth();
    int64_t bytes = bits == 1 ? tensor.getNumElements() : (tensor.getNumElements() * bits + 7) / 8;
    if (bytes != length)
      return emitError() << "source expects " << bytes << " bytes for " << type << ", but got length " << length;
  }
  return success();
}

}  // namespace switchyard::rt
