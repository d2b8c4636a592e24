// Operators with a gate beside what it gates, and the gates of a linear attention.
#include "compiler/analysis/ShapeRules.h"

#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;

namespace switchyard {

namespace {

/// Operands `first` and `second` have one shape, but for the last `except` dimensions.
LogicalResult unifyShapes(NodeShapes &node, unsigned first, unsigned second, unsigned except = 0) {
  Dims a(node.input(first)->shape), b(node.input(second)->shape);
  if (a.size() != b.size() || a.size() < except)
    return node.invalid("its operands must have one rank, but are " + node.describe(first) + " and " + node.describe(second));
  for (auto [one, other] : llvm::zip_equal(ArrayRef<Expression>(a).drop_back(except), ArrayRef<Expression>(b).drop_back(except)))
    if (failed(node.unify(one, other)))
      return failure();
  return success();
}

LogicalResult swiglu(NodeShapes &node) { return !node.hasInputs(2, 2) || failed(unifyShapes(node, 0, 1)) ? failure() : likeFirst(node); }

/// x, y and one number for each row of y.
LogicalResult gatedAdd(NodeShapes &node) {
  if (!node.hasInputs(3, 3) || failed(unifyShapes(node, 0, 1)) || failed(unifyShapes(node, 0, 2, 1)))
    return failure();
  ArrayRef<Expression> gate = node.input(2)->shape;
  if (gate.empty() || !gate.back().isConstant(1))
    return node.invalid("a gate must have one number for each row, but is " + node.describe(2));
  return likeFirst(node);
}

/// The scale spans the columns, or equal parts of them.
LogicalResult gatedNorm(NodeShapes &node) {
  if (!node.hasInputs(3, 3) || failed(unifyShapes(node, 0, 2)))
    return failure();
  ArrayRef<Expression> x = node.input(0)->shape, scale = node.input(1)->shape;
  std::optional<int64_t> columns = x.empty() ? std::nullopt : x.back().getConstant(), part = scale.size() == 1 ? scale[0].getConstant() : std::nullopt;
  if (!columns || !part)
    return node.unsupported("the columns and the scale must be of numbers, but are " + node.describe(0) + " and " + node.describe(1));
  if (*part < 1 || *columns % *part != 0)
    return node.invalid("the columns of " + node.describe(0) + " are no multiple of the scale " + node.describe(1));
  return likeFirst(node);
}

/// Projections of batch x tokens x heads, and two numbers a head.
LogicalResult linearAttentionGate(NodeShapes &node) {
  bool hasRate = node.node.getInput(3) != nullptr;
  if (!node.hasInputs(hasRate ? 4 : 3, 4) || (hasRate && failed(unifyShapes(node, 0, 3))))
    return failure();
  Dims shape(node.input(0)->shape);
  if (shape.size() != 3)
    return node.invalid("a gate must be batch x tokens x heads, but is " + node.describe(0));
  for (unsigned index : {1, 2}) {
    Dims vector(node.input(index)->shape);
    if (vector.size() != 1)
      return node.invalid("one number for each head must be given, but got " + node.describe(index));
    if (failed(node.unify(vector[0], shape[2])))
      return failure();
  }
  if (!hasRate && node.node.getNumResults() > 1 && !node.node.getResult(1).use_empty())
    return node.invalid("its update rate is read, but nothing stands for it");
  Type type = node.input(0)->elementType;
  return failed(node.result(0, type, shape)) ? failure() : node.result(1, type, shape);
}

}  // namespace

void addGateShapes(ShapeRules &rules) {
  rules["ai.onnx::SwiGLU"] = swiglu;
  rules["com.microsoft::GatedAdd"] = gatedAdd;
  rules["com.microsoft::GatedRMSNorm"] = gatedNorm;
  rules["com.microsoft::LinearAttentionGate"] = linearAttentionGate;
}

}  // namespace switchyard
