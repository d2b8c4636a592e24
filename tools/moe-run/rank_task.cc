#include "tools/moe-run/rank_task.h"

#include "runtime/base/digest.h"
#include "runtime/base/escape.h"
#include "runtime/base/output_file.h"
#include "runtime/exec/machine_memory.h"
#include "tools/support/standard_streams.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <cstring>

namespace switchyard::run {
namespace {

using exec::Fault;
using Clock = std::chrono::steady_clock;

/// Whether the bytes of the arenas are counted for the reports: it makes the arenas resident, which must leave room for everything else.
bool measuresArena(const RankTask &task, int ranks) {
  const bool reports = task.options.statistics || !task.options.jsonFile.empty();
  return reports && exec::checkMemory(task.program.arena().bytes, ranks, 0, exec::machineMemory() / 4).ok();
}

class Runner {
public:
  Runner(const RankTask &task, exec::Rank &rank, exec::Progress &progress)
      : task(task), rank(rank), progress(progress), isFirst(rank.collectives().communicator().rank() == 0) {}

  Fault run();

private:
  Fault runCase(const Case &one);
  Fault measure(const std::string &name, std::vector<double> &seconds);
  Fault goesOn(int64_t steps, Clock::time_point begin, bool &more);
  Fault gatherCounts(CaseReport &report);
  Fault gatherRanks();
  Status finishCase(const Case &one, std::vector<exec::Output> &outputs, CaseReport report);
  Status writeOutputs(const Case &one, const std::vector<exec::Output> &outputs) const;
  Status writeReports();
  Tolerance tolerance() const { return {task.options.relativeTolerance, task.options.absoluteTolerance}; }
  int ranks() const { return rank.collectives().communicator().size(); }

  const RankTask &task;
  exec::Rank &rank;
  exec::Progress &progress;
  const bool isFirst;
  JobReport report;
  std::vector<double> allSeconds;
};

Fault Runner::run() {
  if (task.options.generate)
    if (Fault fault = generate(rank, task.program.manifest(), task.options, report.generation.emplace()); !fault.ok())
      return fault;
  for (const Case &one : task.cases)
    if (Fault fault = runCase(one); !fault.ok())
      return fault;
  if (Fault fault = gatherRanks(); !fault.ok())
    return fault;
  progress.stage = static_cast<int32_t>(exec::Stage::finishing);
  if (!isFirst)
    return Fault{};
  if (Status status = writeReports(); !status.ok())
    return Fault{status};
  if (const int64_t wrong = report.mismatchedCases())
    return Fault{
        limitError(llvm::Twine(wrong) + " of " + llvm::Twine(uint64_t(task.cases.size())) + " cases differ from what is expected")};
  return Fault{};
}

Fault Runner::runCase(const Case &one) {
  Result<std::vector<Array>> inputs = readInputs(one, task.program.manifest());
  if (!inputs.ok())
    return Fault{inputs.status()};
  std::vector<exec::Output> outputs;
  if (Status status = rank.prepare(exec::InputView::of(*inputs), outputs); !status.ok())
    return Fault{status.within("case " + quote(one.name))};
  std::vector<double> seconds;
  if (Fault fault = measure(one.name, seconds); !fault.ok())
    return fault.consequence || fault.status.code() == ExitCode::communication ? fault
                                                                               : Fault{fault.status.within("case " + quote(one.name))};
  allSeconds.insert(allSeconds.end(), seconds.begin(), seconds.end());
  CaseReport result{one.name, "", StepTimes::of(seconds).total, {}, {}};
  if (Fault fault = gatherCounts(result); !fault.ok())
    return fault;
  return isFirst ? Fault{finishCase(one, outputs, std::move(result))} : Fault{};
}

Fault Runner::measure(const std::string &name, std::vector<double> &seconds) {
  for (int step = 0; step < task.options.warmup; ++step)
    if (Fault fault = rank.step(); !fault.ok())
      return fault;
  const auto begin = Clock::now();
  for (bool more = true; more;) {
    rank.program().counts().reset();
    if (Fault fault = rank.step(); !fault.ok())
      return fault;
    seconds.push_back(rank.program().counts().stepSeconds);
    if (Fault fault = goesOn(seconds.size(), begin, more); !fault.ok())
      return fault;
  }
  return Fault{};
}

/// With --duration, rank 0's clock decides for all.
Fault Runner::goesOn(int64_t steps, Clock::time_point begin, bool &more) {
  more = steps < task.options.iterations;
  if (!task.options.durationSeconds)
    return Fault{};
  const int64_t own[] = {std::chrono::duration<double>(Clock::now() - begin).count() < *task.options.durationSeconds};
  std::vector<int64_t> all;
  Fault fault = rank.collectives().gather(own, all);
  more = fault.ok() && all.front() != 0;
  return fault;
}

Fault Runner::gatherCounts(CaseReport &result) {
  const std::vector<int64_t> own = rank.program().counts().flatten();
  std::vector<int64_t> all;
  if (Fault fault = rank.collectives().gather(own, all); !fault.ok())
    return fault;
  for (int peer = 0; peer < ranks(); ++peer)
    result.ranks.push_back(exec::RankCounts::unflatten(task.program.manifest(), all.data() + peer * own.size()));
  return Fault{};
}

/// What is known of a rank as a whole: its weights, memory and times. Experts travel as flags, so that all ranks send
/// the same number of words.
Fault Runner::gatherRanks() {
  const artifact::RankWeights &weights = rank.program().weights();
  const StepTimes times = StepTimes::of(allSeconds);
  const double seconds[] = {times.total, times.least, times.mean, times.median, times.most};
  std::vector<int64_t> own(std::size(seconds));
  std::memcpy(own.data(), seconds, sizeof(seconds));
  const Result<uint64_t> written =
      measuresArena(task, ranks()) ? rank.program().writtenArenaBytes() : Result<uint64_t>(RankReport::notMeasured);
  if (!written.ok())
    return Fault{written.status().within("rank " + llvm::Twine(rank.collectives().communicator().rank()))};
  own.insert(own.end(), {times.steps, static_cast<int64_t>(weights.mappedBytes()), static_cast<int64_t>(*written)});
  const size_t flags = own.size();
  for (size_t layer = 0; layer < task.program.manifest().layers.size(); ++layer) {
    std::vector<int64_t> mapped(task.program.manifest().layers[layer].experts);
    for (int64_t expert : weights.mappedExperts(layer))
      mapped[expert] = 1;
    own.insert(own.end(), mapped.begin(), mapped.end());
  }
  std::vector<int64_t> all;
  if (Fault fault = rank.collectives().gather(own, all); !fault.ok())
    return fault;
  for (int peer = 0; peer < ranks(); ++peer) {
    const int64_t *words = all.data() + peer * own.size();
    RankReport &one = report.rankReports.emplace_back();
    double values[std::size(seconds)];
    std::memcpy(values, words, sizeof(values));
    one.times = StepTimes{words[5], values[0], values[1], values[2], values[3], values[4]};
    one.weightBytes = words[6];
    one.highWaterBytes = words[7];
    one.arenaBytes = task.program.arena().bytes;
    const int64_t *flag = words + flags;
    for (const artifact::Layer &layer : task.program.manifest().layers) {
      std::vector<int32_t> &experts = one.mappedExperts.emplace_back();
      for (int64_t expert = 0; expert < layer.experts; ++expert)
        if (*flag++)
          experts.push_back(static_cast<int32_t>(expert));
    }
  }
  return Fault{};
}

Status Runner::finishCase(const Case &one, std::vector<exec::Output> &outputs, CaseReport result) {
  Digest all;
  for (size_t index = 0; index < outputs.size(); ++index) {
    const std::string &name = task.program.manifest().outputs[index].name;
    const exec::Output &output = outputs[index];
    all.append(output.data.data(), output.bytes);
    OutputReport entry{name, digestOf(llvm::StringRef(output.data.data(), output.bytes)), output.type, output.shape, std::nullopt};
    if (const auto expected = one.expected.find(name); expected != one.expected.end()) {
      SWITCHYARD_ASSIGN_OR_RETURN(const Array want, readNpy(expected->second, output.type));
      entry.comparison = compare(output, want, tolerance());
    }
    result.outputs.push_back(std::move(entry));
  }
  result.digest = all.hex();
  for (const std::string &line : differences(result, tolerance()))
    llvm::errs() << line << "\n";
  report.cases.push_back(std::move(result));
  return writeOutputs(one, outputs);
}

Status Runner::writeOutputs(const Case &one, const std::vector<exec::Output> &outputs) const {
  for (size_t index = 0; index < outputs.size(); ++index) {
    const auto path = one.outputs.find(task.program.manifest().outputs[index].name);
    if (path == one.outputs.end())
      continue;
    const llvm::StringRef folder = llvm::sys::path::parent_path(path->second);
    if (!task.options.outputFolder.empty() && !folder.empty())
      if (std::error_code error = llvm::sys::fs::create_directories(folder))
        return usageError("cannot make the folder " + quote(folder) + ": " + error.message());
    SWITCHYARD_RETURN_IF_ERROR(writeNpy(path->second, outputs[index].type, outputs[index].shape, outputs[index].data.data()));
  }
  return Status();
}

Status Runner::writeReports() {
  const Options &options = task.options;
  report.artifact = task.program.reader().id();
  report.transport = task.transport;
  report.ranks = ranks();
  report.threads = task.threads;
  // A script that reads the report or the digests from standard output must find nothing else there.
  const bool reportsToOutput = options.jsonFile == "-";
  llvm::raw_ostream &out = llvm::outs();
  llvm::raw_ostream &digests = reportsToOutput ? llvm::errs() : out;
  llvm::raw_ostream &statistics = reportsToOutput || options.printDigest ? llvm::errs() : out;
  for (const CaseReport &one : report.cases)
    if (options.printDigest)
      digests << escaped(one.name) << " " << one.digest << "\n";
    else if (!reportsToOutput)
      out << summary(one) << "\n";
  if (report.generation && !report.generation->remark.empty())
    llvm::errs() << "moe-run: remark: " << report.generation->remark << "\n";
  if (report.generation && !reportsToOutput)
    writeGeneration(*report.generation, out);
  if (options.statistics)
    writeStatistics(report, task.program, statistics);
  std::string json;
  llvm::raw_string_ostream stream(json);
  if (!options.jsonFile.empty())
    writeJson(report, task.program, stream);
  if (reportsToOutput)
    out << json;
  else if (!options.jsonFile.empty())
    SWITCHYARD_RETURN_IF_ERROR(writeFile(options.jsonFile, json));
  return flushStandardOutput();
}

}  // namespace

exec::Fault runRank(const RankTask &task, comm::Communicator &communicator, exec::Progress &progress) {
  const auto timeout = std::chrono::milliseconds(static_cast<int64_t>(task.options.collectiveTimeoutSeconds * 1e3));
  std::unique_ptr<exec::Rank> rank;
  const exec::RankOptions options{task.threads, measuresArena(task, communicator.size()), timeout};
  if (Fault fault = exec::Rank::create(task.program, communicator, options, progress, rank); !fault.ok())
    return fault;
  return Runner(task, *rank, progress).run();
}

}  // namespace switchyard::run
