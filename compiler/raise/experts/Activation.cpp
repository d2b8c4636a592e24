// Activations as exporters write them: gelu in its erf and tanh forms, silu, squared relu, and gated products of these.
#include "compiler/raise/experts/Experts.h"

#include "mlir/IR/TypeUtilities.h"

#include <cmath>
#include <numbers>

using namespace mlir;

namespace switchyard::raise {

namespace {

/// A function of one value, and the nodes that compute it.
struct Pointwise {
  moe::ActivationKind kind;
  Value input;
  double alpha = 1.0;
  SmallVector<Operation *> nodes;
};

/// `node` as (the operand that is the constant `number`, the other operand); null where it is not that.
Value otherThanConstant(onnx::NodeOp node, double number) {
  if (!node)
    return {};
  std::optional<unsigned> index = findOperand(node, [&](Value value) { return isScalarConstant(value, number); });
  return index ? node.getInputs()[1 - *index] : Value();
}

/// The factors of a product of products, constants among them; `nodes` are the Muls.
void collectFactors(Value value, SmallVectorImpl<Value> &factors, SmallVectorImpl<Operation *> &nodes) {
  if (onnx::NodeOp product = getDefiner(value, "Mul"); product && nodes.size() < 3) {
    nodes.push_back(product);
    collectFactors(product.getInputs()[0], factors, nodes);
    collectFactors(product.getInputs()[1], factors, nodes);
  } else {
    factors.push_back(value);
  }
}

/// x of 1 + erf(x / sqrt 2).
Value readErrorFunction(Value value, SmallVectorImpl<Operation *> &nodes) {
  onnx::NodeOp sum = getDefiner(value, "Add");
  onnx::NodeOp erf = getDefiner(otherThanConstant(sum, 1.0), "Erf");
  if (!erf)
    return {};
  nodes.append({sum, erf});
  if (onnx::NodeOp quotient = getDefiner(erf.getInputs()[0], "Div"); quotient && isScalarConstant(quotient.getInputs()[1], std::numbers::sqrt2)) {
    nodes.push_back(quotient);
    return quotient.getInputs()[0];
  }
  onnx::NodeOp product = getDefiner(erf.getInputs()[0], "Mul");
  if (product)
    nodes.push_back(product);
  return otherThanConstant(product, 1.0 / std::numbers::sqrt2);
}

/// True for 0.044715 * x^3, by Pow or by products.
bool isScaledCube(Value value, Value x, SmallVectorImpl<Operation *> &nodes) {
  SmallVector<Value> factors;
  collectFactors(value, factors, nodes);
  auto scale = llvm::find_if(factors, [](Value factor) { return isScalarConstant(factor, 0.044715); });
  if (scale == factors.end())
    return false;
  factors.erase(scale);
  onnx::NodeOp power = factors.size() == 1 ? getDefiner(factors[0], "Pow") : onnx::NodeOp();
  if (power)
    nodes.push_back(power);
  return power ? power.getInputs()[0] == x && isScalarConstant(power.getInputs()[1], 3.0) : factors.size() == 3 && llvm::all_equal(factors) && factors[0] == x;
}

/// x of 1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)).
Value readTanh(Value value, SmallVectorImpl<Operation *> &nodes) {
  onnx::NodeOp sum = getDefiner(value, "Add");
  onnx::NodeOp tanh = getDefiner(otherThanConstant(sum, 1.0), "Tanh");
  onnx::NodeOp scaled = tanh ? getDefiner(tanh.getInputs()[0], "Mul") : onnx::NodeOp();
  onnx::NodeOp inner = getDefiner(otherThanConstant(scaled, std::sqrt(2.0 / std::numbers::pi)), "Add");
  if (!inner)
    return {};
  for (unsigned index : {0u, 1u}) {
    Value x = inner.getInputs()[index];
    SmallVector<Operation *> products;
    if (isScaledCube(inner.getInputs()[1 - index], x, products)) {
      nodes.append({sum, tanh, scaled, inner});
      nodes.append(products);
      return x;
    }
  }
  return {};
}

/// 0.5 * x * (1 + erf(…)) or 0.5 * x * (1 + tanh(…)), in any order of the factors.
std::optional<Pointwise> readGelu(Value value) {
  SmallVector<Value> factors;
  SmallVector<Operation *> nodes;
  collectFactors(value, factors, nodes);
  if (factors.size() != 3)
    return std::nullopt;
  auto half = llvm::find_if(factors, [](Value factor) { return isScalarConstant(factor, 0.5); });
  if (half == factors.end())
    return std::nullopt;
  factors.erase(half);
  for (unsigned index : {0u, 1u}) {
    for (bool tanh : {false, true}) {
      SmallVector<Operation *> inner;
      Value x = tanh ? readTanh(factors[index], inner) : readErrorFunction(factors[index], inner);
      if (!x || x != factors[1 - index])
        continue;
      nodes.append(inner);
      return Pointwise{tanh ? moe::ActivationKind::gelu_tanh : moe::ActivationKind::gelu, x, 1.0, nodes};
    }
  }
  return std::nullopt;
}

/// x * sigmoid(alpha * x).
std::optional<Pointwise> readSilu(onnx::NodeOp product) {
  for (unsigned index : {0u, 1u}) {
    Value x = product.getInputs()[index];
    onnx::NodeOp sigmoid = getDefiner(product.getInputs()[1 - index], "Sigmoid");
    if (!sigmoid)
      continue;
    Value argument = sigmoid.getInputs()[0];
    if (argument == x)
      return Pointwise{moe::ActivationKind::silu, x, 1.0, {product, sigmoid}};
    onnx::NodeOp scaled = getDefiner(argument, "Mul");
    std::optional<unsigned> factor = scaled ? findOperand(scaled, [](Value v) { return getScalarConstant(v).has_value(); }) : std::nullopt;
    if (factor && scaled.getInputs()[1 - *factor] == x)
      return Pointwise{moe::ActivationKind::silu, x, *getScalarConstant(scaled.getInputs()[*factor]), {product, sigmoid, scaled}};
  }
  return std::nullopt;
}

std::optional<Pointwise> readPointwise(Value value) {
  auto node = value.getDefiningOp<onnx::NodeOp>();
  if (!node || node.getDomain() != "ai.onnx")
    return std::nullopt;
  if (node.getType() == "Relu")
    return Pointwise{moe::ActivationKind::relu, node.getInputs()[0], 1.0, {node}};
  if (node.getType() == "Gelu") {
    bool tanh = node.getString("approximate", "none") == "tanh";
    return Pointwise{tanh ? moe::ActivationKind::gelu_tanh : moe::ActivationKind::gelu, node.getInputs()[0], 1.0, {node}};
  }
  if (node.getType() == "Swish")
    return Pointwise{moe::ActivationKind::silu, node.getInputs()[0], node.getFloat("alpha", 1.0), {node}};
  if (node.getType() == "Pow") {
    onnx::NodeOp relu = getDefiner(node.getInputs()[0], "Relu");
    if (relu && isScalarConstant(node.getInputs()[1], 2.0))
      return Pointwise{moe::ActivationKind::relu_squared, relu.getInputs()[0], 1.0, {node, relu}};
  }
  if (node.getType() != "Mul")
    return std::nullopt;
  if (onnx::NodeOp relu = getDefiner(node.getInputs()[0], "Relu"); relu && node.getInputs()[1] == relu.getResult(0))
    return Pointwise{moe::ActivationKind::relu_squared, relu.getInputs()[0], 1.0, {node, relu}};
  if (std::optional<Pointwise> gelu = readGelu(value))
    return gelu;
  return readSilu(node);
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
  if ((function.alpha != 1.0 && function.kind != moe::ActivationKind::silu) || (limit && !(*limit > 0.0)))
    return {};
  return moe::ActivationAttr::get(context, function.kind, function.alpha != 1.0 ? number(context, function.alpha) : FloatAttr(),
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
  return match.fail(product, "no factor is a known activation");
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
  onnx::NodeOp product = match.takeDefiner(result, reader, "Mul", "a known activation or a gated product");
  if (!product)
    return failure();
  return matchGated(match, product);
}

}  // namespace switchyard::raise
