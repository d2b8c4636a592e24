// What a named dimension of a program counts, and its limit from the largest batch and the longest sequence. One rule for the compiler,
// which sets the limits, and for the runtime, which may replace them (docs/contracts.md, section 2).
#ifndef SWITCHYARD_RUNTIME_BASE_DIM_ROLE_H
#define SWITCHYARD_RUNTIME_BASE_DIM_ROLE_H

#include "runtime/base/status.h"

#include <cstddef>
#include <cstdint>

namespace switchyard {

/// Of the roles that a dimension has in several inputs the first in this order counts.
enum class DimRole { batch, tokens, sequence };

/// The role of dimension `axis` of an input of `rank` dimensions; `secondIsNumber` tells whether its second dimension is one.
DimRole roleOfAxis(size_t axis, size_t rank, bool secondIsNumber);

/// The limits that hold where the user gives none.
inline constexpr int64_t defaultMaxBatch = 16, defaultMaxSequence = 512;

/// The limit of a dimension; a fault where the tokens are more than the manifest can hold.
Result<int64_t> limitOfRole(DimRole role, int64_t maxBatch, int64_t maxSequence);

}  // namespace switchyard

#endif  // SWITCHYARD_RUNTIME_BASE_DIM_ROLE_H
