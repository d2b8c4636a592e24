// What a job did, for scripts (docs/contracts.md, section 8) and for people.
#ifndef SWITCHYARD_TOOLS_MOE_RUN_REPORT_H
#define SWITCHYARD_TOOLS_MOE_RUN_REPORT_H

#include "runtime/exec/rank.h"
#include "tools/moe-run/comparison.h"
#include "tools/moe-run/generate.h"

#include "llvm/Support/raw_ostream.h"

#include <optional>
#include <string>
#include <vector>

namespace switchyard::run {

struct OutputReport {
  std::string name, digest;
  ElementType type = ElementType::f32;
  std::vector<int64_t> shape;
  std::optional<Comparison> comparison;
};

struct CaseReport {
  std::string name, digest;  ///< of the bytes of all outputs, in order
  double seconds = 0;        ///< of the measured steps, on rank 0
  std::vector<OutputReport> outputs;
  std::vector<exec::RankCounts> ranks;  ///< of one step
};

/// The measured steps of a rank.
struct StepTimes {
  int64_t steps = 0;
  double total = 0, least = 0, mean = 0, median = 0, most = 0;

  static StepTimes of(std::vector<double> seconds);
};

struct RankReport {
  /// Of highWaterBytes, where the arenas are too large to be filled for the measurement.
  static constexpr uint64_t notMeasured = UINT64_MAX;

  std::vector<std::vector<int32_t>> mappedExperts;  ///< by layer
  uint64_t weightBytes = 0, arenaBytes = 0, highWaterBytes = 0;
  StepTimes times;
};

struct JobReport {
  std::string artifact, transport;
  int ranks = 1, threads = 1;
  std::vector<CaseReport> cases;
  std::vector<RankReport> rankReports;
  std::optional<Generation> generation;

  int64_t mismatchedCases() const;
};

void writeJson(const JobReport &report, const exec::LoadedProgram &program, llvm::raw_ostream &out);
void writeStatistics(const JobReport &report, const exec::LoadedProgram &program, llvm::raw_ostream &out);

/// The tokens, one row a line, and how fast they came.
void writeGeneration(const Generation &generation, llvm::raw_ostream &out);

/// One line a case: what came out, and how far from what was expected.
std::string summary(const CaseReport &one);
/// What differs, one line an output; empty where nothing does.
std::vector<std::string> differences(const CaseReport &one, Tolerance tolerance);

}  // namespace switchyard::run

#endif  // SWITCHYARD_TOOLS_MOE_RUN_REPORT_H
