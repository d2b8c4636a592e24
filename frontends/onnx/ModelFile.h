// An ONNX file, and the folder in which the files that it names lie.
#ifndef SWITCHYARD_FRONTENDS_ONNX_MODELFILE_H
#define SWITCHYARD_FRONTENDS_ONNX_MODELFILE_H

#include "runtime/base/model_folder.h"

#include "llvm/Support/Path.h"

namespace switchyard::onnx {

/// The file is read, never mapped: mapped pages count as memory of the process.
struct ModelFile {
  File file;
  ModelFolder folder;

  /// The last component of the path, by which recipes name the file.
  llvm::StringRef getName() const { return llvm::sys::path::filename(file.name()); }
  int64_t getSize() const { return static_cast<int64_t>(file.size()); }
};

}  // namespace switchyard::onnx

#endif  // SWITCHYARD_FRONTENDS_ONNX_MODELFILE_H
