#include "runtime/base/output_file.h"

#include "runtime/base/escape.h"
#include "runtime/base/temporary_paths.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace switchyard {
namespace {

constexpr uint64_t bufferBytes = uint64_t(1) << 20;

Status writeError(const std::string &name, int error) {
  bool exhausted = error == ENOSPC || error == EDQUOT || error == EFBIG || error == ENOMEM;
  return Status(exhausted ? ExitCode::resources : ExitCode::failure, quote(name) + ": cannot be written: " + errorText(error));
}

}  // namespace

Result<OutputFile> OutputFile::create(const std::string &path) {
  if (path.find('\0') != std::string::npos)
    return usageError(quote(path) + ": a path holds no NUL character");
  OutputFile file;
  file.name_ = path;
  // A link is followed, so that what it leads to is replaced and not the link.
  char real[PATH_MAX];
  file.target_ = ::realpath(path.c_str(), real) ? real : path;
  struct stat status;
  const bool exists = ::stat(path.c_str(), &status) == 0;
  // /dev/stdout may be a regular file, which others hold open.
  if (exists && (!S_ISREG(status.st_mode) || llvm::StringRef(path).starts_with("/dev/"))) {
    file.descriptor_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return file.descriptor_ < 0 ? Result<OutputFile>(openError(path, errno, ExitCode::usage)) : std::move(file);
  }
  // The rename asks for no right to write the file itself.
  if (exists && ::access(path.c_str(), W_OK) != 0)
    return openError(path, errno, ExitCode::usage);
  SWITCHYARD_RETURN_IF_ERROR(file.openStaging());
  if (exists)
    ::fchmod(file.descriptor_, status.st_mode & 07777);
  return file;
}

Status OutputFile::noFolder() const {
  const size_t slash = name_.rfind('/');
  const llvm::StringRef folder = slash == std::string::npos ? "." : llvm::StringRef(name_).take_front(slash);
  return usageError(quote(name_) + ": cannot be written: there is no folder " + quote(folder));
}

Status OutputFile::openStaging() {
  const size_t slash = target_.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : target_.substr(0, slash + 1);
  if (target_.size() == folder.size())
    return openError(name_, EISDIR, ExitCode::usage);
  const TemporaryPathsLock held = holdTemporaryPaths();
  for (int attempt = 0; descriptor_ < 0; ++attempt) {
    // The name is short, as the target's may be as long as a name can be.
    staging_ = folder + ".partial-" + std::to_string(::getpid()) + "-" + std::to_string(attempt);
    descriptor_ = ::open(staging_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (descriptor_ < 0 && errno != EEXIST) {
      staging_.clear();
      return errno == ENOENT ? noFolder() : openError(name_, errno, ExitCode::usage);
    }
  }
  addTemporaryPath(held, staging_);
  return Status();
}

Result<OutputFile> OutputFile::createAt(int folder, const std::string &path, const std::string &name) {
  OutputFile file;
  file.name_ = name;
  file.descriptor_ = ::openat(folder, path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (file.descriptor_ < 0)
    return openError(name, errno, ExitCode::failure);
  return file;
}

OutputFile &OutputFile::operator=(OutputFile &&other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  std::swap(name_, other.name_);
  std::swap(target_, other.target_);
  std::swap(staging_, other.staging_);
  std::swap(buffer_, other.buffer_);
  std::swap(digest_, other.digest_);
  return *this;
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
  if (!staging_.empty()) {
    ::unlink(staging_.c_str());
    dropTemporaryPath(holdTemporaryPaths(), staging_);
  }
}

Status OutputFile::write(const char *data, uint64_t bytes) {
  while (bytes > 0) {
    ssize_t written = ::write(descriptor_, data, std::min<uint64_t>(bytes, uint64_t(1) << 30));
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return writeError(name_, errno);
    data += written;
    bytes -= static_cast<uint64_t>(written);
  }
  return Status();
}

Status OutputFile::flush() {
  Status status = write(buffer_.data(), buffer_.size());
  buffer_.clear();
  return status;
}

Status OutputFile::append(const void *data, uint64_t bytes) {
  if (descriptor_ < 0)
    return internalError(quote(name_) + " is finished already");
  digest_.append(data, bytes);
  size_ += bytes;
  const char *begin = static_cast<const char *>(data);
  if (buffer_.size() + bytes > bufferBytes)
    SWITCHYARD_RETURN_IF_ERROR(flush());
  if (bytes > bufferBytes)
    return write(begin, bytes);
  buffer_.insert(buffer_.end(), begin, begin + bytes);
  return Status();
}

Status OutputFile::appendZeros(uint64_t bytes) {
  static constexpr char zeros[4096] = {};
  for (; bytes > 0; bytes -= std::min<uint64_t>(bytes, sizeof(zeros)))
    SWITCHYARD_RETURN_IF_ERROR(append(zeros, std::min<uint64_t>(bytes, sizeof(zeros))));
  return Status();
}

Status OutputFile::finish() {
  SWITCHYARD_RETURN_IF_ERROR(flush());
  int descriptor = std::exchange(descriptor_, -1);
  if (::close(descriptor) != 0 && errno != EINTR)
    return writeError(name_, errno);
  return putInPlace();
}

Status OutputFile::putInPlace() {
  if (staging_.empty())
    return Status();
  const TemporaryPathsLock held = holdTemporaryPaths();
  if (::rename(staging_.c_str(), target_.c_str()) != 0)
    return writeError(name_, errno);
  dropTemporaryPath(held, staging_);
  staging_.clear();
  return Status();
}

Status OutputFile::finishDurably() {
  SWITCHYARD_RETURN_IF_ERROR(flush());
  if (::fsync(descriptor_) != 0)
    return writeError(name_, errno);
  return finish();
}

Status writeFile(const std::string &path, llvm::StringRef content) {
  SWITCHYARD_ASSIGN_OR_RETURN(OutputFile file, OutputFile::create(path));
  SWITCHYARD_RETURN_IF_ERROR(file.append(content));
  return file.finish();
}

}  // namespace switchyard
