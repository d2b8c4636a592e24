// The native code of an artifact: chosen for this CPU, checked, and then loaded.
#ifndef SWITCHYARD_RUNTIME_ARTIFACT_CODE_LIBRARY_H
#define SWITCHYARD_RUNTIME_ARTIFACT_CODE_LIBRARY_H

#include "runtime/artifact/artifact_reader.h"
#include "runtime/base/cpu_level.h"
#include "runtime/base/import_table.h"

#include <string>

namespace switchyard::artifact {

/// "this CPU lacks avx2, fma needed by code level x86-64-v3".
std::string describeLack(llvm::StringRef level, const HasFeature &has = cpuHas);

class CodeLibrary {
public:
  /// The best code for this CPU, without reading any of it. Where there is none, the fault names what each level needs and the CPU lacks.
  static Result<Code> choose(const ArtifactReader &artifact);
  /// Loads what choose() finds. Digest, form (lintElf), level and calling convention are checked before the file
  /// is handed to the dynamic loader; the counts of its tables after.
  static Result<CodeLibrary> load(const ArtifactReader &artifact);

  CodeLibrary(CodeLibrary &&other) noexcept { *this = std::move(other); }
  CodeLibrary &operator=(CodeLibrary &&other) noexcept;
  ~CodeLibrary();

  const MoeLibrary &library() const { return *library_; }
  const std::string &level() const { return level_; }

private:
  CodeLibrary() = default;
  Status open(const ArtifactReader &artifact, const Code &code);
  Status checkLibrary(const Manifest &manifest, const std::string &name) const;

  void *handle_ = nullptr;
  int descriptor_ = -1;
  const MoeLibrary *library_ = nullptr;
  std::string level_;
};

}  // namespace switchyard::artifact

#endif  // SWITCHYARD_RUNTIME_ARTIFACT_CODE_LIBRARY_H
