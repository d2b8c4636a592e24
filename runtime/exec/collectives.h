// The four collectives of a MoE layer, on the tensors of a call site (docs/contracts.md, section 4).
//
// Routes come from kernels, counts from other ranks. Both are checked before they become offsets.
#ifndef SWITCHYARD_RUNTIME_EXEC_COLLECTIVES_H
#define SWITCHYARD_RUNTIME_EXEC_COLLECTIVES_H

#include "kernels/abi.h"
#include "runtime/artifact/plan.h"
#include "runtime/comm/communicator.h"
#include "runtime/exec/fault.h"
#include "runtime/exec/placement.h"
#include "runtime/exec/statistics.h"

#include <chrono>
#include <span>
#include <vector>

namespace switchyard::exec {

class Collectives {
public:
  /// Every collective must end within `timeout`.
  Collectives(comm::Communicator &communicator, const artifact::Plan &plan, std::chrono::milliseconds timeout);

  /// Performs one collective of layer `layer` (an index of the plan's layers) and counts it.
  Fault perform(artifact::PhaseKind kind, int64_t layer, std::span<const kernels::Tensor> tensors, LayerCounts &counts);

  /// Gathers `own`, of one size on all ranks, from every rank.
  Fault gather(std::span<const int64_t> own, std::vector<int64_t> &all);

  comm::Communicator &communicator() { return comm; }
  const LayerOwners &owners(int64_t layer) const { return layers[layer]; }

private:
  using Tensors = std::span<const kernels::Tensor>;

  Fault exchangeCounts(int64_t layer, Tensors tensors, LayerCounts &counts);
  Fault exchangeRows(int64_t layer, Tensors tensors, LayerCounts &counts);
  Fault returnRows(int64_t layer, Tensors tensors, LayerCounts &counts);
  Fault allGatherTokens(int64_t layer, Tensors tensors, LayerCounts &counts);

  /// The rows of a buffer that go to or come from each rank.
  std::vector<std::span<std::byte>> sourceRows(int64_t layer, const kernels::Tensor &rows, const kernels::Tensor &route,
                                               Status &status) const;
  std::vector<std::span<std::byte>> ownerRows(int64_t layer, const kernels::Tensor &rows, const kernels::Tensor &route,
                                              Status &status) const;
  Fault exchange(comm::Collective op, int64_t layer, std::span<const std::span<std::byte>> send,
                 std::span<const std::span<std::byte>> receive, LayerCounts &counts);
  int ranks() const { return comm.size(); }

  comm::Communicator &comm;
  std::vector<LayerOwners> layers;
  const std::chrono::milliseconds timeout;
  uint32_t sequence = 0;
};

}  // namespace switchyard::exec

#endif  // SWITCHYARD_RUNTIME_EXEC_COLLECTIVES_H
