#include "kernels/common/parallel.h"
#include "kernels/permute/permute.h"
#include "kernels/table.h"

#include <algorithm>
#include <cinttypes>

namespace switchyard::kernels {

Status readPermute(const Call &call, Permute &permute) {
  const Tensor &tokens = call.tensors[0], &route = call.tensors[1], &weights = call.tensors[2], &rows = call.tensors[3];
  SWITCHYARD_CHECK(checkOperand(call, tokens, "tokens", ElementType::f32, 2));
  SWITCHYARD_CHECK(checkOperand(call, rows, "rows", ElementType::f32, 2));
  if (tokens.sizes[1] != rows.sizes[1])
    return fail(call, Status::badShape, "tokens have %" PRId64 " columns, rows %" PRId64, tokens.sizes[1], rows.sizes[1]);
  SWITCHYARD_CHECK(readSourceRoute(call, route, rows.sizes[0], permute.route));
  const int32_t *words = permute.route.words;
  if (words[route::tokens] != tokens.sizes[0])
    return fail(call, Status::badShape, "the route is of %d tokens, there are %" PRId64, words[route::tokens], tokens.sizes[0]);
  if (!weights.absent()) {
    SWITCHYARD_CHECK(checkOperand(call, weights, "weights", ElementType::f32, 2));
    if (weights.sizes[0] != tokens.sizes[0] || weights.sizes[1] != words[route::slots])
      return fail(call, Status::badShape, "weights are %" PRId64 " x %" PRId64 ", the route is of %" PRId64 " tokens and %d slots", weights.sizes[0],
                  weights.sizes[1], tokens.sizes[0], words[route::slots]);
    permute.weights = Rows(weights);
  }
  permute.tokens = Rows(tokens);
  permute.rows = Rows(rows);
  permute.used = words[route::rows];
  for (int64_t r = 0; r < permute.used; ++r)
    if (int32_t source = permute.route.source()[r]; source < 0 || source >= words[route::capacity])
      return fail(call, Status::badData, "row %" PRId64 " of the route comes from (token, slot) %d of %d", r, source,
                  words[route::capacity]);
  return Status::ok;
}

Status reference_permute_f32(const Call &call) {
  Permute permute;
  SWITCHYARD_CHECK(readPermute(call, permute));
  int32_t slots = permute.route.words[route::slots];
  parallelFor(call, permute.used, [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) {
      int32_t source = permute.route.source()[r];
      const float *token = permute.tokens.row(source / slots);
      float *row = permute.rows.row(r);
      if (!permute.weights.data) {
        std::copy_n(token, permute.tokens.width, row);
        continue;
      }
      float weight = permute.weights.row(source / slots)[source % slots];
      for (int64_t h = 0; h < permute.tokens.width; ++h)
        row[h] = token[h] * weight;
    }
  });
  return Status::ok;
}

// Copies of rows, and products that the compiler vectorises.
Status fast_permute_f32(const Call &call) { return reference_permute_f32(call); }

}  // namespace switchyard::kernels
