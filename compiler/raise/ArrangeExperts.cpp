// Experts that a file writes with Einsum, or with their dimension behind the tokens', in the one form that the raising passes read.
#include "compiler/raise/Passes.h"

#include "compiler/analysis/EinsumEquation.h"
#include "compiler/raise/Refusals.h"
#include "compiler/raise/experts/Experts.h"
#include "compiler/raise/experts/ExpertsFirst.h"
#include "compiler/raise/experts/Mixture.h"
#include "compiler/raise/routers/Routers.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/TypeUtilities.h"

namespace switchyard::raise {

#define GEN_PASS_DEF_ARRANGEEXPERTS
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

/// `value` in front of what only moves or rounds its elements.
Value skipMovement(Value value) {
  while (true) {
    value = skipFloatCasts(value);
    onnx::NodeOp transpose = getDefiner(value, "Transpose");
    if (!transpose)
      return value;
    value = transpose.getInputs()[0];
  }
}

/// True for what may be the one-hot of ids, in any type.
bool looksLikeOneHot(Value value) {
  value = skipConversions(value);
  return getDefiner(value, "OneHot") || getDefiner(value, "Equal");
}

/// The labels of `term` and `other` that `kept` has, those of `term` first.
std::string joinLabels(llvm::StringRef term, llvm::StringRef other, llvm::StringRef kept) {
  std::string joined;
  for (llvm::StringRef labels : {term, other})
    for (char label : labels)
      if (kept.contains(label) && !llvm::StringRef(joined).contains(label))
        joined += label;
  return joined;
}

class Arranger {
public:
  Arranger(SymbolicShapes &shapes, WeightRecipes &weights) : shapes(shapes), weights(weights) {}

  /// Einsum of more than two operands becomes one of pairs, from the left; all nodes that stand for `node` are put into `nodes`.
  void pairOperands(onnx::NodeOp node, SmallVectorImpl<onnx::NodeOp> &nodes);
  /// Rewrites `node` where it ends what experts compute.
  void arrange(onnx::NodeOp node);

private:
  bool expandGathered(onnx::NodeOp einsum);
  bool expandMixture(onnx::NodeOp node, const Mixture &mixture);
  bool arrangeMixture(onnx::NodeOp node, const Mixture &mixture);
  void arrangeWeighedInner(onnx::NodeOp einsum);
  void arrangeSeats(onnx::NodeOp einsum);
  void remarkConversion(onnx::NodeOp sum);
  bool hasGatheredWeight(Value rows);

  SymbolicShapes &shapes;
  WeightRecipes &weights;
};

void Arranger::pairOperands(onnx::NodeOp node, SmallVectorImpl<onnx::NodeOp> &nodes) {
  std::optional<EinsumEquation> equation;
  if (node.getOpType() == "ai.onnx::Einsum" && node.getInputs().size() > 2)
    equation = EinsumEquation::parse(node.getString("equation", ""));
  if (!equation || equation->inputs.size() != node.getInputs().size() || !shapes.hasShape(node.getResult(0)))
    return nodes.push_back(node);
  NodeWriter writer(node, shapes);
  // Routes come last: they weigh what the experts give.
  SmallVector<std::pair<Value, std::string>> operands, routes;
  for (auto [operand, term] : llvm::zip_equal(node.getInputs(), equation->inputs))
    (looksLikeRoutingMatrix(skipMovement(operand)) ? routes : operands).push_back({operand, term});
  llvm::append_range(operands, routes);
  auto [value, labels] = operands.front();
  for (size_t next = 1; next < operands.size(); ++next) {
    const auto &[operand, term] = operands[next];
    auto later = ArrayRef(operands).drop_front(next + 1);
    std::string kept = equation->output;
    for (const auto &[_, own] : later)
      kept += own;
    std::string result = later.empty() ? equation->output : joinLabels(labels, term, kept);
    // Features stay last, as in the output.
    if (size_t last = equation->output.empty() ? std::string::npos : result.find(equation->output.back()); last != std::string::npos)
      std::rotate(result.begin() + last, result.begin() + last + 1, result.end());
    value = writer.einsum(labels + "," + term + "->" + result, {value, operand});
    labels = result;
    nodes.push_back(value.getDefiningOp<onnx::NodeOp>());
  }
  node.getResult(0).replaceAllUsesWith(value);
}

/// A product of rows with matrices gathered for each of them, as MatMul of vectors.
bool Arranger::expandGathered(onnx::NodeOp einsum) {
  std::optional<unsigned> weight = findOperand(einsum, [&](Value v) { return static_cast<bool>(getGatheredWeight(weights, v)); });
  std::optional<EinsumEquation> equation = EinsumEquation::parse(einsum.getString("equation", ""));
  if (!weight || !equation || equation->inputs.size() != 2)
    return false;
  llvm::StringRef matrices = equation->inputs[*weight], rows = equation->inputs[1 - *weight], output = equation->output;
  if (matrices.size() < 3 || output.size() + 1 != matrices.size() || rows.empty() || output.drop_back() != matrices.drop_back(2))
    return false;
  char inner = rows.back(), outer = output.back();
  bool isTransposed = matrices.back() == inner;
  llvm::StringRef batch = output.drop_back();
  if (matrices.take_back(2) != (isTransposed ? std::string{outer, inner} : std::string{inner, outer}) || output.contains(inner) || rows.contains(outer))
    return false;
  // The rows have the labels of the batch, or some of them, in its order.
  std::string own = joinLabels(batch, "", rows);
  if (own != rows.drop_back())
    return false;
  NodeWriter writer(einsum, shapes);
  Value vectors = einsum.getInputs()[1 - *weight], gathered = einsum.getInputs()[*weight];
  for (auto [dim, label] : llvm::enumerate(batch))
    if (!rows.contains(label))
      vectors = writer.unsqueeze(vectors, dim);
  if (isTransposed) {
    SmallVector<int64_t> order = llvm::to_vector(llvm::seq<int64_t>(0, matrices.size()));
    std::swap(order[order.size() - 2], order.back());
    gathered = writer.transpose(gathered, order);
  }
  Value product = writer.create("MatMul", {writer.unsqueeze(vectors, batch.size()), gathered}).front();
  einsum.getResult(0).replaceAllUsesWith(writer.squeeze(product, batch.size()));
  return true;
}

/// True for rows that come from a product with gathered weights: [Add of a bias to] MatMul.
bool Arranger::hasGatheredWeight(Value rows) {
  rows = skipFloatCasts(rows);
  onnx::NodeOp sum = getDefiner(rows, "Add");
  return llvm::any_of(sum ? ValueRange(sum.getInputs()) : ValueRange(rows), [&](Value value) {
    onnx::NodeOp product = getDefiner(skipReshapes(value), "MatMul");
    return product && findOperand(product, [&](Value operand) { return static_cast<bool>(getGatheredWeight(weights, operand)); });
  });
}

/// The sum over the slots of a token, or over its one-hots, as Mul and ReduceSum.
bool Arranger::expandMixture(onnx::NodeOp node, const Mixture &mixture) {
  if (node.getType() == "ReduceSum" || (!looksLikeOneHot(mixture.rows) && !hasGatheredWeight(mixture.rows) && !getSelection(weights, mixture.rows)))
    return false;
  NodeWriter writer(node, shapes);
  Value result = writeMixture(writer, shapes, mixture, node.getResult(0));
  if (result)
    node.getResult(0).replaceAllUsesWith(result);
  return static_cast<bool>(result);
}

/// Says why shares of all experts make no layer.
void remarkShares(onnx::NodeOp mixture, Value matrix) {
  InFlightDiagnostic remark = mixture.emitRemark() << "the mixture of experts stays plain: all of them are weighed by ";
  Operation *node = matrix.getDefiningOp();
  if (getDefiner(matrix, "Softmax"))
    remark << describe(node) << ", which chooses none";
  else
    remark << (node ? describe(node) : "an input of the model") << ", which is not read as the routes of k chosen ones";
}

/// The sum over all experts, weighed by a matrix of routes: experts x rows x features, summed over the first dimension.
bool Arranger::arrangeMixture(onnx::NodeOp node, const Mixture &mixture) {
  std::optional<int64_t> experts = shapes.getShape(mixture.rows)[mixture.axis].getConstant();
  Value matrix = skipMovement(mixture.shares);
  bool chooses = looksLikeRoutingMatrix(matrix);
  if (!experts || *experts < 2)
    return false;
  if (!chooses) {
    if (comesFromAllExperts(weights, mixture.rows, *experts))
      remarkShares(node, matrix);
    return false;
  }
  NodeWriter writer(node, shapes);
  ExpertsFirst first(node, shapes, weights);
  Value rows = first.arrange(mixture.rows, mixture.axis);
  SmallVector<Operation *> roots{node};
  if (Value summed = node.getInputs()[0]; node.getType() == "ReduceSum" && getDefiner(summed, "Cast") && summed.hasOneUse())
    roots.push_back(summed.getDefiningOp());
  Operation *reader = rows ? first.findOtherReader(roots) : nullptr;
  if (reader)
    node.emitRemark() << "the mixture of experts stays plain: what all of them give is also read by " << describe(reader);
  Value shares = rows && !reader ? first.arrangeShares(mixture.shares, mixture.sharesAxis) : Value();
  if (!shares || !first.hasFoundExperts() || (rows == mixture.rows && node.getType() == "ReduceSum"))
    return false;
  Value product = writer.create("Mul", {rows, shares}).front();
  for (Operation *widening : ArrayRef(roots).drop_front())
    product = writer.copy(cast<onnx::NodeOp>(widening), product).front();
  Value sum = writer.sum(product, 0);
  Value result = shapes.hasShape(sum) ? shapeLike(writer, shapes, sum, node.getResult(0), mixture.shares) : Value();
  if (result)
    node.getResult(0).replaceAllUsesWith(result);
  return static_cast<bool>(result);
}

/// Says why rows of all experts make no layer that are converted, and not only to f32, before they are summed.
void Arranger::remarkConversion(onnx::NodeOp sum) {
  onnx::NodeOp conversion, product = getDefiner(skipCasts(sum.getInputs()[0]), "Mul");
  for (Value value = skipWidenings(sum.getInputs()[0]); getDefiner(value, "Cast"); value = skipWidenings(conversion.getInputs()[0]))
    conversion = getDefiner(value, "Cast");  // the first that is more than a widening
  product = conversion ? product : onnx::NodeOp();
  std::optional<unsigned> shares = product ? findOperand(product, [](Value v) { return looksLikeRoutingMatrix(skipMovement(v)); }) : std::nullopt;
  std::optional<int64_t> experts = shares ? getStaticLastDim(skipMovement(product.getInputs()[*shares])) : std::nullopt;
  if (experts && comesFromAllExperts(weights, product.getInputs()[1 - *shares], *experts))
    sum.emitRemark() << "the mixture of experts stays plain: " << describe(conversion) << " makes " << describeType(getElementTypeOrSelf(conversion.getResult(0)))
                     << " of what is summed";
}

/// Einsum "tei,eih->th" of inner rows that are weighed: the sum over the experts of the weighed results.
void Arranger::arrangeWeighedInner(onnx::NodeOp einsum) {
  std::optional<unsigned> weight = findOperand(einsum, [&](Value v) { return static_cast<bool>(getConstantRecipe(weights, v)); });
  std::optional<EinsumEquation> equation = EinsumEquation::parse(einsum.getString("equation", ""));
  onnx::NodeOp product = weight ? getDefiner(einsum.getInputs()[1 - *weight], "Mul") : onnx::NodeOp();
  std::optional<unsigned> shares = product ? findOperand(product, [](Value v) { return looksLikeRoutingMatrix(skipMovement(v)); }) : std::nullopt;
  if (!shares || !equation || equation->inputs.size() != 2)
    return;
  llvm::StringRef matrices = equation->inputs[*weight], inner = equation->inputs[1 - *weight];
  llvm::StringRef output = equation->output;
  size_t axis = inner.find_if([&](char label) { return matrices.contains(label) && !output.contains(label); });
  Value rows = product.getInputs()[1 - *shares], weighing = product.getInputs()[*shares];
  if (axis == llvm::StringRef::npos || output.empty() || !shapes.hasShape(rows) || !shapes.hasShape(weighing))
    return;
  ArrayRef<Expression> whole = shapes.getShape(product.getResult(0)), own = shapes.getShape(weighing);
  SmallVector<Expression> expected(whole);
  expected.back() = shapes.getContext().constant(1);
  if (shapes.getShape(rows) != whole || own != ArrayRef(expected))
    return;
  std::string terms = inner.str() + "," + matrices.str() + "->", result = equation->output;
  result.insert(std::min(axis, result.size() - 1), 1, inner[axis]);
  NodeWriter writer(einsum, shapes);
  Value all = writer.einsum(terms + result, {rows, einsum.getInputs()[*weight]});
  (void)arrangeMixture(einsum, {all, weighing, static_cast<int64_t>(result.find(inner[axis])), static_cast<int64_t>(axis)});
}

/// Einsum "sec,ecm->sm" of the rows of experts behind a capacity.
void Arranger::arrangeSeats(onnx::NodeOp einsum) {
  ExpertsFirst first(einsum, shapes, weights);
  Value rows = einsum.getInputs()[1], arranged = first.arrange(rows, 0);
  if (arranged && first.hasFoundExperts())
    einsum.setOperand(1, arranged);
}

/// True for nodes that may end what experts compute: Einsum, MatMul with vectors, ReduceSum of a product.
bool isCandidate(onnx::NodeOp node) {
  if (node.getOpType() == "ai.onnx::ReduceSum")
    return static_cast<bool>(getDefiner(skipCasts(node.getInputs()[0]), "Mul"));
  auto result = node.getOpType() == "ai.onnx::MatMul" ? dyn_cast<RankedTensorType>(node.getResult(0).getType()) : RankedTensorType();
  bool hasVectors = result && result.getRank() >= 3 && llvm::is_contained(result.getShape().take_back(2), 1);
  return hasVectors || node.getOpType() == "ai.onnx::Einsum";
}

void Arranger::arrange(onnx::NodeOp node) {
  bool isEinsum = node.getOpType() == "ai.onnx::Einsum";
  if (!shapes.hasShape(node.getResult(0)) || (isEinsum && expandGathered(node)))
    return;
  Match match(shapes);
  for (const Mixture &mixture : readMixtures(match, node))
    if (expandMixture(node, mixture) || arrangeMixture(node, mixture))
      return;
  if (isEinsum && getCanonicalEquation(node) == capacityCombineEquation && !getConstantRecipe(weights, node.getInputs()[1]))
    arrangeSeats(node);
  else if (isEinsum)
    arrangeWeighedInner(node);
  else if (node.getType() == "ReduceSum")
    remarkConversion(node);
}

struct ArrangeExpertsPass : impl::ArrangeExpertsBase<ArrangeExpertsPass> {
  void runOnOperation() override {
    WeightRecipes weights(getOperation());
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      SmallVector<onnx::NodeOp> found, nodes;
      function.walk([&](onnx::NodeOp node) {
        if (isCandidate(node))
          found.push_back(node);
      });
      if (found.empty())
        continue;
      SymbolicShapes shapes(function);
      Arranger arranger(shapes, weights);
      for (onnx::NodeOp node : found)
        arranger.pairOperands(node, nodes);
      for (onnx::NodeOp node : nodes)
        arranger.arrange(node);
      eraseDeadNodes(function);
    }
  }
};

}  // namespace

}  // namespace switchyard::raise
