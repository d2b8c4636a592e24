#include "frontends/onnx/Importer.h"

#include "dialects/onnx/OnnxDialect.h"
#include "dialects/rt/RtDialect.h"
#include "dialects/support/Diagnostics.h"
#include "frontends/onnx/GraphImporter.h"
#include "frontends/onnx/ModelFile.h"
#include "frontends/onnx/Strings.h"
#include "frontends/onnx/WireScan.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Verifier.h"

#include <limits>

using namespace mlir;

namespace switchyard::onnx {

// What the pinned onnx wheel knows.
static constexpr int64_t maxIrVersion = proto::IR_VERSION;
static constexpr int64_t maxOpsetVersion = 28;

// The limit of protobuf; larger models store their weights beside the file.
static constexpr int64_t maxFileSize = std::numeric_limits<int32_t>::max();

static FailureOr<ModelFile> openModel(StringRef path, Location location) {
  Result<File> file = File::open(path.str());
  if (!file)
    return emitStatus(location, file.status());
  Result<ModelFolder> folder = ModelFolder::ofFile(path.str());
  if (!folder)
    return emitStatus(location, folder.status());
  return ModelFile{*std::move(file), *std::move(folder)};
}

static LogicalResult checkSignature(const ModelFile &model, Location location) {
  if (model.getSize() == 0)
    return emitError(location) << "the file is empty (zero bytes)";
  if (model.getSize() > maxFileSize)
    return emitError(location) << "the file has " << model.getSize() << " bytes, more than the " << maxFileSize
                               << " that an ONNX file can have; store the weights as external data";
  char start[256];
  int64_t length = std::min<int64_t>(sizeof(start), model.getSize());
  if (Status status = model.file.read(0, start, length); !status.ok())
    return emitStatus(location, status);
  StringRef text(start, length);
  if (text.starts_with("version https://git-lfs"))
    return emitError(location) << "this is a Git LFS pointer, not an ONNX file; fetch the file itself with 'git lfs pull'";
  if (text.ltrim().starts_with("<"))
    return emitError(location) << "this is an HTML or XML page, not an ONNX file; a download may have failed";
  return success();
}

static LogicalResult importOpsets(const proto::ModelProto &model, OpsetVersions &versions, Location location) {
  for (const auto &opset : model.opset_import()) {
    StringRef domain = opset.domain().empty() ? "ai.onnx" : StringRef(opset.domain());
    if (opset.version() < 1 || (domain == "ai.onnx" && opset.version() > maxOpsetVersion))
      return emitError(location) << "the model imports opset version " << opset.version() << " of domain '" << domain << "'; versions 1 to "
                                 << maxOpsetVersion << " are known";
    if (!versions.try_emplace(domain, opset.version()).second)
      return emitError(location) << "the model imports two opset versions of domain '" << domain << "'";
  }
  return success();
}

static void setModuleAttributes(ModuleOp module, const proto::ModelProto &model, const OpsetVersions &versions) {
  Builder builder(module.getContext());
  NamedAttrList opsets;
  for (const auto &entry : versions)
    opsets.set(entry.first(), builder.getI64IntegerAttr(entry.second));
  module->setAttr("onnx.ir_version", builder.getI64IntegerAttr(model.ir_version()));
  module->setAttr("onnx.opset", opsets.getDictionary(module.getContext()));
  std::string producer = model.producer_name();
  if (!model.producer_version().empty())
    producer += " " + model.producer_version();
  module->setAttr("onnx.producer", builder.getStringAttr(producer));
}

OwningOpRef<ModuleOp> importModel(StringRef path, MLIRContext *context) {
  context->loadDialect<OnnxDialect, rt::RtDialect, func::FuncDialect, arith::ArithDialect>();
  Location location = FileLineColLoc::get(context, llvm::sys::path::filename(path), 0, 0);
  FailureOr<ModelFile> file = openModel(path, location);
  if (failed(file) || failed(checkSignature(*file, location)))
    return {};
  FailureOr<ScannedModel> scanned = scanModel(*file, location);
  if (failed(scanned))
    return {};
  proto::ModelProto model;
  if (!model.ParseFromString(scanned->remainder)) {
    emitError(location) << "this is not an ONNX file: the protobuf parser refuses it (malformed, or nested too deep)";
    return {};
  }
  if (model.ir_version() < 1 || model.ir_version() > maxIrVersion) {
    emitError(location) << "the model has IR version " << model.ir_version() << " (ir_version); versions 1 to " << maxIrVersion
                        << " are known";
    return {};
  }
  if (!model.has_graph()) {
    emitError(location) << "the model has no graph";
    return {};
  }
  OpsetVersions versions;
  if (failed(checkStrings(model, location)) || failed(importOpsets(model, versions, location)))
    return {};
  OwningOpRef<ModuleOp> module(ModuleOp::create(location));
  setModuleAttributes(*module, model, versions);
  TensorImporter tensors(*file, scanned->spans);
  if (failed(GraphImporter(*module, model, tensors, versions, location).importMain()) || failed(verify(*module)))
    return {};
  if (Status status = file->file.checkUnchanged(); !status.ok()) {
    emitStatus(location, status);
    return {};
  }
  return module;
}

}  // namespace switchyard::onnx
