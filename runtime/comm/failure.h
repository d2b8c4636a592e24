// Why a collective failed: what was asked, by whom, who was waited for, and how long.
#ifndef SWITCHYARD_RUNTIME_COMM_FAILURE_H
#define SWITCHYARD_RUNTIME_COMM_FAILURE_H

#include "runtime/comm/op_tag.h"

#include <optional>
#include <string>

namespace switchyard::comm {

/// In the order of how much a failure says about its cause: of two failures of one job the lower kind is nearer to it.
enum class FailureKind : int32_t {
  mismatch = 0,  // ranks issued different collectives, or sizes that do not fit
  deadline = 1,  // a peer was not heard in time
  peerLost = 2,  // the connection to a peer broke
  aborted = 3,   // another rank or thread stopped the job
};

struct Failure {
  FailureKind kind = FailureKind::aborted;
  int rank = -1;  // who reports
  int peer = -1;  // who was waited for, -1 where that is nobody in particular
  OpTag tag;
  double waited = 0;  // seconds
  std::string detail;

  /// One line that names rank, op, layer, peer and time waited.
  std::string message() const;
};

/// Empty on success.
using Outcome = std::optional<Failure>;

}  // namespace switchyard::comm

#endif  // SWITCHYARD_RUNTIME_COMM_FAILURE_H
