#include "kernels/common/parallel.h"
#include "kernels/rotary/rotary.h"
#include "kernels/table.h"

namespace switchyard::kernels {

Status fast_rotary_f32(const Call &call) {
  Rotary rotary;
  SWITCHYARD_CHECK(readRotary(call, rotary));
  parallelFor(call, rotary.x.count, [&](int64_t begin, int64_t end, int) {
    for (int64_t token = begin; token < end; ++token)
      rotateToken(rotary, token);
  });
  return Status::ok;
}

}  // namespace switchyard::kernels
