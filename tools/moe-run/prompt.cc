#include "tools/moe-run/prompt.h"

#include "runtime/base/escape.h"
#include "runtime/base/npy.h"
#include "runtime/exec/dims.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <cstring>

namespace switchyard::run {
namespace {

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

}  // namespace

Result<Prompt> readPrompt(const Options &options) {
  const llvm::StringRef text = options.promptIds;
  Result<Prompt> prompt = text.starts_with("@") ? readPromptFile(options, text.drop_front().str()) : parsePrompt(options);
  if (!prompt.ok())
    return prompt;
  if (prompt->empty())
    return usageError("--prompt-ids " + quote(text) + ": there is no prompt");
  for (size_t row = 0; row < prompt->size(); ++row) {
    const auto where = [&] { return "--prompt-ids " + quote(text) + ": prompt " + llvm::Twine(row).str(); };
    if ((*prompt)[row].empty())
      return usageError(where() + " is empty");
    // An index below 0 counts from the end of the table of embeddings, where a program gathers from one.
    for (int64_t id : (*prompt)[row])
      if (id < 0)
        return usageError(where() + " has the token " + llvm::Twine(id) + "; tokens are 0 or above" +
                          (text.starts_with("@") ? ", and --pad-id names the one that pads" : ""));
  }
  return prompt;
}

}  // namespace switchyard::run
