// pad: ONNX Pad, in all modes; pads, value and axes may be values of the run. Negative pads cut.
#include "kernels/common/gathered_copy.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/layout/operators.h"
#include "kernels/table.h"

#include <algorithm>
#include <cinttypes>

namespace switchyard::kernels {
namespace {

/// The position in [0, size) that `index`, counted from the first element, stands for; -1 where it is filled.
int64_t mirror(PadMode mode, int64_t index, int64_t size) {
  if (index >= 0 && index < size)
    return index;
  if (mode == PadMode::constant)
    return -1;
  if (mode == PadMode::edge)
    return index < 0 ? 0 : size - 1;
  int64_t period = mode == PadMode::wrap ? size : std::max<int64_t>(2 * (size - 1), 1);
  int64_t inside = (index % period + period) % period;
  return inside < size ? inside : period - inside;
}

}  // namespace

Status reference_pad(const Call &call) {
  const Tensor &x = call.tensors[0], &value = call.tensors[2], &out = call.tensors[4];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, -1));
  auto mode = static_cast<PadMode>(call.integers[0]);
  Integers pads, axes;
  SWITCHYARD_CHECK(readIntegers(call, call.tensors[1], "the pads", 2 * maxRank, pads));
  SWITCHYARD_CHECK(readIntegers(call, call.tensors[3], "axes", maxRank, axes));
  for (; call.tensors[3].absent() && axes.count < x.rank; ++axes.count)
    axes.values[axes.count] = axes.count;
  SWITCHYARD_CHECK(normalizeAxes(call, "axes", x.rank, axes));
  if (pads.count != 2 * axes.count)
    return fail(call, Status::badData, "there are %d pads for %d axes", pads.count, axes.count);
  if (!value.absent() && (value.type != x.type || elementCount(value, value.rank) != 1))
    return fail(call, Status::badData, "the value must be one element of the type of x");
  int64_t before[maxRank] = {}, asked[maxRank];
  for (int d = 0; d < x.rank; ++d)
    asked[d] = x.sizes[d];
  for (int i = 0; i < axes.count; ++i) {
    int64_t d = axes[i], last;  // counted from the first element of x
    before[d] = pads[i];
    bool fits = !__builtin_add_overflow(asked[d], pads[i], &asked[d]) && !__builtin_add_overflow(asked[d], pads[i + axes.count], &asked[d]) &&
                !__builtin_sub_overflow(asked[d], before[d], &last);
    if (!fits || asked[d] < 0 || (x.sizes[d] == 0 && mode != PadMode::constant && asked[d] > 0))
      return fail(call, Status::badData, "pads %" PRId64 " and %" PRId64 " do not fit axis %" PRId64 " of size %" PRId64, pads[i],
                  pads[i + axes.count], d, x.sizes[d]);
  }
  SWITCHYARD_CHECK(checkAsked(call, out, x.rank, asked));
  copyGathered(call, x, out, value.absent() ? nullptr : value.data, [&](int64_t index, int d) { return mirror(mode, index - before[d], x.sizes[d]); });
  return Status::ok;
}

// A copy: nothing to vectorise.
Status fast_pad(const Call &call) { return reference_pad(call); }

}  // namespace switchyard::kernels
