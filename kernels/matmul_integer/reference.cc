// matmul_integer: ONNX MatMulInteger, (a - zero point) * (b - zero point) in i32.
#include "kernels/common/integer_matmul.h"
#include "kernels/table.h"

namespace switchyard::kernels {

Status reference_matmul_integer(const Call &call) {
  const Tensor &a = call.tensors[0], &b = call.tensors[1], &aZero = call.tensors[2], &bZero = call.tensors[3], &out = call.tensors[4];
  IntegerMatmul product(a, b, out);
  SWITCHYARD_CHECK(product.check(call));
  SWITCHYARD_CHECK(IntegerMatmul::checkParameter(call, aZero, "a_zero_point", a.type, product.rows));
  SWITCHYARD_CHECK(IntegerMatmul::checkParameter(call, bZero, "b_zero_point", b.type, product.columns));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", ElementType::i32, -1));
  product.run(call, aZero, bZero, [&](int64_t offset, int64_t, int64_t, int32_t sum) { out.as<int32_t>()[offset] = sum; });
  return Status::ok;
}

Status fast_matmul_integer(const Call &call) { return reference_matmul_integer(call); }

}  // namespace switchyard::kernels
