// The identity of a collective. It travels with every exchange, so that ranks that issue different collectives are
// told so by name instead of hanging or reading each other's bytes.
#ifndef SWITCHYARD_RUNTIME_COMM_OP_TAG_H
#define SWITCHYARD_RUNTIME_COMM_OP_TAG_H

#include <cstdint>
#include <string>

namespace switchyard::comm {

enum class Collective : int32_t { agree = 0, exchangeCounts = 1, exchangeRows = 2, returnRows = 3, allGatherTokens = 4, barrier = 5 };

/// The name as it stands in messages: `collective.` and the name in kernels' spelling.
const char *name(Collective op);

struct OpTag {
  Collective op = Collective::barrier;
  int32_t layer = -1;     // the MoE layer, -1 where none
  uint32_t sequence = 0;  // counts the collectives of a rank from its start

  bool operator==(const OpTag &) const = default;
};

/// "collective.exchange_rows #17 in layer 12".
std::string describe(const OpTag &tag);

}  // namespace switchyard::comm

#endif  // SWITCHYARD_RUNTIME_COMM_OP_TAG_H
