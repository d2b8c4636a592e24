#include "kernels/common/parallel.h"
#include "kernels/softmax/softmax.h"
#include "kernels/support/elementary.h"
#include "kernels/table.h"

namespace switchyard::kernels {

Status readSoftmax(const Call &call, Softmax &softmax) {
  const Tensor &x = call.tensors[0], &out = call.tensors[1];
  SWITCHYARD_CHECK(checkRows(call, x, "x"));
  SWITCHYARD_CHECK(checkOperand(call, out, "out", ElementType::f32, x.rank));
  SWITCHYARD_CHECK(checkSameSizes(call, x, "x", out, "out", x.rank));
  softmax.x = Rows(x);
  softmax.out = Rows(out);
  return Status::ok;
}

Status reference_softmax_f32(const Call &call) {
  Softmax softmax;
  SWITCHYARD_CHECK(readSoftmax(call, softmax));
  int64_t n = softmax.x.width;
  parallelFor(call, softmax.x.count, [&](int64_t begin, int64_t end, int) {
    for (int64_t row = begin; row < end; ++row) {
      const float *x = softmax.x.row(row);
      float *out = softmax.out.row(row);
      float largest = -__builtin_inff();
      for (int64_t i = 0; i < n; ++i)
        largest = x[i] > largest ? x[i] : largest;
      float sum = 0.0f;
      for (int64_t i = 0; i < n; ++i) {
        out[i] = elementary::exp(x[i] - largest);
        sum = sum + out[i];
      }
      for (int64_t i = 0; i < n; ++i)
        out[i] = out[i] / sum;
    }
  });
  return Status::ok;
}

}  // namespace switchyard::kernels
