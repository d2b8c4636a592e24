// The input sets of a job: from the command line, or from the file of --cases.
#ifndef SWITCHYARD_TOOLS_MOE_RUN_CASES_H
#define SWITCHYARD_TOOLS_MOE_RUN_CASES_H

#include "runtime/base/npy.h"
#include "tools/moe-run/options.h"

#include <string>
#include <vector>

namespace switchyard::run {

struct Case {
  std::string name;
  std::string inputFolder, expectedFolder;
  Files inputs, outputs, expected;  ///< tensor to file; inputs are complete
};

/// The cases of a job, with a file for each input, and for each output that is compared or written.
Result<std::vector<Case>> findCases(const Options &options, const artifact::Manifest &manifest);

/// Fails where a file that the command line names for an output or a report cannot be written: before the job runs, not after it.
/// Touches no file that is there.
Status checkOutputs(const Options &options);

/// Reads the inputs of a case in the manifest's order.
Result<std::vector<Array>> readInputs(const Case &one, const artifact::Manifest &manifest);

}  // namespace switchyard::run

#endif  // SWITCHYARD_TOOLS_MOE_RUN_CASES_H
