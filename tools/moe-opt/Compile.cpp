#include "tools/moe-opt/Compile.h"

#include "compiler/pipelines/Phases.h"
#include "compiler/target/WriteArtifact.h"
#include "frontends/onnx/Importer.h"
#include "runtime/base/escape.h"
#include "runtime/base/file.h"
#include "runtime/base/output_file.h"
#include "tools/moe-opt/DiagnosticPrinter.h"
#include "tools/moe-opt/ModelReporter.h"
#include "tools/moe-opt/NestingGuard.h"
#include "tools/support/standard_streams.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Support/Timing.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;

namespace switchyard {

static ExitCode report(const llvm::Twine &message, ExitCode code) {
  llvm::errs() << "moe-opt: " << message << "\n";
  return code;
}

/// Writes a whole file, or nothing; to standard output where the path is "-".
static ExitCode writeOutput(StringRef path, StringRef content) {
  Status written;
  if (path == "-") {
    llvm::outs() << content;
    written = flushStandardOutput();
  } else {
    written = writeFile(path.str(), content);
  }
  return written.ok() ? ExitCode::ok : report(written.message(), written.code());
}

/// A user who wanted an artifact and gave its folder another name would not be told by a file of MLIR that appears.
static void explainMlir(const DriverOptions &options) {
  static constexpr StringRef mlirSuffixes[] = {".mlir", ".mlirbc", ".ll", ".bc"};
  bool means = llvm::any_of(mlirSuffixes, [&](StringRef suffix) { return StringRef(options.output).ends_with(suffix); });
  bool asked = options.emission.getNumOccurrences() > 0 || options.stopAfter.getNumOccurrences() > 0;
  if (!means && !asked && llvm::sys::fs::is_regular_file(options.output))
    llvm::errs() << "moe-opt: " << escaped(options.output) << ": holds the " << (options.isModel() ? "imported model" : "program")
                 << " as MLIR, not compiled; for an artifact write -o " << escaped(options.output) << ".moe or say --emit=artifact\n";
}

static bool isNamedMlir(StringRef path) { return path == "-" || path.ends_with(".mlir"); }

/// A file that is not called MLIR may be a model under a strange name, whose user is told in one line.
static ExitCode refuseText(StringRef path, StringRef reason) {
  return report(escaped(path) + ": this is neither an ONNX model, whose name must end in .onnx, nor MLIR text (" + escaped(reason) + ")",
                ExitCode::invalid);
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
    code = report(escaped(path) + ": this is MLIR bytecode, whose reader is not safe for files of unknown origin; give MLIR text",
                  ExitCode::invalid);
    return nullptr;
  }
  if (text->getBuffer().contains('\0')) {
    code = refuseText(path, "it holds NUL bytes");
    return nullptr;
  }
  if (int depth = measureNesting(text->getBuffer()); depth > maxNesting) {
    code = report(escaped(path) + ": brackets are nested " + llvm::Twine(depth) + " deep; the limit is " + llvm::Twine(maxNesting),
                  ExitCode::invalid);
    return nullptr;
  }
  return text;
}

/// Parses MLIR text. Of a file that is not called MLIR only the first fault is told.
static OwningOpRef<ModuleOp> parseText(StringRef path, std::unique_ptr<llvm::MemoryBuffer> text, MLIRContext &context, ExitCode &code) {
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(text), llvm::SMLoc());
  if (isNamedMlir(path))
    return parseSourceFile<ModuleOp>(sources, &context);
  std::string first;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    first = first.empty() ? diagnostic.str() : first;
    return success();
  });
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(sources, &context);
  if (!module)
    code = refuseText(path, first);
  return module;
}

/// Reads a model, or a program in MLIR behind any phase. A failure before there are diagnostics has its code in `code`.
static OwningOpRef<ModuleOp> readInput(const DriverOptions &options, MLIRContext &context, ExitCode &code) {
  if (options.isModel()) {
    OwningOpRef<ModuleOp> module = onnx::importModel(options.input, &context);
    // Passes by hand may stop anywhere; their module is one that was written by hand.
    if (module && !options.namesPasses())
      recordPhase(*module, importPhase);
    return module;
  }
  std::unique_ptr<llvm::MemoryBuffer> text = readText(options.input, code);
  return text ? parseText(options.input, std::move(text), context, code) : OwningOpRef<ModuleOp>();
}

/// Whether the codegen phase, which ends in the plan of the memory, has run.
static bool isReadyForTarget(ModuleOp module) { return module->hasAttr("rt.slots"); }

/// Adds the phases from where the module stands to where the user wants it.
static LogicalResult addPhases(PassManager &manager, ModuleOp module, const DriverOptions &options, ExitCode &code) {
  std::optional<size_t> reached = findReachedPhase(module);
  if (!reached)
    return failure();
  size_t wanted = options.runsAllPhases() ? getPhases().size() : *findPhase(options.stopAfter);
  if (wanted < *reached) {
    code = report(escaped(options.input) + ": the program is behind the phase '" + getPhases()[*reached - 1].name +
                      "' already; --stop-after=" + options.stopAfter + " asks for an earlier one, which only the model gives",
                  ExitCode::usage);
    return failure();
  }
  PhaseOptions phaseOptions;
  phaseOptions.maxBatch = options.maxBatch.getValue();
  phaseOptions.maxSequence = options.maxSequence.getValue();
  for (const Phase &phase : getPhases().slice(*reached, wanted - *reached))
    phase.addTo(manager, phaseOptions);
  return success();
}

/// Runs the passes named on the command line, or else the phases, before the eyes of `reporter` if there is one. A failure that no diagnostic
/// tells has its code in `code`.
static LogicalResult transform(ModuleOp module, const DriverOptions &options, TimingScope &timing, ModelReporter *reporter, ExitCode &code) {
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  PassManager manager(module.getContext()), lowering(module.getContext());
  for (PassManager *each : {&manager, &lowering}) {
    each->enableTiming(timing);
    if (failed(applyPassManagerCLOptions(*each)))
      return failure();
  }
  if (failed(config.setupPassPipeline(manager)))
    return failure();
  if (reporter)
    reporter->watch(manager);
  if (!options.namesPasses() && failed(addPhases(manager, module, options, code)))
    return failure();
  if (failed(manager.run(module)))
    return failure();
  if (options.namesPasses() && options.runsAllPhases() && !isReadyForTarget(module)) {
    code =
        report("the passes given do not end in a program that can be compiled: the last must be --moe-pipeline-codegen; without passes all "
               "phases run, and -o x.mlir writes what these passes make",
               ExitCode::usage);
    return failure();
  }
  if (options.emission != Emission::Llvm)
    return success();
  target::buildLlvmPipeline(lowering);
  return lowering.run(module);
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

static ExitCode writeReport(const DriverOptions &options, const ModelReport &report) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  (options.reportForm == ReportForm::Json ? printModelReportJson : printModelReport)(stream, report);
  ExitCode code = writeOutput(options.output, text);
  return code == ExitCode::ok ? report.code : code;
}

/// Runs the phases for what they tell; what they make is left.
static ExitCode reportModel(const DriverOptions &options, MLIRContext &context, DiagnosticPrinter &printer, TimingScope &timing) {
  ModelReport report(options.input);
  if (!options.runsAllPhases())
    report.lastPhase = options.stopAfter;
  ExitCode code = ExitCode::internal;
  OwningOpRef<ModuleOp> module = readInput(options, context, code);
  if (!module)
    return printer.getExitCode() != ExitCode::ok ? printer.getExitCode() : code;
  ModelReporter reporter(report, &context);
  reporter.describe(*module);
  if (failed(transform(*module, options, timing, &reporter, code)))
    report.code = printer.getExitCode() != ExitCode::ok ? printer.getExitCode() : code;
  return writeReport(options, report);
}

ExitCode compileModel(const DriverOptions &options, DialectRegistry &registry) {
  DefaultTimingManager timing;
  applyDefaultTimingManagerCLOptions(timing);
  TimingScope total = timing.getRootScope();
  MLIRContext context(registry);
  context.printOpOnDiagnostic(false);
  DiagnosticPrinter printer(&context, options.input);

  if (options.reportsModel() && options.reportForm != ReportForm::None)
    return reportModel(options, context, printer, total);
  TimingScope importing = total.nest("import");
  ExitCode code = ExitCode::internal;
  OwningOpRef<ModuleOp> module = readInput(options, context, code);
  importing.stop();
  bool done = module && succeeded(transform(*module, options, total, nullptr, code));
  if (!done && printer.getExitCode() != ExitCode::ok)
    return printer.getExitCode();
  if (!done)
    return code != ExitCode::internal ? code : report(escaped(options.input) + ": a pass failed without a message", ExitCode::internal);
  if (options.writesArtifact())
    return writeModel(options, *module);
  if (options.emission == Emission::None || options.reportsModel())
    return ExitCode::ok;
  TimingScope printing = total.nest("print");
  std::string text;
  llvm::raw_string_ostream stream(text);
  // A file is an input again, and then messages and the manifest name nodes by their locations; standard output is for reading.
  // The last pass has left a module that is verified.
  OpPrintingFlags flags;
  flags.assumeVerified();
  if (options.output != "-" && !options.namesPasses())
    flags.enableDebugInfo();
  module->print(stream, flags);
  stream << "\n";
  code = writeOutput(options.output, text);
  if (code == ExitCode::ok && !options.namesPasses())
    explainMlir(options);
  return code;
}

ExitCode processModule(const DriverOptions &options, int argc, char **argv, DialectRegistry &registry) {
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  if (config.shouldShowDialects() || config.shouldListPasses())
    return succeeded(MlirOptMain(argc, argv, options.input, options.output, registry)) ? ExitCode::ok : ExitCode::failure;
  ExitCode code = ExitCode::ok;
  std::unique_ptr<llvm::MemoryBuffer> input = readText(options.input, code);
  if (!input)
    return code;
  bool isOneModule = config.inputSplitMarker().empty() && !config.shouldVerifyDiagnostics();
  if (!isNamedMlir(options.input) && isOneModule) {
    MLIRContext context(registry);
    if (!parseText(options.input, llvm::MemoryBuffer::getMemBuffer(input->getMemBufferRef()), context, code))
      return code;
  }
  std::string text;
  llvm::raw_string_ostream stream(text);
  bool done = succeeded(MlirOptMain(stream, std::move(input), registry, config));
  // Of several programs (--split-input-file) the good ones are shown, but only a whole result becomes a file.
  if (done || options.output == "-")
    code = writeOutput(options.output, text);
  if (!done)
    return ExitCode::invalid;
  if (code == ExitCode::ok && !options.namesPasses())
    explainMlir(options);
  return code;
}

}  // namespace switchyard
