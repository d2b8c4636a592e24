#include "runtime/exec/placement.h"

namespace switchyard::exec {

LayerOwners::LayerOwners(const artifact::LayerPlacement &placement, int ranks) : experts(ranks) {
  for (size_t expert = 0; expert < placement.owners.size(); ++expert) {
    owner.push_back(placement.owners[expert].front());
    experts[owner.back()].push_back(static_cast<int32_t>(expert));
  }
  firstPosition.push_back(0);
  for (const std::vector<int32_t> &owned : experts)
    firstPosition.push_back(firstPosition.back() + static_cast<int32_t>(owned.size()));
}

}  // namespace switchyard::exec
