#include "compiler/raise/experts/Mixture.h"

#include "compiler/analysis/EinsumEquation.h"
#include "compiler/raise/experts/Axes.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

/// ReduceSum of rows times shares, which may be added up in f32.
SmallVector<Mixture, 2> readSum(Match &match, onnx::NodeOp sum) {
  onnx::NodeOp product = getDefiner(skipWidenings(sum.getInputs()[0]), "Mul");
  std::optional<SmallVector<int64_t>> axes = match.getReductionAxes(sum);
  SmallVector<Mixture, 2> readings;
  if (!product || !axes || axes->size() != 1 || !match.shapes.hasShape(product.getResult(0)))
    return readings;
  ArrayRef<Expression> whole = match.shapes.getShape(product.getResult(0));
  int64_t axis = axes->front(), rank = whole.size();
  int64_t features = getFeatureAxis(rank, axis);
  for (unsigned index : {0u, 1u}) {
    Value rows = product.getInputs()[index], shares = product.getInputs()[1 - index];
    if (rank < 2 || !match.shapes.hasShape(rows) || !match.shapes.hasShape(shares) || match.shapes.getShape(rows) != whole)
      continue;
    ArrayRef<Expression> own = match.shapes.getShape(shares);
    SmallVector<Expression> expected(whole);
    expected[features] = match.shapes.getContext().constant(1);
    if (own == ArrayRef(expected))
      readings.push_back({rows, shares, axis, axis});
  }
  return readings;
}

/// MatMul of one vector of shares for the rows of each token.
SmallVector<Mixture, 2> readMatMul(Match &match, onnx::NodeOp product) {
  Value left = product.getInputs()[0], right = product.getInputs()[1];
  if (!match.shapes.hasShape(left) || !match.shapes.hasShape(right))
    return {};
  ArrayRef<Expression> a = match.shapes.getShape(left), b = match.shapes.getShape(right);
  int64_t rank = a.size();
  if (a.size() != b.size() || rank < 3 || a.drop_back(2) != b.drop_back(2))
    return {};
  if (a[rank - 2].isConstant(1))
    return {Mixture{right, left, rank - 2, rank - 1}};
  if (b[rank - 1].isConstant(1))
    return {Mixture{left, right, rank - 1, rank - 2}};
  return {};
}

/// Einsum over the one label that rows and shares have, and the result has not.
SmallVector<Mixture, 2> readEinsum(Match &match, onnx::NodeOp einsum) {
  SmallVector<Mixture, 2> readings;
  if (einsum.getInputs().size() != 2 || !match.shapes.hasShape(einsum.getInputs()[0]) || !match.shapes.hasShape(einsum.getInputs()[1]))
    return readings;
  ArrayRef<Expression> sizes[] = {match.shapes.getShape(einsum.getInputs()[0]), match.shapes.getShape(einsum.getInputs()[1])};
  std::optional<EinsumEquation> equation = EinsumEquation::expand(einsum.getString("equation", ""), {sizes[0].size(), sizes[1].size()});
  if (!equation || equation->output.empty())
    return readings;
  for (unsigned index : {0u, 1u}) {
    llvm::StringRef rows = equation->inputs[index], shares = equation->inputs[1 - index], output = equation->output;
    size_t axis = rows.find_if([&](char label) { return !output.contains(label); });
    if (rows.size() != output.size() + 1 || axis == llvm::StringRef::npos || rows.take_front(axis).str() + rows.drop_front(axis + 1).str() != output)
      continue;
    size_t own = shares.find(rows[axis]);
    if (own == llvm::StringRef::npos || shares.take_front(own).str() + shares.drop_front(own + 1).str() != output.drop_back())
      continue;
    SmallVector<Expression> left = without(sizes[index], axis), right = without(sizes[1 - index], own);
    if (sizes[index][axis] == sizes[1 - index][own] && ArrayRef(left).drop_back() == ArrayRef(right))
      readings.push_back({einsum.getInputs()[index], einsum.getInputs()[1 - index], static_cast<int64_t>(axis), static_cast<int64_t>(own)});
  }
  return readings;
}

}  // namespace

SmallVector<Mixture, 2> readMixtures(Match &match, onnx::NodeOp node) {
  if (node.getOpType() == "ai.onnx::ReduceSum")
    return readSum(match, node);
  if (node.getOpType() == "ai.onnx::MatMul")
    return readMatMul(match, node);
  if (node.getOpType() == "ai.onnx::Einsum")
    return readEinsum(match, node);
  return {};
}

Value shapeLike(NodeWriter &writer, SymbolicShapes &shapes, Value value, Value result, Value shares) {
  ArrayRef<Expression> shape = shapes.getShape(result), known = shapes.getShape(shares);
  if (shapes.getShape(value) == shape)
    return value;
  Value sizes;
  SmallVector<Value> parts;
  for (Expression size : shape) {
    if (std::optional<int64_t> number = size.getConstant()) {
      parts.push_back(writer.integers(*number));
      continue;
    }
    const Expression *found = llvm::find(known, size);
    if (found == known.end())
      return {};
    sizes = sizes ? sizes : writer.create("Shape", shares).front();
    parts.push_back(writer.create("Gather", {sizes, writer.integers(found - known.begin())}, writer.attribute("axis", 0)).front());
  }
  return writer.create("Reshape", {value, writer.concat(parts, 0)}).front();
}

Value writeMixture(NodeWriter &writer, SymbolicShapes &shapes, const Mixture &mixture, Value result) {
  int64_t rank = shapes.getShape(mixture.rows).size(), features = getFeatureAxis(rank, mixture.axis);
  SmallVector<int64_t> order;  // of the shares, as the rows stand
  int64_t ownRank = shapes.getShape(mixture.shares).size();
  for (int64_t dim : llvm::seq<int64_t>(0, ownRank))
    if (dim != mixture.sharesAxis)
      order.push_back(dim);
  // Without a dimension for the features, those behind it stand one place before.
  bool hasFeatures = ownRank == rank;
  order.insert(order.begin() + (hasFeatures || mixture.axis < features ? mixture.axis : mixture.axis - 1), mixture.sharesAxis);
  Value shares = writer.transpose(mixture.shares, order);
  if (!hasFeatures)
    shares = writer.unsqueeze(shares, features);
  Value sum = writer.sum(writer.create("Mul", {mixture.rows, shares}).front(), mixture.axis);
  return shapeLike(writer, shapes, sum, result, mixture.shares);
}

}  // namespace switchyard::raise
