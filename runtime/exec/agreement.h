// At the start of a job all ranks compare what they are about to run.
#ifndef SWITCHYARD_RUNTIME_EXEC_AGREEMENT_H
#define SWITCHYARD_RUNTIME_EXEC_AGREEMENT_H

#include "runtime/exec/collectives.h"

#include <string>

namespace switchyard::exec {

/// What must be equal on all ranks. Digests are hex.
struct Identity {
  std::string artifact, plan, limits, codeLevel;
  uint32_t abi = 0;
};

/// Fails with ExitCode::mismatch, on every rank, naming the rank that differs from most others and what differs.
Fault agree(Collectives &collectives, const Identity &own);

}  // namespace switchyard::exec

#endif  // SWITCHYARD_RUNTIME_EXEC_AGREEMENT_H
