// Sizes that some node of a file needs to be equal, and that only some calls make so: the compiler takes them to be, every call is checked.
#ifndef SWITCHYARD_RUNTIME_ARTIFACT_EQUALITY_H
#define SWITCHYARD_RUNTIME_ARTIFACT_EQUALITY_H

#include "runtime/artifact/expression.h"

#include <string>
#include <vector>

namespace switchyard::artifact {

struct Equality {
  Expression left, right;
  std::string node;  ///< which needs it, for messages: "node 'add' (Add)"
  friend bool operator==(const Equality &, const Equality &) = default;
};

/// Consecutive values of a dimension.
struct ValueRange {
  int64_t first = 0, last = 0;
  friend bool operator==(const ValueRange &, const ValueRange &) = default;
};

/// The most values of a dimension that are tried.
inline constexpr int64_t maxTriedValues = 1 << 16;

/// The dimension that is the only one of an equality; empty where there is none or more than one.
std::string onlyDimension(const Equality &equality);

/// The values of `dim` from 1 to `limit`, or as many as are tried, for which those of `equalities` hold that are over it alone.
std::vector<ValueRange> fittingValues(const std::vector<Equality> &equalities, llvm::StringRef dim, int64_t limit);

/// "1 to 256, 512": the first few of `ranges`.
std::string describeValues(const std::vector<ValueRange> &ranges);

/// Exit 8 where an equality does not hold in `scope`; the message says for which values of its dimension, up to the one in `limits`, the
/// program is.
Status checkEqualities(const std::vector<Equality> &equalities, const ExpressionScope &scope, const ExpressionScope &limits);

}  // namespace switchyard::artifact

#endif  // SWITCHYARD_RUNTIME_ARTIFACT_EQUALITY_H
