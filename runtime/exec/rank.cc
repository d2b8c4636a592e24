#include "runtime/exec/rank.h"

#include "runtime/base/checked.h"
#include "runtime/base/escape.h"
#include "runtime/exec/dims.h"

namespace switchyard::exec {
namespace {

Status makeRoom(const artifact::Signature &signature, const artifact::ExpressionScope &scope, Output &output) {
  output.type = signature.type;
  SWITCHYARD_ASSIGN_OR_RETURN(output.shape, evaluateShape(signature.shape, scope));
  const std::optional<uint64_t> bytes = checkedProduct(output.shape, elementBytes(output.type));
  if (!bytes)
    return limitError("output " + quote(signature.name) + " of " + describe(output.type, output.shape) + " is too large");
  output.bytes = *bytes;
  const uint64_t room = output.data.size();
  // A cache is a little larger at every step: with room for half as much again, it moves but now and then. The logits of a long prompt
  // do not stay for those of single tokens.
  constexpr uint64_t small = 1 << 20;
  if (room >= *bytes && (room <= small || room / 4 <= *bytes))
    return Status();
  const uint64_t wanted = room > 0 && room < *bytes ? *bytes + *bytes / 2 : *bytes;
  SWITCHYARD_ASSIGN_OR_RETURN(output.data, Buffer::allocate(wanted, "output " + quote(signature.name)));
  return Status();
}

}  // namespace

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

Result<artifact::ExpressionScope> Rank::bind(const std::vector<InputView> &inputs) {
  std::vector<InputType> types;
  for (const InputView &input : inputs)
    types.push_back({input.type, input.shape});
  SWITCHYARD_ASSIGN_OR_RETURN(artifact::ExpressionScope scope,
                              bindDims(loaded.manifest(), types, transfers.communicator().size(), threads));
  SWITCHYARD_RETURN_IF_ERROR(artifact::checkArena(loaded.manifest().slots, loaded.arena(), scope));
  return scope;
}

Status Rank::prepare(const std::vector<InputView> &inputs, std::vector<Output> &outputs) {
  const artifact::Manifest &manifest = loaded.manifest();
  SWITCHYARD_ASSIGN_OR_RETURN(const artifact::ExpressionScope scope, bind(inputs));
  inputData.clear();
  for (const InputView &input : inputs)
    inputData.push_back(input.data);
  dims.clear();
  for (const artifact::Dim &dim : manifest.dims)
    dims.push_back(scope.dims.at(dim.name));
  outputs.resize(manifest.outputs.size());
  outputData.clear();
  for (size_t index = 0; index < outputs.size(); ++index) {
    SWITCHYARD_RETURN_IF_ERROR(makeRoom(manifest.outputs[index], scope, outputs[index]));
    outputData.push_back(outputs[index].data.data());
  }
  return Status();
}

Fault Rank::step() { return code->step(dims, inputData, outputData); }

}  // namespace switchyard::exec
