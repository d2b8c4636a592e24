// Small integer operands that say, at run time, what an operator does: axes, sizes, bounds. The sizes of its results were laid out before, so
// that a kernel checks them against what the operands ask for.
#ifndef SWITCHYARD_KERNELS_COMMON_RUN_TIME_OPERANDS_H
#define SWITCHYARD_KERNELS_COMMON_RUN_TIME_OPERANDS_H

#include "kernels/common/check.h"

namespace switchyard::kernels {

/// Up to 2 * maxRank integers of an operand.
struct Integers {
  int count = 0;
  int64_t values[2 * maxRank] = {};

  int64_t operator[](int index) const { return values[index]; }
};

/// Reads an operand of i64 or i32 of rank 0 or 1, of at most `most` elements; none where it is absent.
Status readIntegers(const Call &call, const Tensor &tensor, const char *name, int most, Integers &integers);

/// The same for one element.
Status readInteger(const Call &call, const Tensor &tensor, const char *name, int64_t &value);

/// Axes of a tensor of rank `rank`: counted from the end where negative, each once.
Status normalizeAxes(const Call &call, const char *name, int rank, Integers &axes);

/// Fails unless `out` has the sizes that the operands ask for.
Status checkAsked(const Call &call, const Tensor &out, int rank, const int64_t *sizes);

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_COMMON_RUN_TIME_OPERANDS_H
