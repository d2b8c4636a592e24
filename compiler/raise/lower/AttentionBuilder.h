// Attention from queries, keys and values: one nn.attention where it is of a token's own sequence, products and a softmax elsewhere.
#ifndef SWITCHYARD_COMPILER_RAISE_LOWER_ATTENTIONBUILDER_H
#define SWITCHYARD_COMPILER_RAISE_LOWER_ATTENTIONBUILDER_H

#include "compiler/analysis/AttentionSizes.h"
#include "compiler/raise/lower/NodeLowering.h"

namespace switchyard::raise {

/// Which keys a query sees, and what is added to its scores.
struct Visibility {
  mlir::Value mask;     // booleans, or floats to add; broadcasts to batch x heads x queries x keys, its last keys may be missing; or null
  mlir::Value lengths;  // i64, the number of valid keys of each sequence; or null
  bool causal = false;
  int64_t left = -1, right = -1;  // how far a query sees around its own position; -1: without bound

  bool isPlain() const { return !mask && !lengths && left < 0 && right < 0; }
};

/// Which scores the node gives away.
enum class Scores { none, raw, capped, masked, softmax };

struct AttentionOperands {
  mlir::Value query, key, value;  // batch x tokens x heads*size, or batch x heads x tokens x size
  mlir::Value pastKey, pastValue;
  Visibility visibility;
  double scale = 1.0, softcap = 0.0;
  bool zeroesBlindRows = false;  // a query that sees no key gives 0; elsewhere it gives NaN
  Scores scores = Scores::none;
};

struct AttentionResults {
  mlir::Value result;  // batch x queries x heads*size
  mlir::Value presentKey, presentValue, scores;
};

/// What a padding mask of the com.microsoft domain and floats beside it add to the scores; null where there is neither. The mask is a length for
/// each sequence, with `takesRanges` also all ends and then all starts, or numbers above 0 where a key is seen: batch x (queries x) keys.
mlir::FailureOr<mlir::Value> addMasks(NodeLowering &node, const AttentionSizes &sizes, mlir::Value padding, mlir::Value added, bool takesRanges);

AttentionResults buildAttention(NodeLowering &node, const AttentionSizes &sizes, const AttentionOperands &operands);

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_LOWER_ATTENTIONBUILDER_H
