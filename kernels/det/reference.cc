// det: ONNX Det of x[..., M, M] by elimination with the largest pivot of each column, in f64; workspace f64 of the shape of x.
#include "kernels/common/elements.h"
#include "kernels/common/parallel.h"
#include "kernels/table.h"

#include <cmath>
#include <utility>

namespace switchyard::kernels {
namespace {

double determinant(double *rows, int64_t n) {
  double product = 1;
  for (int64_t k = 0; k < n; ++k) {
    int64_t pivot = k;
    for (int64_t i = k + 1; i < n; ++i)
      pivot = std::fabs(rows[i * n + k]) > std::fabs(rows[pivot * n + k]) ? i : pivot;
    if (rows[pivot * n + k] == 0)
      return 0;
    for (int64_t j = k; pivot != k && j < n; ++j)
      std::swap(rows[pivot * n + j], rows[k * n + j]);
    product *= pivot == k ? rows[k * n + k] : -rows[k * n + k];
    for (int64_t i = k + 1; i < n; ++i) {
      double factor = rows[i * n + k] / rows[k * n + k];
      for (int64_t j = k + 1; j < n; ++j)
        rows[i * n + j] = fuse(-factor, rows[k * n + j], rows[i * n + j]);
    }
  }
  return product;
}

}  // namespace

Status reference_det(const Call &call) {
  const Tensor &x = call.tensors[0], &out = call.tensors[1], &workspace = call.tensors[2];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkOperand(call, workspace, "workspace", ElementType::f64, x.rank));
  SWITCHYARD_CHECK(checkSameSizes(call, x, "x", workspace, "workspace", x.rank));
  if (x.rank < 2 || x.sizes[x.rank - 1] != x.sizes[x.rank - 2] || !collapses(workspace, x.rank))
    return fail(call, Status::badShape, "x of rank %d holds no square matrices", x.rank);
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, x.rank - 2));
  SWITCHYARD_CHECK(checkSameSizes(call, x, "x", out, "out", x.rank - 2));
  int64_t n = x.sizes[x.rank - 1];
  return dispatchFloats(call, x.type, [&]<typename T>() {
    parallelFor(call, elementCount(out, out.rank), [&](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; ++i) {
        double *rows = workspace.as<double>() + i * n * n;
        for (int64_t j = 0; j < n * n; ++j)
          rows[j] = static_cast<double>(loadElement<T>(x, i * n * n + j));
        storeElement<T>(out, i, static_cast<typename Element<T>::Value>(determinant(rows, n)));
      }
    });
    return Status::ok;
  });
}

// Small matrices: not vectorised.
Status fast_det(const Call &call) { return reference_det(call); }

}  // namespace switchyard::kernels
