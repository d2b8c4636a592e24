#include "compiler/target/WriteArtifact.h"

#include "compiler/codegen/Passes.h"
#include "compiler/target/ManifestBuilder.h"
#include "compiler/target/NativeCode.h"
#include "compiler/target/RecipeReader.h"
#include "compiler/target/Report.h"
#include "dialects/support/Diagnostics.h"
#include "runtime/artifact/artifact_writer.h"
#include "runtime/artifact/elf_lint.h"
#include "runtime/artifact/verifier.h"
#include "runtime/base/import_table.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace switchyard::target {

namespace {

/// Elements of a weight that are in memory at once.
constexpr int64_t blockElements = int64_t(1) << 22;

Status verifyPlans(const artifact::Manifest &manifest) {
  for (int64_t ranks = 1; ranks <= artifact::maxRanks; ++ranks) {
    SWITCHYARD_ASSIGN_OR_RETURN(artifact::Plan plan, artifact::defaultPlan(manifest, ranks));
    Status verified = artifact::verifySchedule(manifest, plan);
    if (!verified.ok())
      return verified.within("plan for " + llvm::Twine(ranks) + " ranks");
  }
  return {};
}

using Recipes = llvm::StringMap<Attribute>;

Recipes collectRecipes(ModuleOp module) {
  Recipes recipes;
  for (auto weight : module.getOps<rt::WeightOp>())
    recipes[weight.getSymName()] = weight.getRecipe();
  return recipes;
}

/// Appends one stored tensor: a weight, or one expert's part of it.
Status appendTensor(RecipeReader &reader, Attribute recipe, const artifact::StoredTensor &tensor, artifact::SafetensorsWriter &writer) {
  RankedTensorType type = rt::getRecipeType(recipe);
  Box all{SmallVector<int64_t>(type.getRank(), 0), SmallVector<int64_t>(type.getShape())};
  if (tensor.expert >= 0) {
    all.offsets[0] = tensor.expert;
    all.sizes[0] = 1;
  }
  int64_t bytes = storedBytes(type.getElementType());
  std::vector<char> elements;
  return forEachBlock(all, blockElements, [&](const Box &block) -> Status {
    elements.resize(block.elements() * bytes);
    SWITCHYARD_RETURN_IF_ERROR(reader.readContiguous(recipe, block, elements.data()));
    return writer.append(elements.data(), elements.size());
  });
}

/// Lowers the program to the LLVM dialect. A failure has the code of its first message, which others print.
Status lowerProgram(ModuleOp module) {
  std::optional<ExitCode> code;
  ScopedDiagnosticHandler recorder(module.getContext(), [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error && !code)
      code = getExitCodeOf(diagnostic);
    return failure();
  });
  PassManager manager(module.getContext());
  buildLlvmPipeline(manager);
  if (succeeded(manager.run(module)))
    return {};
  return Status(code.value_or(ExitCode::internal), "the program cannot be lowered to the LLVM dialect");
}

}  // namespace

void buildLlvmPipeline(OpPassManager &manager) {
  manager.addPass(codegen::createVerifySites());
  manager.addNestedPass<func::FuncOp>(createConvertLinalgToLoopsPass());
  manager.addPass(codegen::createLowerMath());
  manager.addPass(codegen::createLowerInvocations());
  manager.addPass(memref::createExpandStridedMetadataPass());
  manager.addPass(createLowerAffinePass());
  manager.addPass(createSCFToControlFlowPass());
  manager.addPass(codegen::createConvertToLlvm());
}

Status writeArtifact(ModuleOp module, const ModelFolder &folder, std::string path, llvm::raw_ostream &output) {
  SWITCHYARD_ASSIGN_OR_RETURN(artifact::Manifest manifest, buildManifest(module));
  SWITCHYARD_RETURN_IF_ERROR(manifest.checkNames());
  std::string codeFile = ("code/host-" + hostLevel + ".so").str();
  manifest.code.push_back({codeFile, hostLevel.str(), MOE_ABI_VERSION});
  SWITCHYARD_RETURN_IF_ERROR(verifyPlans(manifest));

  Recipes recipes = collectRecipes(module);
  SWITCHYARD_RETURN_IF_ERROR(lowerProgram(module));
  SWITCHYARD_ASSIGN_OR_RETURN(auto code, buildSharedObject(module));
  StringRef codeBytes(code.data(), code.size());
  SWITCHYARD_RETURN_IF_ERROR(artifact::lintElf(codeBytes, codeFile));
  SWITCHYARD_ASSIGN_OR_RETURN(Report report, makeReport(manifest, code.size()));

  SWITCHYARD_ASSIGN_OR_RETURN(artifact::ArtifactWriter writer, artifact::ArtifactWriter::create(path));
  SWITCHYARD_RETURN_IF_ERROR(writer.addFile(codeFile, codeBytes));
  RecipeReader reader(folder);
  for (const std::string &file : artifact::weightFiles(manifest))
    SWITCHYARD_RETURN_IF_ERROR(
        writer.addWeights(manifest, file, [&](const artifact::StoredTensor &tensor, artifact::SafetensorsWriter &out) {
          return appendTensor(reader, recipes.lookup(manifest.weights[tensor.weight].name), tensor, out);
        }));
  SWITCHYARD_RETURN_IF_ERROR(writer.addFile("report.json", reportJson(manifest, report)));
  SWITCHYARD_ASSIGN_OR_RETURN(std::string id, writer.commit(manifest));
  printReport(output, manifest, report, id);
  return {};
}

}  // namespace switchyard::target
