// Coordinates of the elements that NonZero looked up, and the positions that are computed of them.
#include "compiler/analysis/ShapeRules.h"
#include "compiler/raise/experts/Looped.h"

using namespace mlir;

namespace switchyard::raise {

FailureOr<Coordinates> matchCoordinates(Match &match, Value value, Operation *reader) {
  value = match.takeIntegerCasts(match.takeIdentities(match.takeIntegerCasts(value)));
  std::optional<Part> pick = match.readPart(value);
  if (pick && pick->size != 1)
    pick.reset();
  if (pick) {
    match.take(pick->node);
    value = pick->getWhole();
  }
  bool exchanged = false;
  if (onnx::NodeOp transpose = getDefiner(value, "Transpose"); transpose && exchangesAxes(transpose)) {
    match.take(transpose);
    value = transpose.getInputs()[0];
    exchanged = true;
  }
  onnx::NodeOp nonZero = match.takeDefiner(value, reader, "NonZero", "what looks up the tokens of an expert");
  if (!nonZero)
    return failure();
  FailureOr<ArrayRef<Expression>> shape = match.getShape(value, nonZero);
  if (failed(shape))
    return failure();
  if (pick ? pick->axis != (exchanged ? 1 : 0) : !shape->front().isConstant(1))
    return match.fail(nonZero, "its result is not read along one axis of its operand");
  return Coordinates{nonZero, pick ? pick->first : 0};
}

}  // namespace switchyard::raise
