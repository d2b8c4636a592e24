// Writing of files: every byte is counted, digested and known to have arrived.
#ifndef SWITCHYARD_RUNTIME_BASE_OUTPUT_FILE_H
#define SWITCHYARD_RUNTIME_BASE_OUTPUT_FILE_H

#include "runtime/base/digest.h"

#include <cstdint>
#include <string>
#include <vector>

namespace switchyard {

class OutputFile {
public:
  /// Creates or replaces a file that the user names. A regular file is written under a hidden name beside it and put in place by
  /// finish(), so that there is the old content, or all of the new; a device or a pipe is written as it is.
  static Result<OutputFile> create(const std::string &path);
  /// Creates a file that does not exist yet, at `path` below the open folder `folder`; `name` is for messages.
  static Result<OutputFile> createAt(int folder, const std::string &path, const std::string &name);

  OutputFile(OutputFile &&other) noexcept { *this = std::move(other); }
  OutputFile &operator=(OutputFile &&other) noexcept;
  ~OutputFile();

  const std::string &name() const { return name_; }
  /// Bytes appended so far.
  uint64_t size() const { return size_; }
  /// The digest of all bytes appended so far.
  std::string digest() const { return digest_.hex(); }

  Status append(const void *data, uint64_t bytes);
  Status append(llvm::StringRef text) { return append(text.data(), text.size()); }
  Status appendZeros(uint64_t bytes);
  /// Writes what is left, closes, and puts the file in place. Without finish() the file of create() is not touched.
  Status finish();
  /// finish(), after which the content survives a crash of the machine.
  Status finishDurably();

private:
  OutputFile() = default;
  Status openStaging();
  Status noFolder() const;
  Status putInPlace();
  Status flush();
  Status write(const char *data, uint64_t bytes);

  int descriptor_ = -1;
  uint64_t size_ = 0;
  std::string name_;
  std::string target_;   ///< where finish() puts the staging file
  std::string staging_;  ///< empty where there is none
  std::vector<char> buffer_;
  Digest digest_;
};

/// Writes a whole file, or leaves what there was.
Status writeFile(const std::string &path, llvm::StringRef content);

}  // namespace switchyard

#endif  // SWITCHYARD_RUNTIME_BASE_OUTPUT_FILE_H
