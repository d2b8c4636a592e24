#include "kernels/linear_attention/linear_attention.h"
#include "kernels/table.h"

#include <cinttypes>

namespace switchyard::kernels {

/// An f32 operand of one row a token, of `columns` elements.
static Status checkTokens(const Call &call, const Tensor &tensor, const char *name, const LinearAttention &attention, int64_t columns) {
  SWITCHYARD_CHECK(checkOperand(call, tensor, name, ElementType::f32, 3));
  if (tensor.sizes[0] == attention.batches && tensor.sizes[1] == attention.tokens && tensor.sizes[2] == columns)
    return Status::ok;
  return fail(call, Status::badShape, "operand '%s' is %" PRId64 " x %" PRId64 " x %" PRId64 ", expected %" PRId64 " x %" PRId64 " x %" PRId64, name,
              tensor.sizes[0], tensor.sizes[1], tensor.sizes[2], attention.batches, attention.tokens, columns);
}

static Status checkState(const Call &call, const Tensor &tensor, const char *name, const LinearAttention &attention) {
  SWITCHYARD_CHECK(checkOperand(call, tensor, name, ElementType::f32, 4));
  int64_t expected[] = {attention.batches, attention.stateHeads, attention.size, attention.valueSize};
  for (int d = 0; d < 4; ++d)
    if (tensor.sizes[d] != expected[d])
      return fail(call, Status::badShape, "operand '%s' has size %" PRId64 " in dimension %d, expected %" PRId64, name, tensor.sizes[d], d, expected[d]);
  return Status::ok;
}

/// The heads of each operand, and the sizes that follow.
static Status readHeads(const Call &call, LinearAttention &attention) {
  const Tensor &query = *attention.query, &key = *attention.key, &value = *attention.value;
  attention.heads = call.integers[0];
  attention.stateHeads = call.integers[1];
  attention.outHeads = std::max(attention.heads, attention.stateHeads);
  bool fits = attention.heads > 0 && attention.stateHeads > 0 && query.sizes[2] % attention.heads == 0 && value.sizes[2] % attention.stateHeads == 0 &&
              attention.outHeads % attention.heads == 0 && attention.outHeads % attention.stateHeads == 0;
  attention.size = fits ? query.sizes[2] / attention.heads : 0;
  fits = fits && attention.size > 0 && key.sizes[2] >= attention.size && key.sizes[2] % attention.size == 0;
  attention.keyHeads = fits ? key.sizes[2] / attention.size : 0;
  if (!fits || attention.stateHeads % attention.keyHeads != 0)
    return fail(call, Status::badShape, "%" PRId64 " heads and %" PRId64 " states do not fit queries, keys and values of %" PRId64 ", %" PRId64 " and %" PRId64
                " columns", attention.heads, attention.stateHeads, query.sizes[2], key.sizes[2], value.sizes[2]);
  attention.valueSize = value.sizes[2] / attention.stateHeads;
  return Status::ok;
}

Status readLinearAttention(const Call &call, LinearAttention &attention) {
  const Tensor **operands[] = {&attention.query, &attention.key, &attention.value, &attention.past, &attention.decay, &attention.beta, &attention.out,
                               &attention.state};
  for (int i = 0; i < 8; ++i)
    *operands[i] = &call.tensors[i];
  const char *names[] = {"query", "key", "value"};
  for (int i = 0; i < 3; ++i)
    SWITCHYARD_CHECK(checkOperand(call, call.tensors[i], names[i], ElementType::f32, 3));
  SWITCHYARD_CHECK(readHeads(call, attention));
  attention.batches = attention.query->sizes[0];
  attention.tokens = attention.query->sizes[1];
  attention.scale = static_cast<float>(call.floats[0]);
  SWITCHYARD_CHECK(checkTokens(call, *attention.key, "key", attention, attention.keyHeads * attention.size));
  SWITCHYARD_CHECK(checkTokens(call, *attention.value, "value", attention, attention.stateHeads * attention.valueSize));
  SWITCHYARD_CHECK(checkTokens(call, *attention.out, "out", attention, attention.outHeads * attention.valueSize));
  SWITCHYARD_CHECK(checkState(call, *attention.state, "state", attention));
  if (!attention.past->absent())
    SWITCHYARD_CHECK(checkState(call, *attention.past, "past", attention));
  if (!attention.decay->absent()) {
    attention.decaysByKey = attention.decay->rank == 3 && attention.decay->sizes[2] != attention.stateHeads;
    SWITCHYARD_CHECK(checkTokens(call, *attention.decay, "decay", attention, attention.stateHeads * (attention.decaysByKey ? attention.size : 1)));
  }
  if (!attention.beta->absent()) {
    attention.sharesBeta = attention.beta->rank == 3 && attention.beta->sizes[2] == 1;
    SWITCHYARD_CHECK(checkTokens(call, *attention.beta, "beta", attention, attention.sharesBeta ? 1 : attention.stateHeads));
  }
  return Status::ok;
}

Status reference_linear_attention_f32(const Call &call) { return runLinearAttention(call); }

}  // namespace switchyard::kernels
