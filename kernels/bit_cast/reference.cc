// bit_cast: ONNX BitCast, the bits of each element as they are.
#include "kernels/common/gathered_copy.h"
#include "kernels/common/check.h"
#include "kernels/table.h"

namespace switchyard::kernels {

Status reference_bit_cast(const Call &call) {
  const Tensor &x = call.tensors[0], &out = call.tensors[1];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", out.type, x.rank));
  SWITCHYARD_CHECK(checkSameSizes(call, x, "x", out, "out", x.rank));
  if (elementSize(x.type) != elementSize(out.type) || out.type == ElementType::boolean)
    return fail(call, Status::badShape, "elements of type %d have no bits of type %d", static_cast<int>(x.type), static_cast<int>(out.type));
  copyGathered(call, x, out, nullptr, [](int64_t index, int) { return index; });
  return Status::ok;
}

Status fast_bit_cast(const Call &call) { return reference_bit_cast(call); }

}  // namespace switchyard::kernels
