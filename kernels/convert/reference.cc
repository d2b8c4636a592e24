// convert: ONNX Cast between all element types. Floats become integers towards zero, the nearest end of the range where they lie outside, and 0
// of NaN; integers wrap. Narrow integers take the low bits of what a wide one would be.
#include "kernels/common/conversion.h"
#include "kernels/common/parallel.h"
#include "kernels/table.h"

namespace switchyard::kernels {

Status reference_convert(const Call &call) {
  const Tensor &x = call.tensors[0], &out = call.tensors[1];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", out.type, x.rank));
  SWITCHYARD_CHECK(checkSameSizes(call, x, "x", out, "out", x.rank));
  bool saturate = call.integers[0] != 0;
  auto mode = static_cast<RoundMode>(call.integers[1]);
  return dispatchLoads(call, x.type, [&](const auto &load) {
    return dispatchStores(call, out.type, saturate, mode, [&](const auto &store) {
      parallelFor(call, elementCount(x, x.rank), [&](int64_t begin, int64_t end, int) {
        for (int64_t i = begin; i < end; ++i)
          store(out, elementOffset(out, out.rank, i), load(x, elementOffset(x, x.rank, i)));
      });
      return Status::ok;
    });
  });
}

// A rare fallback: not vectorised.
Status fast_convert(const Call &call) { return reference_convert(call); }

}  // namespace switchyard::kernels
