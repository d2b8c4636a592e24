#include "kernels/combine/combine.h"
#include "kernels/common/parallel.h"
#include "kernels/table.h"

#include <algorithm>

namespace switchyard::kernels {

namespace {

constexpr int64_t columnsAtOnce = 64;

/// Up to 64 columns of one token, held in registers over its slots. Inlined, so that the full width is a constant.
[[gnu::always_inline]] inline void combineColumns(const Combine &combine, int64_t token, int64_t column, int64_t columns) {
  float acc[columnsAtOnce] = {};
  for (int64_t slot = 0; slot < combine.slots; ++slot) {
    int32_t row = combine.row[token * combine.slots + slot];
    if (row < 0)
      continue;
    const float *from = combine.rows.row(row) + column, weight = combine.weight(token, slot);
    for (int64_t j = 0; j < columns; ++j)
      acc[j] = __builtin_fmaf(weight, from[j], acc[j]);
  }
  std::copy_n(acc, columns, combine.out.row(token) + column);
}

}  // namespace

Status fast_combine_f32(const Call &call) {
  Combine combine;
  SWITCHYARD_CHECK(readCombine(call, combine));
  parallelFor(call, combine.out.count, [&](int64_t begin, int64_t end, int) {
    for (int64_t token = begin; token < end; ++token) {
      int64_t column = 0;
      for (; column + columnsAtOnce <= combine.out.width; column += columnsAtOnce)
        combineColumns(combine, token, column, columnsAtOnce);
      if (column < combine.out.width)
        combineColumns(combine, token, column, combine.out.width - column);
    }
  });
  return Status::ok;
}

}  // namespace switchyard::kernels
