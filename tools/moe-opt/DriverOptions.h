// The command line of moe-opt beyond that of mlir-opt.
#ifndef SWITCHYARD_TOOLS_MOE_OPT_DRIVEROPTIONS_H
#define SWITCHYARD_TOOLS_MOE_OPT_DRIVEROPTIONS_H

#include "tools/support/flag.h"

#include "mlir/IR/DialectRegistry.h"
#include "llvm/Support/CommandLine.h"

namespace switchyard {

/// What the tool writes.
enum class Emission { Automatic, None, Mlir, Llvm, Artifact };
/// What it tells of an artifact, or of a model alone, on standard output.
enum class ReportForm { None, Text, Json };

class DriverOptions {
public:
  DriverOptions();

  /// Parses the command line, mlir-opt's options included. Prints what is wrong with it and returns false.
  bool parse(int argc, char **argv, mlir::DialectRegistry &registry);

  /// Whether the driver compiles the input; otherwise the tool is mlir-opt for our dialects and passes.
  bool compiles() const { return isModel() || runsAllPhases() || stopAfter.getNumOccurrences() > 0; }
  bool isModel() const { return llvm::StringRef(input).ends_with(".onnx"); }
  bool writesArtifact() const {
    return emission == Emission::Artifact || (emission == Emission::Automatic && llvm::StringRef(output).rtrim('/').ends_with(".moe"));
  }
  /// Whether the user only wants to know what the compiler makes of a model: by a report, or, without one, by the messages alone.
  bool reportsModel() const {
    bool writesNothing = output == "-" && (emission == Emission::Automatic || emission == Emission::None);
    return isModel() && reportForm.getNumOccurrences() > 0 && writesNothing && !namesPasses() &&
           (reportForm != ReportForm::None || stopAfter.getNumOccurrences() == 0);
  }
  bool runsAllPhases() const {
    return writesArtifact() || (reportsModel() && stopAfter.getNumOccurrences() == 0) || emission == Emission::Llvm;
  }
  /// Whether passes are named, which then run instead of the phases.
  bool namesPasses() const { return passes; }

private:
  bool passes = false;
  llvm::cl::OptionCategory category{"Compiler options"};

public:
  llvm::cl::opt<std::string> input;
  llvm::cl::opt<std::string> output;
  llvm::cl::opt<std::string> stopAfter;
  Flag<Emission> emission;
  Flag<ReportForm> reportForm;
  Flag<int64_t> maxBatch;
  Flag<int64_t> maxSequence;
};

}  // namespace switchyard

#endif  // SWITCHYARD_TOOLS_MOE_OPT_DRIVEROPTIONS_H
