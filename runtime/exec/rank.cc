#include "runtime/exec/rank.h"

#include "runtime/base/checked.h"
#include "runtime/base/escape.h"
#include "runtime/exec/dims.h"

namespace switchyard::exec {

std::vector<InputView> InputView::of(std::vector<Array> &arrays) {
  std::vector<InputView> views;
  for (Array &array : arrays)
    views.push_back({array.type, array.shape, array.data.data()});
  return views;
}

Fault Rank::create(const LoadedProgram &program, comm::Communicator &communicator, const RankOptions &options, Progress &progress,
                   std::unique_ptr<Rank> &result) {
  Result<std::optional<Failpoint>> failpoint = Failpoint::fromEnvironment();
  if (!failpoint.ok())
    return Fault{failpoint.status()};
  std::unique_ptr<Rank> rank(new Rank(program, communicator, options));
  progress.stage = static_cast<int32_t>(Stage::meeting);
  if (Fault fault = agree(rank->transfers, program.identity()); !fault.ok())
    return fault;
  progress.stage = static_cast<int32_t>(Stage::loading);
  Result<artifact::RankWeights> weights = artifact::RankWeights::map(program.reader(), program.plan(), communicator.rank());
  if (!weights.ok())
    return Fault{weights.status()};
  const Program shared{program.manifest(),      program.plan(),        program.library(),   program.sites(),
                       program.arena().offsets, program.arena().bytes, options.measureArena};
  Result<std::unique_ptr<RankProgram>> code =
      RankProgram::create(shared, rank->transfers, *std::move(weights), options.threads, *std::move(failpoint), progress);
  if (!code.ok())
    return Fault{code.status()};
  rank->code = *std::move(code);
  result = std::move(rank);
  return Fault{};
}

Status Rank::prepare(const std::vector<InputView> &inputs, std::vector<Output> &outputs) {
  const artifact::Manifest &manifest = loaded.manifest();
  std::vector<InputType> types;
  inputData.clear();
  for (const InputView &input : inputs) {
    types.push_back({input.type, input.shape});
    inputData.push_back(input.data);
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const artifact::ExpressionScope scope, bindDims(manifest, types, transfers.communicator().size(), threads));
  SWITCHYARD_RETURN_IF_ERROR(artifact::checkArena(manifest.slots, loaded.arena(), scope));
  dims.clear();
  for (const artifact::Dim &dim : manifest.dims)
    dims.push_back(scope.dims.at(dim.name));
  outputs.clear();
  outputData.clear();
  for (const artifact::Signature &signature : manifest.outputs) {
    Output output{signature.type, {}, {}, 0};
    SWITCHYARD_ASSIGN_OR_RETURN(output.shape, evaluateShape(signature.shape, scope));
    const std::optional<uint64_t> bytes = checkedProduct(output.shape, elementBytes(output.type));
    if (!bytes)
      return limitError("output " + quote(signature.name) + " of " + describe(output.type, output.shape) + " is too large");
    output.bytes = *bytes;
    SWITCHYARD_ASSIGN_OR_RETURN(output.data, Buffer::allocate(*bytes, "output " + quote(signature.name)));
    outputData.push_back(output.data.data());
    outputs.push_back(std::move(output));
  }
  return Status();
}

Fault Rank::step() { return code->step(dims, inputData, outputData); }

}  // namespace switchyard::exec
