#include "runtime/artifact/equality.h"

#include "runtime/base/escape.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

#include <algorithm>
#include <set>

namespace switchyard::artifact {
namespace {

constexpr size_t maxPrintedRanges = 4;

bool holds(const Equality &equality, const ExpressionScope &scope) {
  const Result<int64_t> left = equality.left.evaluate(scope), right = equality.right.evaluate(scope);
  return left.ok() && right.ok() && *left == *right;
}

/// Why a call cannot be computed: `left` and `right` are the values of the sides.
Status misfit(const std::vector<Equality> &equalities, const Equality &equality, int64_t left, int64_t right,
              const ExpressionScope &limits) {
  std::string message = escaped(equality.node) + ": the sizes " + quote(equality.left.print()) + " and " + quote(equality.right.print()) +
                        " must be equal, but are " + std::to_string(left) + " and " + std::to_string(right);
  const std::string dim = onlyDimension(equality);
  const auto limit = limits.dims.find(dim);
  if (limit == limits.dims.end())
    return limitError(message + "; the program is for other inputs only");
  return limitError(message + "; the program is for a " + quote(dim) + " of " +
                    describeValues(fittingValues(equalities, dim, limit->second)) + " only");
}

}  // namespace

std::string onlyDimension(const Equality &equality) {
  std::set<std::string> names;
  for (const Expression *side : {&equality.left, &equality.right})
    for (const std::string &name : side->dimensions())
      names.insert(name);
  return names.size() == 1 ? *names.begin() : std::string();
}

std::vector<ValueRange> fittingValues(const std::vector<Equality> &equalities, llvm::StringRef dim, int64_t limit) {
  std::vector<Equality> own;
  llvm::copy_if(equalities, std::back_inserter(own), [&](const Equality &equality) { return onlyDimension(equality) == dim; });
  std::vector<ValueRange> ranges;
  ExpressionScope scope;
  int64_t &value = scope.dims[dim.str()];
  for (value = 1; value <= std::min(limit, maxTriedValues); ++value) {
    if (!llvm::all_of(own, [&](const Equality &equality) { return holds(equality, scope); }))
      continue;
    if (!ranges.empty() && ranges.back().last == value - 1)
      ranges.back().last = value;
    else
      ranges.push_back({value, value});
  }
  return ranges;
}

std::string describeValues(const std::vector<ValueRange> &ranges) {
  std::string text;
  for (size_t index = 0; index < std::min(ranges.size(), maxPrintedRanges); ++index) {
    const ValueRange &range = ranges[index];
    text += (index == 0 ? "" : ", ") + std::to_string(range.first);
    if (range.last != range.first)
      text += " to " + std::to_string(range.last);
  }
  if (ranges.empty())
    return "no number within the limit";
  return ranges.size() > maxPrintedRanges ? text + " and further numbers" : text;
}

Status checkEqualities(const std::vector<Equality> &equalities, const ExpressionScope &scope, const ExpressionScope &limits) {
  for (const Equality &equality : equalities) {
    const Result<int64_t> left = equality.left.evaluate(scope), right = equality.right.evaluate(scope);
    for (const Result<int64_t> *side : {&left, &right})
      if (!side->ok())
        return side->status().within(escaped(equality.node));
    if (*left != *right)
      return misfit(equalities, equality, *left, *right, limits);
  }
  return Status();
}

}  // namespace switchyard::artifact
