// Data of a tensor in a file beside the model.
#ifndef SWITCHYARD_FRONTENDS_ONNX_EXTERNALDATA_H
#define SWITCHYARD_FRONTENDS_ONNX_EXTERNALDATA_H

#include "frontends/onnx/OnnxProto.h"
#include "runtime/base/model_folder.h"

#include "mlir/IR/Diagnostics.h"

namespace switchyard::onnx {

struct ExternalData {
  std::string path;  // relative to the model's folder
  int64_t offset;
  File file;

  /// Finds the external data of `tensor` and checks that `bytes` bytes are there, or reports what is wrong.
  static mlir::FailureOr<ExternalData> open(const proto::TensorProto &tensor, int64_t bytes, const ModelFolder &folder, mlir::Location location);
};

}  // namespace switchyard::onnx

#endif  // SWITCHYARD_FRONTENDS_ONNX_EXTERNALDATA_H
