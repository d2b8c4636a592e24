// center_crop_pad: ONNX CenterCropPad to sizes that may be values of the run: the middle of an axis that is too long, zeros around one that is
// too short.
#include "kernels/common/gathered_copy.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/table.h"

#include <algorithm>

namespace switchyard::kernels {

Status reference_center_crop_pad(const Call &call) {
  const Tensor &x = call.tensors[0], &out = call.tensors[3];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, x.rank));
  Integers sizes, axes;
  SWITCHYARD_CHECK(readIntegers(call, call.tensors[1], "the sizes", maxRank, sizes));
  SWITCHYARD_CHECK(readIntegers(call, call.tensors[2], "axes", maxRank, axes));
  for (; call.tensors[2].absent() && axes.count < x.rank; ++axes.count)
    axes.values[axes.count] = axes.count;
  SWITCHYARD_CHECK(normalizeAxes(call, "axes", x.rank, axes));
  if (sizes.count != axes.count)
    return fail(call, Status::badData, "there are %d sizes for %d axes", sizes.count, axes.count);
  int64_t asked[maxRank], shift[maxRank] = {};
  std::copy_n(x.sizes, x.rank, asked);
  for (int i = 0; i < axes.count; ++i)
    asked[axes[i]] = sizes[i];
  SWITCHYARD_CHECK(checkAsked(call, out, x.rank, asked));
  for (int d = 0; d < x.rank; ++d)
    shift[d] = asked[d] < x.sizes[d] ? (x.sizes[d] - asked[d]) / 2 : -((asked[d] - x.sizes[d]) / 2);
  copyGathered(call, x, out, nullptr, [&](int64_t index, int d) {
    int64_t position = index + shift[d];
    return position < x.sizes[d] ? position : int64_t{-1};
  });
  return Status::ok;
}

// A copy: nothing to vectorise.
Status fast_center_crop_pad(const Call &call) { return reference_center_crop_pad(call); }

}  // namespace switchyard::kernels
