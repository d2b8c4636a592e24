// An artifact that is ready to run: opened, checked, bound to this runtime's kernels, its code loaded. The ranks of one
// process share it.
#ifndef SWITCHYARD_RUNTIME_EXEC_LOADED_PROGRAM_H
#define SWITCHYARD_RUNTIME_EXEC_LOADED_PROGRAM_H

#include "runtime/artifact/arena.h"
#include "runtime/artifact/artifact_reader.h"
#include "runtime/artifact/code_library.h"
#include "runtime/exec/agreement.h"
#include "runtime/exec/site_table.h"

#include <memory>
#include <optional>
#include <string>

namespace switchyard::exec {

struct LoadOptions {
  std::string path;
  int ranks = 1, threads = 1;
  artifact::Verify verify = artifact::Verify::header;
  std::optional<int64_t> maxBatch, maxSequence;
  bool referenceKernels = false;
};

class LoadedProgram {
public:
  /// Everything short of running code of the artifact; what `moe-run --check` asks for.
  static Result<std::unique_ptr<LoadedProgram>> check(const LoadOptions &options);
  /// check(), then loads the code.
  static Result<std::unique_ptr<LoadedProgram>> load(const LoadOptions &options);

  const artifact::ArtifactReader &reader() const { return artifact; }
  /// The manifest with the limits that hold in this job.
  const artifact::Manifest &manifest() const { return boundManifest; }
  const artifact::Plan &plan() const { return schedule; }
  const std::vector<BoundSite> &sites() const { return boundSites; }
  const artifact::ArenaLayout &arena() const { return layout; }
  const MoeLibrary &library() const { return code->library(); }
  /// "x86-64-v3", of the code that this CPU runs.
  const std::string &codeLevel() const { return level; }
  Identity identity() const;

private:
  explicit LoadedProgram(artifact::ArtifactReader reader) : artifact(std::move(reader)), boundManifest(artifact.manifest()) {}
  Status choosePlan(const LoadOptions &options);

  artifact::ArtifactReader artifact;
  artifact::Manifest boundManifest;
  artifact::Plan schedule;
  std::vector<BoundSite> boundSites;
  artifact::ArenaLayout layout;
  std::string level;
  std::optional<artifact::CodeLibrary> code;
};

}  // namespace switchyard::exec

#endif  // SWITCHYARD_RUNTIME_EXEC_LOADED_PROGRAM_H
