#include "kernels/common/parallel.h"
#include "kernels/matmul_panel/matmul_panel.h"
#include "kernels/table.h"

#include <cinttypes>

namespace switchyard::kernels {

Status readMatmulPanel(const Call &call, MatmulPanel &matmul) {
  const Tensor &a = call.tensors[0], &weight = call.tensors[1], &bias = call.tensors[2], &c = call.tensors[3];
  SWITCHYARD_CHECK(checkRows(call, a, "a"));
  SWITCHYARD_CHECK(checkOperand(call, c, "c", ElementType::f32, a.rank));
  SWITCHYARD_CHECK(checkSameSizes(call, a, "a", c, "c", a.rank - 1));
  SWITCHYARD_CHECK(readPanels(call, weight, "weight", call.integers[0], matmul.weight));
  matmul.a = Rows(a);
  matmul.c = Rows(c);
  if (matmul.a.width != matmul.weight.depth || matmul.c.width != matmul.weight.columns)
    return fail(call, Status::badShape, "a has %" PRId64 " columns and c %" PRId64 ", the weight is %" PRId64 " x %" PRId64, matmul.a.width,
                matmul.c.width, matmul.weight.columns, matmul.weight.depth);
  if (!bias.absent()) {
    SWITCHYARD_CHECK(checkVector(call, bias, "bias", matmul.c.width));
    matmul.bias = bias.as<float>();
  }
  return Status::ok;
}

Status reference_matmul_panel_f32(const Call &call) {
  MatmulPanel matmul;
  SWITCHYARD_CHECK(readMatmulPanel(call, matmul));
  parallelFor(call, matmul.a.count, [&](int64_t begin, int64_t end, int) {
    for (int64_t m = begin; m < end; ++m) {
      const float *a = matmul.a.row(m);
      float *c = matmul.c.row(m);
      for (int64_t n = 0; n < matmul.weight.columns; ++n) {
        const float *columns = matmul.weight.panel(n / panel::width);
        float acc = 0.0f;
        for (int64_t k = 0; k < matmul.weight.depth; ++k)
          acc = __builtin_fmaf(a[k], columns[k * panel::width + n % panel::width], acc);
        c[n] = matmul.bias ? acc + matmul.bias[n] : acc;
      }
    }
  });
  return Status::ok;
}

}  // namespace switchyard::kernels
