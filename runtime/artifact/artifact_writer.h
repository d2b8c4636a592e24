// Writing of an artifact: all files first, the manifest last, everything put in place by one rename.
#ifndef SWITCHYARD_RUNTIME_ARTIFACT_ARTIFACT_WRITER_H
#define SWITCHYARD_RUNTIME_ARTIFACT_ARTIFACT_WRITER_H

#include "runtime/artifact/safetensors.h"
#include "runtime/base/staged_folder.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <string>
#include <vector>

namespace switchyard::artifact {

class ArtifactWriter {
public:
  /// Prepares to write the artifact `path`; an older artifact there stays until commit().
  static Result<ArtifactWriter> create(const std::string &path);

  /// Writes a file from memory.
  Status addFile(const std::string &path, llvm::StringRef content);
  /// Writes a weight file: `produce` is called for each tensor of `file` in storage order (storedTensors) and appends its bytes.
  Status addWeights(const Manifest &manifest, const std::string &file,
                    llvm::function_ref<Status(const StoredTensor &, SafetensorsWriter &)> produce);
  /// Fills in `manifest.files`, checks the manifest, writes it and puts the artifact in place. Gives the artifact's id.
  Result<std::string> commit(Manifest manifest);

private:
  explicit ArtifactWriter(StagedFolder folder) : folder_(std::move(folder)) {}
  void record(const std::string &path, const OutputFile &file);
  Status write(const std::string &path, llvm::StringRef content, bool recorded);

  StagedFolder folder_;
  std::vector<FileRecord> files_;
};

}  // namespace switchyard::artifact

#endif  // SWITCHYARD_RUNTIME_ARTIFACT_ARTIFACT_WRITER_H
