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

}  // namespace

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
