#include "runtime/base/model_folder.h"

#include "runtime/base/escape.h"
#include "runtime/base/relative_path.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace switchyard {
namespace {

constexpr int readFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

/// openat2() has no wrapper in the C library.
int openBeneath(int folder, const char *path) {
  struct open_how how = {};
  how.flags = readFlags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(::syscall(SYS_openat2, folder, path, &how, sizeof(how)));
}

/// Opens `path` below `root` part by part, following no symbolic link.
int openWithoutLinks(const std::string &root, llvm::StringRef path) {
  int folder = ::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  llvm::SmallVector<llvm::StringRef> parts;
  path.split(parts, '/', -1, false);
  for (size_t i = 0; i < parts.size() && folder >= 0; ++i) {
    bool last = i + 1 == parts.size();
    int next = ::openat(folder, parts[i].str().c_str(), (last ? readFlags : O_PATH | O_DIRECTORY | O_CLOEXEC) | O_NOFOLLOW);
    int error = errno;
    ::close(folder);
    errno = error;
    folder = next;
  }
  return folder;
}

/// The absolute path without symbolic links; empty where there is none.
std::string realPath(const std::string &path) {
  char buffer[PATH_MAX];
  return ::realpath(path.c_str(), buffer) ? buffer : "";
}

std::string parentOf(const std::string &path) {
  size_t slash = path.rfind('/');
  if (slash == std::string::npos)
    return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Result<ModelFolder> ModelFolder::ofFolder(const std::string &folder) {
  if (folder.empty() || folder.find('\0') != std::string::npos)
    return usageError(quote(folder) + " is not the name of a folder");
  ModelFolder result;
  result.path_ = llvm::StringRef(folder).rtrim('/').str();
  if (result.path_.empty())
    result.path_ = "/";
  result.descriptor_ = ::open(result.path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (result.descriptor_ < 0)
    return openError(folder, errno, ExitCode::usage);
  result.roots_ = {realPath(result.path_)};
  return result;
}

Result<ModelFolder> ModelFolder::ofFile(const std::string &file) {
  std::string real = realPath(file);
  if (real.empty())
    return openError(file, errno, ExitCode::usage);
  SWITCHYARD_ASSIGN_OR_RETURN(ModelFolder result, ofFolder(parentOf(file)));
  result.roots_.push_back(parentOf(real));
  return result;
}

ModelFolder &ModelFolder::operator=(ModelFolder &&other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  std::swap(roots_, other.roots_);
  return *this;
}

ModelFolder::~ModelFolder() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

Result<File> ModelFolder::open(llvm::StringRef path) const {
  SWITCHYARD_RETURN_IF_ERROR(checkRelativePath(path));
  std::string full = (path_ == "/" ? "" : path_) + "/" + path.str();
  int descriptor = openBeneath(descriptor_, path.str().c_str());
  if (descriptor >= 0)
    return File::adopt(descriptor, full, ExitCode::invalid);
  // A link that leaves the folder, or a kernel (or a sandbox) without openat2.
  if (errno == EXDEV || errno == ENOSYS || errno == EPERM)
    return openResolved(full);
  return openError(full, errno, ExitCode::invalid);
}

Result<File> ModelFolder::openResolved(const std::string &full) const {
  std::string real = realPath(full);
  if (real.empty())
    return openError(full, errno, ExitCode::invalid);
  for (const std::string &root : roots_) {
    llvm::StringRef inside = real;
    if (root.empty() || !inside.consume_front(root) || !(inside.starts_with("/") || root == "/"))
      continue;
    int descriptor = openWithoutLinks(root, inside);
    if (descriptor < 0)
      return openError(full, errno, ExitCode::invalid);
    return File::adopt(descriptor, full, ExitCode::invalid);
  }
  return invalidError(quote(full) + " leads to " + quote(real) + ", which is outside of the model's folder");
}

}  // namespace switchyard
