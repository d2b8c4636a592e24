#include "tools/moe-run/decoder.h"

#include "runtime/base/escape.h"
#include "runtime/exec/dims.h"
#include "tools/moe-run/floats.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace switchyard::run {
namespace {

using artifact::Signature;
using Signatures = std::vector<Signature>;

bool isInteger(const Signature &signature) { return signature.type == ElementType::i64 || signature.type == ElementType::i32; }

class Finder {
public:
  Finder(const artifact::Manifest &manifest, const Options &options) : manifest(manifest), options(options) {}

  Result<Decoder> find() {
    SWITCHYARD_RETURN_IF_ERROR(checkRoles());
    SWITCHYARD_RETURN_IF_ERROR(findCaches());
    SWITCHYARD_RETURN_IF_ERROR(checkGiven());
    SWITCHYARD_RETURN_IF_ERROR(findLogits());
    SWITCHYARD_ASSIGN_OR_RETURN(decoder.positions, input("positions", "position", false));
    SWITCHYARD_ASSIGN_OR_RETURN(decoder.mask, input("mask", "mask", false));
    if (!decoder.mask)
      findMaskByShape();
    SWITCHYARD_ASSIGN_OR_RETURN(const std::optional<size_t> tokens, input("tokens", "ids", true));
    decoder.tokens = *tokens;
    const Signature &ids = manifest.inputs[decoder.tokens];
    if (!isInteger(ids) || ids.shape.size() != 2)
      return usageError("input " + quote(ids.name) + " cannot be the tokens: they are i64 or i32 [batch, tokens], but it is " +
                        exec::describe(ids));
    decoder.step = ids.shape[1].asConstant().value_or(0);
    for (size_t index = 0; index < manifest.inputs.size(); ++index)
      if (!taken[index])
        decoder.others.push_back(index);
    return decoder;
  }

private:
  Status checkRoles() const {
    for (const auto &[role, name] : options.roles) {
      const bool isOutput = role == "logits";
      if (!isOutput && role != "tokens" && role != "mask" && role != "positions")
        return usageError("--role " + role + "=" + name + ": the roles are tokens, mask, positions and logits");
      if (!position(isOutput ? manifest.outputs : manifest.inputs, name))
        return usageError("--role " + role + "=" + name + ": the model has no " + (isOutput ? "output" : "input") + " of this name");
    }
    return Status();
  }

  static std::optional<size_t> position(const Signatures &signatures, llvm::StringRef name) {
    for (size_t index = 0; index < signatures.size(); ++index)
      if (signatures[index].name == name)
        return index;
    return std::nullopt;
  }

  Status findCaches() {
    SWITCHYARD_ASSIGN_OR_RETURN(decoder.caches, findStates(manifest, options));
    taken.assign(manifest.inputs.size(), false);
    for (const Cache &cache : decoder.caches)
      taken[cache.past] = true;
    return Status();
  }

  /// What `--input` gives is equal at every step, which the parts of a decoder are not.
  Status checkGiven() const {
    for (const auto &[name, path] : options.inputs) {
      const std::optional<size_t> index = position(manifest.inputs, name);
      if (!index)
        return usageError("--input " + name + ": the model has no input of this name");
      if (taken[*index])
        return usageError("--input " + name + ": --generate begins with empty states, and fills them itself");
      if (llvm::any_of(options.roles, [&](const auto &role) { return role.second == name; }))
        return usageError("--input " + name + ": --generate makes this input itself, as --role says");
    }
    return Status();
  }

  /// The input that has `role`: the one that `--role` names, or the only one that is free, of integers, and has `word` in its name, or
  /// the only free one of integers at all.
  Result<std::optional<size_t>> input(const char *role, llvm::StringRef word, bool required) {
    std::optional<size_t> found;
    if (const auto named = options.roles.find(role); named != options.roles.end()) {
      found = position(manifest.inputs, named->second);
    } else {
      std::vector<size_t> withWord, all;
      for (size_t index = 0; index < manifest.inputs.size(); ++index) {
        const Signature &signature = manifest.inputs[index];
        if (taken[index] || signature.shape.size() != 2 || options.inputs.count(signature.name))
          continue;
        const bool hasWord = llvm::StringRef(signature.name).contains_insensitive(word);
        if (hasWord)
          withWord.push_back(index);
        if (isInteger(signature))
          all.push_back(index);
      }
      const std::vector<size_t> &candidates = required && withWord.size() != 1 ? all : withWord;
      if (required && candidates.empty() && !options.inputs.empty())
        return usageError("no input is left for the tokens, which are those of --prompt-ids and what is generated; leave --input " +
                          options.inputs.begin()->first + " out");
      if (candidates.size() > 1 || (required && candidates.empty()))
        return usageError(llvm::Twine("which input is the ") + role + " of the decoder is open: " + names(candidates) + "; say --role " +
                          role + "=NAME");
      if (!candidates.empty())
        found = candidates.front();
    }
    if (found)
      taken[*found] = true;
    return found;
  }

  /// Beside caches, a mask is as long as all tokens so far, and tokens as the step, as logits are.
  void findMaskByShape() {
    std::vector<size_t> longer;
    bool hasTokens = false;
    for (size_t index = 0; index < manifest.inputs.size() && !decoder.caches.empty(); ++index) {
      const Signature &signature = manifest.inputs[index];
      if (taken[index] || signature.shape.size() != 2 || options.inputs.count(signature.name))
        continue;
      const bool isOfStep = signature.shape[1] == manifest.outputs[decoder.logits].shape[1];
      hasTokens = hasTokens || isOfStep;
      if (!isOfStep)
        longer.push_back(index);
    }
    if (longer.size() != 1 || !hasTokens)
      return;
    decoder.mask = longer.front();
    taken[longer.front()] = true;
  }

  Status findLogits() {
    std::vector<size_t> candidates;
    const auto named = options.roles.find("logits");
    for (size_t index = 0; index < manifest.outputs.size(); ++index) {
      const bool isCache = llvm::any_of(decoder.caches, [&](const Cache &cache) { return cache.present == index; });
      const Signature &signature = manifest.outputs[index];
      if (named != options.roles.end() ? named->second == signature.name : !isCache && signature.shape.size() == 3)
        candidates.push_back(index);
    }
    // Where there are several, the name decides.
    if (candidates.size() > 1)
      llvm::erase_if(candidates, [&](size_t index) { return !llvm::StringRef(manifest.outputs[index].name).contains("logits"); });
    if (candidates.size() != 1)
      return usageError("which output is the logits of the decoder is open; say --role logits=NAME");
    const Signature &logits = manifest.outputs[candidates.front()];
    if (!isFloat(logits.type) || logits.type == ElementType::f64 || logits.shape.size() != 3)
      return usageError("output " + quote(logits.name) +
                        " cannot be the logits: they are f32, f16 or bf16 [batch, tokens, vocabulary], but it is " +
                        exec::describe(logits));
    decoder.logits = candidates.front();
    return Status();
  }

  std::string names(const std::vector<size_t> &inputs) const {
    std::string text;
    for (size_t index : inputs)
      text += (text.empty() ? "" : ", ") + quote(manifest.inputs[index].name);
    return text.empty() ? "no input fits" : text;
  }

  const artifact::Manifest &manifest;
  const Options &options;
  Decoder decoder;
  std::vector<bool> taken;
};

}  // namespace

Result<Decoder> findDecoder(const artifact::Manifest &manifest, const Options &options) { return Finder(manifest, options).find(); }

}  // namespace switchyard::run
