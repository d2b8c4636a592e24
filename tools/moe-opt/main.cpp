// moe-opt: the compiler's driver for ONNX models, and mlir-opt for the dialects and passes of the project.
#include "compiler/pipelines/Registration.h"
#include "frontends/onnx/Importer.h"

#include "mlir/Debug/Counter.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Support/Timing.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace mlir;

static LogicalResult compileModel(StringRef inputPath, StringRef outputPath, DialectRegistry &registry) {
  MLIRContext context(registry);
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  OwningOpRef<ModuleOp> module = switchyard::onnx::importModel(inputPath, &context);
  if (!module)
    return failure();
  PassManager manager(&context);
  if (failed(applyPassManagerCLOptions(manager)) || failed(config.setupPassPipeline(manager)) || failed(manager.run(*module)))
    return failure();
  std::string error;
  std::unique_ptr<llvm::ToolOutputFile> output = openOutputFile(outputPath, &error);
  if (!output) {
    llvm::errs() << "moe-opt: " << error << "\n";
    return failure();
  }
  module->print(output->os());
  output->os() << "\n";
  output->keep();
  return success();
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  DialectRegistry registry;
  switchyard::registerDialects(registry);
  switchyard::registerPasses();
  // LLVM's code generator has an option of this name for its own passes; nobody can mean that one here.
  if (llvm::cl::Option *other = llvm::cl::getRegisteredOptions().lookup("stop-after"))
    other->removeArgument();
  llvm::cl::opt<std::string> stopAfter("stop-after", llvm::cl::desc("Stop after this phase and print the module"), llvm::cl::init("import"));
  auto [inputPath, outputPath] = registerAndParseCLIOptions(argc, argv, "Switchyard compiler\n", registry);
  if (StringRef(inputPath).ends_with(".onnx"))
    return asMainReturnCode(compileModel(inputPath, outputPath, registry));
  return asMainReturnCode(MlirOptMain(argc, argv, inputPath, outputPath, registry));
}
