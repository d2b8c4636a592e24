#include "runtime/comm/op_tag.h"

namespace switchyard::comm {

const char *name(Collective op) {
  switch (op) {
  case Collective::agree:
    return "collective.agree";
  case Collective::exchangeCounts:
    return "collective.exchange_counts";
  case Collective::exchangeRows:
    return "collective.exchange_rows";
  case Collective::returnRows:
    return "collective.return_rows";
  case Collective::allGatherTokens:
    return "collective.all_gather_tokens";
  case Collective::barrier:
    return "collective.barrier";
  }
  return "an unknown collective";
}

std::string describe(const OpTag &tag) {
  std::string text = std::string(name(tag.op)) + " #" + std::to_string(tag.sequence);
  if (tag.layer >= 0)
    text += " in layer " + std::to_string(tag.layer);
  return text;
}

}  // namespace switchyard::comm
