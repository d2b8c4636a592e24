// Activation functions, as products in the order that docs/contracts.md, section 7, fixes.
#include "compiler/raise/lower/NodeLowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

Value number(OpBuilder &b, Location l, Value like, double value) {
  return arith::ConstantOp::create(b, l, b.getFloatAttr(like.getType(), value));
}

Value sigmoid(OpBuilder &b, Location l, Value x) {
  Value exponential = math::ExpOp::create(b, l, arith::NegFOp::create(b, l, x));
  Value one = number(b, l, x, 1.0);
  return arith::DivFOp::create(b, l, one, arith::AddFOp::create(b, l, one, exponential));
}

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
LogicalResult swish(NodeLowering &node) { return scaledSigmoid(node, node.node.getFloat("alpha", 1.0)); }

}  // namespace

void addActivationRules(LoweringRules &rules) {
  rules["ai.onnx::Relu"] = activate<relu>;
  rules["ai.onnx::Sigmoid"] = activate<sigmoid>;
  rules["ai.onnx::Gelu"] = geluNode;
  rules["ai.onnx::Swish"] = swish;
  rules["com.microsoft::Gelu"] = activate<gelu>;
  rules["com.microsoft::BiasGelu"] = activate<gelu>;
  rules["com.microsoft::FastGelu"] = activate<geluTanh>;
  rules["com.microsoft::QuickGelu"] = quickGelu;
}

}  // namespace switchyard::raise
