#include "runtime/base/file.h"

#include "runtime/base/checked.h"
#include "runtime/base/escape.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace switchyard {
namespace {

llvm::StringRef kindOf(mode_t mode) {
  switch (mode & S_IFMT) {
  case S_IFDIR:
    return "a folder";
  case S_IFIFO:
    return "a pipe";
  case S_IFSOCK:
    return "a socket";
  case S_IFCHR:
  case S_IFBLK:
    return "a device";
  default:
    return "a special file";
  }
}

}  // namespace

std::string errorText(int error) {
  std::string text = std::generic_category().message(error);
  struct rlimit limit;
  if (error == EMFILE && ::getrlimit(RLIMIT_NOFILE, &limit) == 0)
    text += " (the limit is " + std::to_string(limit.rlim_cur) + "; raise it with ulimit -n)";
  return text;
}

bool tellsExhaustion(llvm::StringRef text) {
  for (int error : {EMFILE, ENFILE, ENOMEM, ENOSPC, EAGAIN})
    if (text.contains(std::generic_category().message(error)))
      return true;
  return false;
}

Status openError(llvm::StringRef name, int error, ExitCode code) {
  bool exhausted = error == EMFILE || error == ENFILE || error == ENOMEM;
  return Status(exhausted ? ExitCode::resources : code, quote(name) + ": cannot be opened: " + errorText(error));
}

Mapping &Mapping::operator=(Mapping &&other) noexcept {
  std::swap(pages_, other.pages_);
  std::swap(pageBytes_, other.pageBytes_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Mapping::~Mapping() {
  if (pages_)
    ::munmap(pages_, pageBytes_);
}

Result<File> File::open(const std::string &path) {
  if (path.find('\0') != std::string::npos)
    return usageError(quote(path) + ": a path holds no NUL character");
  // A pipe without a writer must not block here.
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0)
    return openError(path, errno, ExitCode::usage);
  return adopt(descriptor, path, ExitCode::usage);
}

Result<File> File::adopt(int descriptor, llvm::StringRef name, ExitCode code) {
  File file;
  file.descriptor_ = descriptor;
  file.name_ = name.str();
  struct stat status;
  if (::fstat(descriptor, &status) != 0)
    return Status(code, quote(name) + ": " + errorText(errno));
  if (!S_ISREG(status.st_mode))
    return Status(code, quote(name) + " is " + kindOf(status.st_mode) + ", not a regular file");
  file.size_ = static_cast<uint64_t>(status.st_size);
  file.modifiedSeconds_ = status.st_mtim.tv_sec;
  file.modifiedNanoseconds_ = status.st_mtim.tv_nsec;
  return file;
}

File &File::operator=(File &&other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  std::swap(modifiedSeconds_, other.modifiedSeconds_);
  std::swap(modifiedNanoseconds_, other.modifiedNanoseconds_);
  std::swap(name_, other.name_);
  return *this;
}

File::~File() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

Status File::shrunk() const { return invalidError(quote(name_) + " shrank while in use"); }

Status File::read(uint64_t offset, void *to, uint64_t bytes) const {
  if (!checkedSlice(size_, offset, bytes))
    return invalidError(quote(name_) + ": " + llvm::Twine(bytes) + " bytes at offset " + llvm::Twine(offset) + " are not in its " +
                        llvm::Twine(size_) + " bytes");
  char *next = static_cast<char *>(to);
  while (bytes > 0) {
    ssize_t got = ::pread(descriptor_, next, std::min<uint64_t>(bytes, uint64_t(1) << 30), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return failureError(quote(name_) + ": cannot be read: " + errorText(errno));
    if (got == 0)
      return shrunk();
    next += got;
    offset += static_cast<uint64_t>(got);
    bytes -= static_cast<uint64_t>(got);
  }
  return Status();
}

Result<std::string> File::readAll(uint64_t limit) const {
  if (size_ > limit)
    return invalidError(quote(name_) + " has " + llvm::Twine(size_) + " bytes, more than the limit of " + llvm::Twine(limit));
  std::string content(size_, '\0');
  SWITCHYARD_RETURN_IF_ERROR(read(0, content.data(), size_));
  return content;
}

Result<Mapping> File::map(uint64_t offset, uint64_t bytes) const {
  if (!checkedSlice(size_, offset, bytes))
    return invalidError(quote(name_) + ": " + llvm::Twine(bytes) + " bytes at offset " + llvm::Twine(offset) + " are not in its " +
                        llvm::Twine(size_) + " bytes");
  Mapping mapping;
  if (bytes == 0)
    return mapping;
  uint64_t before = offset % static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  mapping.pageBytes_ = bytes + before;
  void *pages = ::mmap(nullptr, mapping.pageBytes_, PROT_READ, MAP_SHARED, descriptor_, static_cast<off_t>(offset - before));
  if (pages == MAP_FAILED)
    return resourceError(quote(name_) + ": " + llvm::Twine(bytes) + " bytes cannot be mapped: " + errorText(errno));
  mapping.pages_ = pages;
  mapping.data_ = static_cast<const char *>(pages) + before;
  mapping.size_ = bytes;
  return mapping;
}

Status File::checkUnchanged() const {
  struct stat status;
  if (::fstat(descriptor_, &status) != 0)
    return invalidError(quote(name_) + ": " + errorText(errno));
  if (static_cast<uint64_t>(status.st_size) < size_)
    return shrunk();
  if (static_cast<uint64_t>(status.st_size) != size_ || status.st_mtim.tv_sec != modifiedSeconds_ ||
      status.st_mtim.tv_nsec != modifiedNanoseconds_)
    return invalidError(quote(name_) + " changed while in use");
  return Status();
}

}  // namespace switchyard
