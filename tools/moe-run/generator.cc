#include "tools/moe-run/generator.h"

#include "runtime/base/checked.h"
#include "runtime/base/escape.h"
#include "runtime/exec/dims.h"
#include "tools/moe-run/floats.h"
#include "tools/moe-run/sampler.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"

#include <chrono>
#include <cstring>

namespace switchyard::run {
namespace {

using exec::Fault;
using Clock = std::chrono::steady_clock;

/// Fed where a sequence has padding. Every table of embeddings has a row for it, and nothing of it reaches a token.
constexpr int64_t paddingToken = 0;

void store(ElementType type, int64_t number, char *place) {
  const auto narrow = static_cast<int32_t>(number);
  const auto real = static_cast<float>(number);
  if (type == ElementType::i64)
    std::memcpy(place, &number, sizeof(number));
  else if (type == ElementType::i32)
    std::memcpy(place, &narrow, sizeof(narrow));
  else if (type == ElementType::f32)
    std::memcpy(place, &real, sizeof(real));
  else
    *place = number != 0;
}

}  // namespace

llvm::StringRef paddingName(Padding padding) {
  switch (padding) {
  case Padding::none:
    break;
  case Padding::left:
    return "left";
  case Padding::right:
    return "right";
  }
  return "none";
}

Generator::Generator(const Job &job, std::vector<size_t> members, Padding padding)
    : job(job), numbers(std::move(members)), padding(padding), generated(numbers.size()), ended(numbers.size(), false) {
  for (size_t number : numbers) {
    sequences.push_back(job.prompt[number]);
    lengths.push_back(sequences.back().size());
  }
  const int64_t longest = *llvm::max_element(lengths);
  for (int64_t length : lengths)
    pads.push_back(padding == Padding::none ? 0 : longest - length);
}

/// The columns that every sequence can fill.
int64_t Generator::fewestColumns() const {
  int64_t fewest = columns(0);
  for (int64_t row = 1; row < batch(); ++row)
    fewest = std::min(fewest, columns(row));
  return fewest;
}

/// The first column of padding. A cache keeps it where it was read; without one, it stands behind all tokens.
int64_t Generator::padsBegin(int64_t row) const {
  if (padding != Padding::right)
    return 0;
  return hasCaches() ? lengths[row] : sequences[row].size();
}

/// Which token of the sequence stands in a column, or -1 for padding.
int64_t Generator::tokenOf(int64_t row, int64_t column) const {
  const int64_t begin = padsBegin(row);
  if (column < begin)
    return column;
  return column < begin + pads[row] ? -1 : column - pads[row];
}

/// The inputs of the step that reads the columns from `begin` up to `end`, but for the data of those that are made for it.
std::vector<exec::InputView> Generator::inputsOf(int64_t begin, int64_t end) const {
  const Decoder &decoder = job.decoder;
  std::vector<exec::InputView> inputs = views;
  const auto make = [&](size_t input, int64_t columns) { inputs[input] = {job.manifest.inputs[input].type, {batch(), columns}, nullptr}; };
  make(decoder.tokens, end - begin);
  if (decoder.mask)
    make(*decoder.mask, end);
  if (decoder.positions)
    make(*decoder.positions, end - begin);
  return inputs;
}

Status Generator::admitsBatch() const {
  const artifact::Expression &extent = job.manifest.inputs[job.decoder.tokens].shape[0];
  if (const std::optional<int64_t> fixed = extent.asConstant(); fixed && *fixed != batch())
    return usageError("--prompt-ids has " + llvm::Twine(batch()) + " prompts, but the batch of the model is " + llvm::Twine(*fixed));
  for (const artifact::Dim &dim : job.manifest.dims)
    if (extent == artifact::Expression::dimension(dim.name) && batch() > dim.limit)
      return limitError("--prompt-ids has " + llvm::Twine(batch()) + " prompts, but the limit of the batch (" + quote(dim.name) + ") is " +
                        llvm::Twine(dim.limit) + "; raise it with --max-batch " + llvm::Twine(batch()) + ", here or in moe-opt");
  return Status();
}

/// The columns of the longest sequence are its positions: where a mask counts them, or where every step reads all of them.
Status Generator::admitsPositions(int64_t columns) const {
  const std::optional<int64_t> &positions = job.manifest.positions;
  const bool areColumns = job.decoder.mask || !hasCaches();
  if (positions && areColumns && columns > *positions)
    return limitError("the model reads " + llvm::Twine(columns) + " tokens; " + exec::describePositions(*positions));
  return Status();
}

/// Before the first step, so that no token is lost to a limit.
Status Generator::admitsAllSteps() const {
  const int64_t longest = *llvm::max_element(lengths), fixed = job.decoder.step;
  const std::string prompts = "--prompt-ids of up to " + std::to_string(longest) + " tokens";
  const std::string all = "--generate " + std::to_string(job.options.generate) + " behind " + std::to_string(longest) + " tokens";
  SWITCHYARD_RETURN_IF_ERROR(admitsBatch());
  SWITCHYARD_RETURN_IF_ERROR(admitsPositions(longest).within(prompts));
  SWITCHYARD_RETURN_IF_ERROR(job.rank.admits(inputsOf(0, fixed ? fixed : fewestColumns())).within(prompts));
  const int64_t end = longest + job.options.generate - 1, begin = hasCaches() ? std::max<int64_t>(end - std::max<int64_t>(fixed, 1), 0) : 0;
  SWITCHYARD_RETURN_IF_ERROR(admitsPositions(end).within(all));
  std::vector<exec::InputView> last = inputsOf(begin, end);
  for (const Cache &cache : job.decoder.caches)
    if (cache.axis >= 0)
      last[cache.past].shape[cache.axis] = begin;
  return job.rank.admits(last).within(all);
}

Status Generator::start() {
  const artifact::Manifest &manifest = job.manifest;
  own.resize(manifest.inputs.size());
  views.resize(manifest.inputs.size());
  for (size_t input : job.decoder.others) {
    const std::string &name = manifest.inputs[input].name;
    const auto file = job.options.inputs.find(name);
    if (file == job.options.inputs.end())
      return usageError("input " + quote(name) + " is no part of a decoder that moe-run knows; give it with --input " + name +
                        "=@file.npy, or, where an output continues it, say --state " + name + "=OUTPUT");
    SWITCHYARD_ASSIGN_OR_RETURN(own[input], readNpy(file->second));
    views[input] = {own[input].type, own[input].shape, own[input].data.data()};
  }
  for (const Cache &cache : job.decoder.caches) {
    const artifact::Signature &past = manifest.inputs[cache.past];
    Array &array = own[cache.past];
    array.type = past.type;
    for (size_t axis = 0; axis < past.shape.size(); ++axis) {
      const bool isBatch = past.shape[axis] == manifest.inputs[job.decoder.tokens].shape[0];
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
  return admitsAllSteps();
}

/// Gives an input of the next step the numbers that `value` has for it.
void Generator::fill(size_t input, const std::function<int64_t(int64_t, int64_t)> &value) {
  exec::InputView &view = views[input];
  std::vector<char> &data = own[input].data;
  const int64_t columns = view.shape[1], bytes = elementBytes(view.type);
  data.resize(batch() * columns * bytes);
  for (int64_t i = 0; i < batch() * columns; ++i)
    store(view.type, value(i / columns, i % columns), data.data() + i * bytes);
  view.data = data.data();
}

/// Runs the program on the next `count` columns.
Fault Generator::step(int64_t count) {
  const Decoder &decoder = job.decoder;
  const int64_t begin = done, end = done + count;
  views = inputsOf(begin, end);
  fill(decoder.tokens, [&](int64_t row, int64_t column) {
    const int64_t token = tokenOf(row, begin + column);
    return token < 0 ? paddingToken : sequences[row][token];
  });
  if (decoder.mask)
    fill(*decoder.mask, [&](int64_t row, int64_t column) { return tokenOf(row, column) >= 0; });
  // Padding has the position of the token before it, as a running sum over the mask gives it.
  if (decoder.positions)
    fill(*decoder.positions, [&](int64_t row, int64_t column) {
      const int64_t token = tokenOf(row, begin + column);
      return token < 0 ? std::max<int64_t>(padsBegin(row) - 1, 0) : token;
    });
  if (Status status = job.rank.prepare(views, spare); !status.ok())
    return Fault{status.within("token " + llvm::Twine(end - 1))};
  if (Fault fault = job.rank.step(); !fault.ok())
    return fault;
  // The caches that were read are room for the next step now, which reads those that were written.
  std::swap(outputs, spare);
  for (const Cache &cache : decoder.caches)
    views[cache.past] = {outputs[cache.present].type, outputs[cache.present].shape, outputs[cache.present].data.data()};
  begun = begin;
  if (hasCaches())
    done = end;
  ++spent.steps;
  return Fault{};
}

/// Draws the next token of a sequence.
void Generator::appendTo(int64_t row) {
  const exec::Output &logits = outputs[job.decoder.logits];
  const int64_t columns = logits.shape[1], vocabulary = logits.shape[2];
  const bool padsFollow = padding == Padding::right && begun == 0;
  const int64_t place = (row * columns + (padsFollow ? padsBegin(row) : columns) - 1) * vocabulary;
  std::vector<float> last(vocabulary);
  for (int64_t token = 0; token < vocabulary; ++token)
    last[token] = static_cast<float>(loadFloat(logits.type, logits.data.data(), place + token));
  if (watched == static_cast<size_t>(row)) {
    const int64_t bytes = elementBytes(logits.type);
    seen.emplace_back(logits.data.data() + place * bytes, vocabulary * bytes);
  }
  const int64_t token = sample(last, job.options.sampling, numbers[row], sequences[row].size() - lengths[row]);
  if (!isComplete(row, job.options.generate))
    generated[row].push_back(token);
  ended[row] = ended[row] || token == job.options.eosId;
  sequences[row].push_back(token);
}

/// Draws for every sequence of which the last token was read.
void Generator::append() {
  for (int64_t row = 0; row < batch(); ++row)
    if (!hasCaches() || columns(row) == done)
      appendTo(row);
}

/// Runs the program on all columns that it has not seen. Where a step has a fixed number of them, it reads the prompt piece by piece.
Fault Generator::advance() {
  do {
    const int64_t open = fewestColumns() - done, count = job.decoder.step ? job.decoder.step : open;
    if (count > open || (!hasCaches() && count != open))
      return Fault{usageError("a step of the model has " + llvm::Twine(count) + " tokens; it cannot go on behind " + llvm::Twine(open) +
                              " tokens that no cache holds")};
    if (Fault fault = step(count); !fault.ok())
      return fault;
  } while (hasCaches() && done < fewestColumns());
  const exec::Output &logits = outputs[job.decoder.logits];
  if (logits.shape[1] == 0 || logits.shape[2] == 0)
    return Fault{limitError("the logits are empty: " + exec::describe(logits.type, logits.shape))};
  return Fault{};
}

Fault Generator::run(int64_t tokens) {
  const auto count = [&] {
    int64_t sum = 0;
    for (const std::vector<int64_t> &row : generated)
      sum += row.size();
    return sum;
  };
  const auto all = llvm::seq<int64_t>(0, batch());
  while (!llvm::all_of(all, [&](int64_t row) { return isComplete(row, tokens); })) {
    const bool hasFirst = llvm::all_of(generated, [](const auto &row) { return !row.empty(); });
    const int64_t before = count();
    const auto begin = Clock::now();
    if (Fault fault = advance(); !fault.ok())
      return fault;
    append();
    (hasFirst ? spent.decode : spent.prompt) += std::chrono::duration<double>(Clock::now() - begin).count();
    spent.decodedTokens += hasFirst ? count() - before : 0;
  }
  return Fault{};
}

}  // namespace switchyard::run
