// Opening of an artifact: nothing of it is used before it is checked.
#ifndef SWITCHYARD_RUNTIME_ARTIFACT_ARTIFACT_READER_H
#define SWITCHYARD_RUNTIME_ARTIFACT_ARTIFACT_READER_H

#include "runtime/artifact/plan.h"
#include "runtime/artifact/safetensors.h"
#include "runtime/base/model_folder.h"

#include <map>
#include <string>
#include <vector>

namespace switchyard::artifact {

/// How much of an artifact is read to check it. The manifest and the code are digested in any case.
enum class Verify {
  header,  ///< all files but the weights, and the headers of the weights
  full,    ///< every byte
  off,     ///< sizes and headers alone
};

/// The path of a stored plan for a number of ranks.
std::string planFile(int64_t ranks);

class ArtifactReader {
public:
  /// Opens a folder, or the manifest in it.
  static Result<ArtifactReader> open(const std::string &path, Verify verify = Verify::header);

  const std::string &path() const { return folder_.path(); }
  const Manifest &manifest() const { return manifest_; }
  /// The digest of the manifest, which holds the digests of everything else.
  const std::string &id() const { return id_; }
  /// What is odd but no fault, one line each.
  const std::vector<std::string> &warnings() const { return warnings_; }

  /// The open file of a path in manifest().files.
  const File *file(llvm::StringRef path) const;
  /// The content of a small file whose size and digest are checked.
  Result<std::string> readChecked(llvm::StringRef path) const;
  /// The stored plan for this number of ranks, or else the default one, proved by verifySchedule().
  Result<Plan> plan(int64_t ranks) const;
  /// Where the tensors of a weight file lie, in the order of storedTensors().
  const std::vector<TensorEntry> &tensors(llvm::StringRef weightFile) const;

private:
  explicit ArtifactReader(ModelFolder folder) : folder_(std::move(folder)) {}
  Status readManifest();
  Status openFiles(Verify verify);
  Status checkDigest(const FileRecord &record, const File &file) const;
  Status checkWeightFile(const std::string &path);
  void warnAboutRights();

  ModelFolder folder_;
  Manifest manifest_;
  std::string id_;
  std::vector<std::string> warnings_;
  std::map<std::string, File, std::less<>> files_;
  std::map<std::string, std::vector<TensorEntry>, std::less<>> tensors_;
};

}  // namespace switchyard::artifact

#endif  // SWITCHYARD_RUNTIME_ARTIFACT_ARTIFACT_READER_H
