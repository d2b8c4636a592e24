// Which reader reads which node: activations that are one node, and the last nodes of those that are several.
#include "compiler/raise/experts/Pointwise.h"

#include "llvm/ADT/StringMap.h"

#include <cmath>

using namespace mlir;

namespace switchyard::raise {

namespace {

using moe::ActivationKind;

template <ActivationKind kind> std::optional<Pointwise> readNode(onnx::NodeOp node) {
  return Pointwise{kind, node.getInputs()[0], 1.0, {node}};
}

/// A node with an attribute `alpha`; `thousandths` of what it is where it does not stand.
template <ActivationKind kind, int64_t thousandths> std::optional<Pointwise> readWithAlpha(onnx::NodeOp node) {
  double alpha = node.getFloat("alpha", thousandths / 1000.0);
  return Pointwise{kind, node.getInputs()[0], alpha, {node}, !moe::dividesByAlpha(kind) || alpha != 0.0};
}

std::optional<Pointwise> readGeluNode(onnx::NodeOp node) {
  bool tanh = node.getString("approximate", "none") == "tanh";
  return Pointwise{tanh ? ActivationKind::gelu_tanh : ActivationKind::gelu, node.getInputs()[0], 1.0, {node}};
}

std::optional<Pointwise> readFastGelu(onnx::NodeOp node) {
  return node.getInput(1) ? std::nullopt : readNode<ActivationKind::gelu_tanh>(node);
}

std::optional<Pointwise> readSelu(onnx::NodeOp node) {
  constexpr double alpha = 1.67326319217681884765625, gamma = 1.05070102214813232421875;
  bool known = isNear(node.getFloat("alpha", alpha), alpha) && isNear(node.getFloat("gamma", gamma), gamma);
  return Pointwise{ActivationKind::selu, node.getInputs()[0], 1.0, {node}, known};
}

std::optional<Pointwise> readHardSigmoid(onnx::NodeOp node) {
  bool known = isNear(node.getFloat("alpha", 0.2), 1.0 / 6.0) && node.getFloat("beta", 0.5) == 0.5;
  return Pointwise{ActivationKind::hard_sigmoid, node.getInputs()[0], 1.0, {node}, known};
}

/// A leaky relu where one slope is that of all columns.
std::optional<Pointwise> readSlope(onnx::NodeOp node) {
  std::optional<double> slope = getFilledNumber(node.getInputs()[1]);
  return slope ? std::optional(Pointwise{ActivationKind::leaky_relu, node.getInputs()[0], *slope, {node}}) : std::nullopt;
}

using Readers = llvm::StringMap<SmallVector<PointwiseReader>>;

const Readers &getReaders() {
  using enum ActivationKind;
  static const Readers readers = [] {
    Readers all;
    all["ai.onnx::Relu"] = {readNode<relu>};
    all["ai.onnx::LeakyRelu"] = {readWithAlpha<leaky_relu, 10>};
    all["ai.onnx::PRelu"] = {readSlope};
    all["ai.onnx::Elu"] = {readWithAlpha<elu, 1000>};
    all["ai.onnx::Celu"] = {readWithAlpha<celu, 1000>};
    all["ai.onnx::Selu"] = {readSelu};
    all["ai.onnx::Gelu"] = {readGeluNode};
    all["ai.onnx::Swish"] = {readWithAlpha<silu, 1000>};
    all["ai.onnx::Tanh"] = {readNode<tanh>};
    all["ai.onnx::Sigmoid"] = {readNode<sigmoid>};
    all["ai.onnx::HardSigmoid"] = {readHardSigmoid};
    all["ai.onnx::HardSwish"] = {readNode<hard_swish>};
    all["ai.onnx::Softplus"] = {readNode<softplus>};
    all["ai.onnx::Mish"] = {readNode<mish>};
    all["com.microsoft::Gelu"] = {readNode<gelu>};
    all["com.microsoft::FastGelu"] = {readFastGelu};
    all["com.microsoft::QuickGelu"] = {readWithAlpha<silu, 1702>};
    all["ai.onnx::Pow"] = {readSquare};
    all["ai.onnx::Mul"] = {readSquare, readGelu, readSilu, readMish, readSoftplus, readHard};
    all["ai.onnx::Div"] = {readSilu, readSigmoid, readSoftplus, readHard};
    all["ai.onnx::Reciprocal"] = {readSigmoid};
    all["ai.onnx::Clip"] = {readClipped, readHard};
    all["ai.onnx::Max"] = {readClipped, readLarger};
    all["ai.onnx::Min"] = {readClipped};
    all["ai.onnx::Where"] = {readBelowZero, readSoftplus};
    return all;
  }();
  return readers;
}

}  // namespace

bool isNear(double value, double expected) { return std::abs(value - expected) <= 1e-6 * std::abs(expected); }

Value otherThanConstant(onnx::NodeOp node, double number) {
  if (!node)
    return {};
  std::optional<unsigned> index = findOperand(node, [&](Value value) { return isScalarConstant(value, number); });
  return index ? node.getInputs()[1 - *index] : Value();
}

std::optional<Scaled> readScaled(onnx::NodeOp product) {
  std::optional<unsigned> factor = product ? findOperand(product, [](Value v) { return getScalarConstant(v).has_value(); }) : std::nullopt;
  if (!factor)
    return std::nullopt;
  return Scaled{product.getInputs()[1 - *factor], *getScalarConstant(product.getInputs()[*factor])};
}

std::optional<Choice> readChoice(onnx::NodeOp where) {
  auto compare = where.getInputs()[0].getDefiningOp<onnx::NodeOp>();
  if (!compare || !llvm::is_contained({"ai.onnx::Greater", "ai.onnx::GreaterOrEqual", "ai.onnx::Less", "ai.onnx::LessOrEqual"}, compare.getOpType()))
    return std::nullopt;
  std::optional<double> right = getScalarConstant(compare.getInputs()[1]), left = getScalarConstant(compare.getInputs()[0]);
  if (left.has_value() == right.has_value())
    return std::nullopt;
  bool firstIsAbove = compare.getType().starts_with("Greater") == right.has_value();
  Value first = where.getInputs()[1], second = where.getInputs()[2];
  return Choice{compare.getInputs()[right ? 0 : 1], firstIsAbove ? first : second, firstIsAbove ? second : first, right ? *right : *left, {where, compare}};
}

std::optional<Pointwise> readPointwise(Value value) {
  auto node = value.getDefiningOp<onnx::NodeOp>();
  if (!node)
    return std::nullopt;
  auto found = getReaders().find(node.getOpType());
  if (found == getReaders().end())
    return std::nullopt;
  for (PointwiseReader read : found->second)
    if (std::optional<Pointwise> function = read(node))
      return function;
  return std::nullopt;
}

}  // namespace switchyard::raise
