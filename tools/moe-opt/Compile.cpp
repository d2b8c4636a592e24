#include "tools/moe-opt/Compile.h"

#include "compiler/pipelines/Phases.h"
#include "compiler/target/WriteArtifact.h"
#include "frontends/onnx/Importer.h"
#include "runtime/base/escape.h"
#include "runtime/base/file.h"
#include "tools/moe-opt/DiagnosticPrinter.h"
#include "tools/moe-opt/NestingGuard.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Support/Timing.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
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

/// Reads MLIR text and makes sure that the parser can take it; null after a message, and its code in `code`.
static std::unique_ptr<llvm::MemoryBuffer> readText(StringRef path, ExitCode &code) {
  std::string error;
  std::unique_ptr<llvm::MemoryBuffer> text = openInputFile(path, &error);
  if (!text) {
    code = report(error, ExitCode::usage);
    return nullptr;
  }
  if (text->getBuffer().starts_with("ML\xefR")) {
    code = report(escaped(path) + ": this is MLIR bytecode, whose reader is not safe for files of unknown origin; give MLIR text", ExitCode::invalid);
    return nullptr;
  }
  if (int depth = measureNesting(text->getBuffer()); depth > maxNesting) {
    code = report(escaped(path) + ": brackets are nested " + llvm::Twine(depth) + " deep; the limit is " + llvm::Twine(maxNesting), ExitCode::invalid);
    return nullptr;
  }
  return text;
}

/// Reads a model, or a program in MLIR that is raised already. A failure before there are diagnostics has its code in `code`.
static OwningOpRef<ModuleOp> readInput(const DriverOptions &options, MLIRContext &context, ExitCode &code) {
  if (options.isModel())
    return onnx::importModel(options.input, &context);
  std::unique_ptr<llvm::MemoryBuffer> text = readText(options.input, code);
  if (!text)
    return {};
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(text), llvm::SMLoc());
  return parseSourceFile<ModuleOp>(sources, &context);
}

/// Passes named on the command line run instead of the phases.
static LogicalResult addPasses(PassManager &manager, const DriverOptions &options, const MlirOptMainConfig &config) {
  if (failed(config.setupPassPipeline(manager)))
    return failure();
  if (manager.size() > 0 || (options.stopAfter == "import" && !options.runsAllPhases()))
    return success();
  PhaseOptions phaseOptions;
  phaseOptions.maxBatch = options.maxBatch.getValue();
  phaseOptions.maxSequence = options.maxSequence.getValue();
  // A program in MLIR is one behind the raise phase.
  for (const Phase &phase : getPhases().drop_front(options.isModel() ? 0 : 1)) {
    phase.build(manager, phaseOptions);
    if (phase.name == options.stopAfter && !options.runsAllPhases())
      break;
  }
  if (options.emission == Emission::Llvm)
    target::buildLlvmPipeline(manager);
  return success();
}

static ExitCode printJsonReport(const std::string &artifact) {
  constexpr uint64_t maxReportSize = 64 << 20;
  Result<File> file = File::open(artifact + "/report.json");
  Result<std::string> text = file.ok() ? file->readAll(maxReportSize) : Result<std::string>(file.status());
  if (!text.ok())
    return report(text.status().message(), text.status().code());
  llvm::outs() << *text;
  return ExitCode::ok;
}

static ExitCode writeModel(const DriverOptions &options, ModuleOp module) {
  Result<ModelFolder> folder = ModelFolder::ofFile(options.input);
  if (!folder.ok())
    return report(folder.status().message(), folder.status().code());
  // Copies: the linker resets the options of the process.
  std::string output = options.output;
  ReportForm form = options.reportForm;
  Status written = target::writeArtifact(module, *folder, output, form == ReportForm::Text ? llvm::outs() : llvm::nulls());
  if (!written.ok())
    return report(written.message(), written.code());
  return form == ReportForm::Json ? printJsonReport(output) : ExitCode::ok;
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
  ExitCode code = ExitCode::internal;
  OwningOpRef<ModuleOp> module = readInput(options, context, code);
  importing.stop();
  bool done = static_cast<bool>(module);
  if (done) {
    PassManager manager(&context);
    manager.enableTiming(total);
    done = succeeded(applyPassManagerCLOptions(manager)) && succeeded(addPasses(manager, options, config)) && succeeded(manager.run(*module));
  }
  if (!done && printer.getExitCode() != ExitCode::ok)
    return printer.getExitCode();
  if (!done)
    return code != ExitCode::internal ? code : report(escaped(options.input) + ": a pass failed without a message", ExitCode::internal);
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
  ExitCode code = ExitCode::ok;
  std::unique_ptr<llvm::MemoryBuffer> text = readText(options.input, code);
  if (!text)
    return code;
  return writeOutput(options.output, [&](llvm::raw_ostream &os) {
    return succeeded(MlirOptMain(os, std::move(text), registry, config)) ? ExitCode::ok : ExitCode::invalid;
  });
}

}  // namespace switchyard
