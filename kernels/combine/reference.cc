#include "kernels/combine/combine.h"
#include "kernels/common/parallel.h"
#include "kernels/table.h"

#include <cinttypes>

namespace switchyard::kernels {

Status readCombine(const Call &call, Combine &combine) {
  const Tensor &rows = call.tensors[0], &route = call.tensors[1], &weights = call.tensors[2], &out = call.tensors[3];
  SWITCHYARD_CHECK(checkOperand(call, rows, "rows", ElementType::f32, 2));
  if (!weights.absent())
    SWITCHYARD_CHECK(checkOperand(call, weights, "weights", ElementType::f32, 2));
  SWITCHYARD_CHECK(checkOperand(call, out, "out", ElementType::f32, 2));
  route::Source table{nullptr};
  SWITCHYARD_CHECK(readSourceRoute(call, route, rows.sizes[0], table));
  int32_t tokens = table.words[route::tokens], slots = table.words[route::slots];
  int64_t weighed[] = {weights.absent() ? tokens : weights.sizes[0], weights.absent() ? slots : weights.sizes[1]};
  if (rows.sizes[1] != out.sizes[1] || out.sizes[0] != tokens || weighed[0] != tokens || weighed[1] != slots)
    return fail(call, Status::badShape,
                "out is %" PRId64 " x %" PRId64 ", weights are %" PRId64 " x %" PRId64 ", rows have %" PRId64
                " columns, the route is of %d tokens and %d slots",
                out.sizes[0], out.sizes[1], weighed[0], weighed[1], rows.sizes[1], tokens, slots);
  combine = {Rows(rows), weights.absent() ? Rows() : Rows(weights), Rows(out), table.row(), slots};
  for (int64_t seat = 0; seat < table.words[route::capacity]; ++seat)
    if (combine.row[seat] < -1 || combine.row[seat] >= table.words[route::rows])
      return fail(call, Status::badData, "(token, slot) %" PRId64 " of the route stands in row %d of %d", seat, combine.row[seat],
                  table.words[route::rows]);
  return Status::ok;
}

Status reference_combine_f32(const Call &call) {
  Combine combine;
  SWITCHYARD_CHECK(readCombine(call, combine));
  parallelFor(call, combine.out.count, [&](int64_t begin, int64_t end, int) {
    for (int64_t token = begin; token < end; ++token)
      for (int64_t h = 0; h < combine.out.width; ++h) {
        float acc = 0.0f;
        for (int64_t slot = 0; slot < combine.slots; ++slot)
          if (int32_t row = combine.row[token * combine.slots + slot]; row >= 0)
            acc = __builtin_fmaf(combine.weight(token, slot), combine.rows.row(row)[h], acc);
        combine.out.row(token)[h] = acc;
      }
  });
  return Status::ok;
}

}  // namespace switchyard::kernels
