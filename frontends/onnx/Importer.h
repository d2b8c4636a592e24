// ONNX files as modules of the onnx dialect; docs/contracts.md, section 1, shows the form.
#ifndef SWITCHYARD_FRONTENDS_ONNX_IMPORTER_H
#define SWITCHYARD_FRONTENDS_ONNX_IMPORTER_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace switchyard::onnx {

/// Imports the model at `path`. Reports the first thing that is wrong with it as a diagnostic and returns null.
mlir::OwningOpRef<mlir::ModuleOp> importModel(mlir::StringRef path, mlir::MLIRContext *context);

}  // namespace switchyard::onnx

#endif  // SWITCHYARD_FRONTENDS_ONNX_IMPORTER_H
