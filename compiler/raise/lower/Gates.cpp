// Operators with a gate beside what it gates, and the gates of a linear attention.
#include "compiler/raise/Refusals.h"
#include "compiler/raise/lower/NodeLowering.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

Value multiply(OpBuilder &b, Location l, Value x, Value y) { return arith::MulFOp::create(b, l, x, y); }
Value add(OpBuilder &b, Location l, Value x, Value y) { return arith::AddFOp::create(b, l, x, y); }

/// a * sigmoid(alpha * a) * b.
LogicalResult swiglu(NodeLowering &node) {
  double alpha = node.node.getFloat("alpha", 1.0);
  Type type = node.resultElementType();
  auto body = [&](OpBuilder &b, Location l, ValueRange x) -> Value {
    Value scaled = alpha == 1.0 ? x[0] : multiply(b, l, arith::ConstantOp::create(b, l, b.getFloatAttr(type, alpha)), x[0]);
    return multiply(b, l, multiply(b, l, x[0], sigmoid(b, l, scaled)), x[1]);
  };
  return node.replace(node.elementwise({node.input(0), node.input(1)}, node.resultDims(), type, body));
}

/// x + y * gate; the product has the element type of the operands, as the two operators have that this one stands for.
LogicalResult gatedAdd(NodeLowering &node) {
  if (failed(node.expectAttributes({})))
    return failure();
  Dims shape = node.resultDims();
  Type type = node.resultElementType();
  auto times = [](OpBuilder &b, Location l, ValueRange x) { return multiply(b, l, x[0], x[1]); };
  auto plus = [](OpBuilder &b, Location l, ValueRange x) { return add(b, l, x[0], x[1]); };
  Value product = node.elementwise({node.input(1), node.input(2)}, shape, type, times);
  Value rounded = node.cast(node.cast(product, TensorBuilder::elementType(node.node.getInput(0))), type);
  return node.replace(node.elementwise({node.input(0), rounded}, shape, type, plus));
}

/// The norm of each part of the columns that the scale spans, times the activation of the gate.
LogicalResult gatedNorm(NodeLowering &node) {
  if (failed(node.expectAttributes({"activation", "epsilon"})))
    return failure();
  llvm::StringRef activation = node.node.getString("activation", "silu");
  if (!llvm::is_contained({"silu", "swish", "sigmoid"}, activation))
    return node.unsupported("activation '" + activation + "'; known are silu, swish and sigmoid");
  Value x = node.input(0), scale = node.input(1);
  Dims shape = node.dims(x), rows(shape);
  Type type = node.resultElementType();
  Expression part = node.dims(scale)[0];
  rows.back() = node.constant(*shape.back().getConstant() / *part.getConstant());
  rows.push_back(part);
  Value parts = node.reshape(x, rows);
  FloatAttr epsilon = node.builder.getF64FloatAttr(node.node.getFloat("epsilon", 1e-5));
  Value normal = node.shaped(nn::RmsNormOp::create(node.builder, node.loc, parts.getType(), parts, scale, epsilon), rows);
  return node.replace(node.elementwise({node.reshape(normal, shape), node.input(2)}, shape, type, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
    Value gate = sigmoid(b, l, v[1]);
    return multiply(b, l, v[0], activation == "sigmoid" ? gate : multiply(b, l, v[1], gate));
  }));
}

/// scale * softplus(a + bias), and the sigmoid of b.
LogicalResult linearAttentionGate(NodeLowering &node) {
  if (failed(node.expectAttributes({})))
    return failure();
  Dims shape = node.resultDims();
  Type type = node.resultElementType();
  Value decay = node.elementwise({node.input(0), node.input(1), node.input(2)}, shape, type, [](OpBuilder &b, Location l, ValueRange x) {
    return multiply(b, l, x[2], softplus(b, l, add(b, l, x[0], x[1])));
  });
  Value rate = node.isUsed(1) ? node.elementwise(node.input(3), shape, type, [](OpBuilder &b, Location l, ValueRange x) { return sigmoid(b, l, x[0]); })
                              : Value();
  return node.replace({decay, rate});
}

}  // namespace

void addGateRules(LoweringRules &rules) {
  rules["ai.onnx::SwiGLU"] = swiglu;
  rules["com.microsoft::GatedAdd"] = gatedAdd;
  rules["com.microsoft::GatedRMSNorm"] = gatedNorm;
  rules["com.microsoft::LinearAttentionGate"] = linearAttentionGate;
}

}  // namespace switchyard::raise
