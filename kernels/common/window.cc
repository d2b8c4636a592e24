#include "kernels/common/window.h"

#include "kernels/common/rows.h"

#include <algorithm>
#include <cinttypes>

namespace switchyard::kernels {

/// Larger numbers could overflow a sum of products.
static constexpr int64_t largest = int64_t{1} << 31;

static Status readNumbers(const Call &call, const Tensor &geometry, Window &window) {
  int64_t *const lists[] = {window.kernel, window.strides, window.dilations, window.before, window.after};
  for (int list = 0; list < 5; ++list)
    for (int d = 0; d < window.rank; ++d) {
      int64_t number = geometry.as<int64_t>()[list * window.rank + d];
      if (number > largest || number < (list < 3 ? 1 : -largest))
        return fail(call, Status::badShape, "number %" PRId64 " of spatial dimension %d is out of range", number, d);
      lists[list][d] = number;
    }
  return Status::ok;
}

Status readWindow(const Call &call, const Tensor &geometry, AutoPad autoPad, const Tensor &under, const Tensor &out, Window &window) {
  SWITCHYARD_CHECK(checkOperand(call, geometry, "geometry", ElementType::i64, 1));
  window.rank = under.rank - 2;
  if (window.rank < 0 || geometry.sizes[0] != 5 * window.rank)
    return fail(call, Status::badShape, "the geometry holds %" PRId64 " numbers for %d spatial dimensions", geometry.sizes[0], window.rank);
  SWITCHYARD_CHECK(readNumbers(call, geometry, window));
  for (int d = 0; d < window.rank; ++d) {
    window.sizes[d] = under.sizes[d + 2];
    if (__builtin_mul_overflow(window.positions, window.kernel[d], &window.positions))
      return fail(call, Status::badShape, "64 bits do not hold the positions of the window");
    if (autoPad == AutoPad::stated)
      continue;
    int64_t covered = (out.sizes[d + 2] - 1) * window.strides[d] + (window.kernel[d] - 1) * window.dilations[d] + 1;
    int64_t padding = std::max<int64_t>(covered - window.sizes[d], 0);
    window.before[d] = autoPad == AutoPad::upper ? padding / 2 : padding - padding / 2;
    window.after[d] = padding - window.before[d];
  }
  return Status::ok;
}

}  // namespace switchyard::kernels
