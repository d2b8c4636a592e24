#include "tools/moe-run/report.h"

#include "runtime/base/escape.h"
#include "runtime/exec/dims.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

#include <algorithm>
#include <numeric>

namespace switchyard::run {

StepTimes StepTimes::of(std::vector<double> seconds) {
  StepTimes times;
  if (seconds.empty())
    return times;
  std::sort(seconds.begin(), seconds.end());
  times.steps = seconds.size();
  times.total = std::accumulate(seconds.begin(), seconds.end(), 0.0);
  times.least = seconds.front();
  times.mean = times.total / seconds.size();
  times.median = seconds[seconds.size() / 2];
  times.most = seconds.back();
  return times;
}

int64_t JobReport::mismatchedCases() const {
  return llvm::count_if(cases, [](const CaseReport &one) {
    return llvm::any_of(one.outputs, [](const OutputReport &output) { return output.comparison && !output.comparison->equal(); });
  });
}

std::string summary(const CaseReport &one) {
  std::string text;
  llvm::raw_string_ostream out(text);
  out << escaped(one.name) << ": " << one.outputs.size() << (one.outputs.size() == 1 ? " output" : " outputs");
  double largest = 0;
  size_t compared = 0;
  for (const OutputReport &output : one.outputs)
    if (output.comparison) {
      ++compared;
      largest = std::max(largest, output.comparison->largestDifference);
    }
  if (compared)
    out << ", " << compared << " compared, largest difference " << llvm::format("%.3g", largest);
  out << ", " << llvm::format("%.4f s", one.seconds);
  return text;
}

std::vector<std::string> differences(const CaseReport &one, Tolerance tolerance) {
  std::vector<std::string> lines;
  for (const OutputReport &output : one.outputs) {
    if (!output.comparison || output.comparison->equal())
      continue;
    std::string text;
    llvm::raw_string_ostream out(text);
    int64_t elements = 1;
    for (int64_t extent : output.shape)
      elements *= extent;
    out << "case " << quote(one.name) << ": output " << quote(output.name) << " differs" << output.comparison->firstMismatch;
    if (!output.comparison->sameForm) {
      lines.push_back(text);
      continue;
    }
    out << "; largest difference " << llvm::format("%.3g", output.comparison->largestDifference) << "; " << output.comparison->mismatches
        << " of " << elements << " elements beyond rtol " << llvm::format("%g", tolerance.relative) << ", atol "
        << llvm::format("%g", tolerance.absolute);
    lines.push_back(text);
  }
  return lines;
}

namespace {

std::string joined(const std::vector<int32_t> &numbers) {
  std::string text;
  for (int32_t number : numbers)
    text += (text.empty() ? "" : " ") + std::to_string(number);
  return text.empty() ? "none" : text;
}

void writeRanks(const JobReport &report, llvm::raw_ostream &out) {
  double slowest = 0, sum = 0;
  out << "rank  weights MiB  arena MiB  used MiB  steps   min ms  mean ms   p50 ms   max ms\n";
  constexpr double mebi = 1 << 20;
  for (size_t rank = 0; rank < report.rankReports.size(); ++rank) {
    const RankReport &one = report.rankReports[rank];
    out << llvm::format("%4zu  %11.2f  %9.2f  ", rank, one.weightBytes / mebi, one.arenaBytes / mebi);
    if (one.highWaterBytes == RankReport::notMeasured)
      out << "       -";
    else
      out << llvm::format("%8.2f", one.highWaterBytes / mebi);
    out << llvm::format("  %5lld", static_cast<long long>(one.times.steps))
        << llvm::format("  %7.3f  %7.3f  %7.3f  %7.3f\n", one.times.least * 1e3, one.times.mean * 1e3, one.times.median * 1e3,
                        one.times.most * 1e3);
    slowest = std::max(slowest, one.times.mean);
    sum += one.times.mean;
  }
  out << "skew of the step time (max / mean): " << llvm::format("%.2f", sum > 0 ? slowest * report.rankReports.size() / sum : 1.0) << "\n";
}

void writeLayer(const JobReport &report, const exec::LoadedProgram &program, size_t layer, llvm::raw_ostream &out) {
  const artifact::Layer &described = program.manifest().layers[layer];
  out << "layer " << described.index << " (" << escaped(described.name) << "): " << described.experts << " experts, " << described.slots
      << " per token\n";
  std::vector<int64_t> tokens(described.experts);
  int64_t dropped = 0;
  for (size_t rank = 0; rank < report.rankReports.size(); ++rank) {
    exec::LayerCounts sum;
    for (const CaseReport &one : report.cases) {
      const exec::LayerCounts &counts = one.ranks[rank].layers[layer];
      for (size_t expert = 0; expert < tokens.size(); ++expert)
        tokens[expert] += counts.tokensPerExpert[expert];
      dropped += counts.dropped;
      sum.rowsSent += counts.rowsSent;
      sum.rowsReceived += counts.rowsReceived;
      sum.bytesSent += counts.bytesSent;
      sum.bytesReceived += counts.bytesReceived;
    }
    out << "  rank " << rank << ": experts " << joined(report.rankReports[rank].mappedExperts[layer]) << "; rows sent " << sum.rowsSent
        << ", received " << sum.rowsReceived << "; bytes sent " << sum.bytesSent << ", received " << sum.bytesReceived << "\n";
  }
  const int64_t routes = std::accumulate(tokens.begin(), tokens.end(), int64_t(0));
  out << "  tokens per expert:";
  for (int64_t count : tokens)
    out << " " << count;
  const double mean = tokens.empty() ? 0 : double(routes) / tokens.size();
  out << "; skew (max / mean) " << llvm::format("%.2f", mean > 0 ? *llvm::max_element(tokens) / mean : 1.0) << "; dropped " << dropped
      << "\n";
}

}  // namespace

void writeGeneration(const Generation &generation, llvm::raw_ostream &out) {
  for (const std::vector<int64_t> &row : generation.rows)
    out << llvm::join(llvm::map_range(row, [](int64_t token) { return std::to_string(token); }), ",") << "\n";
  out << "# " << generation.tokens() << " tokens, first after " << llvm::format("%.4f", generation.promptSeconds) << " s";
  if (const double rate = generation.tokensPerSecond(); rate > 0)
    out << ", then " << llvm::format("%.1f", rate) << " tokens/s";
  out << "\n";
}

void writeStatistics(const JobReport &report, const exec::LoadedProgram &program, llvm::raw_ostream &out) {
  out << report.ranks << (report.ranks == 1 ? " rank" : " ranks") << " of " << report.threads
      << (report.threads == 1 ? " thread, " : " threads, ") << report.transport << "; code " << program.codeLevel() << "; artifact "
      << report.artifact.substr(0, 16) << "\n";
  writeRanks(report, out);
  for (size_t layer = 0; layer < program.manifest().layers.size(); ++layer)
    writeLayer(report, program, layer, out);
}

}  // namespace switchyard::run
