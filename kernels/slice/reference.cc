// slice: ONNX Slice by bounds, axes and steps that are values of the run.
#include "kernels/common/gathered_copy.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/table.h"

#include <algorithm>
#include <cinttypes>

namespace switchyard::kernels {
namespace {

/// Fills in what is absent: all axes in order, steps of 1.
Status readSlice(const Call &call, int rank, Integers &starts, Integers &ends, Integers &axes, Integers &steps) {
  SWITCHYARD_CHECK(readIntegers(call, call.tensors[1], "starts", maxRank, starts));
  SWITCHYARD_CHECK(readIntegers(call, call.tensors[2], "ends", maxRank, ends));
  SWITCHYARD_CHECK(readIntegers(call, call.tensors[3], "axes", maxRank, axes));
  SWITCHYARD_CHECK(readIntegers(call, call.tensors[4], "steps", maxRank, steps));
  for (; call.tensors[3].absent() && axes.count < starts.count; ++axes.count)
    axes.values[axes.count] = axes.count;
  for (; call.tensors[4].absent() && steps.count < starts.count; ++steps.count)
    steps.values[steps.count] = 1;
  if (ends.count != starts.count || axes.count != starts.count || steps.count != starts.count)
    return fail(call, Status::badData, "there are %d starts, %d ends, %d axes and %d steps", starts.count, ends.count, axes.count, steps.count);
  return normalizeAxes(call, "axes", rank, axes);
}

}  // namespace

Status reference_slice(const Call &call) {
  const Tensor &x = call.tensors[0], &out = call.tensors[5];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, -1));
  Integers starts, ends, axes, steps;
  SWITCHYARD_CHECK(readSlice(call, x.rank, starts, ends, axes, steps));
  int64_t begin[maxRank] = {}, step[maxRank], asked[maxRank];
  for (int d = 0; d < x.rank; ++d) {
    step[d] = 1;
    asked[d] = x.sizes[d];
  }
  for (int i = 0; i < starts.count; ++i) {
    int64_t d = axes[i], size = x.sizes[d], stride = steps[i];
    if (stride == 0 || stride == INT64_MIN)
      return fail(call, Status::badData, "the step of axis %" PRId64 " is %" PRId64, d, stride);
    // Counted from the end where negative; what then lies outside is moved to the nearest end.
    auto clamp = [&](int64_t bound, int64_t low, int64_t high) {
      return std::max(low, std::min(high, bound >= 0 ? bound : bound < -size ? int64_t{-1} : bound + size));
    };
    int64_t first = stride > 0 ? clamp(starts[i], 0, size) : clamp(starts[i], 0, std::max<int64_t>(size - 1, 0));
    int64_t last = stride > 0 ? clamp(ends[i], 0, size) : clamp(ends[i], -1, size - 1);
    int64_t length = stride > 0 ? last - first : first - last, by = stride > 0 ? stride : -stride;
    begin[d] = first;
    step[d] = stride;
    asked[d] = size == 0 || length <= 0 ? 0 : (length - 1) / by + 1;
  }
  SWITCHYARD_CHECK(checkAsked(call, out, x.rank, asked));
  copyGathered(call, x, out, nullptr, [&](int64_t index, int d) { return begin[d] + index * step[d]; });
  return Status::ok;
}

// A copy: nothing to vectorise.
Status fast_slice(const Call &call) { return reference_slice(call); }

}  // namespace switchyard::kernels
