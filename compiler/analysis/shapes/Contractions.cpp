// Matrix products and Einsum.
#include "compiler/analysis/EinsumEquation.h"
#include "compiler/analysis/ShapeRules.h"

#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;

namespace switchyard {

namespace {

/// numpy's matmul; com.microsoft.FusedMatMul may swap the last two dimensions of an operand.
LogicalResult matmul(NodeShapes &node) {
  const TensorFacts *a = node.require(0), *b = node.require(1);
  if (!a || !b)
    return failure();
  Dims left(a->shape), right(b->shape);
  if (node.node.getInt("transA", 0) != 0 && left.size() >= 2)
    std::swap(left[left.size() - 2], left.back());
  if (node.node.getInt("transB", 0) != 0 && right.size() >= 2)
    std::swap(right[right.size() - 2], right.back());
  FailureOr<Dims> shape = matmulShape(node, left, right);
  return failed(shape) ? failure() : node.result(0, a->elementType, *shape);
}

LogicalResult gemm(NodeShapes &node) {
  const TensorFacts *a = node.require(0), *b = node.require(1);
  if (!a || !b)
    return failure();
  if (a->shape.size() != 2 || b->shape.size() != 2)
    return node.invalid("expected two matrices, but got " + node.describe(0) + " times " + node.describe(1));
  bool transA = node.node.getInt("transA", 0) != 0, transB = node.node.getInt("transB", 0) != 0;
  if (failed(node.unify(a->shape[transA ? 0 : 1], b->shape[transB ? 1 : 0])))
    return failure();
  Dims shape{a->shape[transA ? 1 : 0], b->shape[transB ? 0 : 1]};
  if (!node.broadcastsTo(2, shape))
    return failure();
  return node.result(0, a->elementType, shape);
}

LogicalResult einsum(NodeShapes &node) {
  std::string text = node.node.getString("equation", "").str();
  std::optional<EinsumEquation> equation = EinsumEquation::parse(text);
  if (!equation) {
    SmallVector<size_t> ranks;
    for (unsigned index = 0; index < node.node.getInputs().size(); ++index) {
      const TensorFacts *facts = node.require(index);
      if (!facts)
        return failure();
      ranks.push_back(facts->shape.size());
    }
    equation = EinsumEquation::expand(text, ranks);
  }
  if (!equation)
    return node.invalid("the equation '" + text + "' is none of labels for the dimensions of its operands");
  if (equation->inputs.size() != node.node.getInputs().size())
    return node.invalid("the equation '" + text + "' has " + llvm::Twine(equation->inputs.size()) + " operands, but the node has " +
                        llvm::Twine(node.node.getInputs().size()));
  std::map<char, Expression> sizes;
  for (auto [index, labels] : llvm::enumerate(equation->inputs)) {
    const TensorFacts *facts = node.require(index);
    if (!facts)
      return failure();
    if (facts->shape.size() != labels.size())
      return node.invalid("the equation '" + text + "' has " + llvm::Twine(labels.size()) + " labels for operand " + node.describe(index));
    if (!countElements(node.context(), facts->shape))
      return node.unsupported("64 bits do not hold the number of elements of operand " + node.describe(index));
    for (auto [label, dim] : llvm::zip_equal(labels, facts->shape)) {
      auto [position, isNew] = sizes.try_emplace(label, dim);
      if (isNew)
        continue;
      // A size that is summed is one for all operands; a name that meets 1 may be a broadcast, of which no sum is made.
      bool isSummed = equation->output.find(label) == std::string::npos;
      if (isSummed && position->second.isConstant(1) != dim.isConstant(1))
        return node.unsupported("label " + llvm::Twine(label) + " of '" + text + "' is summed over, but is " + position->second.str() +
                                " in one operand and " + dim.str() + " in another: " + node.describe(0) + " and " + node.describe(1));
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

FailureOr<Dims> matmulShape(NodeShapes &node, Dims left, Dims right, unsigned first, unsigned second) {
  if (left.empty() || right.empty())
    return node.invalid("a matrix product has no scalars as operands: " + node.describe(first) + " times " + node.describe(second));
  bool leftVector = left.size() == 1, rightVector = right.size() == 1;
  Expression inner = rightVector ? right.back() : right[right.size() - 2];
  if (failed(node.unify(left.back(), inner)))
    return failure();
  FailureOr<Dims> shape =
      node.broadcast(ArrayRef<Expression>(left).drop_back(leftVector ? 1 : 2), ArrayRef<Expression>(right).drop_back(rightVector ? 1 : 2));
  if (failed(shape))
    return failure();
  if (!leftVector)
    shape->push_back(left[left.size() - 2]);
  if (!rightVector)
    shape->push_back(right.back());
  return shape;
}

void addContractionShapes(ShapeRules &rules) {
  rules["ai.onnx::MatMul"] = matmul;
  rules["com.microsoft::FusedMatMul"] = matmul;
  rules["ai.onnx::Gemm"] = gemm;
  rules["ai.onnx::Einsum"] = einsum;
}

}  // namespace switchyard
