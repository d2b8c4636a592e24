#include "runtime/comm/communicator.h"

#include <vector>

namespace switchyard::comm {

Outcome Communicator::allGather(ConstBytes own, MutableBytes all, const OpTag &tag, Deadline deadline) {
  if (all.size() != own.size() * size())
    return Failure{FailureKind::mismatch,
                   rank(),
                   -1,
                   tag,
                   0,
                   "the gathered buffer has " + std::to_string(all.size()) + " bytes, " + std::to_string(size()) + " ranks of " +
                       std::to_string(own.size()) + " bytes need " + std::to_string(own.size() * size())};
  std::vector<MutableBytes> parts(size());
  for (int peer = 0; peer < size(); ++peer)
    parts[peer] = all.subspan(peer * own.size(), own.size());
  return allGatherV(own, parts, tag, deadline);
}

Outcome Communicator::allGatherV(ConstBytes own, std::span<const MutableBytes> all, const OpTag &tag, Deadline deadline) {
  std::vector<ConstBytes> send(size(), own);
  return exchange(send, all, tag, deadline);
}

Outcome Communicator::barrier(const OpTag &tag, Deadline deadline) {
  std::vector<ConstBytes> send(size());
  std::vector<MutableBytes> receive(size());
  return exchange(send, receive, tag, deadline);
}

}  // namespace switchyard::comm
