// quantized_matmul: ONNX QLinearMatMul, the exact product of integers times a_scale * b_scale / scale, rounded to the elements of out.
#include "kernels/common/integer_matmul.h"
#include "kernels/table.h"

namespace switchyard::kernels {

Status reference_quantized_matmul(const Call &call) {
  const Tensor &a = call.tensors[0], &aScale = call.tensors[1], &aZero = call.tensors[2];
  const Tensor &b = call.tensors[3], &bScale = call.tensors[4], &bZero = call.tensors[5];
  const Tensor &scale = call.tensors[6], &zero = call.tensors[7], &out = call.tensors[8];
  IntegerMatmul product(a, b, out);
  SWITCHYARD_CHECK(product.check(call));
  for (const Tensor *each : {&aScale, &bScale, &scale})
    SWITCHYARD_CHECK(checkScale(call, *each));
  SWITCHYARD_CHECK(IntegerMatmul::checkParameter(call, aScale, "a_scale", aScale.type, product.rows));
  SWITCHYARD_CHECK(IntegerMatmul::checkParameter(call, aZero, "a_zero_point", a.type, product.rows));
  SWITCHYARD_CHECK(IntegerMatmul::checkParameter(call, bScale, "b_scale", bScale.type, product.columns));
  SWITCHYARD_CHECK(IntegerMatmul::checkParameter(call, bZero, "b_zero_point", b.type, product.columns));
  SWITCHYARD_CHECK(IntegerMatmul::checkParameter(call, scale, "scale", scale.type, 1));
  SWITCHYARD_CHECK(IntegerMatmul::checkParameter(call, zero, "zero_point", out.type, 1));
  if (out.type != ElementType::i8 && out.type != ElementType::u8)
    return fail(call, Status::badShape, "out must be i8 or u8");
  double low = 0, high = 0, offset = loadZeroPoint(zero, 0);
  rangeOf(out.type, low, high);
  product.run(call, aZero, bZero, [&](int64_t to, int64_t row, int64_t column, int32_t sum) {
    float factor = loadScale(aScale, IntegerMatmul::parameterOffset(aScale, row)) * loadScale(bScale, IntegerMatmul::parameterOffset(bScale, column));
    double quotient = static_cast<double>(sum) * static_cast<double>(factor / loadScale(scale, 0));
    auto value = static_cast<int>(quantizeToRange(quotient, offset, low, high));
    out.as<uint8_t>()[to] = static_cast<uint8_t>(value);
  });
  return Status::ok;
}

Status fast_quantized_matmul(const Call &call) { return reference_quantized_matmul(call); }

}  // namespace switchyard::kernels
