// integer_conv: ONNX ConvInteger and QLinearConv over any number of spatial dimensions, in groups: products of bytes less their zero points, summed
// in i32, where sums wrap, so that their order does not matter. Padding is the zero point. With scales the sum and the bias are rounded to bytes.
#include "kernels/common/integer_matmul.h"
#include "kernels/common/window.h"
#include "kernels/table.h"

namespace switchyard::kernels {
namespace {

struct IntegerConv {
  const Tensor *x = nullptr, *weight = nullptr, *xZero = nullptr, *weightZero = nullptr, *bias = nullptr, *xScale = nullptr, *weightScale = nullptr,
               *scale = nullptr, *zero = nullptr, *out = nullptr;
  Window window;
  int64_t channels = 0, filters = 0;  // of one group
};

int32_t loadByte(const Tensor &tensor, int64_t offset) {
  return tensor.type == ElementType::i8 ? int32_t(tensor.as<int8_t>()[offset]) : int32_t(tensor.as<uint8_t>()[offset]);
}

int32_t zeroOf(const Tensor &zero, int64_t filter) { return zero.absent() ? 0 : loadByte(zero, IntegerMatmul::parameterOffset(zero, filter)); }

int32_t sumElement(const IntegerConv &conv, const int64_t *at) {
  const Tensor &x = *conv.x, &weight = *conv.weight;
  int64_t filter = at[1], firstChannel = filter / conv.filters * conv.channels;
  int32_t xZero = zeroOf(*conv.xZero, 0), weightZero = zeroOf(*conv.weightZero, filter);
  uint32_t sum = 0;
  for (int64_t c = 0; c < conv.channels; ++c)
    for (int64_t k = 0; k < conv.window.positions; ++k) {
      int64_t offset;
      if (!locate(conv.window, at + 2, k, x.strides + 2, offset))
        continue;
      int64_t position = stridedOffset(conv.window.kernel, weight.strides + 2, conv.window.rank, k);
      int32_t element = loadByte(x, at[0] * x.strides[0] + (firstChannel + c) * x.strides[1] + offset);
      int32_t factor = loadByte(weight, filter * weight.strides[0] + c * weight.strides[1] + position);
      sum += static_cast<uint32_t>((element - xZero) * (factor - weightZero));
    }
  if (!conv.bias->absent())
    sum += static_cast<uint32_t>(conv.bias->as<int32_t>()[filter * conv.bias->strides[0]]);
  return static_cast<int32_t>(sum);
}

Status readConv(const Call &call, IntegerConv &conv) {
  const Tensor &x = *conv.x, &weight = *conv.weight, &out = *conv.out;
  auto isByte = [](ElementType type) { return type == ElementType::i8 || type == ElementType::u8; };
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, weight, "weight", weight.type, x.rank));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", conv.scale->absent() ? ElementType::i32 : out.type, x.rank));
  if (!isByte(x.type) || !isByte(weight.type) || (!conv.scale->absent() && !isByte(out.type)))
    return fail(call, Status::badShape, "x, weight and a rounded result must be i8 or u8");
  int64_t group = call.integers[0];
  if (x.rank < 3 || group < 1 || weight.sizes[0] % group != 0 || x.sizes[1] != weight.sizes[1] * group || out.sizes[0] != x.sizes[0] ||
      out.sizes[1] != weight.sizes[0])
    return fail(call, Status::badShape, "%" PRId64 " groups do not fit the channels of x, weight and out", group);
  SWITCHYARD_CHECK(readWindow(call, call.tensors[9], static_cast<AutoPad>(call.integers[1]), x, out, conv.window));
  for (int d = 0; d < conv.window.rank; ++d)
    if (conv.window.kernel[d] != weight.sizes[d + 2])
      return fail(call, Status::badShape, "the kernel has size %" PRId64 " in spatial dimension %d, the weight %" PRId64, conv.window.kernel[d], d,
                  weight.sizes[d + 2]);
  conv.channels = weight.sizes[1];
  conv.filters = weight.sizes[0] / group;
  return Status::ok;
}

Status readParameters(const Call &call, const IntegerConv &conv) {
  int64_t filters = conv.weight->sizes[0];
  SWITCHYARD_CHECK(IntegerMatmul::checkParameter(call, *conv.xZero, "x_zero_point", conv.x->type, 1));
  SWITCHYARD_CHECK(IntegerMatmul::checkParameter(call, *conv.weightZero, "weight_zero_point", conv.weight->type, filters));
  if (!conv.bias->absent())
    SWITCHYARD_CHECK(checkStrided(call, *conv.bias, "bias", ElementType::i32, 1));
  if (!conv.bias->absent() && conv.bias->sizes[0] != filters)
    return fail(call, Status::badShape, "the bias has %" PRId64 " elements for %" PRId64 " filters", conv.bias->sizes[0], filters);
  if (conv.scale->absent())
    return Status::ok;
  for (const Tensor *scale : {conv.xScale, conv.weightScale, conv.scale})
    SWITCHYARD_CHECK(checkScale(call, *scale));
  SWITCHYARD_CHECK(IntegerMatmul::checkParameter(call, *conv.xScale, "x_scale", conv.xScale->type, 1));
  SWITCHYARD_CHECK(IntegerMatmul::checkParameter(call, *conv.weightScale, "weight_scale", conv.weightScale->type, filters));
  SWITCHYARD_CHECK(IntegerMatmul::checkParameter(call, *conv.scale, "scale", conv.scale->type, 1));
  if (conv.zero->absent())
    return fail(call, Status::badShape, "operand 'zero_point' is missing");
  return IntegerMatmul::checkParameter(call, *conv.zero, "zero_point", conv.out->type, 1);
}

/// round(sum * x_scale * weight_scale / scale) + zero point, cut to the range of the result.
uint8_t roundToByte(const IntegerConv &conv, int32_t sum, int64_t filter) {
  double low = 0, high = 0;
  rangeOf(conv.out->type, low, high);
  float factor = loadScale(*conv.xScale, 0) * loadScale(*conv.weightScale, IntegerMatmul::parameterOffset(*conv.weightScale, filter));
  double quotient = static_cast<double>(sum) * static_cast<double>(factor / loadScale(*conv.scale, 0));
  return static_cast<uint8_t>(static_cast<int>(quantizeToRange(quotient, loadZeroPoint(*conv.zero, 0), low, high)));
}

}  // namespace

Status reference_integer_conv(const Call &call) {
  const Tensor *t = call.tensors;
  IntegerConv conv{&t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7], &t[8], &t[10], {}};
  SWITCHYARD_CHECK(readConv(call, conv));
  SWITCHYARD_CHECK(readParameters(call, conv));
  const Tensor &out = *conv.out;
  parallelFor(call, elementCount(out, out.rank), [&](int64_t begin, int64_t end, int) {
    int64_t at[maxRank];
    for (int64_t i = begin; i < end; ++i) {
      positionOf(out.sizes, out.rank, i, at);
      int32_t sum = sumElement(conv, at);
      int64_t to = offsetAt(out.strides, out.rank, at);
      if (conv.scale->absent())
        out.as<int32_t>()[to] = sum;
      else
        out.as<uint8_t>()[to] = roundToByte(conv, sum, at[1]);
    }
  });
  return Status::ok;
}

// Scattered bytes: nothing to vectorise.
Status fast_integer_conv(const Call &call) { return reference_integer_conv(call); }

}  // namespace switchyard::kernels
