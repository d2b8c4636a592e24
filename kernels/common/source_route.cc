#include "kernels/common/source_route.h"

#include <cinttypes>

namespace switchyard::kernels {

Status readSourceRoute(const Call &call, const Tensor &tensor, int64_t rowLimit, route::Source &route) {
  SWITCHYARD_CHECK(checkOperand(call, tensor, "route", ElementType::i32, 1));
  if (tensor.sizes[0] < route::headerWords)
    return fail(call, Status::badShape, "the route has %" PRId64 " words, its header alone has %d", tensor.sizes[0], route::headerWords);
  route.words = tensor.as<int32_t>();
  const int32_t *words = route.words;
  if (words[route::form] != route::sourceForm)
    return fail(call, Status::badShape, "a source route is needed, this has form %d", words[route::form]);
  if (words[route::experts] < 0 || words[route::slots] < 0 || words[route::tokens] < 0 ||
      words[route::capacity] != static_cast<int64_t>(words[route::tokens]) * words[route::slots] || words[route::rows] < 0 ||
      words[route::rows] > words[route::capacity])
    return fail(call, Status::badData, "the route counts %d rows, %d experts, %d slots, %d tokens, capacity %d", words[route::rows],
                words[route::experts], words[route::slots], words[route::tokens], words[route::capacity]);
  int64_t needed = route::sourceWords(words[route::experts], words[route::slots], words[route::tokens]);
  if (tensor.sizes[0] < needed)
    return fail(call, Status::badData, "the route has %" PRId64 " words, its header says %" PRId64, tensor.sizes[0], needed);
  if (words[route::rows] > rowLimit)
    return fail(call, Status::overLimit, "the route has %d rows, the buffer of rows %" PRId64, words[route::rows], rowLimit);
  return Status::ok;
}

}  // namespace switchyard::kernels
