#include "kernels/common/parallel.h"
#include "kernels/common/sort_key.h"
#include "kernels/table.h"
#include "kernels/topk/topk.h"

#include <algorithm>
#include <cinttypes>

namespace switchyard::kernels {

Status readTopK(const Call &call, TopK &topk) {
  const Tensor &x = call.tensors[0], &values = call.tensors[1], &indices = call.tensors[2];
  SWITCHYARD_CHECK(checkRows(call, x, "x"));
  SWITCHYARD_CHECK(checkOperand(call, values, "values", ElementType::f32, x.rank));
  SWITCHYARD_CHECK(checkOperand(call, indices, "indices", ElementType::i64, x.rank));
  SWITCHYARD_CHECK(checkSameSizes(call, x, "x", values, "values", x.rank - 1));
  SWITCHYARD_CHECK(checkSameSizes(call, values, "values", indices, "indices", x.rank));
  topk.x = Rows(x);
  topk.values = Rows(values);
  topk.indices = &indices;
  topk.largest = call.integers[0] != 0;
  if (topk.values.width > topk.x.width)
    return fail(call, Status::badData, "cannot choose %" PRId64 " of %" PRId64, topk.values.width, topk.x.width);
  return Status::ok;
}

/// Keeps the best in a heap with the worst of them on top, in the row of the indices itself.
static void chooseRow(const float *x, int64_t n, int64_t k, bool largest, float *values, int64_t *indices) {
  auto key = [=](int64_t i) {
    int32_t ordered = sortKey(x[i]);
    return largest || x[i] != x[i] ? ordered : ~ordered;
  };
  auto better = [=](int64_t left, int64_t right) {
    int32_t leftKey = key(left), rightKey = key(right);
    return leftKey != rightKey ? leftKey > rightKey : left < right;
  };
  for (int64_t i = 0; i < k; ++i)
    indices[i] = i;
  std::make_heap(indices, indices + k, better);
  for (int64_t i = k; i < n && k > 0; ++i) {
    if (!better(i, indices[0]))
      continue;
    std::pop_heap(indices, indices + k, better);
    indices[k - 1] = i;
    std::push_heap(indices, indices + k, better);
  }
  std::sort_heap(indices, indices + k, better);
  for (int64_t i = 0; i < k; ++i)
    values[i] = x[indices[i]];
}

Status reference_topk_f32(const Call &call) {
  TopK topk;
  SWITCHYARD_CHECK(readTopK(call, topk));
  const Tensor &indices = *topk.indices;
  parallelFor(call, topk.x.count, [&](int64_t begin, int64_t end, int) {
    for (int64_t row = begin; row < end; ++row)
      chooseRow(topk.x.row(row), topk.x.width, topk.values.width, topk.largest, topk.values.row(row),
                indices.as<int64_t>() + elementOffset(indices, indices.rank - 1, row));
  });
  return Status::ok;
}

// Comparisons along a heap: nothing to vectorise.
Status fast_topk_f32(const Call &call) { return reference_topk_f32(call); }

}  // namespace switchyard::kernels
