// Reading of files: regular files only, every length checked, nothing assumed to stay as it was.
#ifndef SWITCHYARD_RUNTIME_BASE_FILE_H
#define SWITCHYARD_RUNTIME_BASE_FILE_H

#include "runtime/base/status.h"

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <string>

namespace switchyard {

/// A read-only view of a part of a file. Unmapped when it goes.
class Mapping {
public:
  Mapping() = default;
  Mapping(Mapping &&other) noexcept { *this = std::move(other); }
  Mapping &operator=(Mapping &&other) noexcept;
  ~Mapping();

  const char *data() const { return data_; }
  uint64_t size() const { return size_; }

private:
  friend class File;
  void *pages_ = nullptr;
  uint64_t pageBytes_ = 0;
  const char *data_ = nullptr;
  uint64_t size_ = 0;
};

/// A regular file, open for reading; closed when it goes and on exec.
class File {
public:
  /// Opens a path that the user gave. What cannot be opened is a fault of usage.
  static Result<File> open(const std::string &path);
  /// Takes over `descriptor`, whatever the outcome. A file that is not regular is a fault of kind `code`.
  static Result<File> adopt(int descriptor, llvm::StringRef name, ExitCode code);

  File(File &&other) noexcept { *this = std::move(other); }
  File &operator=(File &&other) noexcept;
  ~File();

  /// The name for messages; it may hold any character.
  const std::string &name() const { return name_; }
  /// Bytes, when it was opened.
  uint64_t size() const { return size_; }
  int descriptor() const { return descriptor_; }

  /// Reads exactly `bytes` bytes.
  Status read(uint64_t offset, void *to, uint64_t bytes) const;
  /// The whole file, which must not be larger than `limit`.
  Result<std::string> readAll(uint64_t limit) const;
  /// Maps [offset, offset + bytes), shared with other processes; `offset` may be any.
  Result<Mapping> map(uint64_t offset, uint64_t bytes) const;
  /// Fails when the file is not what it was when it was opened.
  Status checkUnchanged() const;

private:
  File() = default;
  Status shrunk() const;

  int descriptor_ = -1;
  uint64_t size_ = 0;
  int64_t modifiedSeconds_ = 0, modifiedNanoseconds_ = 0;
  std::string name_;
};

/// The text of errno `error`, with the limit where one was hit.
std::string errorText(int error);

/// Whether a library's message says that the system ran out of something; for libraries that give a text and no number.
bool tellsExhaustion(llvm::StringRef text);

/// A fault of opening `name`: of resources where the system ran out of something, else of kind `code`.
Status openError(llvm::StringRef name, int error, ExitCode code);

}  // namespace switchyard

#endif  // SWITCHYARD_RUNTIME_BASE_FILE_H
