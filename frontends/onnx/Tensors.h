// Tensors of an ONNX file: small ones become dense elements, large ones a recipe that says where the bytes are.
#ifndef SWITCHYARD_FRONTENDS_ONNX_TENSORS_H
#define SWITCHYARD_FRONTENDS_ONNX_TENSORS_H

#include "dialects/rt/RtDialect.h"
#include "frontends/onnx/OnnxProto.h"
#include "frontends/onnx/WireScan.h"

#include "mlir/IR/BuiltinAttributes.h"

namespace switchyard::onnx {

/// Tensors of at most this many elements are inline constants. Integers may be more: the numbers 0, 1, … that masks of
/// experts or positions compare with, and operands of shape arithmetic, must be known to the compiler.
inline int64_t maxInlineElements(mlir::Type elementType) { return elementType.isInteger() ? 2048 : 64; }
/// So are vectors of zeros of at most this many elements: what counts are added to, or routes are scattered into.
inline constexpr int64_t maxZeroElements = 2048;

class TensorImporter {
public:
  TensorImporter(const ModelFile &model, mlir::ArrayRef<DataSpan> spans) : model(model), spans(spans) {}

  /// Dense elements for a small tensor; `#rt.source` or `#rt.inline` for others. Not for strings.
  mlir::FailureOr<mlir::Attribute> import(const proto::TensorProto &tensor, mlir::Location location) const;
  /// The same for what a node gives, or scatters into: of any size, dense elements where one number fills it. Exporters that know all sizes write so
  /// the zeros that a sum begins with.
  mlir::FailureOr<mlir::Attribute> importFilled(const proto::TensorProto &tensor, mlir::Location location) const;

private:
  struct Layout;
  mlir::FailureOr<mlir::Attribute> importRaw(const proto::TensorProto &tensor, const DataSpan *span, const Layout &layout,
                                            mlir::Location location) const;
  mlir::FailureOr<mlir::Attribute> importTyped(const proto::TensorProto &tensor, const DataSpan *span, const Layout &layout,
                                              mlir::Location location) const;
  mlir::FailureOr<mlir::Attribute> importExternal(const proto::TensorProto &tensor, const Layout &layout, mlir::Location location) const;
  mlir::Attribute makeSource(const DataSpan &span, rt::Encoding encoding, mlir::RankedTensorType type) const;
  /// The one span of the data of `tensor`, or null where it has none.
  mlir::FailureOr<const DataSpan *> getSpan(const proto::TensorProto &tensor, mlir::Location location) const;
  mlir::LogicalResult checkVarints(const DataSpan &span, int64_t expected, mlir::StringRef name, mlir::Location location) const;

  const ModelFile &model;
  mlir::ArrayRef<DataSpan> spans;
};

}  // namespace switchyard::onnx

#endif  // SWITCHYARD_FRONTENDS_ONNX_TENSORS_H
