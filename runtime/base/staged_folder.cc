#include "runtime/base/staged_folder.h"

#include "runtime/base/escape.h"
#include "runtime/base/relative_path.h"

#include "llvm/ADT/StringExtras.h"

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace switchyard {
namespace {

namespace fs = std::filesystem;

constexpr llvm::StringLiteral stagingMark = ".staging-";

Status folderError(const std::string &path, llvm::StringRef what, int error, ExitCode code) {
  if (error == ENOSPC || error == EDQUOT || error == EMFILE || error == ENFILE)
    code = ExitCode::resources;
  return Status(code, quote(path) + ": " + what + ": " + errorText(error));
}

void removeAll(const std::string &path) {
  std::error_code ignored;  // what cannot be removed now is a staging folder that the next run tries again
  fs::remove_all(path, ignored);
}

std::string stagingPrefix(const std::string &target) { return "." + fs::path(target).filename().string() + stagingMark.str(); }

/// Removes the staging folders of `target` whose process is gone.
void removeStale(const std::string &parent, const std::string &target) {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator entry(parent, error), end; !error && entry != end; entry.increment(error))
    if (llvm::StringRef(entry->path().filename().string()).starts_with(stagingPrefix(target)))
      found.push_back(entry->path().string());
  for (const std::string &path : found) {
    int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0)
      continue;
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0)
      removeAll(path);
    ::close(descriptor);
  }
}

/// Whether `target` may be replaced: it does not exist, or is an empty folder, or holds `marker`.
Status checkReplaceable(const std::string &target, const std::string &marker) {
  struct stat status;
  if (::lstat(target.c_str(), &status) != 0)
    return errno == ENOENT ? Status() : folderError(target, "cannot be looked at", errno, ExitCode::usage);
  std::error_code error;
  bool folder = S_ISDIR(status.st_mode);
  if (folder && (fs::is_regular_file(target + "/" + marker, error) || fs::is_empty(target, error)))
    return Status();
  return usageError(quote(target) + " exists and is not an artifact (it is " +
                    (folder ? llvm::Twine("a folder without ") + marker : llvm::Twine("not a folder")) +
                    "); remove it, or choose another name");
}

int renameAt(const std::string &from, const std::string &to, unsigned flags) {
  return ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags);
}

bool notSupported(int error) { return error == EINVAL || error == ENOSYS; }

Status syncFolder(const std::string &path) {
  int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int failed = descriptor < 0 ? -1 : ::fsync(descriptor);
  int error = errno;
  if (descriptor >= 0)
    ::close(descriptor);
  // Some file systems cannot sync a folder; then there is nothing to wait for.
  return failed && error != EINVAL && error != ENOTSUP ? folderError(path, "cannot be synced", error, ExitCode::failure) : Status();
}

}  // namespace

Result<StagedFolder> StagedFolder::create(const std::string &target, const std::string &marker) {
  if (target.empty() || target.find('\0') != std::string::npos)
    return usageError(quote(target) + " is not the name of a folder");
  StagedFolder folder;
  folder.marker_ = marker;
  // A link to an artifact is followed, so that the artifact is replaced and not the link.
  char real[PATH_MAX];
  folder.target_ = ::realpath(target.c_str(), real) ? real : llvm::StringRef(target).rtrim('/').str();
  std::string name = fs::path(folder.target_).filename().string();
  if (name.empty() || name == "." || name == "..")
    return usageError(quote(target) + " is not a name that a new folder can have");
  folder.parent_ = fs::path(folder.target_).parent_path().string();
  if (folder.parent_.empty())
    folder.parent_ = ".";
  SWITCHYARD_RETURN_IF_ERROR(checkReplaceable(folder.target_, marker));
  removeStale(folder.parent_, folder.target_);
  SWITCHYARD_RETURN_IF_ERROR(folder.makeStaging());
  return folder;
}

Status StagedFolder::makeStaging() {
  while (true) {
    unsigned char random[8];
    if (::getrandom(random, sizeof(random), 0) != sizeof(random))
      return internalError("the system has no random numbers: " + errorText(errno));
    std::string path = parent_ + "/" + stagingPrefix(target_) + llvm::toHex(random, /*LowerCase=*/true);
    const TemporaryPathsLock held = holdTemporaryPaths();
    if (::mkdir(path.c_str(), 0777) != 0) {
      if (errno == EEXIST)
        continue;
      if (errno == ENOENT)
        return usageError(quote(target_) + ": cannot be written: there is no folder " + quote(parent_));
      return folderError(parent_, "no folder can be made in it", errno, ExitCode::usage);
    }
    setStaging(held, path);
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor_ < 0 && errno != ENOENT) {
      const int error = errno;
      ::rmdir(path.c_str());
      setStaging(held, "");
      return folderError(path, "cannot be opened", error, ExitCode::failure);
    }
    // Another process may have taken the folder for a stale one before it was locked; then it is gone.
    struct stat opened, named;
    if (descriptor_ >= 0) {
      ::flock(descriptor_, LOCK_EX);
      if (::fstat(descriptor_, &opened) == 0 && ::lstat(path.c_str(), &named) == 0 && opened.st_ino == named.st_ino)
        return Status();
      ::close(std::exchange(descriptor_, -1));
    }
    setStaging(held, "");
  }
}

StagedFolder &StagedFolder::operator=(StagedFolder &&other) noexcept {
  std::swap(target_, other.target_);
  std::swap(marker_, other.marker_);
  std::swap(parent_, other.parent_);
  std::swap(staging_, other.staging_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(folders_, other.folders_);
  std::swap(files_, other.files_);
  return *this;
}

StagedFolder::~StagedFolder() {
  removeStaging();
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

void StagedFolder::removeStaging() {
  if (staging_.empty())
    return;
  // First what is known to be there, which takes no descriptor: the process may have none left.
  for (const std::string &file : files_)
    ::unlinkat(descriptor_, file.c_str(), 0);
  for (const std::string &folder : llvm::reverse(folders_))
    ::unlinkat(descriptor_, folder.c_str(), AT_REMOVEDIR);
  if (::rmdir(staging_.c_str()) != 0)
    removeAll(staging_);
  setStaging(holdTemporaryPaths(), "");
}

void StagedFolder::setStaging(const TemporaryPathsLock &held, const std::string &path) {
  dropTemporaryPath(held, staging_);
  if (!path.empty())
    addTemporaryPath(held, path);
  staging_ = path;
}

Result<OutputFile> StagedFolder::createFile(const std::string &path) {
  SWITCHYARD_RETURN_IF_ERROR(checkRelativePath(path));
  for (size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    std::string folder = path.substr(0, slash);
    if (folders_.insert(folder).second && ::mkdirat(descriptor_, folder.c_str(), 0777) != 0)
      return folderError(staging_ + "/" + folder, "cannot be made", errno, ExitCode::failure);
  }
  files_.insert(path);
  return OutputFile::createAt(descriptor_, path, target_ + "/" + path);
}

Status StagedFolder::putInPlace() {
  const TemporaryPathsLock held = holdTemporaryPaths();
  if (renameAt(staging_, target_, RENAME_NOREPLACE) == 0) {
    setStaging(held, "");
    return Status();
  }
  if (errno != EEXIST && !notSupported(errno))
    return folderError(target_, "cannot be put in place", errno, ExitCode::failure);
  SWITCHYARD_RETURN_IF_ERROR(checkReplaceable(target_, marker_));
  // After the exchange the staging name holds the old folder, and the descriptor the new one, from which nothing is to be removed.
  if (renameAt(staging_, target_, RENAME_EXCHANGE) == 0) {
    files_.clear();
    folders_.clear();
    return Status();
  }
  if (errno != ENOENT && !notSupported(errno))
    return folderError(target_, "cannot be exchanged", errno, ExitCode::failure);
  // A file system without exchange: for a moment there is none in place, and never a part of one.
  std::string old = staging_ + "-old";
  if (renameAt(target_, old, 0) != 0 && errno != ENOENT)
    return folderError(target_, "cannot be moved away", errno, ExitCode::failure);
  if (renameAt(staging_, target_, 0) != 0) {
    const int error = errno;
    renameAt(old, target_, 0);
    return folderError(target_, "cannot be put in place", error, ExitCode::failure);
  }
  files_.clear();
  folders_.clear();
  setStaging(held, old);
  return Status();
}

Status StagedFolder::commit() {
  for (const std::string &folder : folders_)
    SWITCHYARD_RETURN_IF_ERROR(syncFolder(staging_ + "/" + folder));
  SWITCHYARD_RETURN_IF_ERROR(syncFolder(staging_));
  SWITCHYARD_RETURN_IF_ERROR(putInPlace());
  SWITCHYARD_RETURN_IF_ERROR(syncFolder(parent_));
  removeStaging();
  return Status();
}

}  // namespace switchyard
