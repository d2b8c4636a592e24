// dequantize: ONNX DequantizeLinear, (x - zero point) * scale in f32.
#include "kernels/common/parallel.h"
#include "kernels/common/quantization.h"
#include "kernels/table.h"

namespace switchyard::kernels {

Status reference_dequantize(const Call &call) {
  const Tensor &x = call.tensors[0], &scale = call.tensors[1], &zeroPoint = call.tensors[2], &out = call.tensors[3];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkScale(call, scale));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", out.type, x.rank));
  SWITCHYARD_CHECK(checkSameSizes(call, x, "x", out, "out", x.rank));
  SWITCHYARD_CHECK(checkZeroPoint(call, zeroPoint, scale, x.type));
  Granularity granularity;
  SWITCHYARD_CHECK(Granularity::read(call, x, scale, call.integers[0], call.integers[1], granularity));
  return dispatchLoads(call, x.type, [&](const auto &load) {
    return dispatchStores(call, out.type, false, RoundMode::up, [&](const auto &store) {
      parallelFor(call, elementCount(x, x.rank), [&](int64_t begin, int64_t end, int) {
        for (int64_t i = begin; i < end; ++i) {
          double zero = zeroPoint.absent() ? 0.0 : loadZeroPoint(zeroPoint, granularity.offset(x, zeroPoint, i));
          auto difference = static_cast<float>(static_cast<double>(load(x, elementOffset(x, x.rank, i))) - zero);
          store(out, elementOffset(out, out.rank, i), difference * loadScale(scale, granularity.offset(x, scale, i)));
        }
      });
      return Status::ok;
    });
  });
}

Status fast_dequantize(const Call &call) { return reference_dequantize(call); }

}  // namespace switchyard::kernels
