#include "tests/runtime/artifact/example_artifact.h"

#include "tests/runtime/artifact/example_manifest.h"

namespace switchyard::artifact {

std::string codeFile(llvm::StringRef name) { return contentOf(CODE_FOLDER + name.str() + ".so"); }

std::string exampleData(const StoredTensor &tensor) {
  std::string data;
  while (data.size() < tensor.bytes)
    data += tensor.name + "/";
  data.resize(tensor.bytes);
  return data;
}

ExampleOptions::ExampleOptions() : manifest(exampleManifest()), code(codeFile("good")) {}

Result<std::string> writeExample(const std::string &path, const ExampleOptions &options) {
  SWITCHYARD_ASSIGN_OR_RETURN(ArtifactWriter writer, ArtifactWriter::create(path));
  for (const Code &code : options.manifest.code)
    SWITCHYARD_RETURN_IF_ERROR(writer.addFile(code.file, options.code));
  for (const std::string &file : weightFiles(options.manifest))
    SWITCHYARD_RETURN_IF_ERROR(writer.addWeights(options.manifest, file, [](const StoredTensor &tensor, SafetensorsWriter &out) {
      // In two pieces, as a stream comes.
      std::string data = exampleData(tensor);
      SWITCHYARD_RETURN_IF_ERROR(out.append(data.data(), data.size() / 2));
      return out.append(data.data() + data.size() / 2, data.size() - data.size() / 2);
    }));
  for (const auto &[name, content] : options.extraFiles)
    SWITCHYARD_RETURN_IF_ERROR(writer.addFile(name, content));
  SWITCHYARD_RETURN_IF_ERROR(writer.addFile("report.json", "{}\n"));
  return writer.commit(options.manifest);
}

}  // namespace switchyard::artifact
