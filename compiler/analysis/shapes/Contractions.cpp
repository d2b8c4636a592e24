// Matrix products and Einsum.
#include "compiler/analysis/EinsumEquation.h"
#include "compiler/analysis/ShapeRules.h"

#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;

namespace switchyard {

namespace {

/// numpy's matmul; com.microsoft.FusedMatMul may swap the last two dimensions of an operand.
LogicalResult matmul(NodeShapes &node) {
  const TensorFacts *a = node.input(0), *b = node.input(1);
  if (!a || !b || a->shape.empty() || b->shape.empty())
    return failure();
  Dims left(a->shape), right(b->shape);
  if (node.node.getInt("transA", 0) != 0 && left.size() >= 2)
    std::swap(left[left.size() - 2], left.back());
  if (node.node.getInt("transB", 0) != 0 && right.size() >= 2)
    std::swap(right[right.size() - 2], right.back());
  bool leftVector = left.size() == 1, rightVector = right.size() == 1;
  Expression inner = rightVector ? right.back() : right[right.size() - 2];
  if (failed(node.unify(left.back(), inner)))
    return failure();
  FailureOr<Dims> shape = node.broadcast(ArrayRef<Expression>(left).drop_back(leftVector ? 1 : 2), ArrayRef<Expression>(right).drop_back(rightVector ? 1 : 2));
  if (failed(shape))
    return failure();
  if (!leftVector)
    shape->push_back(left[left.size() - 2]);
  if (!rightVector)
    shape->push_back(right.back());
  return node.result(0, a->elementType, *shape);
}

LogicalResult gemm(NodeShapes &node) {
  const TensorFacts *a = node.input(0), *b = node.input(1);
  if (!a || !b || a->shape.size() != 2 || b->shape.size() != 2)
    return failure();
  bool transA = node.node.getInt("transA", 0) != 0, transB = node.node.getInt("transB", 0) != 0;
  if (failed(node.unify(a->shape[transA ? 0 : 1], b->shape[transB ? 1 : 0])))
    return failure();
  Dims shape{a->shape[transA ? 1 : 0], b->shape[transB ? 0 : 1]};
  if (!node.broadcastsTo(2, shape))
    return failure();
  return node.result(0, a->elementType, shape);
}

LogicalResult einsum(NodeShapes &node) {
  std::optional<EinsumEquation> equation = EinsumEquation::parse(node.node.getString("equation", ""));
  if (!equation || equation->inputs.size() != node.node.getInputs().size())
    return failure();
  std::map<char, Expression> sizes;
  for (auto [index, labels] : llvm::enumerate(equation->inputs)) {
    const TensorFacts *facts = node.input(index);
    if (!facts || facts->shape.size() != labels.size() || !countElements(node.context(), facts->shape))
      return failure();
    for (auto [label, dim] : llvm::zip_equal(labels, facts->shape)) {
      auto [position, isNew] = sizes.try_emplace(label, dim);
      if (isNew)
        continue;
      // A size that is summed is one for all operands; a name that meets 1 may be a broadcast, of which no sum is made.
      bool isSummed = equation->output.find(label) == std::string::npos;
      if (isSummed && position->second.isConstant(1) != dim.isConstant(1))
        return failure();
      FailureOr<Expression> joined = isSummed ? node.unify(position->second, dim) : node.broadcastDim(position->second, dim);
      if (failed(joined))
        return failure();
      position->second = *joined;
    }
  }
  Dims shape;
  for (char label : equation->output)
    shape.push_back(sizes.at(label));
  return node.result(0, node.input(0)->elementType, shape);
}

}  // namespace

void addContractionShapes(ShapeRules &rules) {
  rules["ai.onnx::MatMul"] = matmul;
  rules["com.microsoft::FusedMatMul"] = matmul;
  rules["ai.onnx::Gemm"] = gemm;
  rules["ai.onnx::Einsum"] = einsum;
}

}  // namespace switchyard
