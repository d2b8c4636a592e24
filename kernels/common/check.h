// What every kernel needs to refuse a call: messages with values, and checks of shapes.
#ifndef SWITCHYARD_KERNELS_COMMON_CHECK_H
#define SWITCHYARD_KERNELS_COMMON_CHECK_H

#include "kernels/abi.h"

namespace switchyard::kernels {

/// Fills the caller's failure message, printf style, and returns `status`.
[[gnu::format(printf, 3, 4)]] Status fail(const Call &call, Status status, const char *format, ...);

/// Checks that the operand is present, of `type` and `rank` (any rank for -1), has no negative size and contiguous innermost
/// elements.
Status checkOperand(const Call &call, const Tensor &tensor, const char *name, ElementType type, int rank);

/// Checks an f32 operand of rank at least 1, to be seen as rows.
Status checkRows(const Call &call, const Tensor &tensor, const char *name);

/// Checks what checkOperand does but for the innermost stride.
Status checkStrided(const Call &call, const Tensor &tensor, const char *name, ElementType type, int rank);

/// Checks what checkOperand does but for the type.
Status checkLayout(const Call &call, const Tensor &tensor, const char *name, int rank);

/// The same for integers that index: i64 or i32.
Status checkIndices(const Call &call, const Tensor &tensor, const char *name, int rank);

/// Checks that two tensors have equal sizes in their first `rank` dimensions.
Status checkSameSizes(const Call &call, const Tensor &left, const char *leftName, const Tensor &right, const char *rightName, int rank);

/// Checks that a tensor has rank 1, type f32 and `size` elements.
Status checkVector(const Call &call, const Tensor &tensor, const char *name, int64_t size);

}  // namespace switchyard::kernels

/// Leaves the function with the status of `expression` unless it is ok.
#define SWITCHYARD_CHECK(expression)                                                                                                       \
  do {                                                                                                                                     \
    if (::switchyard::kernels::Status status_ = (expression); status_ != ::switchyard::kernels::Status::ok)                                \
      return status_;                                                                                                                      \
  } while (false)

#endif  // SWITCHYARD_KERNELS_COMMON_CHECK_H
