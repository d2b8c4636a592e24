#include "kernels/common/parallel.h"
#include "kernels/rotary/rotary.h"
#include "kernels/table.h"

#include <cinttypes>

namespace switchyard::kernels {

Status readRotary(const Call &call, Rotary &rotary) {
  const Tensor &x = call.tensors[0], &positions = call.tensors[1], &cosine = call.tensors[2], &sine = call.tensors[3],
               &out = call.tensors[4];
  SWITCHYARD_CHECK(checkOperand(call, x, "x", ElementType::f32, 3));
  SWITCHYARD_CHECK(checkIndices(call, positions, "positions", 2));
  SWITCHYARD_CHECK(checkSameSizes(call, x, "x", positions, "positions", 2));
  SWITCHYARD_CHECK(checkOperand(call, cosine, "cosine", ElementType::f32, 2));
  SWITCHYARD_CHECK(checkOperand(call, sine, "sine", ElementType::f32, 2));
  SWITCHYARD_CHECK(checkSameSizes(call, cosine, "cosine", sine, "sine", 2));
  SWITCHYARD_CHECK(checkOperand(call, out, "out", ElementType::f32, 3));
  SWITCHYARD_CHECK(checkSameSizes(call, x, "x", out, "out", 3));
  rotary = {Rows(x), Rows(cosine), Rows(sine), Rows(out), &positions, call.integers[0], call.integers[1] != 0};
  if (rotary.heads < 1 || rotary.x.width % rotary.heads != 0 || 2 * rotary.cosine.width > rotary.x.width / rotary.heads)
    return fail(call, Status::badShape, "%" PRId64 " heads of %" PRId64 " columns cannot be rotated by %" PRId64 " angles", rotary.heads,
                rotary.x.width, rotary.cosine.width);
  for (int64_t i = 0; i < rotary.x.count; ++i) {
    int64_t position = readIndex(positions, elementOffset(positions, 2, i));
    if (position < 0 || position >= rotary.cosine.count)
      return fail(call, Status::badData, "position %" PRId64 " of token %" PRId64 " is outside the rotary cache of %" PRId64 " rows",
                  position, i, rotary.cosine.count);
  }
  return Status::ok;
}

Status reference_rotary_f32(const Call &call) {
  Rotary rotary;
  SWITCHYARD_CHECK(readRotary(call, rotary));
  parallelFor(call, rotary.x.count, [&](int64_t begin, int64_t end, int) {
    for (int64_t token = begin; token < end; ++token)
      rotateToken(rotary, token);
  });
  return Status::ok;
}

}  // namespace switchyard::kernels
