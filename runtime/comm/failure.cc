#include "runtime/comm/failure.h"

#include <cstdio>

namespace switchyard::comm {

std::string Failure::message() const {
  char seconds[32];
  std::snprintf(seconds, sizeof(seconds), "%.2f s", waited);
  std::string text = "rank " + std::to_string(rank) + ", " + describe(tag) + ": " + detail;
  if (kind == FailureKind::deadline || kind == FailureKind::peerLost)
    text += std::string(" (waited ") + seconds + ")";
  return text;
}

}  // namespace switchyard::comm
