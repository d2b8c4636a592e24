// moe-run: executes an artifact on one or many ranks.
//
// Without --in-process one process per rank: this one supervises, and starts itself again for every rank. A process
// that a foreign launcher started is a rank of that launcher's job.
#include "runtime/base/mapping_fault.h"
#include "runtime/exec/failpoint.h"
#include "runtime/exec/machine_memory.h"
#include "runtime/launch/in_process.h"
#include "runtime/launch/rank_connection.h"
#include "runtime/launch/supervisor.h"
#include "runtime/launch/watchdog.h"
#include "tools/moe-run/rank_task.h"
#include "tools/support/exhaustion.h"
#include "tools/support/standard_streams.h"

#include "llvm/Support/raw_ostream.h"

#include <csignal>
#include <thread>

#include <unistd.h>

namespace switchyard::run {
namespace {

using exec::Fault;

int report(const Status &status) {
  if (!status.message().empty())
    llvm::errs() << "moe-run: " << status.message() << "\n";
  return static_cast<int>(status.code());
}

/// Everything that a job needs and every rank has a copy of.
struct Job {
  std::unique_ptr<exec::LoadedProgram> program;
  std::vector<Case> cases;
  int threads = 1;
};

int threadsOf(const Options &options, int ranks) {
  if (options.threads)
    return options.threads;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / ranks);
}

exec::LoadOptions loadOptions(const Options &options, int ranks) {
  exec::LoadOptions load;
  load.path = options.artifact;
  load.ranks = ranks;
  load.threads = threadsOf(options, ranks);
  load.verify = options.verify;
  load.maxBatch = options.maxBatch;
  load.maxSequence = options.maxSequence;
  load.referenceKernels = options.referenceKernels;
  return load;
}

Result<Job> loadJob(const Options &options, const exec::LoadOptions &load) {
  Job job;
  job.threads = load.threads;
  SWITCHYARD_ASSIGN_OR_RETURN(job.program, exec::LoadedProgram::load(load));
  if (!options.generate) {
    SWITCHYARD_ASSIGN_OR_RETURN(job.cases, findCases(options, job.program->manifest()));
  }
  SWITCHYARD_RETURN_IF_ERROR(checkOutputs(options));
  return std::move(job);
}

int checkOnly(const Options &options, int ranks) {
  Result<std::unique_ptr<exec::LoadedProgram>> program = exec::LoadedProgram::check(loadOptions(options, ranks));
  if (!program.ok())
    return report(program.status());
  uint64_t weightBytes = 0;
  for (const artifact::FileRecord &file : (*program)->manifest().files)
    if (llvm::StringRef(file.path).starts_with("weights/"))
      weightBytes += file.size;
  if (Status status = exec::checkMemory((*program)->arena().bytes, ranks, weightBytes); !status.ok())
    return report(status);
  for (const std::string &warning : (*program)->reader().warnings())
    llvm::errs() << "moe-run: warning: " << warning << "\n";
  llvm::outs() << "ok: artifact " << (*program)->reader().id() << ", " << ranks << " ranks, code " << (*program)->codeLevel() << ", arena "
               << (*program)->arena().bytes << " bytes a rank\n";
  return 0;
}

int runThreads(const Options &options, int ranks) {
  Result<Job> job = loadJob(options, loadOptions(options, ranks));
  if (!job.ok())
    return report(job.status());
  const RankTask task{options, *job->program, job->cases, options.inProcess ? "threads" : "processes", job->threads};
  const Fault fault = launch::runInProcess(ranks, options.timeoutSeconds, [&](comm::Communicator &communicator, exec::Progress &progress) {
    return runRank(task, communicator, progress);
  });
  return report(fault.status);
}

Fault runConnected(const Options &options, const launch::RankEnvironment &environment, launch::RankConnection &connection) {
  const auto timeout = std::chrono::duration_cast<comm::Clock::duration>(std::chrono::duration<double>(options.collectiveTimeoutSeconds));
  connection.progress().stage = static_cast<int32_t>(exec::Stage::loading);
  exec::LoadOptions load = loadOptions(options, environment.size);
  // The supervisor has read every byte already.
  if (connection.supervised() && load.verify == artifact::Verify::full)
    load.verify = artifact::Verify::header;
  Result<Job> job = loadJob(options, load);
  if (!job.ok())
    return Fault{job.status()};
  // A rank that does not find the others may have lost them to a fault of their own, which is then the one to tell.
  if (Status status = connection.meet(comm::Clock::now() + timeout); !status.ok())
    return Fault{status, status.code() == ExitCode::communication};
  const RankTask task{options, *job->program, job->cases, "processes", job->threads};
  const Fault fault = runRank(task, connection.communicator(), connection.progress());
  if (connection.progress().stage == static_cast<int32_t>(exec::Stage::finishing))
    if (Status status = connection.finish(comm::Clock::now() + timeout); !status.ok() && fault.ok())
      return Fault{status, true};
  return fault;
}

int runAsRank(const Options &options, const launch::RankEnvironment &environment) {
  Result<std::unique_ptr<launch::RankConnection>> connection = launch::RankConnection::open(environment);
  if (!connection.ok())
    return report(connection.status());
  // A supervisor of ours watches the time itself; a foreign launcher knows nothing of it.
  const exec::Progress &progress = (*connection)->progress();
  const launch::Watchdog watchdog((*connection)->supervised() ? std::nullopt : options.timeoutSeconds,
                                  [&] { return "rank " + std::to_string(environment.rank) + " in " + launch::whereabouts(progress); });
  const Fault fault = runConnected(options, environment, **connection);
  const int code = static_cast<int>(fault.status.code());
  if (!fault.ok() && (*connection)->supervised())
    launch::record((*connection)->progress(), fault);
  else
    report(fault.status);
  if (fault.ok())
    return code;
  // Threads of the transport may still wait for a peer that is gone.
  ::_exit(code);
}

int superviseRanks(const Options &options, int ranks, int argc, char **argv) {
  // What is wrong with the artifact itself is told once, before there are ranks.
  if (Result<std::unique_ptr<exec::LoadedProgram>> program = exec::LoadedProgram::check(loadOptions(options, ranks)); !program.ok())
    return report(program.status());
  launch::JobOptions job;
  job.ranks = ranks;
  job.command.assign(argv, argv + argc);
  job.timeoutSeconds = options.timeoutSeconds;
  return launch::supervise(job);
}

int runJob(const Options &options, int argc, char **argv) {
  Result<std::optional<launch::RankEnvironment>> found = launch::detectLauncher(launch::processEnvironment);
  if (!found.ok())
    return report(found.status());
  const std::optional<launch::RankEnvironment> &launcher = *found;
  if (launcher && options.ranks && *options.ranks != launcher->size)
    return report(usageError("-n " + llvm::Twine(*options.ranks) + ", but " + launcher->launcher + " started " +
                             llvm::Twine(launcher->size) + " ranks"));
  if (launcher && options.inProcess && launcher->size > 1)
    return report(usageError("--in-process, but " + launcher->launcher + " started " + llvm::Twine(launcher->size) + " ranks"));
  const int ranks = launcher ? launcher->size : options.ranks.value_or(1);
  if (options.check)
    return checkOnly(options, ranks);
  if (launcher && ranks > 1)
    return runAsRank(options, *launcher);
  if (options.inProcess || ranks == 1)
    return runThreads(options, ranks);
  return superviseRanks(options, ranks, argc, argv);
}

}  // namespace
}  // namespace switchyard::run

int main(int argc, char **argv) {
  using namespace switchyard;
  ::signal(SIGPIPE, SIG_IGN);
  guardStandardStreams("moe-run");
  reportExhaustion("moe-run");
  installMappingFaultHandler("moe-run");
  Result<run::Options> options = run::parseOptions(argc, argv);
  if (!options.ok())
    return run::report(options.status());
  if (options->listFailpoints) {
    llvm::outs() << exec::Failpoint::help();
    return 0;
  }
  return run::runJob(*options, argc, argv);
}
