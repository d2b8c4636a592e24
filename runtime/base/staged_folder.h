// A folder that appears whole or not at all.
//
// It is filled under the hidden name `.NAME.staging-XXXXXXXXXXXXXXXX` beside its target and put in place by one rename;
// an older one in that place is exchanged and then removed. A process that dies on the way leaves a staging folder,
// which the next one for the same target removes: a lock that dies with its process tells the two apart.
#ifndef SWITCHYARD_RUNTIME_BASE_STAGED_FOLDER_H
#define SWITCHYARD_RUNTIME_BASE_STAGED_FOLDER_H

#include "runtime/base/output_file.h"
#include "runtime/base/temporary_paths.h"

#include <set>
#include <string>

namespace switchyard {

class StagedFolder {
public:
  /// Prepares to write the folder `target`. Where it exists it must be empty, or hold the file `marker`: nothing else
  /// is ever replaced.
  static Result<StagedFolder> create(const std::string &target, const std::string &marker);

  StagedFolder(StagedFolder &&other) noexcept { *this = std::move(other); }
  StagedFolder &operator=(StagedFolder &&other) noexcept;
  /// Without commit() everything is removed.
  ~StagedFolder();

  const std::string &target() const { return target_; }
  /// Creates a file at a path relative to the folder, and the folders on the way.
  Result<OutputFile> createFile(const std::string &path);
  /// Puts the folder in place. All files must have been finished durably.
  Status commit();

private:
  StagedFolder() = default;
  Status makeStaging();
  Status putInPlace();
  void removeStaging();
  void setStaging(const TemporaryPathsLock &held, const std::string &path);

  std::string target_, marker_;
  std::string parent_;                     ///< folder of the target
  std::string staging_;                    ///< path of the staging folder; empty once there is none
  int descriptor_ = -1;                    ///< the staging folder, locked
  std::set<std::string> folders_, files_;  ///< made so far
};

}  // namespace switchyard

#endif  // SWITCHYARD_RUNTIME_BASE_STAGED_FOLDER_H
