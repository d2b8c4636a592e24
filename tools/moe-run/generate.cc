#include "tools/moe-run/generate.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"

#include <algorithm>
#include <map>

namespace switchyard::run {
namespace {

using exec::Fault;

/// A prompt and what a step makes of it: with the second token, a cache has been read.
constexpr int64_t triedTokens = 2;

/// The sides to try, the likelier first, or why there is none.
struct Sides {
  std::vector<Padding> sides;
  std::string reason;
};

class Batches {
public:
  Batches(const Generator::Job &job, Generation &result) : job(job), result(result) {
    for (size_t number = 0; number < job.prompt.size(); ++number)
      byLength[job.prompt[number].size()].push_back(number);
  }

  Fault run();

private:
  Sides sidesToTry() const;
  Fault watchAlone(size_t number, std::vector<std::string> &logits);
  Fault tryTogether(Padding padding, size_t watched, const std::vector<std::string> &expected, bool &holds);
  Fault runWithoutPadding(const std::string &reason);
  Fault runApart(const std::string &reason);
  Fault runBatch(std::vector<size_t> members);
  void take(const Generator &generator, Padding padding);
  bool hasCapacity() const {
    return llvm::any_of(job.manifest.layers, [](const artifact::Layer &layer) { return layer.capacity.has_value(); });
  }
  std::vector<size_t> allPrompts() const {
    const auto numbers = llvm::seq<size_t>(0, job.prompt.size());
    return {numbers.begin(), numbers.end()};
  }
  std::string lengths() const { return "prompts of " + std::to_string(byLength.size()) + " lengths go "; }
  int64_t shortest() const { return byLength.begin()->first; }
  int64_t longest() const { return byLength.rbegin()->first; }

  const Generator::Job &job;
  Generation &result;
  std::map<int64_t, std::vector<size_t>> byLength;
};

Sides Batches::sidesToTry() const {
  const Decoder &decoder = job.decoder;
  if (hasCapacity())
    return {{}, "padding would take room in experts of limited capacity"};
  if (decoder.step)
    return {{}, "a step of the model has a fixed number of tokens"};
  // What is causal never sees what stands behind it.
  if (decoder.caches.empty())
    return {{Padding::right}, ""};
  if (!decoder.mask)
    return {{}, "the model has no mask for the padding in its caches"};
  // Lengths that are counted in the mask are what this kernel knows of padding, unless the mask is in its bias.
  const bool byLengths =
      llvm::any_of(job.manifest.sites, [](const artifact::Site &site) { return llvm::StringRef(site.kernel).starts_with("attention_"); });
  return {byLengths ? std::vector{Padding::right, Padding::left} : std::vector{Padding::left}, ""};
}

void Batches::take(const Generator &generator, Padding padding) {
  for (size_t row = 0; row < generator.members().size(); ++row)
    result.rows[generator.members()[row]] = generator.rows()[row];
  const Generator::Times &times = generator.times();
  result.padding = padding;
  ++result.batches;
  result.steps += times.steps;
  result.promptSeconds += times.prompt;
  result.decodeSeconds += times.decode;
  result.decodedTokens += times.decodedTokens;
}

Fault Batches::runBatch(std::vector<size_t> members) {
  Generator generator(job, std::move(members), Padding::none);
  if (Status status = generator.start(); !status.ok())
    return Fault{status};
  if (Fault fault = generator.run(job.options.generate); !fault.ok())
    return fault;
  take(generator, Padding::none);
  return Fault{};
}

/// The logits that a prompt must have in whatever batch, in which others go on behind its end.
Fault Batches::watchAlone(size_t number, std::vector<std::string> &logits) {
  Options endless = job.options;
  endless.eosId.reset();
  Generator alone({job.rank, job.manifest, endless, job.decoder, job.prompt}, {number}, Padding::none);
  if (Status status = alone.start(); !status.ok())
    return Fault{status};
  alone.watch(0);
  if (Fault fault = alone.run(std::min(triedTokens, job.options.generate)); !fault.ok())
    return fault;
  logits = alone.watchedLogits();
  result.promptSeconds += alone.times().prompt + alone.times().decode;
  return Fault{};
}

/// Goes on with the batch of all prompts only if the one that is watched begins as it does alone.
Fault Batches::tryTogether(Padding padding, size_t watched, const std::vector<std::string> &expected, bool &holds) {
  Generator generator(job, allPrompts(), padding);
  if (Status status = generator.start(); !status.ok())
    return Fault{status};
  generator.watch(watched);
  if (Fault fault = generator.run(std::min(triedTokens, job.options.generate)); !fault.ok())
    return fault;
  std::vector<std::string> got = generator.watchedLogits();
  // Where all sequences end with their first tokens, nothing follows that padding could change.
  const size_t compared = std::min(got.size(), expected.size());
  holds = std::equal(got.begin(), got.begin() + compared, expected.begin());
  if (!holds) {
    result.promptSeconds += generator.times().prompt + generator.times().decode;
    return Fault{};
  }
  if (Fault fault = generator.run(job.options.generate); !fault.ok())
    return fault;
  take(generator, padding);
  return Fault{};
}

Fault Batches::runApart(const std::string &reason) {
  result.remark = lengths() + "one length after the other: " + reason;
  for (const auto &[length, members] : byLength)
    if (Fault fault = runBatch(members); !fault.ok())
      return fault;
  return Fault{};
}

Fault Batches::runWithoutPadding(const std::string &reason) {
  const int64_t count = byLength.size(), tokens = job.options.generate;
  // Where a step has one token, all lengths take the steps of the longest, and alone a prompt is read in the same pieces.
  const bool isShorter = job.decoder.step || longest() - shortest() + tokens <= count * tokens;
  if (job.decoder.caches.empty() || hasCapacity() || !isShorter)
    return runApart(reason);
  bool holds = job.decoder.step;
  if (holds) {
    if (Fault fault = runBatch(allPrompts()); !fault.ok())
      return fault;
  } else {
    const size_t last = byLength.rbegin()->second.front();
    std::vector<std::string> expected;
    if (Fault fault = watchAlone(last, expected); !fault.ok())
      return fault;
    if (Fault fault = tryTogether(Padding::none, last, expected, holds); !fault.ok())
      return fault;
  }
  if (!holds)
    return runApart(reason + ", and in pieces the longest has other logits");
  result.remark = lengths() + "in one batch without padding, token by token behind the shortest: " + reason;
  return Fault{};
}

Fault Batches::run() {
  if (byLength.size() == 1)
    return runBatch(allPrompts());
  const Sides sides = sidesToTry();
  if (sides.sides.empty())
    return runWithoutPadding(sides.reason);
  // The shortest prompt has most of the padding.
  const size_t first = byLength.begin()->second.front();
  std::vector<std::string> expected;
  if (Fault fault = watchAlone(first, expected); !fault.ok())
    return fault;
  for (Padding side : sides.sides) {
    bool holds = false;
    if (Fault fault = tryTogether(side, first, expected, holds); !fault.ok() || holds)
      return fault;
  }
  return runWithoutPadding("padding changes the logits of the shortest prompt");
}

}  // namespace

int64_t Generation::tokens() const {
  int64_t count = 0;
  for (const std::vector<int64_t> &row : rows)
    count += row.size();
  return count;
}

double Generation::tokensPerSecond() const {
  return decodedTokens > 0 && decodeSeconds > 0 ? static_cast<double>(decodedTokens) / decodeSeconds : 0;
}

Fault generate(exec::Rank &rank, const artifact::Manifest &manifest, const Options &options, Generation &result) {
  Result<Decoder> decoder = findDecoder(manifest, options);
  if (!decoder.ok())
    return Fault{decoder.status()};
  Result<Prompt> prompt = readPrompt(options);
  if (!prompt.ok())
    return Fault{prompt.status()};
  result.rows.resize(prompt->size());
  return Batches({rank, manifest, options, *decoder, *prompt}, result).run();
}

}  // namespace switchyard::run
