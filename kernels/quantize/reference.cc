// quantize: ONNX QuantizeLinear. x and scale are rounded to `precision`, and so is their quotient.
#include "kernels/common/parallel.h"
#include "kernels/common/quantization.h"
#include "kernels/table.h"

namespace switchyard::kernels {
namespace {

/// `value` rounded to a float type; one of double precision that is a quotient of two such has its own rounding.
double roundTo(ElementType precision, double value) {
  switch (precision) {
  case ElementType::f16:
    return elementary::extendF16(elementary::truncateToF16(elementary::roundToOdd(value)));
  case ElementType::bf16:
    return elementary::extendBf16(elementary::truncateToBf16(elementary::roundToOdd(value)));
  case ElementType::f64:
    return value;
  default:
    return static_cast<double>(static_cast<float>(value));
  }
}

}  // namespace

Status reference_quantize(const Call &call) {
  const Tensor &x = call.tensors[0], &scale = call.tensors[1], &zeroPoint = call.tensors[2], &out = call.tensors[3];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkScale(call, scale));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", out.type, x.rank));
  SWITCHYARD_CHECK(checkSameSizes(call, x, "x", out, "out", x.rank));
  SWITCHYARD_CHECK(checkZeroPoint(call, zeroPoint, scale, out.type));
  Granularity granularity;
  SWITCHYARD_CHECK(Granularity::read(call, x, scale, call.integers[0], call.integers[1], granularity));
  bool saturate = call.integers[2] != 0;
  auto precision = static_cast<ElementType>(call.integers[3]);
  double low = 0, high = 0;
  bool isRange = rangeOf(out.type, low, high);
  return dispatchLoads(call, x.type, [&](const auto &load) {
    return dispatchStores(call, out.type, saturate, RoundMode::up, [&](const auto &store) {
      parallelFor(call, elementCount(x, x.rank), [&](int64_t begin, int64_t end, int) {
        for (int64_t i = begin; i < end; ++i) {
          int64_t of = granularity.offset(x, scale, i);
          double value = roundTo(precision, static_cast<double>(load(x, elementOffset(x, x.rank, i))));
          double quotient = roundTo(precision, value / roundTo(precision, static_cast<double>(loadScale(scale, of))));
          double zero = zeroPoint.absent() ? 0.0 : loadZeroPoint(zeroPoint, granularity.offset(x, zeroPoint, i));
          int64_t to = elementOffset(out, out.rank, i);
          store(out, to, isRange ? quantizeToRange(quotient, zero, low, high) : quotient + zero);
        }
      });
      return Status::ok;
    });
  });
}

Status fast_quantize(const Call &call) { return reference_quantize(call); }

}  // namespace switchyard::kernels
