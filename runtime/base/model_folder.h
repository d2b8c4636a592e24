// The one opener of files that a model or an artifact names.
//
// A model names other files by relative paths. They are opened inside the model's folder and nowhere else, whatever
// `..`, symbolic links or special files are put in the way. One exception is needed: download caches keep the files of
// a model as symbolic links to a folder of blobs. So a link may also lead into the folder where the model file itself
// really is.
#ifndef SWITCHYARD_RUNTIME_BASE_MODEL_FOLDER_H
#define SWITCHYARD_RUNTIME_BASE_MODEL_FOLDER_H

#include "runtime/base/file.h"

#include <string>
#include <vector>

namespace switchyard {

class ModelFolder {
public:
  /// The folder of `file`, which must exist; files may also lie where `file` leads to when it is a symbolic link.
  static Result<ModelFolder> ofFile(const std::string &file);
  /// A folder that the user names.
  static Result<ModelFolder> ofFolder(const std::string &folder);

  ModelFolder(ModelFolder &&other) noexcept { *this = std::move(other); }
  ModelFolder &operator=(ModelFolder &&other) noexcept;
  ~ModelFolder();

  const std::string &path() const { return path_; }
  /// Opens `path`, as the model writes it. All faults but those of resources are ExitCode::invalid.
  Result<File> open(llvm::StringRef path) const;

private:
  ModelFolder() = default;
  Result<File> openResolved(const std::string &full) const;

  int descriptor_ = -1;
  std::string path_;                ///< as given, without a slash at the end
  std::vector<std::string> roots_;  ///< the folders without symbolic links in which a file may really be
};

}  // namespace switchyard

#endif  // SWITCHYARD_RUNTIME_BASE_MODEL_FOLDER_H
