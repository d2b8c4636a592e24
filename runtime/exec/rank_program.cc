#include "runtime/exec/rank_program.h"

#include "runtime/base/escape.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstring>

namespace switchyard::exec {

using kernels::Tensor;

// Generated code passes MoeTensor, kernels read Tensor: one struct, written down on both sides of the boundary.
static_assert(sizeof(MoeTensor) == sizeof(Tensor) && MOE_MAX_RANK == kernels::maxRank);
static_assert(offsetof(MoeTensor, data) == offsetof(Tensor, data) && offsetof(MoeTensor, rank) == offsetof(Tensor, rank));
static_assert(offsetof(MoeTensor, type) == offsetof(Tensor, type) && sizeof(MoeTensor::type) == sizeof(Tensor::type));
static_assert(offsetof(MoeTensor, sizes) == offsetof(Tensor, sizes) && offsetof(MoeTensor, strides) == offsetof(Tensor, strides));

Result<std::unique_ptr<RankProgram>> RankProgram::create(const Program &program, Collectives &collectives, artifact::RankWeights weights,
                                                         int threads, std::optional<Failpoint> failpoint, Progress &progress) {
  SWITCHYARD_ASSIGN_OR_RETURN(ArenaMemory arena, ArenaMemory::allocate(program.arenaBytes, program.measureArena));
  return std::unique_ptr<RankProgram>(
      new RankProgram(program, collectives, std::move(weights), std::move(arena), threads, std::move(failpoint), progress));
}

RankProgram::RankProgram(const Program &program, Collectives &collectives, artifact::RankWeights weights, ArenaMemory arenaMemory,
                         int threads, std::optional<Failpoint> failpoint, Progress &progress)
    : program(program), collectives(collectives), rankWeights(std::move(weights)), arena(std::move(arenaMemory)), pool(threads),
      failpoint(std::move(failpoint)), progress(progress), statistics(program.manifest) {
  for (size_t layer = 0; layer < program.manifest.layers.size(); ++layer)
    owners.push_back(collectives.owners(layer).owner.data());
  environment.version = MOE_ABI_VERSION;
  environment.rank = collectives.communicator().rank();
  environment.ranks = collectives.communicator().size();
  environment.threads = threads;
  environment.weights = rankWeights.addresses();
  environment.tables = owners.data();
  environment.arena = arena.data();
  environment.slots = program.slotOffsets.data();
  environment.self = this;
  environment.invoke = &RankProgram::invoke;
}

Fault RankProgram::step(std::span<const int64_t> dims, std::span<void *const> inputs, std::span<void *const> outputs) {
  environment.dims = dims.data();
  environment.inputs = inputs.data();
  environment.outputs = outputs.data();
  fault = Fault{};
  progress.stage = static_cast<int32_t>(Stage::running);
  const auto begin = std::chrono::steady_clock::now();
  const int32_t result = program.library.run(&environment);
  statistics.stepSeconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  ++progress.step;
  if (result != 0 && fault.ok())
    fault = Fault{internalError("the program ended with " + llvm::Twine(result) + ", and no call failed")};
  return fault;
}

int32_t RankProgram::invoke(void *opaque, int32_t site, const MoeTensor *tensors, int32_t tensorCount, const int64_t *scalars,
                            int32_t scalarCount) {
  auto *self = static_cast<RankProgram *>(opaque);
  const auto *first = reinterpret_cast<const Tensor *>(tensors);
  self->fault = self->call(site, {first, static_cast<size_t>(tensorCount)}, {scalars, static_cast<size_t>(scalarCount)});
  return static_cast<int32_t>(self->fault.status.code());
}

Fault RankProgram::call(int32_t number, std::span<const Tensor> tensors, std::span<const int64_t> scalars) {
  if (number < 0 || number >= static_cast<int32_t>(program.sites.size()))
    return Fault{internalError("the program calls site " + llvm::Twine(number) + " of " + llvm::Twine(uint64_t(program.sites.size())))};
  const BoundSite &site = program.sites[number];
  // Only a failure needs it: a step has thousands of calls.
  const auto where = [&] { return "rank " + std::to_string(environment.rank) + ", " + site.describe(); };
  publish(site);
  if (failpoint)
    if (Status status = failpoint->reach(site.site->kernel, site.site->layer, environment.rank, progress.step); !status.ok())
      return Fault{status.within(where())};
  Fault result = site.collective ? collectives.perform(*site.collective, site.site->layer, tensors, statistics.layers[site.site->layer])
                                 : callKernel(site, tensors, scalars);
  // What a communicator reports names rank, collective and layer already.
  if (result.ok() || result.status.code() == ExitCode::communication)
    return result;
  return Fault{result.status.within(where()), result.consequence};
}

Fault RankProgram::callKernel(const BoundSite &site, std::span<const Tensor> tensors, std::span<const int64_t> scalars) {
  if (static_cast<int>(tensors.size()) != site.tensorCount() || scalars.size() != site.signature->scalars.size())
    return Fault{internalError("called with " + llvm::Twine(uint64_t(tensors.size())) + " tensors and " +
                               llvm::Twine(uint64_t(scalars.size())) + " scalars")};
  kernels::Failure failure{};
  const kernels::Call call{tensors.data(),
                           static_cast<int32_t>(tensors.size()),
                           static_cast<int32_t>(scalars.size()),
                           scalars.data(),
                           site.integers.data(),
                           site.floats.data(),
                           pool.parallel(),
                           &failure};
  switch (site.function(call)) {
  case kernels::Status::ok:
    return Fault{};
  case kernels::Status::badShape:
    return Fault{internalError(escaped(failure.message))};
  case kernels::Status::badData:
  case kernels::Status::overLimit:
    return Fault{limitError(escaped(failure.message))};
  }
  return Fault{internalError("the kernel gave an unknown status")};
}

void RankProgram::publish(const BoundSite &site) {
  const std::string &kernel = site.site->kernel;
  progress.site.write(kernel);
  progress.layer = static_cast<int32_t>(site.site->layer);
  ++progress.calls;
}

}  // namespace switchyard::exec
