// The example manifest as an artifact on disk.
#ifndef SWITCHYARD_TESTS_RUNTIME_ARTIFACT_EXAMPLE_ARTIFACT_H
#define SWITCHYARD_TESTS_RUNTIME_ARTIFACT_EXAMPLE_ARTIFACT_H

#include "runtime/artifact/artifact_writer.h"
#include "runtime/artifact/plan.h"
#include "tests/runtime/base/temporary_folder.h"

namespace switchyard::artifact {

/// The code file of this name that the build made.
std::string codeFile(llvm::StringRef name);

/// The bytes of a stored tensor: its name, over and over.
std::string exampleData(const StoredTensor &tensor);

struct ExampleOptions {
  Manifest manifest;  ///< its files are filled in
  std::string code;   ///< bytes of every code file
  std::vector<std::pair<std::string, std::string>> extraFiles;
  ExampleOptions();
};

/// Writes the artifact `path`; gives its id.
Result<std::string> writeExample(const std::string &path, const ExampleOptions &options = ExampleOptions());

}  // namespace switchyard::artifact

#endif  // SWITCHYARD_TESTS_RUNTIME_ARTIFACT_EXAMPLE_ARTIFACT_H
