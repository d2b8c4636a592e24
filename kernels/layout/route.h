// The dense token-to-expert table that travels between gate, permute, exchange, expert and combine.
//
// A route is an i32 buffer. Two forms share a header of 8 words.
//
// *Source route*: what one rank sends for its tokens [first, first + count), written by `gate_f32`.
//     0 rows      rows in use, R = routes of these tokens that were not dropped
//     1 experts   E
//     2 slots     k
//     3 first     first token of this rank, in global token order
//     4 count     tokens of this rank
//     5 dropped   routes of these tokens that were dropped
//     6 capacity  row capacity of the table, count * k
//     7 form      0 = source
//     8 ...       expertBegin[E + 1]: rows of position p of `order` are [expertBegin[p], expertBegin[p + 1])
//     ...         order[E]: logical experts sorted by (owner, expert)
//     ...         source[capacity]: row -> local token * k + slot, ascending within an expert
//     ...         row[capacity]: local token * k + slot -> row, or -1 where dropped
//
// *Received route*: what one rank was sent, written by the counts exchange.
//     0 rows      rows in use
//     1 experts   L, experts that this rank owns
//     2 sources   N, ranks
//     3..6        0
//     7 form      1 = received
//     8 ...       owned[E]: the L logical experts this rank owns, ascending; the rest -1
//     ...         segmentBegin[N * E + 1]: rows of (source s, owned position l) are
//                 [segmentBegin[s * L + l], segmentBegin[s * L + l + 1]); rows of one source stand together, sources ascending
#ifndef SWITCHYARD_KERNELS_LAYOUT_ROUTE_H
#define SWITCHYARD_KERNELS_LAYOUT_ROUTE_H

#include <cstdint>

namespace switchyard::kernels::route {

/// Experts of one layer at most: the gate keeps a row of scores on the stack.
inline constexpr int64_t maxExperts = 2048;

enum Header : int {
  rows = 0,
  experts = 1,
  slots = 2,
  sources = 2,
  first = 3,
  tokens = 4,
  dropped = 5,
  capacity = 6,
  form = 7,
  headerWords = 8
};
enum Form : int32_t { sourceForm = 0, receivedForm = 1 };

/// Words of a source route for at most `count` tokens.
inline constexpr int64_t sourceWords(int64_t experts, int64_t slots, int64_t count) {
  return headerWords + (experts + 1) + experts + 2 * count * slots;
}
/// Words of a received route.
inline constexpr int64_t receivedWords(int64_t experts, int64_t ranks) { return headerWords + experts + ranks * experts + 1; }

/// A source route in a buffer of sourceWords(...) words.
struct Source {
  int32_t *words;
  int32_t *expertBegin() const { return words + headerWords; }
  int32_t *order() const { return expertBegin() + words[experts] + 1; }
  int32_t *source() const { return order() + words[experts]; }
  int32_t *row() const { return source() + words[capacity]; }
};

/// A received route in a buffer of receivedWords(allExperts, ranks) words; `allExperts` is the E of the layer.
struct Received {
  int32_t *words;
  int64_t allExperts;
  int32_t *owned() const { return words + headerWords; }
  int32_t *segmentBegin() const { return owned() + allExperts; }
};

}  // namespace switchyard::kernels::route

#endif  // SWITCHYARD_KERNELS_LAYOUT_ROUTE_H
