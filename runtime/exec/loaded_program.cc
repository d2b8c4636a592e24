#include "runtime/exec/loaded_program.h"

#include "runtime/artifact/buffers.h"
#include "runtime/artifact/verifier.h"
#include "runtime/base/digest.h"
#include "runtime/exec/dims.h"

namespace switchyard::exec {
namespace {

std::string limitsText(const artifact::Manifest &manifest) {
  std::string text;
  for (const artifact::Dim &dim : manifest.dims)
    text += dim.name + "=" + std::to_string(dim.limit) + "\n";
  return text;
}

}  // namespace

Result<std::unique_ptr<LoadedProgram>> LoadedProgram::check(const LoadOptions &options) {
  SWITCHYARD_ASSIGN_OR_RETURN(artifact::ArtifactReader reader, artifact::ArtifactReader::open(options.path, options.verify));
  std::unique_ptr<LoadedProgram> program(new LoadedProgram(std::move(reader)));
  SWITCHYARD_ASSIGN_OR_RETURN(const artifact::Code code, artifact::CodeLibrary::choose(program->artifact));
  program->level = code.level;
  SWITCHYARD_RETURN_IF_ERROR(overrideLimits(program->boundManifest, options.maxBatch, options.maxSequence));
  SWITCHYARD_RETURN_IF_ERROR(program->choosePlan(options));
  SWITCHYARD_ASSIGN_OR_RETURN(program->boundSites, bindSites(program->manifest(), options.referenceKernels));
  SWITCHYARD_ASSIGN_OR_RETURN(program->layout,
                              artifact::layOutArena(program->manifest().slots, program->manifest().limits(options.ranks, options.threads)));
  SWITCHYARD_RETURN_IF_ERROR(artifact::checkBuffers(program->manifest(), program->plan(), program->layout));
  return std::move(program);
}

Result<std::unique_ptr<LoadedProgram>> LoadedProgram::load(const LoadOptions &options) {
  SWITCHYARD_ASSIGN_OR_RETURN(std::unique_ptr<LoadedProgram> program, check(options));
  SWITCHYARD_ASSIGN_OR_RETURN(artifact::CodeLibrary code, artifact::CodeLibrary::load(program->reader()));
  program->code.emplace(std::move(code));
  return std::move(program);
}

Status LoadedProgram::choosePlan(const LoadOptions &options) {
  SWITCHYARD_ASSIGN_OR_RETURN(schedule, artifact.plan(options.ranks));
  if (!options.maxBatch && !options.maxSequence)
    return Status();
  // The stored bounds are those of the stored limits: the same owners, with the bounds of the limits that hold now.
  SWITCHYARD_ASSIGN_OR_RETURN(schedule, artifact::planOfOwners(manifest(), options.ranks, std::move(schedule.layers)));
  return artifact::verifySchedule(manifest(), schedule);
}

Identity LoadedProgram::identity() const {
  return Identity{artifact.id(), digestOf(schedule.toJson()), digestOf(limitsText(manifest())), codeLevel(), MOE_ABI_VERSION};
}

}  // namespace switchyard::exec
