#include "tools/moe-opt/DriverOptions.h"

#include "compiler/pipelines/Phases.h"
#include "runtime/base/escape.h"
#include "runtime/base/json.h"
#include "tools/support/command_line.h"

#include "mlir/Debug/Counter.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/Timing.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
namespace cl = llvm::cl;

namespace switchyard {

/// LLVM's code generator has options of some of our names for its own passes; nobody can mean those here.
static StringRef claim(StringRef name) {
  if (cl::Option *other = cl::getRegisteredOptions().lookup(name))
    other->removeArgument();
  return name;
}

DriverOptions::DriverOptions()
    : input(cl::Positional, cl::desc("<model.onnx or file.mlir>"), cl::init("-"), cl::cat(category)),
      output(claim("o"), cl::desc("Where the result goes; '-' is standard output; a name that ends in .moe is the folder of an artifact"),
             cl::value_desc("path"), cl::init("-"), cl::cat(category)),
      stopAfter(claim("stop-after"), cl::desc("Stop after this phase and print the module"), cl::value_desc("phase"), cl::init("import"),
                cl::cat(category)),
      emission(claim("emit"), cl::desc("What to write; by default an artifact where the output ends in .moe, else MLIR"),
               cl::values(clEnumValN(Emission::Mlir, "mlir", "the module behind the phase of --stop-after"),
                          clEnumValN(Emission::Llvm, "llvm", "the module in the LLVM dialect"),
                          clEnumValN(Emission::Artifact, "artifact", "an artifact for moe-run"),
                          clEnumValN(Emission::None, "none", "nothing: for messages and --mlir-timing, without the time of printing")),
               cl::init(Emission::Automatic), cl::cat(category)),
      reportForm(claim("report"), cl::desc("What to print about an artifact, or, without -o, about what becomes of a model"),
                 cl::ValueOptional,
                 cl::values(clEnumValN(ReportForm::Text, "text",
                                       "layers, weights as they are stored, memory; of a model: parameters, what is raised, what stays "
                                       "plain and why, arithmetic, refused operators"),
                            clEnumValN(ReportForm::Json, "json", "the same as JSON: the report.json of the artifact"),
                            clEnumValN(ReportForm::None, "none", "nothing; of a model, without -o, messages alone"),
                            clEnumValN(ReportForm::Text, "", "")),
                 cl::init(ReportForm::Text), cl::cat(category)),
      maxBatch(claim("max-batch"), cl::desc("The largest batch that the program can take"), cl::init(PhaseOptions().maxBatch),
               cl::cat(category)),
      maxSequence(claim("max-seq"), cl::desc("The longest sequence that the program can take, past tokens included"),
                  cl::init(PhaseOptions().maxSequence), cl::cat(category)) {}

static constexpr const char *overview =
    "Switchyard compiler: ONNX models in, artifacts out; and mlir-opt for its dialects and passes\n\n"
    "  moe-opt model.onnx -o model.moe                   compile a model to an artifact for moe-run\n"
    "  moe-opt model.onnx --report                       tell what becomes of a model, and why; writes nothing\n"
    "  moe-opt model.onnx --stop-after=raise -o x.mlir   look at it behind a phase\n"
    "  moe-opt x.mlir -o model.moe                       go on from the phase that the program is behind\n"
    "  moe-opt x.mlir --moe-fuse-gating -o y.mlir        run passes\n\n"
    "Passes and pipelines named on the command line run instead of the phases, in their order. They go with -o x.moe and --emit where the "
    "last\n"
    "is --moe-pipeline-codegen, and never with --stop-after.\n";

static bool refuse(const llvm::Twine &message) {
  // Of a value of its own options that does not parse LLVM has spoken already.
  if (std::string text = message.str(); !text.empty())
    llvm::errs() << "moe-opt: " << text << "\n";
  return false;
}

static bool checkPhase(StringRef name) {
  SmallVector<StringRef> names = {"import"};
  for (const Phase &phase : getPhases())
    names.push_back(phase.name);
  if (llvm::is_contained(names, name))
    return true;
  StringRef *nearest = llvm::min_element(names, [&](StringRef a, StringRef b) { return name.edit_distance(a) < name.edit_distance(b); });
  constexpr unsigned mostEdits = 2;
  std::string guess = name.edit_distance(*nearest) <= mostEdits ? "; did you mean '" + nearest->str() + "'?" : ".";
  return refuse("--stop-after=" + escaped(name) + ": there is no such phase" + guess + " Phases: " + llvm::join(names, ", "));
}

static bool checkLimit(StringRef name, int64_t limit) {
  return (limit >= 1 && limit <= maxJsonInteger) || refuse("--" + name + "=" + llvm::Twine(limit) + ": the limit must be 1 to 2^53");
}

/// The tokens of a call may fill the batch and the sequence.
static bool checkTokens(int64_t maxBatch, int64_t maxSequence) {
  Result<int64_t> tokens = limitOfRole(DimRole::tokens, maxBatch, maxSequence);
  return tokens.ok() || refuse("--max-batch, --max-seq: " + tokens.status().message());
}

static bool checkPaths(StringRef input, StringRef output) {
  if (input == "-")
    return true;
  llvm::sys::fs::file_status status;
  if (std::error_code error = llvm::sys::fs::status(input, status))
    return refuse(escaped(input) + ": cannot open the input: " + error.message());
  // A pipe can stand in for a file of MLIR text (a shell's process substitution); a device or a folder cannot.
  bool readable = llvm::sys::fs::is_regular_file(status) || status.type() == llvm::sys::fs::file_type::fifo_file;
  if (!readable || (input.ends_with(".onnx") && !llvm::sys::fs::is_regular_file(status)))
    return refuse(escaped(input) + ": the input is not a regular file");
  bool same = false;
  if (output != "-" && !llvm::sys::fs::equivalent(input, output, same) && same)
    return refuse(escaped(output) + ": the output is the input; choose another path");
  return true;
}

static bool checkEmission(const DriverOptions &options) {
  if (options.writesArtifact() && options.output == "-")
    return refuse("--emit=artifact: an artifact is a folder; name it with -o model.moe");
  if (options.emission == Emission::None && (!options.compiles() || options.output != "-"))
    return refuse("--emit=none: nothing is written; it goes with a model or --stop-after, and without -o");
  if (options.reportForm.getNumOccurrences() > 0 && !options.writesArtifact() && !options.input.ends_with(".onnx") && !options.input.ends_with(".mlir"))
    return refuse("--report: the input '" + escaped(options.input) + "' is not named .onnx");
  bool asksForReport = options.reportForm.getNumOccurrences() > 0 && options.reportForm != ReportForm::None;
  if (asksForReport && !options.reportsModel() && !options.writesArtifact())
    return refuse("--report: it tells of an artifact (-o model.moe), or of an ONNX model, of which then nothing is written; leave other outputs and "
                  "passes out");
  if (options.namesPasses() && options.stopAfter.getNumOccurrences() > 0)
    return refuse("--stop-after=" + escaped(options.stopAfter) +
                  ": passes named on the command line run instead of the phases; leave one or the other out");
  if (options.runsAllPhases() && options.stopAfter.getNumOccurrences() > 0)
    return refuse("--stop-after=" + escaped(options.stopAfter) +
                  ": what is asked for needs all phases; leave --stop-after out, or write MLIR");
  return true;
}

bool DriverOptions::parse(int argc, char **argv, DialectRegistry &registry) {
  MlirOptMainConfig::registerCLOptions(registry);
  registerAsmPrinterCLOptions();
  registerMLIRContextCLOptions();
  registerPassManagerCLOptions();
  registerDefaultTimingManagerCLOptions();
  tracing::DebugCounter::registerCLOptions();
  cl::AddExtraVersionPrinter([](llvm::raw_ostream &out) { out << "Switchyard version " SWITCHYARD_VERSION "\n"; });
  if (argc < 2)
    return refuse("no input; usage: moe-opt model.onnx -o model.moe, or moe-opt --help");
  std::string errors;
  llvm::raw_string_ostream stream(errors);
  if (!cl::ParseCommandLineOptions(argc, argv, overview, &stream))
    return refuse(refusedValue().empty() ? toOneLine(errors, "moe-opt") : refusedValue());
  MLIRContext context;
  PassManager manager(&context);
  if (failed(MlirOptMainConfig::createFromCLOptions().setupPassPipeline(manager)))
    return false;
  passes = manager.size() > 0;
  return checkPhase(stopAfter) && checkEmission(*this) && checkLimit(maxBatch.ArgStr, maxBatch) &&
         checkLimit(maxSequence.ArgStr, maxSequence) && checkTokens(maxBatch, maxSequence) && checkPaths(input, output);
}

}  // namespace switchyard
