// An ONNX file, read at positions. It is never mapped: mapped pages count as memory of the process, and a file that
// shrinks under a mapping ends the process.
#ifndef SWITCHYARD_FRONTENDS_ONNX_MODELFILE_H
#define SWITCHYARD_FRONTENDS_ONNX_MODELFILE_H

#include "runtime/base/status.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Support/LLVM.h"

#include <string>

namespace switchyard::onnx {

class ModelFile {
public:
  /// Opens a regular file, or reports why not: the diagnostic at `location` calls the file `what` and ends the run with `code`.
  static mlir::FailureOr<ModelFile> open(mlir::StringRef path, const llvm::Twine &what, ExitCode code, mlir::Location location);

  ModelFile(ModelFile &&other);
  ~ModelFile();

  /// The path as given, its last component, and the folder that relative paths of external data start from.
  mlir::StringRef getPath() const { return path; }
  mlir::StringRef getName() const;
  std::string getFolder() const;
  int64_t getSize() const { return size; }

  /// Reads up to `buffer.size()` bytes at `offset`; the number read, short only at the end of the file, or -1.
  int64_t read(int64_t offset, mlir::MutableArrayRef<char> buffer) const;

private:
  ModelFile(std::string path, int descriptor, int64_t size) : path(std::move(path)), descriptor(descriptor), size(size) {}

  std::string path;
  int descriptor;
  int64_t size;
};

}  // namespace switchyard::onnx

#endif  // SWITCHYARD_FRONTENDS_ONNX_MODELFILE_H
