#include "runtime/artifact/artifact_writer.h"

#include "runtime/base/escape.h"

#include "llvm/ADT/STLExtras.h"

namespace switchyard::artifact {

Result<ArtifactWriter> ArtifactWriter::create(const std::string &path) {
  SWITCHYARD_ASSIGN_OR_RETURN(StagedFolder folder, StagedFolder::create(path, manifestFile.str()));
  return ArtifactWriter(std::move(folder));
}

void ArtifactWriter::record(const std::string &path, const OutputFile &file) {
  files_.push_back({path, static_cast<int64_t>(file.size()), file.digest()});
}

Status ArtifactWriter::write(const std::string &path, llvm::StringRef content, bool recorded) {
  SWITCHYARD_ASSIGN_OR_RETURN(OutputFile file, folder_.createFile(path));
  SWITCHYARD_RETURN_IF_ERROR(file.append(content));
  SWITCHYARD_RETURN_IF_ERROR(file.finishDurably());
  if (recorded)
    record(path, file);
  return Status();
}

Status ArtifactWriter::addFile(const std::string &path, llvm::StringRef content) { return write(path, content, true); }

Status ArtifactWriter::addWeights(const Manifest &manifest, const std::string &file,
                                  llvm::function_ref<Status(const StoredTensor &, SafetensorsWriter &)> produce) {
  SWITCHYARD_ASSIGN_OR_RETURN(std::vector<StoredTensor> tensors, storedTensors(manifest, file));
  SWITCHYARD_ASSIGN_OR_RETURN(OutputFile output, folder_.createFile(file));
  SWITCHYARD_ASSIGN_OR_RETURN(SafetensorsWriter writer, SafetensorsWriter::create(std::move(output), tensors));
  for (const StoredTensor &tensor : tensors)
    SWITCHYARD_RETURN_IF_ERROR(produce(tensor, writer));
  SWITCHYARD_ASSIGN_OR_RETURN(OutputFile finished, writer.finish());
  record(file, finished);
  return Status();
}

Result<std::string> ArtifactWriter::commit(Manifest manifest) {
  SWITCHYARD_RETURN_IF_ERROR(manifest.checkNames());
  manifest.files = files_;
  llvm::sort(manifest.files, [](const FileRecord &a, const FileRecord &b) { return a.path < b.path; });
  std::string text = manifest.toJson();
  // What the loader would refuse, or read otherwise, is not written.
  SWITCHYARD_ASSIGN_OR_RETURN(Manifest read, Manifest::fromJson(text));
  if (read.toJson() != text)
    return internalError("the manifest of " + quote(folder_.target()) + " does not read as it was written");
  std::string id = digestOf(text);
  SWITCHYARD_RETURN_IF_ERROR(write(manifestDigestFile.str(), id + "\n", false));
  SWITCHYARD_RETURN_IF_ERROR(write(manifestFile.str(), text, false));
  SWITCHYARD_RETURN_IF_ERROR(folder_.commit());
  return id;
}

}  // namespace switchyard::artifact
