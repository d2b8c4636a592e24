#include "kernels/gate/gate.h"

#include <algorithm>

namespace switchyard::kernels {

/// Experts by (owner, expert).
static void orderExperts(const Gate &gate, int32_t *order) {
  for (int64_t e = 0; e < gate.experts; ++e)
    order[e] = static_cast<int32_t>(e);
  const int32_t *owner = gate.placement;
  std::sort(order, order + gate.experts,
            [owner](int32_t left, int32_t right) { return owner[left] != owner[right] ? owner[left] < owner[right] : left < right; });
}

void buildRoute(const Gate &gate) {
  using namespace route;
  int64_t seats = gate.count * gate.slots;
  const Source &table = gate.route;
  std::fill_n(table.words, headerWords, 0);
  table.words[experts] = static_cast<int32_t>(gate.experts);
  table.words[slots] = static_cast<int32_t>(gate.slots);
  table.words[first] = static_cast<int32_t>(gate.first);
  table.words[tokens] = static_cast<int32_t>(gate.count);
  table.words[capacity] = static_cast<int32_t>(seats);
  table.words[form] = sourceForm;
  orderExperts(gate, table.order());

  auto expertOf = [&gate](int64_t token, int64_t slot) { return gate.ids[(gate.first + token) * gate.idsStride + slot]; };
  int32_t next[route::maxExperts] = {};  // rows of an expert, then its next free row
  for (int64_t token = 0; token < gate.count; ++token)
    for (int64_t slot = 0; slot < gate.slots; ++slot)
      if (int32_t e = expertOf(token, slot); e >= 0)
        ++next[e];
  int32_t used = 0;
  for (int64_t p = 0; p < gate.experts; ++p) {
    table.expertBegin()[p] = used;
    int32_t e = table.order()[p];
    int32_t size = next[e];
    next[e] = used;
    used += size;
  }
  table.expertBegin()[gate.experts] = used;
  table.words[rows] = used;
  table.words[dropped] = static_cast<int32_t>(seats) - used;

  for (int64_t token = 0; token < gate.count; ++token)
    for (int64_t slot = 0; slot < gate.slots; ++slot) {
      int32_t seat = static_cast<int32_t>(token * gate.slots + slot);
      int32_t e = expertOf(token, slot);
      table.row()[seat] = e >= 0 ? next[e] : -1;
      if (e >= 0)
        table.source()[next[e]++] = seat;
    }
  std::fill(table.source() + used, table.source() + seats, -1);
}

}  // namespace switchyard::kernels
