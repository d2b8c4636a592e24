#include "kernels/common/parallel.h"
#include "kernels/gate/choose.h"
#include "kernels/table.h"

namespace switchyard::kernels {

Status reference_gate_f32(const Call &call) {
  Gate gate;
  SWITCHYARD_CHECK(readGate(call, gate));
  parallelFor(call, gate.tokens, [&](int64_t begin, int64_t end, int) {
    for (int64_t token = begin; token < end; ++token)
      gating::chooseExperts(gate, token);
  });
  dropBeyondCapacity(gate);
  buildRoute(gate);
  return Status::ok;
}

}  // namespace switchyard::kernels
