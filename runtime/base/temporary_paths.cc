#include "runtime/base/temporary_paths.h"

#include <filesystem>
#include <set>

namespace switchyard {
namespace {

struct List {
  std::mutex mutex;
  std::set<std::string> paths;
};

/// Never destroyed: the thread that waits for signals may use it while the process ends.
List &list() {
  static List &only = *new List;
  return only;
}

}  // namespace

TemporaryPathsLock holdTemporaryPaths() { return TemporaryPathsLock(list().mutex); }

void addTemporaryPath(const TemporaryPathsLock &, const std::string &path) { list().paths.insert(path); }

void dropTemporaryPath(const TemporaryPathsLock &, const std::string &path) { list().paths.erase(path); }

void removeTemporaryPaths(const TemporaryPathsLock &) {
  // A writer can put a file into a folder that is being emptied; once the folder is gone it cannot.
  constexpr int attempts = 100;
  for (const std::string &path : list().paths) {
    std::error_code ignored;
    for (int i = 0; i < attempts && std::filesystem::symlink_status(path, ignored).type() != std::filesystem::file_type::not_found; ++i)
      std::filesystem::remove_all(path, ignored);
  }
}

}  // namespace switchyard
