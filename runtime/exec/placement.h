// Who owns which expert, as the collectives of a rank need it.
#ifndef SWITCHYARD_RUNTIME_EXEC_PLACEMENT_H
#define SWITCHYARD_RUNTIME_EXEC_PLACEMENT_H

#include "runtime/artifact/plan.h"

#include <cstdint>
#include <vector>

namespace switchyard::exec {

/// One MoE layer.
struct LayerOwners {
  std::vector<int32_t> owner;                 ///< by expert
  std::vector<std::vector<int32_t>> experts;  ///< by rank, ascending
  std::vector<int32_t> firstPosition;         ///< by rank, in the order (owner, expert); one more than there are ranks

  LayerOwners(const artifact::LayerPlacement &placement, int ranks);
};

}  // namespace switchyard::exec

#endif  // SWITCHYARD_RUNTIME_EXEC_PLACEMENT_H
