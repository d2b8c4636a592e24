#include "kernels/common/parallel.h"
#include "kernels/permute/permute.h"
#include "kernels/table.h"

#include <algorithm>
#include <cinttypes>

namespace switchyard::kernels {

Status readPermute(const Call &call, Permute &permute) {
  const Tensor &tokens = call.tensors[0], &route = call.tensors[1], &rows = call.tensors[2];
  SWITCHYARD_CHECK(checkOperand(call, tokens, "tokens", ElementType::f32, 2));
  SWITCHYARD_CHECK(checkOperand(call, rows, "rows", ElementType::f32, 2));
  if (tokens.sizes[1] != rows.sizes[1])
    return fail(call, Status::badShape, "tokens have %" PRId64 " columns, rows %" PRId64, tokens.sizes[1], rows.sizes[1]);
  SWITCHYARD_CHECK(readSourceRoute(call, route, rows.sizes[0], permute.route));
  const int32_t *words = permute.route.words;
  if (words[route::tokens] != tokens.sizes[0])
    return fail(call, Status::badShape, "the route is of %d tokens, there are %" PRId64, words[route::tokens], tokens.sizes[0]);
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
    for (int64_t r = begin; r < end; ++r)
      std::copy_n(permute.tokens.row(permute.route.source()[r] / slots), permute.tokens.width, permute.rows.row(r));
  });
  return Status::ok;
}

// Copies of rows: nothing to vectorise.
Status fast_permute_f32(const Call &call) { return reference_permute_f32(call); }

}  // namespace switchyard::kernels
