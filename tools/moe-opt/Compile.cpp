#include "tools/moe-opt/Compile.h"

#include "compiler/pipelines/Phases.h"
#include "compiler/target/WriteArtifact.h"
#include "frontends/onnx/Importer.h"
#include "runtime/base/escape.h"
#include "tools/moe-opt/DiagnosticPrinter.h"
#include "tools/moe-opt/NestingGuard.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Support/Timing.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace mlir;

namespace switchyard {

static ExitCode report(const llvm::Twine &message, ExitCode code) {
  llvm::errs() << "moe-opt: " << message << "\n";
  return code;
}

/// Writes to `path` by `write`; the file is gone again when something fails.
static ExitCode writeOutput(StringRef path, llvm::function_ref<ExitCode(llvm::raw_ostream &)> write) {
  std::string error;
  std::unique_ptr<llvm::ToolOutputFile> output = openOutputFile(path, &error);
  if (!output)
    return report(error, ExitCode::usage);
  ExitCode code = write(output->os());
  output->os().flush();
  if (output->os().has_error()) {
    error = output->os().error().message();
    output->os().clear_error();
    return report(escaped(path) + ": cannot write the output: " + error, ExitCode::resources);
  }
  if (code == ExitCode::ok)
    output->keep();
  return code;
}

/// Passes named on the command line run instead of the phases.
static LogicalResult addPasses(PassManager &manager, const DriverOptions &options, const MlirOptMainConfig &config) {
  if (failed(config.setupPassPipeline(manager)))
    return failure();
  if (manager.size() > 0 || (options.stopAfter == "import" && !options.writesArtifact()))
    return success();
  PhaseOptions phaseOptions;
  phaseOptions.maxBatch = options.maxBatch.getValue();
  phaseOptions.maxSequence = options.maxSequence.getValue();
  // A program in MLIR is one behind the raise phase.
  for (const Phase &phase : getPhases().drop_front(options.isModel() ? 0 : 1)) {
    phase.build(manager, phaseOptions);
    if (phase.name == options.stopAfter && !options.writesArtifact())
      break;
  }
  return success();
}

/// Reads a model, or a program in MLIR that is raised already.
static OwningOpRef<ModuleOp> readInput(const DriverOptions &options, MLIRContext &context) {
  if (options.isModel())
    return onnx::importModel(options.input, &context);
  return parseSourceFile<ModuleOp>(options.input, &context);
}

static ExitCode writeModel(const DriverOptions &options, ModuleOp module) {
  Result<ModelFolder> folder = ModelFolder::ofFile(options.input);
  if (!folder.ok())
    return report(folder.status().message(), folder.status().code());
  Status written = target::writeArtifact(module, *folder, options.output, llvm::outs());
  return written.ok() ? ExitCode::ok : report(written.message(), written.code());
}

ExitCode compileModel(const DriverOptions &options, DialectRegistry &registry) {
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  DefaultTimingManager timing;
  applyDefaultTimingManagerCLOptions(timing);
  TimingScope total = timing.getRootScope();
  MLIRContext context(registry);
  context.printOpOnDiagnostic(false);
  DiagnosticPrinter printer(&context, options.input);

  TimingScope importing = total.nest("import");
  OwningOpRef<ModuleOp> module = readInput(options, context);
  importing.stop();
  bool done = static_cast<bool>(module);
  if (done) {
    PassManager manager(&context);
    manager.enableTiming(total);
    done = succeeded(applyPassManagerCLOptions(manager)) && succeeded(addPasses(manager, options, config)) && succeeded(manager.run(*module));
  }
  if (!done)
    return printer.getExitCode() != ExitCode::ok ? printer.getExitCode()
                                                 : report(escaped(options.input) + ": a pass failed without a message", ExitCode::internal);
  if (options.writesArtifact())
    return writeModel(options, *module);
  return writeOutput(options.output, [&](llvm::raw_ostream &os) {
    module->print(os);
    os << "\n";
    return ExitCode::ok;
  });
}

ExitCode processModule(const DriverOptions &options, int argc, char **argv, DialectRegistry &registry) {
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  if (config.shouldShowDialects() || config.shouldListPasses())
    return succeeded(MlirOptMain(argc, argv, options.input, options.output, registry)) ? ExitCode::ok : ExitCode::failure;
  std::string error;
  std::unique_ptr<llvm::MemoryBuffer> text = openInputFile(options.input, &error);
  if (!text)
    return report(error, ExitCode::usage);
  if (text->getBuffer().starts_with("ML\xefR"))
    return report(escaped(options.input) + ": this is MLIR bytecode, whose reader is not safe for files of unknown origin; give MLIR text",
                  ExitCode::invalid);
  if (int depth = measureNesting(text->getBuffer()); depth > maxNesting)
    return report(escaped(options.input) + ": brackets are nested " + llvm::Twine(depth) + " deep; the limit is " + llvm::Twine(maxNesting),
                  ExitCode::invalid);
  return writeOutput(options.output, [&](llvm::raw_ostream &os) {
    return succeeded(MlirOptMain(os, std::move(text), registry, config)) ? ExitCode::ok : ExitCode::invalid;
  });
}

}  // namespace switchyard
