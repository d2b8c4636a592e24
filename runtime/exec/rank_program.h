// One rank's program: generated code, the memory it works on, and the calls it makes.
#ifndef SWITCHYARD_RUNTIME_EXEC_RANK_PROGRAM_H
#define SWITCHYARD_RUNTIME_EXEC_RANK_PROGRAM_H

#include "runtime/artifact/rank_weights.h"
#include "runtime/base/import_table.h"
#include "runtime/exec/arena_memory.h"
#include "runtime/exec/collectives.h"
#include "runtime/exec/failpoint.h"
#include "runtime/exec/progress.h"
#include "runtime/exec/site_table.h"
#include "runtime/exec/statistics.h"
#include "runtime/exec/thread_pool.h"

#include <optional>
#include <span>
#include <vector>

namespace switchyard::exec {

/// What the ranks of one process share.
struct Program {
  const artifact::Manifest &manifest;
  const artifact::Plan &plan;
  const MoeLibrary &library;
  const std::vector<BoundSite> &sites;
  const std::vector<int64_t> &slotOffsets;
  uint64_t arenaBytes;
  bool measureArena;
};

class RankProgram {
public:
  static Result<std::unique_ptr<RankProgram>> create(const Program &program, Collectives &collectives, artifact::RankWeights weights,
                                                     int threads, std::optional<Failpoint> failpoint, Progress &progress);

  /// Runs one step. `inputs` and `outputs` are the data of the manifest's inputs and outputs, in order; `dims` the values of its
  /// dimensions.
  Fault step(std::span<const int64_t> dims, std::span<void *const> inputs, std::span<void *const> outputs);

  RankCounts &counts() { return statistics; }
  /// The high-water mark: bytes of the arena that were written up to now; 0 where it is not measured.
  Result<uint64_t> writtenArenaBytes() const { return arena.writtenBytes(); }
  const artifact::RankWeights &weights() const { return rankWeights; }

private:
  RankProgram(const Program &program, Collectives &collectives, artifact::RankWeights weights, ArenaMemory arena, int threads,
              std::optional<Failpoint> failpoint, Progress &progress);
  static int32_t invoke(void *self, int32_t site, const MoeTensor *tensors, int32_t tensorCount, const int64_t *scalars,
                        int32_t scalarCount);
  Fault call(int32_t site, std::span<const kernels::Tensor> tensors, std::span<const int64_t> scalars);
  Fault callKernel(const BoundSite &site, std::span<const kernels::Tensor> tensors, std::span<const int64_t> scalars);
  void publish(const BoundSite &site);

  const Program program;
  Collectives &collectives;
  artifact::RankWeights rankWeights;
  ArenaMemory arena;
  ThreadPool pool;
  std::optional<Failpoint> failpoint;
  Progress &progress;
  RankCounts statistics;
  std::vector<const void *> owners;  // by layer: the plan's table
  MoeEnvironment environment{};
  Fault fault;
};

}  // namespace switchyard::exec

#endif  // SWITCHYARD_RUNTIME_EXEC_RANK_PROGRAM_H
