// Activations, and gated products of one with a second projection.
#include "compiler/raise/experts/Experts.h"
#include "compiler/raise/experts/Pointwise.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

/// "relu, relu_squared, …": what a message says instead.
std::string listActivations() {
  std::string text;
  for (uint64_t kind = 1; std::optional<moe::ActivationKind> known = moe::symbolizeActivationKind(kind); ++kind)
    text += (kind == 1 ? "" : ", ") + moe::stringifyActivationKind(*known).str();
  return text;
}

/// Takes Clip(x, low, high) where it is one: `low` must be that, or absent where nothing is given.
Value takeClip(Match &match, Value value, std::optional<double> &limit, bool bothSides) {
  onnx::NodeOp clip = getDefiner(value, "Clip");
  std::optional<double> high = clip ? getScalarConstant(clip.getInput(2)) : std::nullopt;
  bool lowFits = clip && (bothSides ? high && isScalarConstant(clip.getInput(1), -*high) : !clip.getInput(1));
  if (!high || !lowFits)
    return value;
  limit = high;
  match.take(clip);
  return clip.getInputs()[0];
}

FloatAttr number(MLIRContext *context, double value) { return FloatAttr::get(Float64Type::get(context), value); }

/// The activation with these parameters; null where they are out of range.
moe::ActivationAttr getActivation(MLIRContext *context, const Pointwise &function, double beta, std::optional<double> limit) {
  if (!function.inRange || (limit && !(*limit > 0.0)))
    return {};
  bool states = function.alpha != 1.0 || function.kind == moe::ActivationKind::leaky_relu;
  return moe::ActivationAttr::get(context, function.kind, states ? number(context, function.alpha) : FloatAttr(),
                                  beta != 0.0 ? number(context, beta) : FloatAttr(), limit ? number(context, *limit) : FloatAttr());
}

FailureOr<Activation> matchGated(Match &match, onnx::NodeOp product) {
  for (unsigned index : {0u, 1u}) {
    std::optional<Pointwise> function = readPointwise(product.getInputs()[index]);
    if (!function)
      continue;
    for (Operation *node : function->nodes)
      match.take(node);
    Value up = product.getInputs()[1 - index];
    FailureOr<ArrayRef<Expression>> gateShape = match.getShape(function->input, product), upShape = match.getShape(up, product);
    if (failed(gateShape) || failed(upShape))
      return failure();
    if (*gateShape != *upShape)
      return match.fail(product, "gate and up have different shapes");
    double beta = 0.0;
    if (onnx::NodeOp sum = getDefiner(up, "Add")) {
      if (std::optional<unsigned> operand = findOperand(sum, [](Value v) { return getScalarConstant(v).has_value(); })) {
        match.take(sum);
        beta = *getScalarConstant(sum.getInputs()[*operand]);
        up = sum.getInputs()[1 - *operand];
      }
    }
    std::optional<double> gateLimit, upLimit;
    Value gate = takeClip(match, function->input, gateLimit, /*bothSides=*/false);
    up = takeClip(match, up, upLimit, /*bothSides=*/true);
    if (gateLimit != upLimit)
      return match.fail(product, "gate and up are not clamped by one limit");
    moe::ActivationAttr attribute = getActivation(product.getContext(), *function, beta, gateLimit);
    if (!attribute)
      return match.fail(product, "the activation's parameters are out of range");
    return Activation{attribute, gate, up};
  }
  return match.fail(product, "no factor is a known activation (" + listActivations() + ")");
}

}  // namespace

FailureOr<Activation> matchActivation(Match &match, Value result, Operation *reader) {
  if (std::optional<Pointwise> function = readPointwise(result)) {
    for (Operation *node : function->nodes)
      match.take(node);
    moe::ActivationAttr attribute = getActivation(reader->getContext(), *function, /*beta=*/0.0, /*limit=*/std::nullopt);
    if (!attribute)
      return match.fail(reader, "the activation's parameters are out of range");
    return Activation{attribute, function->input, {}};
  }
  onnx::NodeOp product = match.takeDefiner(result, reader, "Mul", "a gated product, or a known activation (" + listActivations() + ")");
  if (!product)
    return failure();
  return matchGated(match, product);
}

}  // namespace switchyard::raise
