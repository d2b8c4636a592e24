#include "runtime/base/output_file.h"

#include "runtime/base/escape.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
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
  file.descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
  if (file.descriptor_ < 0)
    return openError(path, errno, ExitCode::usage);
  return file;
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
  std::swap(buffer_, other.buffer_);
  std::swap(digest_, other.digest_);
  return *this;
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
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
  return Status();
}

Status OutputFile::finishDurably() {
  SWITCHYARD_RETURN_IF_ERROR(flush());
  if (::fsync(descriptor_) != 0)
    return writeError(name_, errno);
  return finish();
}

}  // namespace switchyard
