// The tokens that all experts read.
#include "compiler/raise/experts/Experts.h"

using namespace mlir;

namespace switchyard::raise {

FailureOr<Value> matchRepeatedTokens(Match &match, Value rows, int64_t experts, Operation *reader) {
  Value value = match.takeReshapes(rows);
  Operation *node = value.getDefiningOp() ? value.getDefiningOp() : reader;
  if (onnx::NodeOp tile = getDefiner(value, "Tile")) {
    match.take(tile);
    std::optional<SmallVector<int64_t>> repeats = match.shapes.getConstantData(tile.getInputs()[1]);
    if (repeats && !repeats->empty() && repeats->front() == experts && llvm::all_of(llvm::drop_begin(*repeats), [](int64_t n) { return n == 1; }))
      return tile.getInputs()[0];
  } else if (onnx::NodeOp expand = getDefiner(value, "Expand")) {
    match.take(expand);
    FailureOr<ArrayRef<Expression>> from = match.getShape(expand.getInputs()[0], expand), to = match.getShape(value, expand);
    if (failed(from) || failed(to))
      return failure();
    bool repeats = from->size() == to->size() && to->size() >= 2 && from->front().isConstant(1) && to->front().isConstant(experts);
    if (repeats && from->drop_front() == to->drop_front())
      return expand.getInputs()[0];
  }
  return match.fail(node, "it does not repeat all tokens for each of " + llvm::Twine(experts) + " experts");
}

FailureOr<Value> matchTokensOfAll(Match &match, Value rows, int64_t experts, Operation *reader) {
  FailureOr<ArrayRef<Expression>> whole = match.getShape(rows, reader);
  if (failed(whole))
    return failure();
  bool repeatsItself = whole->size() == 2 || whole->front().isConstant(1);  // the product does
  return repeatsItself ? FailureOr<Value>(rows) : matchRepeatedTokens(match, rows, experts, reader);
}

FailureOr<Value> getTokenRows(Match &match, Value tokens, int64_t hidden, Operation *reader) {
  while (getStaticLastDim(tokens) != hidden && isReshape(tokens.getDefiningOp()))
    tokens = cast<onnx::NodeOp>(tokens.getDefiningOp()).getInputs()[0];
  if (getStaticLastDim(tokens) != hidden)
    return match.fail(reader, "the tokens are not rows of " + llvm::Twine(hidden) + " elements");
  return tokens;
}

}  // namespace switchyard::raise
