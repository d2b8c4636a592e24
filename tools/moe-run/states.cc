#include "tools/moe-run/states.h"

#include "runtime/base/escape.h"
#include "runtime/exec/dims.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace switchyard::run {
namespace {

using artifact::Signature;
using Signatures = std::vector<Signature>;

std::optional<size_t> position(const Signatures &signatures, llvm::StringRef name) {
  for (size_t index = 0; index < signatures.size(); ++index)
    if (signatures[index].name == name)
      return index;
  return std::nullopt;
}

/// The one dimension in which two shapes differ, or -1 where they are equal; nothing where they differ in more.
std::optional<int64_t> grownAxis(const Signature &input, const Signature &output) {
  if (input.type != output.type || input.shape.size() != output.shape.size())
    return std::nullopt;
  int64_t axis = -1;
  for (size_t d = 0; d < input.shape.size(); ++d)
    if (!(input.shape[d] == output.shape[d])) {
      if (axis >= 0)
        return std::nullopt;
      axis = static_cast<int64_t>(d);
    }
  return axis;
}

/// Whether the shapes alone say that the output continues the input: it is longer by a formula over the input's own length, or nothing but
/// the batch is free.
bool continues(const Signature &input, const Signature &output) {
  const std::optional<int64_t> axis = grownAxis(input, output);
  if (!axis || input.shape.size() < 3)
    return false;
  if (*axis < 0)
    return llvm::all_of(llvm::drop_begin(input.shape), [](const artifact::Expression &size) { return size.asConstant().has_value(); });
  const std::vector<std::string> past = input.shape[*axis].dimensions(), present = output.shape[*axis].dimensions();
  return !past.empty() && llvm::all_of(past, [&](const std::string &dim) { return llvm::is_contained(present, dim); });
}

/// The words and numbers of a name.
std::vector<std::string> wordsOf(llvm::StringRef name) {
  std::vector<std::string> words;
  while (!name.empty()) {
    const bool isNumber = llvm::isDigit(name.front());
    const llvm::StringRef word = name.take_while([&](char c) { return isNumber ? llvm::isDigit(c) : llvm::isAlpha(c); });
    if (!word.empty())
      words.push_back(word.lower());
    name = name.drop_front(std::max<size_t>(word.size(), 1));
  }
  return words;
}

/// The most words that two names have in common, in the same order.
size_t likeness(const std::vector<std::string> &a, const std::vector<std::string> &b) {
  std::vector<size_t> row(b.size() + 1);
  for (const std::string &word : a) {
    size_t diagonal = 0;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t above = row[j + 1];
      row[j + 1] = word == b[j] ? diagonal + 1 : std::max(above, row[j]);
      diagonal = above;
    }
  }
  return row.back();
}

class Pairing {
public:
  Pairing(const artifact::Manifest &manifest, const Options &options)
      : manifest(manifest), options(options), isPast(manifest.inputs.size()), isPresent(manifest.outputs.size()) {}

  Result<std::vector<Cache>> run() {
    SWITCHYARD_RETURN_IF_ERROR(addNamed());
    for (const artifact::State &state : manifest.states)
      if (const size_t past = *position(manifest.inputs, state.input), present = *position(manifest.outputs, state.output);
          !isPast[past] && !isPresent[present])
        add(past, present, state.axis);
    SWITCHYARD_RETURN_IF_ERROR(addByShape());
    llvm::sort(caches, [](const Cache &a, const Cache &b) { return a.past < b.past; });
    return std::move(caches);
  }

private:
  void add(size_t past, size_t present, int64_t axis) {
    caches.push_back({past, present, axis});
    isPast[past] = isPresent[present] = true;
  }

  Status addNamed() {
    for (const auto &[input, output] : options.states) {
      const std::optional<size_t> past = position(manifest.inputs, input), present = position(manifest.outputs, output);
      const std::string flag = "--state " + input + "=" + output;
      if (!past || !present)
        return usageError(flag + ": the model has no " + (past ? "output " + quote(output) : "input " + quote(input)));
      if (isPresent[*present])
        return usageError(flag + ": the output continues another input already");
      const std::optional<int64_t> axis = grownAxis(manifest.inputs[*past], manifest.outputs[*present]);
      if (!axis)
        return usageError(flag + ": " + exec::describe(manifest.outputs[*present]) + " does not continue " +
                          exec::describe(manifest.inputs[*past]));
      add(*past, *present, *axis);
    }
    return Status();
  }

  /// Outputs that fit, by input, and inputs that fit, by output.
  using Candidates = std::vector<std::vector<size_t>>;

  Status addByShape() {
    Candidates presents(manifest.inputs.size()), pasts(manifest.outputs.size());
    for (size_t past = 0; past < manifest.inputs.size(); ++past)
      for (size_t present = 0; present < manifest.outputs.size(); ++present)
        if (isFree(past, present) && continues(manifest.inputs[past], manifest.outputs[present])) {
          presents[past].push_back(present);
          pasts[present].push_back(past);
        }
    std::vector<std::vector<std::string>> before, after;
    for (const Signature &input : manifest.inputs)
      before.push_back(wordsOf(input.name));
    for (const Signature &output : manifest.outputs)
      after.push_back(wordsOf(output.name));
    for (size_t past = 0; past < manifest.inputs.size(); ++past) {
      if (presents[past].empty())
        continue;
      const std::optional<size_t> present = best(presents[past], [&](size_t other) { return likeness(before[past], after[other]); });
      const std::optional<size_t> back =
          present ? best(pasts[*present], [&](size_t other) { return likeness(before[other], after[*present]); }) : std::nullopt;
      if (back != past)
        return usageError("which output continues the state " + quote(manifest.inputs[past].name) + " is open: " + names(presents[past]) +
                          "; say --state " + manifest.inputs[past].name + "=OUTPUT");
      add(past, *present, *grownAxis(manifest.inputs[past], manifest.outputs[*present]));
    }
    return Status();
  }

  bool isFree(size_t past, size_t present) const {
    const auto logits = options.roles.find("logits");
    return !isPast[past] && !isPresent[present] && !options.inputs.count(manifest.inputs[past].name) &&
           !(logits != options.roles.end() && logits->second == manifest.outputs[present].name);
  }

  /// The candidate that is liker than every other one.
  template <typename Likeness> static std::optional<size_t> best(const std::vector<size_t> &candidates, Likeness likenessOf) {
    std::optional<size_t> found;
    size_t most = 0;
    for (size_t candidate : candidates) {
      const size_t like = likenessOf(candidate);
      if (candidate == candidates.front() || like > most) {
        most = like;
        found = candidate;
      } else if (like == most) {
        found.reset();
      }
    }
    return found;
  }

  std::string names(const std::vector<size_t> &outputs) const {
    std::string text;
    for (size_t index : outputs)
      text += (text.empty() ? "" : ", ") + quote(manifest.outputs[index].name);
    return text;
  }

  const artifact::Manifest &manifest;
  const Options &options;
  std::vector<bool> isPast, isPresent;
  std::vector<Cache> caches;
};

}  // namespace

Result<std::vector<Cache>> findStates(const artifact::Manifest &manifest, const Options &options) {
  return Pairing(manifest, options).run();
}

}  // namespace switchyard::run
