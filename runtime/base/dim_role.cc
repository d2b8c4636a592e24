#include "runtime/base/dim_role.h"

#include "runtime/base/checked.h"
#include "runtime/base/json.h"

namespace switchyard {

DimRole roleOfAxis(size_t axis, size_t rank, bool secondIsNumber) {
  if (axis != 0 || rank < 2)
    return DimRole::sequence;
  if (!secondIsNumber)
    return DimRole::batch;
  return rank == 2 ? DimRole::tokens : DimRole::sequence;
}

Result<int64_t> limitOfRole(DimRole role, int64_t maxBatch, int64_t maxSequence) {
  if (role != DimRole::tokens)
    return role == DimRole::batch ? maxBatch : maxSequence;
  const std::optional<int64_t> tokens = checkedMultiply(maxBatch, maxSequence);
  if (!tokens || *tokens > maxJsonInteger)
    return limitError("a batch of " + llvm::Twine(maxBatch) + " times a sequence of " + llvm::Twine(maxSequence) +
                      " is above 2^53; lower --max-batch or --max-seq");
  return *tokens;
}

}  // namespace switchyard
