#include "tools/moe-run/generate.h"

#include "runtime/base/checked.h"
#include "runtime/base/escape.h"
#include "runtime/exec/dims.h"
#include "tools/moe-run/floats.h"
#include "tools/moe-run/sampler.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

#include <chrono>
#include <cstring>
#include <functional>
#include <map>

namespace switchyard::run {
namespace {

using exec::Fault;
using Clock = std::chrono::steady_clock;

/// Integers of a file, [batch, length] or [length].
Result<Prompt> readPromptFile(const Options &options, const std::string &path) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Array array, readNpy(path));
  if ((array.type != ElementType::i64 && array.type != ElementType::i32) || array.shape.empty() || array.shape.size() > 2)
    return usageError("--prompt-ids " + quote(path) + ": expected i64 or i32 [batch, length], got " +
                      exec::describe(array.type, array.shape));
  Prompt prompt(array.shape.size() == 2 ? array.shape[0] : 1);
  const char *place = array.data.data();
  for (std::vector<int64_t> &row : prompt)
    for (int64_t column = 0; column < array.shape.back(); ++column, place += elementBytes(array.type)) {
      int64_t id = 0;
      int32_t narrow = 0;
      std::memcpy(array.type == ElementType::i64 ? static_cast<void *>(&id) : &narrow, place, elementBytes(array.type));
      id = array.type == ElementType::i64 ? id : narrow;
      if (!row.empty() || id != options.padId)
        row.push_back(id);
    }
  return prompt;
}

Result<Prompt> parsePrompt(const Options &options) {
  Prompt prompt;
  llvm::SmallVector<llvm::StringRef> texts, words;
  llvm::StringRef(options.promptIds).split(texts, ';');
  for (llvm::StringRef text : texts) {
    words.clear();
    text.split(words, ',');
    std::vector<int64_t> &row = prompt.emplace_back();
    for (llvm::StringRef word : words) {
      int64_t id = 0;
      if (word.trim().getAsInteger(10, id))
        return usageError("--prompt-ids " + quote(options.promptIds) + ": " + quote(word) + " is no token; write 1,5,9 or @file.npy");
      row.push_back(id);
    }
  }
  return prompt;
}

/// The generation behind prompts of one length.
class Generator {
public:
  Generator(exec::Rank &rank, const artifact::Manifest &manifest, const Options &options, const Decoder &decoder, const Prompt &prompt,
            std::vector<size_t> members)
      : rank(rank), manifest(manifest), options(options), decoder(decoder), members(std::move(members)),
        ended(this->members.size(), false) {
    for (size_t member : this->members)
      sequences.push_back(prompt[member]);
  }

  Status start();
  Fault run(Generation &result);

private:
  Fault step(int64_t count);
  Fault advance(Generation &result);
  exec::InputView fill(size_t input, int64_t columns, const std::function<int64_t(int64_t row, int64_t column)> &value);
  void append(Generation &result, uint64_t draw);
  int64_t batch() const { return sequences.size(); }
  int64_t length() const { return sequences.front().size(); }

  exec::Rank &rank;
  const artifact::Manifest &manifest;
  const Options &options;
  const Decoder &decoder;
  const std::vector<size_t> members;            // of the prompts of the job
  std::vector<std::vector<int64_t>> sequences;  // prompts, and what follows
  int64_t done = 0;                             // tokens that the caches hold
  std::vector<bool> ended;
  std::vector<Array> own;              // by input: what a step reads that is no cache
  std::vector<exec::Output> outputs;   // of the last step: logits, and caches that the next one reads
  std::vector<exec::InputView> views;  // of the next step
};

/// Reads the inputs that do not change, and makes empty caches.
Status Generator::start() {
  own.resize(manifest.inputs.size());
  views.resize(manifest.inputs.size());
  for (size_t input : decoder.others) {
    const std::string &name = manifest.inputs[input].name;
    const auto file = options.inputs.find(name);
    if (file == options.inputs.end())
      return usageError("input " + quote(name) + " is no part of a decoder that moe-run knows; give it with --input " + name +
                        "=@file.npy");
    SWITCHYARD_ASSIGN_OR_RETURN(own[input], readNpy(file->second));
    views[input] = {own[input].type, own[input].shape, own[input].data.data()};
  }
  for (const Decoder::Cache &cache : decoder.caches) {
    const artifact::Signature &past = manifest.inputs[cache.past];
    Array &array = own[cache.past];
    array.type = past.type;
    for (size_t axis = 0; axis < past.shape.size(); ++axis) {
      const bool isBatch = past.shape[axis] == manifest.inputs[decoder.tokens].shape[0];
      const std::optional<int64_t> fixed = past.shape[axis].asConstant();
      if (static_cast<int64_t>(axis) != cache.axis && !isBatch && !fixed)
        return usageError("the state " + quote(past.name) + " of " + exec::describe(past) +
                          " has a dimension that is neither the batch nor known");
      array.shape.push_back(static_cast<int64_t>(axis) == cache.axis ? 0 : isBatch ? batch() : *fixed);
    }
    const std::optional<uint64_t> bytes = checkedProduct(array.shape, elementBytes(array.type));
    if (!bytes)
      return limitError("the state " + quote(past.name) + " is too large");
    array.data.resize(*bytes);
    views[cache.past] = {array.type, array.shape, array.data.data()};
  }
  return Status();
}

/// An input [batch, columns] of the numbers that `value` gives.
exec::InputView Generator::fill(size_t input, int64_t columns, const std::function<int64_t(int64_t, int64_t)> &value) {
  Array &array = own[input];
  array.type = manifest.inputs[input].type;
  array.shape = {batch(), columns};
  array.data.resize(batch() * columns * elementBytes(array.type));
  for (int64_t i = 0; i < batch() * columns; ++i) {
    const int64_t number = value(i / columns, i % columns);
    char *place = array.data.data() + i * elementBytes(array.type);
    const auto narrow = static_cast<int32_t>(number);
    const auto real = static_cast<float>(number);
    if (array.type == ElementType::i64)
      std::memcpy(place, &number, sizeof(number));
    else if (array.type == ElementType::i32)
      std::memcpy(place, &narrow, sizeof(narrow));
    else if (array.type == ElementType::f32)
      std::memcpy(place, &real, sizeof(real));
    else
      *place = number != 0;
  }
  return {array.type, array.shape, array.data.data()};
}

/// Runs the program on the next `count` tokens.
Fault Generator::step(int64_t count) {
  const int64_t begin = done, end = done + count;
  views[decoder.tokens] = fill(decoder.tokens, count, [&](int64_t row, int64_t column) { return sequences[row][begin + column]; });
  if (decoder.mask)
    views[*decoder.mask] = fill(*decoder.mask, end, [](int64_t, int64_t) { return 1; });
  if (decoder.positions)
    views[*decoder.positions] = fill(*decoder.positions, count, [&](int64_t, int64_t column) { return begin + column; });
  std::vector<exec::Output> next;
  if (Status status = rank.prepare(views, next); !status.ok())
    return Fault{status.within("token " + llvm::Twine(end - 1))};
  if (Fault fault = rank.step(); !fault.ok())
    return fault;
  // The caches that were read are free now, and those that were written are read by the next step.
  outputs = std::move(next);
  for (const Decoder::Cache &cache : decoder.caches)
    views[cache.past] = {outputs[cache.present].type, outputs[cache.present].shape, outputs[cache.present].data.data()};
  if (!decoder.caches.empty())
    done = end;
  return Fault{};
}

/// Draws the next token of every sequence.
void Generator::append(Generation &result, uint64_t draw) {
  const exec::Output &logits = outputs[decoder.logits];
  const int64_t columns = logits.shape[1], vocabulary = logits.shape[2];
  std::vector<float> last(vocabulary);
  for (int64_t row = 0; row < batch(); ++row) {
    for (int64_t token = 0; token < vocabulary; ++token)
      last[token] = static_cast<float>(loadFloat(logits.type, logits.data.data(), (row * columns + columns - 1) * vocabulary + token));
    const int64_t token = sample(last, options.sampling, members[row], draw);
    if (!ended[row])
      result.rows[members[row]].push_back(token);
    ended[row] = ended[row] || token == options.eosId;
    sequences[row].push_back(token);
  }
}

/// Runs the program on all tokens that it has not seen. Where a step has a fixed number of them, it reads the prompt piece by piece.
Fault Generator::advance(Generation &result) {
  do {
    const int64_t count = decoder.step ? decoder.step : length() - done;
    if (count > length() - done || (decoder.caches.empty() && count != length()))
      return Fault{usageError("a step of the model has " + llvm::Twine(count) + " tokens; it cannot go on behind " +
                              llvm::Twine(length() - done) + " tokens that no cache holds")};
    if (Fault fault = step(count); !fault.ok())
      return fault;
    ++result.steps;
  } while (!decoder.caches.empty() && done < length());
  const exec::Output &logits = outputs[decoder.logits];
  if (logits.shape[1] == 0 || logits.shape[2] == 0)
    return Fault{limitError("the logits are empty: " + exec::describe(logits.type, logits.shape))};
  return Fault{};
}

Fault Generator::run(Generation &result) {
  auto begin = Clock::now();
  for (int64_t token = 0; token < options.generate && !llvm::all_of(ended, [](bool one) { return one; }); ++token) {
    if (Fault fault = advance(result); !fault.ok())
      return fault;
    append(result, token);
    const auto now = Clock::now();
    (token == 0 ? result.promptSeconds : result.decodeSeconds) += std::chrono::duration<double>(now - begin).count();
    begin = now;
  }
  return Fault{};
}

}  // namespace

int64_t Generation::tokens() const {
  int64_t count = 0;
  for (const std::vector<int64_t> &row : rows)
    count += row.size();
  return count;
}

double Generation::tokensPerSecond() const {
  const auto count = static_cast<double>(tokens() - static_cast<int64_t>(rows.size()));
  return count > 0 && decodeSeconds > 0 ? count / decodeSeconds : 0;
}

Result<Prompt> readPrompt(const Options &options) {
  const llvm::StringRef text = options.promptIds;
  Result<Prompt> prompt = text.starts_with("@") ? readPromptFile(options, text.drop_front().str()) : parsePrompt(options);
  if (prompt.ok() && (prompt->empty() || llvm::any_of(*prompt, [](const auto &row) { return row.empty(); })))
    return usageError("--prompt-ids " + quote(text) + ": a prompt is empty");
  return prompt;
}

Fault generate(exec::Rank &rank, const artifact::Manifest &manifest, const Options &options, Generation &result) {
  Result<Decoder> decoder = findDecoder(manifest, options);
  if (!decoder.ok())
    return Fault{decoder.status()};
  Result<Prompt> prompt = readPrompt(options);
  if (!prompt.ok())
    return Fault{prompt.status()};
  result.rows.resize(prompt->size());
  std::map<size_t, std::vector<size_t>> byLength;
  for (size_t row = 0; row < prompt->size(); ++row)
    byLength[(*prompt)[row].size()].push_back(row);
  for (const auto &[length, members] : byLength) {
    Generator generator(rank, manifest, options, *decoder, *prompt, members);
    if (Status status = generator.start(); !status.ok())
      return Fault{status};
    if (Fault fault = generator.run(result); !fault.ok())
      return fault;
  }
  return Fault{};
}

}  // namespace switchyard::run
