// The command line of moe-run.
#ifndef SWITCHYARD_TOOLS_MOE_RUN_OPTIONS_H
#define SWITCHYARD_TOOLS_MOE_RUN_OPTIONS_H

#include "runtime/artifact/artifact_reader.h"
#include "tools/moe-run/sampler.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace switchyard::run {

/// Tensor name to file.
using Files = std::map<std::string, std::string>;

struct Options {
  std::string artifact;
  std::optional<int> ranks;
  int threads = 0;  ///< 0: the machine's share of a rank
  bool inProcess = false;
  Files inputs, outputs, expected;
  std::string inputFolder, outputFolder, expectedFolder, casesFile;
  double relativeTolerance = 1e-3, absoluteTolerance = 1e-4;
  int warmup = 0, iterations = 1;
  std::optional<double> durationSeconds, timeoutSeconds;
  double collectiveTimeoutSeconds = 60;
  std::optional<int64_t> maxBatch, maxSequence;
  artifact::Verify verify = artifact::Verify::header;
  bool check = false, statistics = false, printDigest = false, referenceKernels = false, listFailpoints = false;
  std::string jsonFile;

  int64_t generate = 0;                       ///< tokens to generate; 0: no generation
  std::string promptIds;                      ///< as the user wrote it
  std::map<std::string, std::string> roles;   ///< of a decoder: role to tensor
  std::map<std::string, std::string> states;  ///< of a decoder: input to the output that continues it
  std::optional<int64_t> padId, eosId;
  Sampling sampling;
};

/// Parses the command line; a fault is of usage, and without a message where one has been printed. `--help` and `--version` end the
/// process.
Result<Options> parseOptions(int argc, char **argv);

}  // namespace switchyard::run

#endif  // SWITCHYARD_TOOLS_MOE_RUN_OPTIONS_H
