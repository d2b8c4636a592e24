// conv_transpose: ONNX ConvTranspose over any number of spatial dimensions, in groups. One fma chain an element of the result, from +0: the
// channels of its group ascending, then the positions of the kernel in row-major order that an element of x reaches it by; then the bias.
#include "kernels/common/elements.h"
#include "kernels/common/parallel.h"
#include "kernels/common/window.h"
#include "kernels/table.h"

#include <algorithm>
#include <cinttypes>

namespace switchyard::kernels {
namespace {

struct Transpose {
  const Tensor *x = nullptr, *weight = nullptr, *bias = nullptr, *out = nullptr;
  Window window;
  int64_t channels = 0, filters = 0;  // of one group
};

/// Offset of the element of x that position `k` of the kernel carries to `at`; false where there is none.
bool findSource(const Transpose &transpose, const int64_t *at, int64_t k, int64_t &offset) {
  const Window &window = transpose.window;
  offset = 0;
  for (int d = window.rank - 1; d >= 0; --d) {
    int64_t scaled = at[d] + window.before[d] - k % window.kernel[d] * window.dilations[d];
    if (scaled < 0 || scaled % window.strides[d] != 0 || scaled / window.strides[d] >= window.sizes[d])
      return false;
    offset += scaled / window.strides[d] * transpose.x->strides[d + 2];
    k /= window.kernel[d];
  }
  return true;
}

template <typename T> typename Element<T>::Value sumElement(const Transpose &transpose, const int64_t *at) {
  using Value = typename Element<T>::Value;
  const Tensor &x = *transpose.x, &weight = *transpose.weight;
  int64_t filter = at[1] % transpose.filters, firstChannel = at[1] / transpose.filters * transpose.channels;
  Value sum = 0;
  for (int64_t c = firstChannel; c < firstChannel + transpose.channels; ++c)
    for (int64_t k = 0; k < transpose.window.positions; ++k) {
      int64_t offset;
      if (!findSource(transpose, at + 2, k, offset))
        continue;
      int64_t position = stridedOffset(transpose.window.kernel, weight.strides + 2, transpose.window.rank, k);
      sum = fuse(Element<T>::load(weight.as<T>()[c * weight.strides[0] + filter * weight.strides[1] + position]),
                 Element<T>::load(x.as<T>()[at[0] * x.strides[0] + c * x.strides[1] + offset]), sum);
    }
  return transpose.bias->absent() ? sum : sum + Element<T>::load(transpose.bias->as<T>()[at[1] * transpose.bias->strides[0]]);
}

/// The pads behind x stand for what `output_padding` adds; they count only where the halves are chosen by the sizes.
void choosePads(const Tensor &out, AutoPad autoPad, Window &window) {
  for (int d = 0; autoPad != AutoPad::stated && d < window.rank; ++d) {
    int64_t full = (window.sizes[d] - 1) * window.strides[d] + (window.kernel[d] - 1) * window.dilations[d] + 1 + window.after[d];
    int64_t padding = std::max<int64_t>(full - out.sizes[d + 2], 0);
    window.before[d] = autoPad == AutoPad::upper ? padding / 2 : padding - padding / 2;
  }
}

Status readTranspose(const Call &call, Transpose &transpose) {
  const Tensor &x = call.tensors[0], &weight = call.tensors[1], &bias = call.tensors[2], &out = call.tensors[4];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, weight, "weight", x.type, x.rank));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, x.rank));
  int64_t group = call.integers[0];
  if (x.rank < 3 || group < 1 || x.sizes[1] % group != 0 || weight.sizes[0] != x.sizes[1] || out.sizes[0] != x.sizes[0] ||
      out.sizes[1] != weight.sizes[1] * group)
    return fail(call, Status::badShape, "%" PRId64 " groups do not fit the channels of x, weight and out", group);
  if (!bias.absent()) {
    SWITCHYARD_CHECK(checkStrided(call, bias, "bias", x.type, 1));
    if (bias.sizes[0] != out.sizes[1])
      return fail(call, Status::badShape, "the bias has %" PRId64 " elements for %" PRId64 " filters", bias.sizes[0], out.sizes[1]);
  }
  SWITCHYARD_CHECK(readWindow(call, call.tensors[3], AutoPad::stated, x, out, transpose.window));
  choosePads(out, static_cast<AutoPad>(call.integers[1]), transpose.window);
  for (int d = 0; d < transpose.window.rank; ++d)
    if (transpose.window.kernel[d] != weight.sizes[d + 2])
      return fail(call, Status::badShape, "the kernel has size %" PRId64 " in spatial dimension %d, the weight %" PRId64, transpose.window.kernel[d],
                  d, weight.sizes[d + 2]);
  transpose.x = &x;
  transpose.weight = &weight;
  transpose.bias = &bias;
  transpose.out = &out;
  transpose.channels = x.sizes[1] / group;
  transpose.filters = weight.sizes[1];
  return Status::ok;
}

}  // namespace

Status reference_conv_transpose(const Call &call) {
  Transpose transpose;
  SWITCHYARD_CHECK(readTranspose(call, transpose));
  const Tensor &out = *transpose.out;
  return dispatchFloats(call, out.type, [&]<typename T>() {
    parallelFor(call, elementCount(out, out.rank), [&](int64_t begin, int64_t end, int) {
      int64_t at[maxRank];
      for (int64_t i = begin; i < end; ++i) {
        positionOf(out.sizes, out.rank, i, at);
        storeElement<T>(out, i, sumElement<T>(transpose, at));
      }
    });
    return Status::ok;
  });
}

// Scattered elements: nothing to vectorise.
Status fast_conv_transpose(const Call &call) { return reference_conv_transpose(call); }

}  // namespace switchyard::kernels
