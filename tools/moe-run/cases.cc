#include "tools/moe-run/cases.h"

#include "runtime/base/escape.h"
#include "runtime/base/file.h"
#include "runtime/base/output_file.h"
#include "runtime/base/relative_path.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <set>

namespace switchyard::run {
namespace {

using Signatures = std::vector<artifact::Signature>;

constexpr uint64_t maxCasesBytes = uint64_t(16) << 20;

std::string names(const Signatures &signatures) {
  std::string text;
  for (const artifact::Signature &signature : signatures)
    text += (text.empty() ? "" : ", ") + quote(signature.name);
  return text.empty() ? "none" : text;
}

bool has(const Signatures &signatures, llvm::StringRef name) {
  return llvm::any_of(signatures, [&](const artifact::Signature &signature) { return signature.name == name; });
}

/// Every tensor named on the command line is one of the program.
Status checkNames(const Files &files, const Signatures &signatures, const char *flag) {
  for (const auto &[name, path] : files)
    if (!has(signatures, name))
      return usageError(llvm::Twine("--") + flag + " " + quote(name) + ": the model has " + names(signatures));
  return Status();
}

Result<std::string> fileOf(const std::string &folder, const std::string &tensor) {
  constexpr size_t maxFileName = 255;
  const std::string name = tensor + ".npy";
  if (!checkRelativePath(name).ok() || llvm::any_of(llvm::split(name, '/'), [](llvm::StringRef part) { return part.size() > maxFileName; }))
    return usageError("tensor " + quote(llvm::StringRef(tensor).take_front(maxFileName)) +
                      " cannot be the name of a file in a folder; name its file with --input, --output or --expect NAME=@FILE");
  llvm::SmallString<256> path(folder);
  llvm::sys::path::append(path, tensor + ".npy");
  return path.str().str();
}

Status addInputs(const std::string &folder, const Signatures &signatures, Files &files) {
  for (const artifact::Signature &input : signatures) {
    if (files.count(input.name))
      continue;
    if (folder.empty())
      return usageError("input " + quote(input.name) + " is not given; the model has " + names(signatures));
    SWITCHYARD_ASSIGN_OR_RETURN(files[input.name], fileOf(folder, input.name));
  }
  return Status();
}

Status addOutputs(const std::string &folder, const Signatures &signatures, Files &files) {
  for (const artifact::Signature &output : signatures)
    if (!files.count(output.name)) {
      SWITCHYARD_ASSIGN_OR_RETURN(files[output.name], fileOf(folder, output.name));
    }
  return Status();
}

/// What is expected is what the folder holds; a file there that names no output would never be compared.
Status addExpected(const std::string &folder, const Signatures &signatures, Files &files) {
  std::error_code error;
  bool any = false;
  for (llvm::sys::fs::directory_iterator entry(folder, error), end; entry != end && !error; entry.increment(error)) {
    const llvm::StringRef file = llvm::sys::path::filename(entry->path());
    if (!file.ends_with(".npy"))
      continue;
    const llvm::StringRef name = file.drop_back(4);
    if (!has(signatures, name))
      return usageError("expected " + quote(entry->path()) + " is no output of the model, which has " + names(signatures));
    files.emplace(name.str(), entry->path());
    any = true;
  }
  if (error)
    return usageError("cannot read the folder " + quote(folder) + ": " + error.message());
  if (!any)
    return usageError("the folder " + quote(folder) + " holds no .npy file to compare with");
  return Status();
}

Result<std::vector<Case>> parseCases(const std::string &path) {
  SWITCHYARD_ASSIGN_OR_RETURN(const File file, File::open(path));
  SWITCHYARD_ASSIGN_OR_RETURN(const std::string text, file.readAll(maxCasesBytes));
  llvm::SmallVector<llvm::StringRef> lines;
  llvm::StringRef(text).split(lines, '\n');
  std::vector<Case> cases;
  std::set<std::string> known;
  for (size_t number = 0; number < lines.size(); ++number) {
    llvm::SmallVector<llvm::StringRef> words;
    llvm::SplitString(lines[number].split('#').first, words, " \t\r");
    if (words.empty())
      continue;
    const std::string where = (quote(path) + ", line " + llvm::Twine(number + 1)).str();
    if (words.size() < 2 || words.size() > 3)
      return usageError(where + ": a case is NAME INPUT_FOLDER [EXPECT_FOLDER], not " + llvm::Twine(words.size()) + " words");
    // The name becomes a folder below --output-dir.
    if (Status status = checkRelativePath(words[0]); !status.ok())
      return usageError(where + ": the name of a case must be a path that stays in its folder: " + status.message());
    if (!isUtf8(words[0]))
      return usageError(where + ": the name of a case must be UTF-8, as the reports are, but is " + quote(words[0]));
    if (!known.insert(words[0].str()).second)
      return usageError(where + ": a case " + quote(words[0]) + " stands above already");
    const auto resolve = [&](llvm::StringRef word) {
      llvm::SmallString<256> folder(word);
      if (llvm::sys::path::is_relative(word)) {
        folder = llvm::sys::path::parent_path(path);
        llvm::sys::path::append(folder, word);
      }
      return folder.str().str();
    };
    cases.push_back({words[0].str(), resolve(words[1]), words.size() == 3 ? resolve(words[2]) : "", {}, {}, {}});
  }
  if (cases.empty())
    return usageError(quote(path) + " holds no case");
  return cases;
}

}  // namespace

Result<std::vector<Case>> findCases(const Options &options, const artifact::Manifest &manifest) {
  SWITCHYARD_RETURN_IF_ERROR(checkNames(options.inputs, manifest.inputs, "input"));
  SWITCHYARD_RETURN_IF_ERROR(checkNames(options.outputs, manifest.outputs, "output"));
  SWITCHYARD_RETURN_IF_ERROR(checkNames(options.expected, manifest.outputs, "expect"));
  std::vector<Case> cases{Case{"run", options.inputFolder, options.expectedFolder, options.inputs, options.outputs, options.expected}};
  if (!options.casesFile.empty()) {
    SWITCHYARD_ASSIGN_OR_RETURN(cases, parseCases(options.casesFile));
  }
  for (Case &one : cases) {
    const std::string where = "case " + quote(one.name);
    SWITCHYARD_RETURN_IF_ERROR(addInputs(one.inputFolder, manifest.inputs, one.inputs).within(where));
    if (!one.expectedFolder.empty())
      SWITCHYARD_RETURN_IF_ERROR(addExpected(one.expectedFolder, manifest.outputs, one.expected).within(where));
    if (options.outputFolder.empty())
      continue;
    llvm::SmallString<256> folder(options.outputFolder);
    if (!options.casesFile.empty())
      llvm::sys::path::append(folder, one.name);
    SWITCHYARD_RETURN_IF_ERROR(addOutputs(folder.str().str(), manifest.outputs, one.outputs).within(where));
  }
  return cases;
}

Status checkOutputs(const Options &options) {
  std::vector<std::string> paths;
  for (const auto &[tensor, path] : options.outputs)
    paths.push_back(path);
  if (!options.jsonFile.empty() && options.jsonFile != "-")
    paths.push_back(options.jsonFile);
  for (const std::string &path : paths)
    // A pipe must be opened once only: its reader would take the second end for the end.
    if (!llvm::sys::fs::exists(path) || llvm::sys::fs::is_regular_file(path)) {
      SWITCHYARD_ASSIGN_OR_RETURN(const OutputFile file, OutputFile::create(path));
    }
  return Status();
}

Result<std::vector<Array>> readInputs(const Case &one, const artifact::Manifest &manifest) {
  std::vector<Array> arrays;
  for (const artifact::Signature &input : manifest.inputs) {
    SWITCHYARD_ASSIGN_OR_RETURN(Array array, readNpy(one.inputs.at(input.name), input.type));
    arrays.push_back(std::move(array));
  }
  return arrays;
}

}  // namespace switchyard::run
