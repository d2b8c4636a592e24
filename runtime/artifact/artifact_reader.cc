#include "runtime/artifact/artifact_reader.h"

#include "runtime/artifact/verifier.h"
#include "runtime/base/digest.h"
#include "runtime/base/escape.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <bit>
#include <sys/stat.h>
#include <unistd.h>

namespace switchyard::artifact {
namespace {

static_assert(std::endian::native == std::endian::little, "artifacts are little-endian");

constexpr uint64_t maxReadBytes = uint64_t(1) << 30;

/// The path of the manifest, given the artifact or the manifest itself.
Result<std::string> locateManifest(const std::string &path) {
  struct stat status;
  if (path.find('\0') != std::string::npos || ::stat(path.c_str(), &status) != 0)
    return usageError(quote(path) + ": there is no such artifact");
  if (!S_ISDIR(status.st_mode)) {
    if (llvm::StringRef(path).rsplit('/').second == manifestFile || path == manifestFile)
      return path;
    return invalidError(quote(path) + " is not an artifact: neither a folder nor a " + manifestFile);
  }
  std::string manifest = llvm::StringRef(path).rtrim('/').str() + "/" + manifestFile.str();
  if (::stat(manifest.c_str(), &status) != 0)
    return invalidError(quote(path) + " has no " + manifestFile + ": it is not an artifact, or its writing was interrupted");
  return manifest;
}

std::string describe(ElementType type, const std::vector<int64_t> &shape) {
  return (elementTypeName(type) + "[" + llvm::join(llvm::map_range(shape, [](int64_t size) { return std::to_string(size); }), ", ") + "]")
      .str();
}

/// The first ten differences between what a file should hold and what it holds; empty when there is none.
std::string differences(const std::vector<StoredTensor> &expected, const std::vector<TensorEntry> &found) {
  std::map<llvm::StringRef, const TensorEntry *> byName;
  for (const TensorEntry &entry : found)
    byName[entry.name] = &entry;
  std::vector<std::string> all;
  for (const StoredTensor &tensor : expected) {
    auto entry = byName.find(tensor.name);
    if (entry == byName.end()) {
      all.push_back(quote(tensor.name) + " is missing");
      continue;
    }
    if (entry->second->type != tensor.type || entry->second->shape != tensor.shape)
      all.push_back(quote(tensor.name) + " is " + describe(entry->second->type, entry->second->shape) + ", not " +
                    describe(tensor.type, tensor.shape));
    byName.erase(entry);
  }
  for (const auto &[name, entry] : byName)
    all.push_back(quote(name) + " is too many");
  size_t count = all.size();
  if (count > 10) {
    all.resize(10);
    all.push_back("and " + std::to_string(count - 10) + " more");
  }
  return llvm::join(all, "; ");
}

}  // namespace

std::string planFile(int64_t ranks) { return "plans/ranks-" + std::to_string(ranks) + ".json"; }

Result<ArtifactReader> ArtifactReader::open(const std::string &path, Verify verify) {
  SWITCHYARD_ASSIGN_OR_RETURN(std::string manifest, locateManifest(path));
  SWITCHYARD_ASSIGN_OR_RETURN(ModelFolder folder, ModelFolder::ofFile(manifest));
  ArtifactReader reader(std::move(folder));
  SWITCHYARD_RETURN_IF_ERROR(reader.readManifest());
  SWITCHYARD_RETURN_IF_ERROR(reader.openFiles(verify));
  for (const std::string &file : weightFiles(reader.manifest_))
    SWITCHYARD_RETURN_IF_ERROR(reader.checkWeightFile(file));
  reader.warnAboutRights();
  return reader;
}

Status ArtifactReader::readManifest() {
  SWITCHYARD_ASSIGN_OR_RETURN(File file, folder_.open(manifestFile));
  SWITCHYARD_ASSIGN_OR_RETURN(std::string text, file.readAll(maxManifestBytes));
  SWITCHYARD_ASSIGN_OR_RETURN(File digestFile, folder_.open(manifestDigestFile));
  SWITCHYARD_ASSIGN_OR_RETURN(std::string digest, digestFile.readAll(4096));
  id_ = digestOf(text);
  if (digest != id_ + "\n")
    return invalidError(quote(file.name()) + ": its digest is " + id_ + ", " + manifestDigestFile + " says " +
                        quote(llvm::StringRef(digest).rtrim('\n'), 80) + "; the artifact is damaged");
  SWITCHYARD_ASSIGN_OR_RETURN(manifest_, Manifest::fromJson(text, file.name()));
  return Status();
}

Status ArtifactReader::openFiles(Verify verify) {
  std::vector<std::string> weights = weightFiles(manifest_);
  for (const FileRecord &record : manifest_.files) {
    SWITCHYARD_ASSIGN_OR_RETURN(File file, folder_.open(record.path));
    if (file.size() != static_cast<uint64_t>(record.size))
      return invalidError(quote(file.name()) + " has " + llvm::Twine(file.size()) + " bytes, the manifest says " +
                          llvm::Twine(record.size) + "; the artifact is damaged or was copied in part");
    bool isWeights = llvm::is_contained(weights, record.path);
    bool isCode = llvm::any_of(manifest_.code, [&](const Code &code) { return code.file == record.path; });
    if (isCode || (verify != Verify::off && !isWeights) || verify == Verify::full)
      SWITCHYARD_RETURN_IF_ERROR(checkDigest(record, file));
    files_.emplace(record.path, std::move(file));
  }
  return Status();
}

Status ArtifactReader::checkDigest(const FileRecord &record, const File &file) const {
  SWITCHYARD_ASSIGN_OR_RETURN(std::string digest, digestOf(file));
  if (digest != record.blake3)
    return invalidError(quote(file.name()) + ": its digest is " + digest + ", the manifest says " + record.blake3 +
                        "; the artifact is damaged");
  return Status();
}

Status ArtifactReader::checkWeightFile(const std::string &path) {
  const File &weights = files_.find(path)->second;
  SWITCHYARD_ASSIGN_OR_RETURN(std::vector<StoredTensor> expected, storedTensors(manifest_, path));
  SWITCHYARD_ASSIGN_OR_RETURN(std::vector<TensorEntry> found, readSafetensors(weights));
  llvm::erase_if(found, [](const TensorEntry &entry) { return entry.isPad(); });
  if (std::string all = differences(expected, found); !all.empty())
    return invalidError(quote(weights.name()) + " does not hold the manifest's tensors: " + all);
  // Entries come by offset. Empty tensors may stand anywhere among equals; they are never read.
  std::map<llvm::StringRef, const TensorEntry *> byName;
  for (const TensorEntry &entry : found)
    byName[entry.name] = &entry;
  std::vector<TensorEntry> ordered;
  uint64_t end = 0;
  for (const StoredTensor &tensor : expected) {
    const TensorEntry &entry = *byName[tensor.name];
    if (entry.bytes > 0 && (entry.offset % tensor.alignment != 0 || entry.offset < end))
      return invalidError(quote(weights.name()) + ": tensor " + quote(entry.name) + " at offset " + llvm::Twine(entry.offset) +
                          " is not at a multiple of " + llvm::Twine(tensor.alignment) + " behind the one before it, which ends at " +
                          llvm::Twine(end));
    end = std::max(end, entry.offset + entry.bytes);
    ordered.push_back(entry);
  }
  tensors_.emplace(path, std::move(ordered));
  return Status();
}

/// Whoever can write into the folder decides what root runs.
void ArtifactReader::warnAboutRights() {
  if (::geteuid() != 0)
    return;
  for (const Code &code : manifest_.code) {
    struct stat status;
    std::string folder = llvm::StringRef(path() + "/" + code.file).rsplit('/').first.str();
    if (::stat(folder.c_str(), &status) == 0 && (status.st_mode & S_IWOTH) && !(status.st_mode & S_ISVTX))
      warnings_.push_back(quote(folder) + " is writable for everybody, and this process is root");
  }
}

const File *ArtifactReader::file(llvm::StringRef path) const {
  auto found = files_.find(path);
  return found == files_.end() ? nullptr : &found->second;
}

Result<std::string> ArtifactReader::readChecked(llvm::StringRef path) const {
  const File *file = this->file(path);
  const FileRecord *record = manifest_.findFile(path);
  if (!file || !record)
    return invalidError(quote(path) + " is not a file of the artifact " + quote(this->path()));
  SWITCHYARD_ASSIGN_OR_RETURN(std::string content, file->readAll(maxReadBytes));
  if (digestOf(content) != record->blake3)
    return invalidError(quote(file->name()) + ": its digest is " + digestOf(content) + ", the manifest says " + record->blake3 +
                        "; the artifact is damaged");
  return content;
}

Result<Plan> ArtifactReader::plan(int64_t ranks) const {
  std::string path = planFile(ranks);
  if (!manifest_.findFile(path)) {
    SWITCHYARD_ASSIGN_OR_RETURN(Plan plan, defaultPlan(manifest_, ranks));
    SWITCHYARD_RETURN_IF_ERROR(verifySchedule(manifest_, plan).within("default plan for " + llvm::Twine(ranks) + " ranks"));
    return plan;
  }
  SWITCHYARD_ASSIGN_OR_RETURN(std::string text, readChecked(path));
  std::string name = file(path)->name();
  SWITCHYARD_ASSIGN_OR_RETURN(Plan plan, Plan::fromJson(text, name));
  if (plan.ranks != ranks)
    return mismatchError(quote(name) + " is a plan for " + llvm::Twine(plan.ranks) + " ranks, not for " + llvm::Twine(ranks));
  SWITCHYARD_RETURN_IF_ERROR(verifySchedule(manifest_, plan).within(name));
  return plan;
}

const std::vector<TensorEntry> &ArtifactReader::tensors(llvm::StringRef weightFile) const {
  static const std::vector<TensorEntry> none;
  auto found = tensors_.find(weightFile);
  return found == tensors_.end() ? none : found->second;
}

}  // namespace switchyard::artifact
