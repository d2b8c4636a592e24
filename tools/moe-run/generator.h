// The generation behind the prompts of one batch.
#ifndef SWITCHYARD_TOOLS_MOE_RUN_GENERATOR_H
#define SWITCHYARD_TOOLS_MOE_RUN_GENERATOR_H

#include "runtime/exec/rank.h"
#include "tools/moe-run/decoder.h"
#include "tools/moe-run/prompt.h"

#include <functional>

namespace switchyard::run {

/// What makes prompts of different lengths one batch. On the left, padding stands before a prompt. On the right, it stands behind it, and
/// a cache keeps it between the prompt and what follows. Without padding all prompts begin together, and a sequence goes on with its own
/// prompt where a shorter one goes on with what was generated.
enum class Padding { none, left, right };

llvm::StringRef paddingName(Padding padding);

class Generator {
public:
  /// What every batch of a job shares.
  struct Job {
    exec::Rank &rank;
    const artifact::Manifest &manifest;
    const Options &options;
    const Decoder &decoder;
    const Prompt &prompt;
  };
  struct Times {
    double prompt = 0;          ///< seconds until every prompt had its first token
    double decode = 0;          ///< seconds for what followed
    int64_t decodedTokens = 0;  ///< in those
    int64_t steps = 0;
  };

  /// `members` are the prompts of the batch, by number.
  Generator(const Job &job, std::vector<size_t> members, Padding padding);

  /// Reads the inputs that do not change, makes empty caches, and fails where the last step would be beyond the limits of the artifact.
  Status start();
  /// Goes on until every sequence has `tokens` tokens behind its prompt or has ended.
  exec::Fault run(int64_t tokens);
  /// Keeps the bytes of all logits that tokens of this sequence of the batch are drawn from.
  void watch(size_t row) { watched = row; }

  const std::vector<size_t> &members() const { return numbers; }
  const std::vector<std::vector<int64_t>> &rows() const { return generated; }
  const std::vector<std::string> &watchedLogits() const { return seen; }
  const Times &times() const { return spent; }

private:
  exec::Fault step(int64_t count);
  exec::Fault advance();
  Status admitsBatch() const;
  Status admitsPositions(int64_t columns) const;
  Status admitsAllSteps() const;
  std::vector<exec::InputView> inputsOf(int64_t begin, int64_t end) const;
  void fill(size_t input, const std::function<int64_t(int64_t row, int64_t column)> &value);
  void append();
  void appendTo(int64_t row);
  int64_t batch() const { return sequences.size(); }
  bool hasCaches() const { return !job.decoder.caches.empty(); }
  bool isComplete(int64_t row, int64_t tokens) const { return ended[row] || static_cast<int64_t>(generated[row].size()) >= tokens; }
  int64_t columns(int64_t row) const { return sequences[row].size() + pads[row]; }
  int64_t fewestColumns() const;
  int64_t padsBegin(int64_t row) const;
  int64_t tokenOf(int64_t row, int64_t column) const;

  const Job job;
  const std::vector<size_t> numbers;
  const Padding padding;
  std::vector<std::vector<int64_t>> sequences;  // prompts, and what follows, without padding
  std::vector<std::vector<int64_t>> generated;  // up to the end of each
  std::vector<int64_t> lengths, pads;           // of the prompts, and of what pads them
  std::vector<bool> ended;
  int64_t begun = 0, done = 0;         // the columns before the last step, and those that the caches hold
  std::vector<Array> own;              // by input: what a step reads that is no cache
  std::vector<exec::Output> outputs;   // of the last step: logits, and caches that the next one reads
  std::vector<exec::Output> spare;     // of the step before it: room for the next one
  std::vector<exec::InputView> views;  // of the next step
  std::optional<size_t> watched;
  std::vector<std::string> seen;
  Times spent;
};

}  // namespace switchyard::run

#endif  // SWITCHYARD_TOOLS_MOE_RUN_GENERATOR_H
