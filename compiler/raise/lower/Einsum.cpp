// Einsum of one or two operands: a batched matrix product between transposes, or one elementwise product.
#include "compiler/analysis/EinsumEquation.h"
#include "compiler/raise/lower/KernelRules.h"
#include "compiler/raise/lower/ReductionBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

/// An operand with one label for every dimension.
struct Labelled {
  Value value;
  std::string labels;
};

bool has(llvm::StringRef labels, char label) { return labels.contains(label); }

/// Sums over the labels that stand neither in `other` nor in the output.
Labelled sumOut(NodeLowering &node, Labelled operand, llvm::StringRef other, llvm::StringRef output) {
  SmallVector<int64_t> axes;
  std::string kept;
  for (auto [axis, label] : llvm::enumerate(operand.labels)) {
    if (has(other, label) || has(output, label))
      kept += label;
    else
      axes.push_back(axis);
  }
  return {reduce(node, Reduction::sum, operand.value, axes), kept};
}

/// The dimensions in the order of `labels`, of which the operand has each.
Value arrange(NodeLowering &node, const Labelled &operand, llvm::StringRef labels) {
  SmallVector<int64_t> permutation;
  for (char label : labels)
    permutation.push_back(operand.labels.find(label));
  return node.transpose(operand.value, permutation);
}

/// As `arrange`, with dimensions of size 1 for labels that the operand does not have.
Value arrangeOver(NodeLowering &node, const Labelled &operand, llvm::StringRef labels) {
  std::string own;
  for (char label : labels)
    if (has(operand.labels, label))
      own += label;
  Value ordered = arrange(node, operand, own);
  Dims from = node.dims(ordered), shape;
  size_t next = 0;
  for (char label : labels)
    shape.push_back(has(operand.labels, label) ? from[next++] : node.constant(1));
  return node.reshape(ordered, shape);
}

/// The sizes of `labels` in the operand, and their product.
Dims sizesOf(NodeLowering &node, const Labelled &operand, llvm::StringRef labels) {
  Dims sizes;
  for (char label : labels)
    sizes.push_back(node.dims(operand.value)[operand.labels.find(label)]);
  return sizes;
}
Expression productOf(NodeLowering &node, const Labelled &operand, llvm::StringRef labels) {
  return countElements(node.shapes.getContext(), sizesOf(node, operand, labels));
}

/// Where b is a weight: rows times it, outputs first.
Value contractWeight(NodeLowering &node, const Labelled &a, const Labelled &b, const std::string &rows, const std::string &inner, const std::string &columns) {
  if (!node.weights.getRecipe(b.value))
    return {};
  Expression depth = productOf(node, a, inner);
  Value weight = node.reshape(arrange(node, b, columns + inner), {productOf(node, b, columns), depth});
  Value left = node.reshape(arrange(node, a, rows + inner), {productOf(node, a, rows), depth});
  Dims shape = sizesOf(node, a, rows);
  shape.append(sizesOf(node, b, columns));
  return node.reshape(matmulWeight(node, left, weight, {}), shape);
}

/// a[batch, rows, inner] times b[batch, inner, columns], each group flattened.
Value contract(NodeLowering &node, const Labelled &a, const Labelled &b, llvm::StringRef output) {
  std::string batch, inner, rows, columns;
  for (char label : a.labels)
    (has(b.labels, label) ? (has(output, label) ? batch : inner) : rows) += label;
  for (char label : b.labels)
    if (!has(a.labels, label))
      columns += label;
  if (batch.empty() && !rows.empty())
    if (Value product = contractWeight(node, a, b, rows, inner, columns))
      return arrange(node, {product, rows + columns}, output);
  Expression batches = productOf(node, a, batch), depth = productOf(node, a, inner);
  Value left = node.reshape(arrange(node, a, batch + rows + inner), {batches, productOf(node, a, rows), depth});
  Value right = node.reshape(arrange(node, b, batch + inner + columns), {batches, depth, productOf(node, b, columns)});
  Dims shape = sizesOf(node, a, batch + rows);
  shape.append(sizesOf(node, b, columns));
  Labelled product{node.reshape(node.batchMatmul(left, right), shape), batch + rows + columns};
  return arrange(node, product, output);
}

LogicalResult einsum(NodeLowering &node) {
  std::optional<EinsumEquation> equation = EinsumEquation::parse(node.node.getString("equation", ""));
  bool hasRule = equation && equation->inputs.size() <= 2 &&
                 (node.resultElementType().isF32() || (equation->inputs.size() == 1 && isa<FloatType>(node.resultElementType())));
  if (!hasRule)
    return contractLabels(node);
  const std::string &output = equation->output;
  Labelled a = sumOut(node, {node.input(0), equation->inputs[0]}, equation->inputs.size() == 2 ? equation->inputs[1] : "", output);
  if (equation->inputs.size() == 1)
    return node.replace(arrange(node, a, output));
  Labelled b = sumOut(node, {node.input(1), equation->inputs[1]}, a.labels, output);
  bool contracts = llvm::any_of(a.labels, [&](char label) { return has(b.labels, label) && !has(output, label); });
  auto sizesMatch = [&](char label) {
    return !has(b.labels, label) || node.dims(a.value)[a.labels.find(label)] == node.dims(b.value)[b.labels.find(label)];
  };
  if (contracts && !llvm::all_of(a.labels, sizesMatch))
    return contractLabels(node);
  if (contracts)
    return node.replace(contract(node, a, b, output));
  Value inputs[] = {arrangeOver(node, a, output), arrangeOver(node, b, output)};
  auto multiply = [](OpBuilder &at, Location l, ValueRange x) -> Value { return arith::MulFOp::create(at, l, x[0], x[1]); };
  return node.replace(node.elementwise(inputs, node.resultDims(), node.resultElementType(), multiply));
}

}  // namespace

/// Labels are numbered, those of the result first.
LogicalResult contractLabels(NodeLowering &node) {
  SmallVector<size_t> ranks;
  for (Value operand : node.node.getInputs())
    ranks.push_back(node.rank(operand));
  std::optional<EinsumEquation> equation = EinsumEquation::expand(node.node.getString("equation", ""), ranks);
  if (!equation || ranks.size() > 2)
    return node.unsupported("expects one or two operands, and an equation of labels");
  std::string known;
  SmallVector<int64_t> numbers;
  std::string all = equation->output;
  for (const std::string &labels : equation->inputs)
    all += labels;
  for (char label : all) {
    if (!has(known, label))
      known += label;
    numbers.push_back(known.find(label));
  }
  return node.replace(node.callKernel("contraction", {node.input(0), node.input(1), node.integers(numbers)}));
}

void addEinsumRules(LoweringRules &rules) { rules["ai.onnx::Einsum"] = einsum; }

}  // namespace switchyard::raise
