// rotary_f32: rotates pairs of each head by the angles of its position; products are rounded before they are added.
#ifndef SWITCHYARD_KERNELS_ROTARY_H
#define SWITCHYARD_KERNELS_ROTARY_H

#include "kernels/common/check.h"
#include "kernels/common/indices.h"

namespace switchyard::kernels {

struct Rotary {
  Rows x, cosine, sine, out;
  const Tensor *positions = nullptr;
  int64_t heads = 1;
  bool interleaved = false;
};

/// Also checks every position.
Status readRotary(const Call &call, Rotary &rotary);

/// One head of `size` elements, of which the first 2 * `pairs` are rotated. Pair i is (i * step, i * step + distance).
static inline void rotateHead(const float *x, const float *cosine, const float *sine, int64_t pairs, int64_t size, int64_t step,
                              int64_t distance, float *out) {
  for (int64_t i = 0; i < pairs; ++i) {
    float first = x[i * step], second = x[i * step + distance];
    out[i * step] = first * cosine[i] - second * sine[i];
    out[i * step + distance] = second * cosine[i] + first * sine[i];
  }
  for (int64_t i = 2 * pairs; i < size; ++i)
    out[i] = x[i];
}

/// All heads of one token.
static inline void rotateToken(const Rotary &rotary, int64_t token) {
  const Tensor &positions = *rotary.positions;
  int64_t position = readIndex(positions, elementOffset(positions, 2, token));
  int64_t pairs = rotary.cosine.width, size = rotary.x.width / rotary.heads;
  const float *cosine = rotary.cosine.row(position), *sine = rotary.sine.row(position);
  for (int64_t head = 0; head < rotary.heads; ++head) {
    const float *x = rotary.x.row(token) + head * size;
    float *out = rotary.out.row(token) + head * size;
    if (rotary.interleaved)
      rotateHead(x, cosine, sine, pairs, size, 2, 1, out);
    else
      rotateHead(x, cosine, sine, pairs, size, 1, pairs, out);
  }
}

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_ROTARY_H
