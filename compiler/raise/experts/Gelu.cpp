// Gelu as exporters write it before operator set 20: by the error function, or by tanh.
#include "compiler/raise/experts/Pointwise.h"

#include <cmath>
#include <numbers>

using namespace mlir;

namespace switchyard::raise {

namespace {

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

}  // namespace

/// 0.5 * x * (1 + erf(…)) or 0.5 * x * (1 + tanh(…)), in any order of the factors.
std::optional<Pointwise> readGelu(onnx::NodeOp product) {
  SmallVector<Value> factors;
  SmallVector<Operation *> nodes;
  collectFactors(product.getResult(0), factors, nodes);
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

}  // namespace switchyard::raise
