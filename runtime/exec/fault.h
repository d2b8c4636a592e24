// How a step of a rank ends badly: the exit code and message, and whether another rank is to blame.
#ifndef SWITCHYARD_RUNTIME_EXEC_FAULT_H
#define SWITCHYARD_RUNTIME_EXEC_FAULT_H

#include "runtime/base/status.h"
#include "runtime/comm/failure.h"

namespace switchyard::exec {

struct Fault {
  Status status;
  bool consequence = false;  ///< of a fault of another rank, which is the cause to report

  bool ok() const { return status.ok(); }
};

inline Fault faultOf(const comm::Failure &failure) {
  const bool consequence = failure.kind == comm::FailureKind::aborted || failure.kind == comm::FailureKind::peerLost;
  return Fault{Status(ExitCode::communication, failure.message()), consequence};
}

}  // namespace switchyard::exec

#endif  // SWITCHYARD_RUNTIME_EXEC_FAULT_H
