// conv: ONNX Conv over any number of spatial dimensions, in groups. One fma chain an element of the result, from +0: channels ascending, then
// the positions of the kernel in row-major order, without those in the padding; then the bias.
#ifndef SWITCHYARD_KERNELS_CONV_H
#define SWITCHYARD_KERNELS_CONV_H

#include "kernels/common/elements.h"
#include "kernels/common/parallel.h"
#include "kernels/common/window.h"

#include <algorithm>

namespace switchyard::kernels {

struct Conv {
  const Tensor *x = nullptr, *weight = nullptr, *bias = nullptr, *out = nullptr;
  Window window;
  int64_t channels = 0, filters = 0;  // of one group
};

Status readConv(const Call &call, Conv &conv);

/// Columns of a line of the result that are summed at once.
inline constexpr int64_t convColumns = 64;

/// sums += weight * x over the columns [begin, begin + count) of a line; `step` and `offset` in elements of the line of x.
template <typename T, typename Value>
static inline void addColumns(Value *sums, Value weight, const T *line, int64_t stride, int64_t size, int64_t step, int64_t offset, int64_t begin,
                              int64_t count) {
  // The columns under which x has an element: 0 <= column * step + offset < size.
  int64_t first = offset >= 0 ? 0 : (step - 1 - offset) / step, end = offset >= size ? 0 : (size - 1 - offset) / step + 1;
  int64_t low = std::clamp<int64_t>(first - begin, 0, count), high = std::clamp<int64_t>(end - begin, low, count);
  const T *from = line + ((begin + low) * step + offset) * stride;
  if (step * stride == 1)
    for (int64_t i = low; i < high; ++i)
      sums[i] = fuse(weight, Element<T>::load(from[i - low]), sums[i]);
  else
    for (int64_t i = low; i < high; ++i)
      sums[i] = fuse(weight, Element<T>::load(from[(i - low) * step * stride]), sums[i]);
}

/// Up to convColumns columns of one line of the result: `at` is the position of the first.
template <typename T> static inline void convolveColumns(const Conv &conv, const int64_t *at, int64_t count) {
  using Value = typename Element<T>::Value;
  const Tensor &x = *conv.x, &weight = *conv.weight;
  const Window &window = conv.window;
  int last = window.rank - 1;
  Value sums[convColumns] = {};
  int64_t filter = at[1], firstChannel = filter / conv.filters * conv.channels;
  for (int64_t c = 0; c < conv.channels; ++c) {
    const T *plane = x.as<T>() + at[0] * x.strides[0] + (firstChannel + c) * x.strides[1];
    const T *weights = weight.as<T>() + filter * weight.strides[0] + c * weight.strides[1];
    for (int64_t k = 0; k < window.positions; ++k) {
      int64_t row = 0, rest = k / window.kernel[last];
      bool inside = true;
      for (int d = last - 1; d >= 0; --d) {
        int64_t index = at[d + 2] * window.strides[d] - window.before[d] + rest % window.kernel[d] * window.dilations[d];
        inside &= index >= 0 && index < window.sizes[d];
        row += index * x.strides[d + 2];
        rest /= window.kernel[d];
      }
      if (!inside)
        continue;
      int64_t offset = k % window.kernel[last] * window.dilations[last] - window.before[last];
      Value factor = Element<T>::load(weights[stridedOffset(window.kernel, weight.strides + 2, window.rank, k)]);
      addColumns(sums, factor, plane + row, x.strides[last + 2], window.sizes[last], window.strides[last], offset, at[last + 2], count);
    }
  }
  Value bias = conv.bias->absent() ? Value(0) : Element<T>::load(conv.bias->as<T>()[filter * conv.bias->strides[0]]);
  T *to = conv.out->as<T>() + offsetAt(conv.out->strides, conv.out->rank, at);
  for (int64_t i = 0; i < count; ++i)
    to[i * conv.out->strides[last + 2]] = Element<T>::store(conv.bias->absent() ? sums[i] : sums[i] + bias);
}

static inline Status runConv(const Call &call) {
  Conv conv;
  SWITCHYARD_CHECK(readConv(call, conv));
  const Tensor &out = *conv.out;
  int64_t width = out.sizes[out.rank - 1];
  return dispatchFloats(call, out.type, [&]<typename T>() {
    parallelFor(call, elementCount(out, out.rank - 1), [&](int64_t begin, int64_t end, int) {
      int64_t at[maxRank];
      for (int64_t line = begin; line < end; ++line) {
        positionOf(out.sizes, out.rank - 1, line, at);
        for (at[out.rank - 1] = 0; at[out.rank - 1] < width; at[out.rank - 1] += convColumns)
          convolveColumns<T>(conv, at, std::min(convColumns, width - at[out.rank - 1]));
      }
    });
    return Status::ok;
  });
}

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_CONV_H
