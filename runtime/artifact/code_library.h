// The native code of an artifact: chosen for this CPU, checked, and then loaded.
#ifndef SWITCHYARD_RUNTIME_ARTIFACT_CODE_LIBRARY_H
#define SWITCHYARD_RUNTIME_ARTIFACT_CODE_LIBRARY_H

#include "runtime/artifact/artifact_reader.h"
#include "runtime/base/import_table.h"

#include <string>
#include <vector>

namespace switchyard::artifact {

/// The CPU levels that code may be compiled for, lowest first.
std::vector<std::string> cpuLevels();
/// Whether this CPU runs code of `level`.
bool cpuSupports(llvm::StringRef level);

class CodeLibrary {
public:
  /// Loads the best code for this CPU. Digest, form (lintElf), level and calling convention are checked before the file
  /// is handed to the dynamic loader; the counts of its tables after.
  static Result<CodeLibrary> load(const ArtifactReader &artifact);

  CodeLibrary(CodeLibrary &&other) noexcept { *this = std::move(other); }
  CodeLibrary &operator=(CodeLibrary &&other) noexcept;
  ~CodeLibrary();

  const MoeLibrary &library() const { return *library_; }
  const std::string &level() const { return level_; }
  /// Why better code was passed over, such as "x86-64-v4: not supported by this CPU".
  const std::vector<std::string> &rejected() const { return rejected_; }

private:
  CodeLibrary() = default;
  Status open(const ArtifactReader &artifact, const Code &code);
  Status checkLibrary(const Manifest &manifest, const std::string &name) const;

  void *handle_ = nullptr;
  int descriptor_ = -1;
  const MoeLibrary *library_ = nullptr;
  std::string level_;
  std::vector<std::string> rejected_;
};

}  // namespace switchyard::artifact

#endif  // SWITCHYARD_RUNTIME_ARTIFACT_CODE_LIBRARY_H
