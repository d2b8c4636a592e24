// The ranks of a job as threads of this process.
#ifndef SWITCHYARD_RUNTIME_LAUNCH_IN_PROCESS_H
#define SWITCHYARD_RUNTIME_LAUNCH_IN_PROCESS_H

#include "runtime/comm/communicator.h"
#include "runtime/exec/fault.h"
#include "runtime/exec/progress.h"

#include <functional>
#include <optional>

namespace switchyard::launch {

using RankBody = std::function<exec::Fault(comm::Communicator &, exec::Progress &)>;

/// Runs `body` on every rank and returns the first fault that is nobody's consequence. A rank that fails stops the
/// others; where one does not stop within stopTime, the process ends with the code of the fault and says where that rank is. After
/// `timeoutSeconds` the process ends with ExitCode::timeout and says where the ranks are.
exec::Fault runInProcess(int ranks, std::optional<double> timeoutSeconds, const RankBody &body);

}  // namespace switchyard::launch

#endif  // SWITCHYARD_RUNTIME_LAUNCH_IN_PROCESS_H
