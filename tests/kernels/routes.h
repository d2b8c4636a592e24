// Routes for tests, built plainly from ids.
#ifndef SWITCHYARD_TESTS_KERNELS_ROUTES_H
#define SWITCHYARD_TESTS_KERNELS_ROUTES_H

#include "kernels/layout/route.h"
#include "tests/kernels/harness.h"

namespace switchyard::kernels::test {

/// The source route of tokens with these ids (-1: dropped), experts in ascending order.
inline Array makeSourceRoute(int64_t experts, int64_t slots, const std::vector<int32_t> &ids) {
  int64_t count = static_cast<int64_t>(ids.size()) / slots;
  Array array = Array::make(ElementType::i32, {route::sourceWords(experts, slots, count)});
  route::Source table{array.as<int32_t>()};
  table.words[route::experts] = static_cast<int32_t>(experts);
  table.words[route::slots] = static_cast<int32_t>(slots);
  table.words[route::tokens] = static_cast<int32_t>(count);
  table.words[route::capacity] = static_cast<int32_t>(ids.size());
  std::fill_n(table.row(), ids.size(), -1);
  int32_t used = 0;
  for (int32_t e = 0; e < experts; ++e) {
    table.order()[e] = e;
    table.expertBegin()[e] = used;
    for (size_t i = 0; i < ids.size(); ++i)
      if (ids[i] == e) {
        table.source()[used] = static_cast<int32_t>(i);
        table.row()[i] = used++;
      }
  }
  table.expertBegin()[experts] = used;
  table.words[route::rows] = used;
  table.words[route::dropped] = static_cast<int32_t>(ids.size()) - used;
  return array;
}

/// The received route of a rank that owns `owned` and was sent counts[source][owned position] rows.
inline Array makeReceivedRoute(int64_t experts, const std::vector<int32_t> &owned, const std::vector<std::vector<int32_t>> &counts) {
  int64_t sources = static_cast<int64_t>(counts.size());
  Array array = Array::make(ElementType::i32, {route::receivedWords(experts, sources)});
  route::Received table{array.as<int32_t>(), experts};
  table.words[route::experts] = static_cast<int32_t>(owned.size());
  table.words[route::sources] = static_cast<int32_t>(sources);
  table.words[route::form] = route::receivedForm;
  std::fill_n(table.owned(), experts, -1);
  std::copy(owned.begin(), owned.end(), table.owned());
  int32_t used = 0;
  int32_t *begin = table.segmentBegin();
  for (const std::vector<int32_t> &source : counts)
    for (int32_t count : source) {
      *begin++ = used;
      used += count;
    }
  *begin = used;
  table.words[route::rows] = used;
  return array;
}

}  // namespace switchyard::kernels::test

#endif  // SWITCHYARD_TESTS_KERNELS_ROUTES_H
