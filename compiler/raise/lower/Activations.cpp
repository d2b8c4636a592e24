// Activation functions, as products in the order that docs/contracts.md, section 7, fixes.
#include "compiler/raise/lower/NodeLowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace switchyard::raise {

static Value number(OpBuilder &b, Location l, Value like, double value) {
  return arith::ConstantOp::create(b, l, b.getFloatAttr(like.getType(), value));
}

Value sigmoid(OpBuilder &b, Location l, Value x) {
  Value exponential = math::ExpOp::create(b, l, arith::NegFOp::create(b, l, x));
  Value one = number(b, l, x, 1.0);
  return arith::DivFOp::create(b, l, one, arith::AddFOp::create(b, l, one, exponential));
}

Value softplus(OpBuilder &b, Location l, Value x) {
  Value magnitude = arith::NegFOp::create(b, l, math::AbsFOp::create(b, l, x));
  Value tail = math::Log1pOp::create(b, l, math::ExpOp::create(b, l, magnitude));
  return arith::AddFOp::create(b, l, arith::MaximumFOp::create(b, l, x, number(b, l, x, 0)), tail);
}

namespace {

Value gelu(OpBuilder &b, Location l, Value x) {
  Value error = math::ErfOp::create(b, l, arith::DivFOp::create(b, l, x, number(b, l, x, 1.4142135623730951)));
  Value half = arith::MulFOp::create(b, l, number(b, l, x, 0.5), x);
  return arith::MulFOp::create(b, l, half, arith::AddFOp::create(b, l, number(b, l, x, 1.0), error));
}

Value geluTanh(OpBuilder &b, Location l, Value x) {
  Value square = arith::MulFOp::create(b, l, x, x), cube = arith::MulFOp::create(b, l, square, x);
  Value inner = arith::AddFOp::create(b, l, x, arith::MulFOp::create(b, l, number(b, l, x, 0.044715), cube));
  Value tangent = math::TanhOp::create(b, l, arith::MulFOp::create(b, l, number(b, l, x, 0.7978845608028654), inner));
  Value half = arith::MulFOp::create(b, l, number(b, l, x, 0.5), x);
  return arith::MulFOp::create(b, l, half, arith::AddFOp::create(b, l, number(b, l, x, 1.0), tangent));
}

using Activation = Value (*)(OpBuilder &, Location, Value);

/// The activation of x, or of x + bias where a second operand is there.
template <Activation activation> LogicalResult activate(NodeLowering &node) {
  if (!isa<FloatType>(node.resultElementType()))
    return node.unsupported("expects floats");
  SmallVector<Value> inputs{node.input(0)};
  if (Value bias = node.input(1))
    inputs.push_back(bias);
  auto body = [](OpBuilder &b, Location l, ValueRange x) {
    return activation(b, l, x.size() == 2 ? Value(arith::AddFOp::create(b, l, x[0], x[1])) : x[0]);
  };
  return node.replace(node.elementwise(inputs, node.resultDims(), node.resultElementType(), body));
}

Value relu(OpBuilder &b, Location l, Value x) {
  Value zero = arith::ConstantOp::create(b, l, b.getZeroAttr(x.getType()));
  return arith::MaximumFOp::create(b, l, x, zero);
}

LogicalResult geluNode(NodeLowering &node) {
  return node.node.getString("approximate", "none") == "tanh" ? activate<geluTanh>(node) : activate<gelu>(node);
}

/// x * sigmoid(alpha * x).
LogicalResult scaledSigmoid(NodeLowering &node, double alpha) {
  if (!isa<FloatType>(node.resultElementType()))
    return node.unsupported("expects floats");
  auto body = [&](OpBuilder &b, Location l, ValueRange x) -> Value {
    Value scaled = alpha == 1.0 ? x[0] : Value(arith::MulFOp::create(b, l, number(b, l, x[0], alpha), x[0]));
    return arith::MulFOp::create(b, l, x[0], sigmoid(b, l, scaled));
  };
  return node.replace(node.elementwise(node.input(0), node.resultDims(), node.resultElementType(), body));
}

LogicalResult quickGelu(NodeLowering &node) {
  if (failed(node.expectAttributes({"alpha"})))
    return failure();
  return scaledSigmoid(node, node.node.getFloat("alpha", 1.702));
}
using Scalar = llvm::function_ref<Value(OpBuilder &, Location, Value)>;

/// One function of floats, element by element.
LogicalResult unary(NodeLowering &node, Scalar function) {
  if (!isa<FloatType>(node.resultElementType()))
    return node.unsupported("expects floats");
  auto body = [&](OpBuilder &b, Location l, ValueRange x) { return function(b, l, x[0]); };
  return node.replace(node.elementwise(node.input(0), node.resultDims(), node.resultElementType(), body));
}

Value add(OpBuilder &b, Location l, Value x, Value y) { return arith::AddFOp::create(b, l, x, y); }
Value multiply(OpBuilder &b, Location l, Value x, Value y) { return arith::MulFOp::create(b, l, x, y); }
Value divide(OpBuilder &b, Location l, Value x, Value y) { return arith::DivFOp::create(b, l, x, y); }
Value choose(OpBuilder &b, Location l, arith::CmpFPredicate predicate, Value x, Value y, Value then, Value otherwise) {
  return arith::SelectOp::create(b, l, arith::CmpFOp::create(b, l, predicate, x, y), then, otherwise);
}
/// `negative` where x is below 0, x elsewhere and for NaN.
Value below(OpBuilder &b, Location l, Value x, Value negative) {
  return choose(b, l, arith::CmpFPredicate::OLT, x, number(b, l, x, 0), negative, x);
}
Value clamp(OpBuilder &b, Location l, Value x) {
  return arith::MaximumFOp::create(b, l, number(b, l, x, 0), arith::MinimumFOp::create(b, l, number(b, l, x, 1), x));
}

Value softsign(OpBuilder &b, Location l, Value x) { return divide(b, l, x, add(b, l, number(b, l, x, 1), math::AbsFOp::create(b, l, x))); }
Value mish(OpBuilder &b, Location l, Value x) { return multiply(b, l, x, math::TanhOp::create(b, l, softplus(b, l, x))); }
Value hardSwish(OpBuilder &b, Location l, Value x) {
  return multiply(b, l, x, clamp(b, l, add(b, l, multiply(b, l, x, number(b, l, x, 1.0 / 6)), number(b, l, x, 0.5))));
}
Value tangent(OpBuilder &b, Location l, Value x) { return divide(b, l, math::SinOp::create(b, l, x), math::CosOp::create(b, l, x)); }
/// (e^(x/2))^2 / 2: e^x / 2 where e^x may overflow already.
Value halfExponential(OpBuilder &b, Location l, Value x) {
  Value root = math::ExpOp::create(b, l, multiply(b, l, number(b, l, x, 0.5), x));
  return multiply(b, l, multiply(b, l, number(b, l, x, 0.5), root), root);
}

/// Beyond this e^-x is lost beside e^x.
constexpr double largeAngle = 30;

/// From e^|x| - 1, which keeps small x exact, with the sign of x.
Value hyperbolicSine(OpBuilder &b, Location l, Value x) {
  Value magnitude = math::AbsFOp::create(b, l, x);
  Value e = math::ExpM1Op::create(b, l, magnitude);
  Value sum = add(b, l, e, divide(b, l, e, add(b, l, e, number(b, l, x, 1))));
  Value half = multiply(b, l, number(b, l, x, 0.5), sum);
  half = choose(b, l, arith::CmpFPredicate::OGT, magnitude, number(b, l, x, largeAngle), halfExponential(b, l, magnitude), half);
  return math::CopySignOp::create(b, l, half, x);
}
Value hyperbolicCosine(OpBuilder &b, Location l, Value x) {
  Value magnitude = math::AbsFOp::create(b, l, x);
  Value sum = add(b, l, math::ExpOp::create(b, l, magnitude), math::ExpOp::create(b, l, arith::NegFOp::create(b, l, magnitude)));
  Value half = multiply(b, l, number(b, l, x, 0.5), sum);
  return choose(b, l, arith::CmpFPredicate::OGT, magnitude, number(b, l, x, largeAngle), halfExponential(b, l, magnitude), half);
}

template <Activation function> LogicalResult plain(NodeLowering &node) { return unary(node, function); }

LogicalResult elu(NodeLowering &node) {
  double alpha = node.node.getFloat("alpha", 1.0);
  return unary(node, [=](OpBuilder &b, Location l, Value x) {
    return below(b, l, x, multiply(b, l, number(b, l, x, alpha), math::ExpM1Op::create(b, l, x)));
  });
}

LogicalResult selu(NodeLowering &node) {
  double alpha = node.node.getFloat("alpha", 1.67326319217681884765625), gamma = node.node.getFloat("gamma", 1.05070102214813232421875);
  return unary(node, [=](OpBuilder &b, Location l, Value x) {
    Value inner = below(b, l, x, multiply(b, l, number(b, l, x, alpha), math::ExpM1Op::create(b, l, x)));
    return multiply(b, l, number(b, l, x, gamma), inner);
  });
}

LogicalResult celu(NodeLowering &node) {
  double alpha = node.node.getFloat("alpha", 1.0);
  return unary(node, [=](OpBuilder &b, Location l, Value x) {
    Value a = number(b, l, x, alpha);
    return below(b, l, x, multiply(b, l, a, math::ExpM1Op::create(b, l, divide(b, l, x, a))));
  });
}

LogicalResult leakyRelu(NodeLowering &node) {
  double alpha = node.node.getFloat("alpha", 0.01);
  return unary(node, [=](OpBuilder &b, Location l, Value x) { return below(b, l, x, multiply(b, l, number(b, l, x, alpha), x)); });
}

LogicalResult thresholdedRelu(NodeLowering &node) {
  double alpha = node.node.getFloat("alpha", 1.0);
  return unary(node, [=](OpBuilder &b, Location l, Value x) {
    return choose(b, l, arith::CmpFPredicate::OGT, x, number(b, l, x, alpha), x, number(b, l, x, 0));
  });
}

LogicalResult hardSigmoid(NodeLowering &node) {
  double alpha = node.node.getFloat("alpha", 0.2), beta = node.node.getFloat("beta", 0.5);
  return unary(node, [=](OpBuilder &b, Location l, Value x) {
    return clamp(b, l, add(b, l, multiply(b, l, number(b, l, x, alpha), x), number(b, l, x, beta)));
  });
}

LogicalResult shrink(NodeLowering &node) {
  double bias = node.node.getFloat("bias", 0.0), lambda = node.node.getFloat("lambd", 0.5);
  return unary(node, [=](OpBuilder &b, Location l, Value x) {
    Value up = add(b, l, x, number(b, l, x, bias)), down = add(b, l, x, number(b, l, x, -bias));
    Value high = choose(b, l, arith::CmpFPredicate::OGT, x, number(b, l, x, lambda), down, number(b, l, x, 0));
    return choose(b, l, arith::CmpFPredicate::OLT, x, number(b, l, x, -lambda), up, high);
  });
}

/// The slope broadcasts to x.
LogicalResult parametricRelu(NodeLowering &node) {
  if (!isa<FloatType>(node.resultElementType()))
    return node.unsupported("expects floats");
  auto body = [](OpBuilder &b, Location l, ValueRange x) { return below(b, l, x[0], multiply(b, l, x[1], x[0])); };
  return node.replace(node.elementwise({node.input(0), node.input(1)}, node.resultDims(), node.resultElementType(), body));
}

LogicalResult swish(NodeLowering &node) { return scaledSigmoid(node, node.node.getFloat("alpha", 1.0)); }

}  // namespace

void addActivationRules(LoweringRules &rules) {
  rules["ai.onnx::Relu"] = activate<relu>;
  rules["ai.onnx::Sigmoid"] = activate<sigmoid>;
  rules["ai.onnx::Gelu"] = geluNode;
  rules["ai.onnx::Swish"] = swish;
  rules["ai.onnx::Elu"] = elu;
  rules["ai.onnx::Selu"] = selu;
  rules["ai.onnx::Celu"] = celu;
  rules["ai.onnx::LeakyRelu"] = leakyRelu;
  rules["ai.onnx::ThresholdedRelu"] = thresholdedRelu;
  rules["ai.onnx::PRelu"] = parametricRelu;
  rules["ai.onnx::HardSigmoid"] = hardSigmoid;
  rules["ai.onnx::HardSwish"] = plain<hardSwish>;
  rules["ai.onnx::Shrink"] = shrink;
  rules["ai.onnx::Softplus"] = plain<softplus>;
  rules["ai.onnx::Softsign"] = plain<softsign>;
  rules["ai.onnx::Mish"] = plain<mish>;
  rules["ai.onnx::Tan"] = plain<tangent>;
  rules["ai.onnx::Sinh"] = plain<hyperbolicSine>;
  rules["ai.onnx::Cosh"] = plain<hyperbolicCosine>;
  rules["com.microsoft::Gelu"] = activate<gelu>;
  rules["com.microsoft::BiasGelu"] = activate<gelu>;
  rules["com.microsoft::FastGelu"] = activate<geluTanh>;
  rules["com.microsoft::QuickGelu"] = quickGelu;
}

}  // namespace switchyard::raise
