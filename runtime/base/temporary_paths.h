// Files and folders that must not outlive the process, also where a signal ends it.
//
// Their owners remove them; a program that handles signals removes what is listed while it holds the list. Whoever renames or removes such
// a path holds the list as well, so that the two never meet.
#ifndef SWITCHYARD_RUNTIME_BASE_TEMPORARY_PATHS_H
#define SWITCHYARD_RUNTIME_BASE_TEMPORARY_PATHS_H

#include <mutex>
#include <string>

namespace switchyard {

using TemporaryPathsLock = std::unique_lock<std::mutex>;

/// Nobody else adds or drops a path as long as the result lives.
TemporaryPathsLock holdTemporaryPaths();

/// Lists `path`, which is there or is about to be.
void addTemporaryPath(const TemporaryPathsLock &held, const std::string &path);
/// Takes `path` from the list: it is gone, or is in its place.
void dropTemporaryPath(const TemporaryPathsLock &held, const std::string &path);
/// Removes everything listed, even while other threads write into it.
void removeTemporaryPaths(const TemporaryPathsLock &held);

}  // namespace switchyard

#endif  // SWITCHYARD_RUNTIME_BASE_TEMPORARY_PATHS_H
