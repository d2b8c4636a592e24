// A folder for the files of one test, removed with everything in it.
#ifndef SWITCHYARD_TESTS_RUNTIME_BASE_TEMPORARY_FOLDER_H
#define SWITCHYARD_TESTS_RUNTIME_BASE_TEMPORARY_FOLDER_H

#include "llvm/ADT/StringRef.h"

#include <string>
#include <vector>

namespace switchyard {

class TemporaryFolder {
public:
  TemporaryFolder();
  ~TemporaryFolder();

  const std::string &path() const { return path_; }
  std::string operator/(llvm::StringRef name) const { return path_ + "/" + name.str(); }
  /// Writes a file, and the folders on the way; returns its path.
  std::string write(llvm::StringRef name, llvm::StringRef content) const;
  /// Names in the folder `name`, hidden ones included, ascending.
  std::vector<std::string> list(llvm::StringRef name = "") const;

private:
  std::string path_;
};

/// The bytes of a file.
std::string contentOf(const std::string &path);
/// Replaces the bytes of a file.
void replaceContent(const std::string &path, llvm::StringRef content);

}  // namespace switchyard

#endif  // SWITCHYARD_TESTS_RUNTIME_BASE_TEMPORARY_FOLDER_H
