// Which outputs of a step are inputs of the next one.
#ifndef SWITCHYARD_TOOLS_MOE_RUN_STATES_H
#define SWITCHYARD_TOOLS_MOE_RUN_STATES_H

#include "runtime/artifact/manifest.h"
#include "tools/moe-run/options.h"

#include <vector>

namespace switchyard::run {

/// A past of the inputs and the present of the outputs that is the next one, by position in the manifest.
struct Cache {
  size_t past, present;
  int64_t axis;  ///< of the tokens; -1 where the state is replaced whole
};

/// The pairs that `--state` names, then those of the manifest, then those of which the shape shows that the output goes on where the
/// input ends, and the names, where several fit, which belongs to which. A fault of usage where that is open.
Result<std::vector<Cache>> findStates(const artifact::Manifest &manifest, const Options &options);

}  // namespace switchyard::run

#endif  // SWITCHYARD_TOOLS_MOE_RUN_STATES_H
