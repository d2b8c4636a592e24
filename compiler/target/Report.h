// What the compiler tells of a program: layers, parameters, memory.
#ifndef SWITCHYARD_COMPILER_TARGET_REPORT_H
#define SWITCHYARD_COMPILER_TARGET_REPORT_H

#include "runtime/artifact/manifest.h"

#include "llvm/Support/raw_ostream.h"

namespace switchyard::target {

/// The figures of one world size, at the manifest's limits and one thread a rank.
struct RankFigures {
  int64_t ranks = 1;
  uint64_t arenaBytes = 0;   ///< of every rank
  uint64_t weightBytes = 0;  ///< of the rank that holds most
};

struct Report {
  /// Of the weights as they lie in the files, which are not those of the model: panels are padded, quantised weights decoded, some stand
  /// there twice, and constants of few elements stand in the code.
  int64_t storedElements = 0, expertElements = 0;
  uint64_t denseBytes = 0;
  std::string arenaFormula;  ///< bytes of all buffers, before those that do not live together share memory
  uint64_t codeBytes = 0;
  std::vector<RankFigures> ranks;
};

Result<Report> makeReport(const artifact::Manifest &manifest, uint64_t codeBytes);

/// report.json: equal programs give equal bytes.
std::string reportJson(const artifact::Manifest &manifest, const Report &report);
/// The same for a reader, with the artifact's id.
void printReport(llvm::raw_ostream &out, const artifact::Manifest &manifest, const Report &report, llvm::StringRef id);

}  // namespace switchyard::target

#endif  // SWITCHYARD_COMPILER_TARGET_REPORT_H
