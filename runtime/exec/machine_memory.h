// What memory this machine lets a job have.
#ifndef SWITCHYARD_RUNTIME_EXEC_MACHINE_MEMORY_H
#define SWITCHYARD_RUNTIME_EXEC_MACHINE_MEMORY_H

#include "runtime/base/status.h"

#include <cstdint>

namespace switchyard::exec {

/// The smallest of the machine's memory and the limit of the control group, in bytes.
uint64_t machineMemory();

/// Fails with ExitCode::resources where `ranks` arenas of `arenaBytes` and weights of `weightBytes`, which the ranks of one machine
/// share, cannot be in memory together.
Status checkMemory(uint64_t arenaBytes, int64_t ranks, uint64_t weightBytes, uint64_t memory = machineMemory());

}  // namespace switchyard::exec

#endif  // SWITCHYARD_RUNTIME_EXEC_MACHINE_MEMORY_H
