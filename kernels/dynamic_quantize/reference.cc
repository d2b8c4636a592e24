// dynamic_quantize: ONNX DynamicQuantizeLinear, the range of x and 0 onto 0 … 255. NaN is left aside when the range is taken.
#include "kernels/common/parallel.h"
#include "kernels/common/quantization.h"
#include "kernels/table.h"

namespace switchyard::kernels {

Status reference_dynamic_quantize(const Call &call) {
  const Tensor &x = call.tensors[0], &out = call.tensors[1], &scaleOut = call.tensors[2], &zeroOut = call.tensors[3];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", ElementType::f32, -1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", ElementType::u8, x.rank));
  SWITCHYARD_CHECK(checkSameSizes(call, x, "x", out, "out", x.rank));
  SWITCHYARD_CHECK(checkStrided(call, scaleOut, "scale", ElementType::f32, 0));
  SWITCHYARD_CHECK(checkStrided(call, zeroOut, "zero_point", ElementType::u8, 0));
  int64_t count = elementCount(x, x.rank);
  float low = 0, high = 0;
  for (int64_t i = 0; i < count; ++i) {
    float value = loadElement<float>(x, i);
    low = value < low ? value : low;
    high = value > high ? value : high;
  }
  float scale = (low == high ? 1.0f : high - low) / 255.0f;
  double zero = quantizeToRange(static_cast<double>((0.0f - low) / scale), 0.0, 0.0, 255.0);
  *scaleOut.as<float>() = scale;
  *zeroOut.as<uint8_t>() = static_cast<uint8_t>(zero);
  parallelFor(call, count, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i)
      storeElement<uint8_t>(out, i, static_cast<uint8_t>(quantizeToRange(static_cast<double>(loadElement<float>(x, i) / scale), zero, 0.0, 255.0)));
  });
  return Status::ok;
}

Status fast_dynamic_quantize(const Call &call) { return reference_dynamic_quantize(call); }

}  // namespace switchyard::kernels
