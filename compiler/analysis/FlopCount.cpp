#include "compiler/analysis/FlopCount.h"

#include "compiler/analysis/EinsumEquation.h"
#include "compiler/analysis/SymbolicShapes.h"
#include "dialects/moe/MoeDialect.h"
#include "dialects/onnx/OnnxDialect.h"

#include "llvm/ADT/StringSwitch.h"

#include <cmath>
#include <numeric>

using namespace mlir;

namespace switchyard {

namespace {

class Counter {
public:
  Counter(func::FuncOp function, const artifact::ExpressionScope &sizes) : shapes(function), sizes(sizes) {}

  FlopCount count(func::FuncOp function);

private:
  using Number = std::optional<double>;

  /// Multiply-adds of `node`; nothing where a size is not known. Must be a node that multiplies matrices.
  Number countNode(onnx::NodeOp node);
  Number countExpert(moe::ExpertOp expert);
  Number countSeats(moe::ExpertOp expert);
  Number countMatMul(onnx::NodeOp node);
  Number countEinsum(onnx::NodeOp node);
  Number countAttention(onnx::NodeOp node);
  Number countFused(onnx::NodeOp node);

  Number evaluate(Expression size);
  /// Dimension `axis` of `value`, counted from the end where negative.
  Number dim(Value value, int64_t axis);
  Number elements(Value value, size_t from = 0);
  static Number multiply(std::initializer_list<Number> factors);

  SymbolicShapes shapes;
  const artifact::ExpressionScope &sizes;
};

Counter::Number Counter::evaluate(Expression size) {
  if (!size)
    return std::nullopt;
  Result<artifact::Expression> formula = artifact::Expression::parse(size.str());
  Result<int64_t> value = formula.ok() ? formula->evaluate(sizes) : Result<int64_t>(formula.status());
  return value.ok() ? Number(static_cast<double>(*value)) : std::nullopt;
}

Counter::Number Counter::multiply(std::initializer_list<Number> factors) {
  double product = 1.0;
  for (const Number &factor : factors) {
    if (!factor)
      return std::nullopt;
    product *= *factor;
  }
  return product;
}

Counter::Number Counter::dim(Value value, int64_t axis) {
  if (!value || !shapes.hasShape(value))
    return std::nullopt;
  ArrayRef<Expression> shape = shapes.getShape(value);
  axis = axis < 0 ? axis + static_cast<int64_t>(shape.size()) : axis;
  return axis >= 0 && axis < static_cast<int64_t>(shape.size()) ? evaluate(shape[axis]) : std::nullopt;
}

Counter::Number Counter::elements(Value value, size_t from) {
  if (!value || !shapes.hasShape(value))
    return std::nullopt;
  double product = 1.0;
  for (Expression size : shapes.getShape(value).drop_front(std::min(from, shapes.getShape(value).size()))) {
    Number number = evaluate(size);
    if (!number)
      return std::nullopt;
    product *= *number;
  }
  return product;
}

/// Each element of the result is a sum over the inner dimension.
Counter::Number Counter::countMatMul(onnx::NodeOp node) {
  bool transposed = node.getInt("transA", 0) != 0;
  return multiply({elements(node.getResult(0)), dim(node.getInput(0), transposed ? -2 : -1)});
}

Counter::Number Counter::countEinsum(onnx::NodeOp node) {
  std::optional<EinsumEquation> equation = EinsumEquation::parse(node.getString("equation", ""));
  if (!equation || equation->inputs.size() != node.getInputs().size())
    return std::nullopt;
  std::map<char, double> labels;
  for (auto [operand, text] : llvm::zip_equal(node.getInputs(), equation->inputs))
    for (auto [axis, label] : llvm::enumerate(text)) {
      Number size = dim(operand, axis);
      if (!size)
        return std::nullopt;
      labels[label] = std::max(labels[label], *size);
    }
  return std::accumulate(labels.begin(), labels.end(), 1.0, [](double product, const auto &label) { return product * label.second; });
}

/// Scores and mixing, each over all keys that a query may see.
Counter::Number Counter::countAttention(onnx::NodeOp node) {
  Number keys = node.getNumResults() > 1 ? dim(node.getResult(1), -2) : std::nullopt;
  if (!keys)
    keys = dim(node.getInput(1), -2);
  return multiply({2.0, elements(node.getResult(0)), keys});
}

/// Of the fused operator k experts a token are computed; its weights stand in inputs 2, 4 and 6 (5 and 8 where they are quantised).
Counter::Number Counter::countFused(onnx::NodeOp node) {
  bool quantised = node.getType() == "QMoE";
  double packing = quantised ? 8.0 / static_cast<double>(node.getInt("expert_weight_bits", 4)) : 1.0;
  Number weights = 0.0;
  for (unsigned operand : {2u, quantised ? 5u : 4u, quantised ? 8u : 6u})
    if (Value weight = node.getInput(operand); weight && weights) {
      Number size = elements(weight, 1);
      weights = size ? Number(*weights + packing * *size) : std::nullopt;
    }
  Number width = dim(node.getInput(0), -1), all = elements(node.getInput(0));
  if (!width || !all || *width == 0.0)
    return std::nullopt;
  return multiply({*all / *width, static_cast<double>(node.getInt("k", 1)), weights});
}

Counter::Number Counter::countNode(onnx::NodeOp node) {
  llvm::StringRef type = node.getType();
  if (type == "MatMul" || type == "FusedMatMul" || type == "Gemm")
    return countMatMul(node);
  if (type == "Einsum")
    return countEinsum(node);
  if (type == "MatMulNBits")
    return multiply({elements(node.getResult(0)), static_cast<double>(node.getInt("K", 0))});
  if (type == "Conv")
    return multiply({elements(node.getResult(0)), elements(node.getInput(1), 1)});
  if (type == "MoE" || type == "QMoE")
    return countFused(node);
  return countAttention(node);
}

Counter::Number Counter::countExpert(moe::ExpertOp expert) {
  double weights = 0.0;
  for (Value weight : {expert.getGate(), expert.getUp(), expert.getDown()})
    if (weight)
      weights += static_cast<double>(ShapedType::getNumElements(cast<RankedTensorType>(weight.getType()).getShape().drop_front()));
  Number rows = dim(expert.getRows(), 0), seats = countSeats(expert);
  return multiply({rows && seats ? std::min(*rows, *seats) : rows, weights});
}

/// The rows that all experts together have seats for; nothing where no capacity limits them.
Counter::Number Counter::countSeats(moe::ExpertOp expert) {
  auto dispatch = expert.getRoute().getDefiningOp<moe::DispatchOp>();
  auto capacity = dispatch ? dispatch.getIds().getDefiningOp<moe::CapacityOp>() : moe::CapacityOp();
  if (!capacity)
    return std::nullopt;
  Number groups = 1.0;
  if (Value size = capacity.getGroup()) {
    Number tokens = dim(dispatch.getTokens(), 0), group = evaluate(shapes.getExpression(size));
    groups = tokens && group && *group > 0.0 ? Number(std::ceil(*tokens / *group)) : std::nullopt;
  }
  double experts = static_cast<double>(cast<moe::RouteType>(expert.getRoute().getType()).getExperts());
  return multiply({experts, evaluate(shapes.getExpression(capacity.getCapacity())), groups});
}

bool multipliesMatrices(onnx::NodeOp node) {
  return llvm::StringSwitch<bool>(node.getOpType())
      .Cases({"ai.onnx::MatMul", "ai.onnx::Gemm", "ai.onnx::Einsum", "ai.onnx::Conv", "ai.onnx::Attention"}, true)
      .Cases({"com.microsoft::FusedMatMul", "com.microsoft::MatMulNBits", "com.microsoft::MoE", "com.microsoft::QMoE"}, true)
      .Cases({"com.microsoft::GroupQueryAttention", "com.microsoft::MultiHeadAttention"}, true)
      .Default(false);
}

FlopCount Counter::count(func::FuncOp function) {
  FlopCount result;
  for (Operation &op : function.front()) {
    auto node = dyn_cast<onnx::NodeOp>(op);
    auto expert = dyn_cast<moe::ExpertOp>(op);
    if (!expert && !(node && multipliesMatrices(node)))
      continue;
    Number products = expert ? countExpert(expert) : countNode(node);
    ++(products ? result.counted : result.unknown);
    result.operations += 2.0 * products.value_or(0.0);
  }
  return result;
}

}  // namespace

FlopCount countFlops(func::FuncOp function, const artifact::ExpressionScope &sizes) { return Counter(function, sizes).count(function); }

}  // namespace switchyard
