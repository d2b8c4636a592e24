// Experts as a loop over all of them, unrolled: which (token, slot) chose an expert is looked up by NonZero, the rows of those tokens
// are gathered, and what the expert makes of them is weighed and added where it came from.
#ifndef SWITCHYARD_COMPILER_RAISE_EXPERTS_LOOPED_H
#define SWITCHYARD_COMPILER_RAISE_EXPERTS_LOOPED_H

#include "compiler/raise/experts/Experts.h"
#include "compiler/raise/routers/Routers.h"

namespace switchyard::raise {

/// What an axis of a mask counts.
enum class MaskAxis { unit, token, slot, expert };

/// A tensor that is 1 exactly where a token chose an expert, and 0 elsewhere.
struct ChoiceMask {
  mlir::Value choices;                  // what it is made of: the ids of the chosen experts
  llvm::SmallVector<MaskAxis> axes;     // of the mask
  std::optional<int64_t> expert;        // the one that was picked, if any
  std::optional<int64_t> experts;       // how many are told apart
  std::optional<int64_t> slot;          // the one that was picked, if any
  bool isOfAnySlot = false;             // more than 0 where some slot of the token chose the expert
};
/// The axes of the tensor that a mask is made of.
using MaskAxes = llvm::function_ref<llvm::SmallVector<MaskAxis>(mlir::Value choices)>;
/// The axes of ids: the last one counts slots, but for an ArgMax that keeps no axis.
llvm::SmallVector<MaskAxis> getAxesOfIds(mlir::Value ids);
/// Reads `value` back to the first node that does more than compare with numbers of experts, pick one of them or a slot, join the slots of a token, convert
/// and move axes.
mlir::FailureOr<ChoiceMask> matchChoiceMask(Match &match, mlir::Value value, mlir::Operation *reader, MaskAxes axesOf);

/// An index of a tensor that NonZero looked up: its coordinates along one axis.
struct Coordinates {
  onnx::NodeOp nonZero;
  int64_t axis = 0;
};
/// Reads coordinates in the order of NonZero, under any shape.
mlir::FailureOr<Coordinates> matchCoordinates(Match &match, mlir::Value value, mlir::Operation *reader);
/// The NonZero of which coordinates `indices` are made, or null.
onnx::NodeOp findNonZero(mlir::Value indices);

/// What one expert adds to the tokens.
struct ScatteredRows {
  onnx::NodeOp scatter;
  mlir::Value indices, rows;  // [n]; [n, H]
  bool overwrites = false;    // a token that stands twice among the indices counts once
  bool replaces = false;      // what the sum was at a token before is lost
};
/// True where `value` holds zeros.
bool isZeroFilled(mlir::Value value);
/// The sums in `function` of scattered rows that are part of no other such sum, in order.
llvm::SmallVector<onnx::NodeOp> findScatteredSums(mlir::func::FuncOp function);
/// All rows that are scattered into a sum [T, H], and what it begins with; null: zeros.
struct ScatteredSum {
  llvm::SmallVector<ScatteredRows> rows;
  mlir::Value start;
  bool isWrittenOver = false;  // the rows replace what it begins with, and each other
};
mlir::FailureOr<ScatteredSum> matchScatteredSum(Match &match, onnx::NodeOp sum);

/// A loop over experts. Without weights, each row counts once.
struct LoopedExperts {
  mlir::Value tokens, choices, weights;  // [..., H]; as ChoiceMask; [..., k], row-major
  std::optional<Routes> routes = {};     // of which each expert has its share, instead of weights
  Experts experts;
  std::optional<int64_t> count;  // of the experts that the mask tells apart
  bool overwrites = false;       // a token must not choose an expert twice
  bool leavesNegative = false;   // a share of less than 0 adds nothing, too
  bool weighsInputs = false;     // the weights multiply what the experts read
  mlir::Value start = {};        // what the rows are added to; null: zeros
};
mlir::FailureOr<LoopedExperts> matchLoopedExperts(Match &match, WeightRecipes &weights, onnx::NodeOp sum, MaskAxes axesOf);

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_EXPERTS_LOOPED_H
