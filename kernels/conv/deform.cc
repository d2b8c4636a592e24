// deform_conv: ONNX DeformConv over images: a convolution whose positions are moved by `offset` and weighted by `mask`, each sampled between
// four elements, zero outside. One fma chain an element of the result, from +0: channels ascending, then the positions of the kernel.
#include "kernels/common/elements.h"
#include "kernels/common/parallel.h"
#include "kernels/common/window.h"
#include "kernels/table.h"

#include <cinttypes>
#include <cmath>

namespace switchyard::kernels {
namespace {

struct Deform {
  const Tensor *x = nullptr, *weight = nullptr, *offset = nullptr, *bias = nullptr, *mask = nullptr, *out = nullptr;
  Window window;
  int64_t channels = 0, filters = 0, channelsPerOffset = 1;  // channels and filters of one group
};

/// The plane at a point, or zero outside.
template <typename T> typename Element<T>::Value sample(const Tensor &x, int64_t plane, typename Element<T>::Value y, typename Element<T>::Value z) {
  using Value = typename Element<T>::Value;
  if (!(y > -1 && z > -1 && y < static_cast<Value>(x.sizes[2]) && z < static_cast<Value>(x.sizes[3])))
    return 0;
  Value top = std::floor(y), left = std::floor(z), sum = 0;
  for (int corner = 0; corner < 4; ++corner) {
    int64_t row = static_cast<int64_t>(top) + corner / 2, column = static_cast<int64_t>(left) + corner % 2;
    if (row < 0 || column < 0 || row >= x.sizes[2] || column >= x.sizes[3])
      continue;
    Value down = y - top, across = z - left, factor = (corner / 2 ? down : 1 - down) * (corner % 2 ? across : 1 - across);
    sum = fuse(factor, Element<T>::load(x.as<T>()[plane + row * x.strides[2] + column * x.strides[3]]), sum);
  }
  return sum;
}

template <typename T> typename Element<T>::Value sumElement(const Deform &deform, const int64_t *at) {
  using Value = typename Element<T>::Value;
  const Tensor &x = *deform.x, &weight = *deform.weight, &offset = *deform.offset, &mask = *deform.mask;
  const Window &window = deform.window;
  Value sum = 0;
  for (int64_t c = 0; c < deform.channels; ++c) {
    int64_t channel = at[1] / deform.filters * deform.channels + c, group = channel / deform.channelsPerOffset;
    for (int64_t k = 0; k < window.positions; ++k) {
      int64_t row = k / window.kernel[1], column = k % window.kernel[1];
      auto shift = [&](int64_t which) {
        int64_t place = (group * window.positions + k) * 2 + which;
        return Element<T>::load(
            offset.as<T>()[at[0] * offset.strides[0] + place * offset.strides[1] + at[2] * offset.strides[2] + at[3] * offset.strides[3]]);
      };
      Value y = static_cast<Value>(at[2] * window.strides[0] - window.before[0] + row * window.dilations[0]) + shift(0);
      Value z = static_cast<Value>(at[3] * window.strides[1] - window.before[1] + column * window.dilations[1]) + shift(1);
      Value value = sample<T>(x, at[0] * x.strides[0] + channel * x.strides[1], y, z);
      if (!mask.absent())
        value *= Element<T>::load(mask.as<T>()[at[0] * mask.strides[0] + (group * window.positions + k) * mask.strides[1] + at[2] * mask.strides[2] +
                                               at[3] * mask.strides[3]]);
      sum = fuse(Element<T>::load(weight.as<T>()[at[1] * weight.strides[0] + c * weight.strides[1] + row * weight.strides[2] + column * weight.strides[3]]),
                 value, sum);
    }
  }
  return deform.bias->absent() ? sum : sum + Element<T>::load(deform.bias->as<T>()[at[1] * deform.bias->strides[0]]);
}

Status checkPlaces(const Call &call, const Tensor &tensor, const char *name, const Tensor &out, int64_t places) {
  SWITCHYARD_CHECK(checkStrided(call, tensor, name, out.type, 4));
  if (tensor.sizes[0] != out.sizes[0] || tensor.sizes[1] != places || tensor.sizes[2] != out.sizes[2] || tensor.sizes[3] != out.sizes[3])
    return fail(call, Status::badShape, "operand '%s' does not hold %" PRId64 " numbers for each place", name, places);
  return Status::ok;
}

Status readDeform(const Call &call, Deform &deform) {
  const Tensor &x = call.tensors[0], &weight = call.tensors[1], &offset = call.tensors[2], &bias = call.tensors[3], &mask = call.tensors[4],
               &out = call.tensors[6];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, 4));
  SWITCHYARD_CHECK(checkStrided(call, weight, "weight", x.type, 4));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, 4));
  int64_t group = call.integers[0], offsets = call.integers[1];
  if (group < 1 || offsets < 1 || weight.sizes[0] % group != 0 || x.sizes[1] != weight.sizes[1] * group || x.sizes[1] % offsets != 0 ||
      out.sizes[0] != x.sizes[0] || out.sizes[1] != weight.sizes[0])
    return fail(call, Status::badShape, "%" PRId64 " groups and %" PRId64 " groups of offsets do not fit %" PRId64 " channels", group, offsets, x.sizes[1]);
  SWITCHYARD_CHECK(readWindow(call, call.tensors[5], AutoPad::stated, x, out, deform.window));
  int64_t places = offsets * deform.window.positions;
  SWITCHYARD_CHECK(checkPlaces(call, offset, "offset", out, 2 * places));
  if (!mask.absent())
    SWITCHYARD_CHECK(checkPlaces(call, mask, "mask", out, places));
  if (!bias.absent())
    SWITCHYARD_CHECK(checkStrided(call, bias, "bias", x.type, 1));
  if ((!bias.absent() && bias.sizes[0] != out.sizes[1]) || deform.window.kernel[0] != weight.sizes[2] || deform.window.kernel[1] != weight.sizes[3])
    return fail(call, Status::badShape, "the bias or the kernel do not fit %" PRId64 " filters", out.sizes[1]);
  deform.x = &x, deform.weight = &weight, deform.offset = &offset, deform.bias = &bias, deform.mask = &mask, deform.out = &out;
  deform.channels = weight.sizes[1];
  deform.filters = weight.sizes[0] / group;
  deform.channelsPerOffset = x.sizes[1] / offsets;
  return Status::ok;
}

}  // namespace

Status reference_deform_conv(const Call &call) {
  Deform deform;
  SWITCHYARD_CHECK(readDeform(call, deform));
  return dispatchFloats(call, deform.x->type, [&]<typename T>() {
    parallelFor(call, elementCount(*deform.out, 4), [&](int64_t begin, int64_t end, int) {
      int64_t at[maxRank];
      for (int64_t i = begin; i < end; ++i) {
        positionOf(deform.out->sizes, 4, i, at);
        storeElement<T>(*deform.out, i, sumElement<T>(deform, at));
      }
    });
    return Status::ok;
  });
}

// Scattered elements: nothing to vectorise.
Status fast_deform_conv(const Call &call) { return reference_deform_conv(call); }

}  // namespace switchyard::kernels
