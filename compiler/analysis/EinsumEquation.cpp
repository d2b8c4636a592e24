#include "compiler/analysis/EinsumEquation.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace switchyard {

namespace {

bool isLabels(llvm::StringRef labels) {
  for (auto [position, label] : llvm::enumerate(labels))
    if (!llvm::isAlpha(label) || labels.drop_front(position + 1).contains(label))
      return false;
  return true;
}

/// `term` with `count` digits for its ellipsis; nothing where it is none of labels.
std::optional<std::string> fillEllipsis(llvm::StringRef term, size_t count) {
  auto [before, after] = term.split("...");
  if (!llvm::all_of(before, llvm::isAlpha) || !llvm::all_of(after, llvm::isAlpha) || count > 9)
    return std::nullopt;
  std::string digits;
  for (size_t digit = count; term.contains("...") && digit > 0; --digit)
    digits += static_cast<char>('0' + digit - 1);
  return before.str() + digits + after.str();
}

}  // namespace

std::optional<EinsumEquation> EinsumEquation::expand(llvm::StringRef text, llvm::ArrayRef<size_t> ranks) {
  std::string compact = text.str();
  llvm::erase(compact, ' ');
  auto [left, right] = llvm::StringRef(compact).split("->");
  llvm::SmallVector<llvm::StringRef> terms;
  left.split(terms, ',');
  if (terms.size() != ranks.size())
    return std::nullopt;
  EinsumEquation equation;
  size_t longest = 0;
  for (auto [term, rank] : llvm::zip_equal(terms, ranks)) {
    size_t labels = term.contains("...") ? term.size() - 3 : term.size();
    if (labels > rank)
      return std::nullopt;
    std::optional<std::string> filled = fillEllipsis(term, rank - labels);
    if (!filled)
      return std::nullopt;
    longest = term.contains("...") ? std::max(longest, rank - labels) : longest;
    equation.inputs.push_back(*filled);
  }
  if (llvm::StringRef(compact).contains("->")) {
    std::optional<std::string> output = fillEllipsis(right, longest);
    bool known = output && (longest == 0 || right.contains("...")) && llvm::all_of(*output, [&](char label) { return llvm::count(*output, label) == 1; }) &&
                 llvm::all_of(right, [&](char label) { return left.contains(label); });
    if (!known)
      return std::nullopt;
    equation.output = *output;
    return equation;
  }
  equation.output = *fillEllipsis("...", longest);
  for (char label = 'A'; label <= 'z'; ++label)
    if (llvm::isAlpha(label) && left.count(label) == 1)
      equation.output += label;
  return equation;
}

std::optional<EinsumEquation> EinsumEquation::parse(llvm::StringRef text) {
  std::string compact = text.str();
  llvm::erase(compact, ' ');
  auto [left, right] = llvm::StringRef(compact).split("->");
  EinsumEquation equation;
  llvm::SmallVector<llvm::StringRef> terms;
  left.split(terms, ',');
  for (llvm::StringRef term : terms) {
    if (!isLabels(term))
      return std::nullopt;
    equation.inputs.push_back(term.str());
  }
  if (llvm::StringRef(compact).contains("->")) {
    bool known = isLabels(right) && llvm::all_of(right, [&](char label) { return left.contains(label); });
    if (!known)
      return std::nullopt;
    equation.output = right.str();
    return equation;
  }
  for (char label = 'A'; label <= 'z'; ++label)
    if (llvm::isAlpha(label) && left.count(label) == 1)
      equation.output += label;
  return equation;
}

}  // namespace switchyard
