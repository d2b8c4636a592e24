#include "compiler/analysis/RowWise.h"

#include "compiler/analysis/EinsumEquation.h"

using namespace mlir;

namespace switchyard {

namespace {

using RowRule = std::optional<int64_t> (*)(RowNode &);

int64_t rankOf(RowNode &node, unsigned index) { return node.shapes.input(index)->shape.size(); }

bool hasRows(RowNode &node, unsigned index) { return index < node.axes.size() && node.axes[index]; }

/// True where the rows of operand 0 are the only ones.
bool onlyFirstHasRows(RowNode &node) {
  return hasRows(node, 0) && llvm::none_of(node.axes.drop_front(), [](std::optional<int64_t> axis) { return axis.has_value(); });
}

ArrayRef<Expression> resultShape(RowNode &node) { return node.shapes.shapes.getShape(node.shapes.node.getResult(0)); }

/// The rows stand at one place, counted from the last axis, in all operands that have rows; the others broadcast there.
std::optional<int64_t> elementwise(RowNode &node) {
  int64_t place = 0;
  for (auto [index, axis] : llvm::enumerate(node.axes)) {
    if (!axis)
      continue;
    int64_t own = rankOf(node, index) - *axis;
    if (place != 0 && place != own)
      return std::nullopt;
    place = own;
  }
  for (auto [index, axis] : llvm::enumerate(node.axes)) {
    const TensorFacts *facts = node.shapes.input(index);
    int64_t rank = facts ? facts->shape.size() : 0;
    if (!axis && rank >= place && !facts->shape[rank - place].isConstant(1))
      return std::nullopt;
  }
  return static_cast<int64_t>(resultShape(node).size()) - place;
}

/// The products of a row with columns, or of the matrices of a row.
std::optional<int64_t> matmul(RowNode &node) {
  if (node.axes.size() != 2 || rankOf(node, 0) < 2 || rankOf(node, 1) < 2)
    return std::nullopt;
  int64_t left = hasRows(node, 0) ? rankOf(node, 0) - *node.axes[0] : 0, right = hasRows(node, 1) ? rankOf(node, 1) - *node.axes[1] : 0;
  if (left == 1 || right == 2)
    return std::nullopt;
  if (left < 3 && right < 3)
    return left != 0 && right != 0 ? std::nullopt : std::optional<int64_t>(resultShape(node).size() - std::max(left, right));
  return elementwise(node);
}

/// The rows of a Gemm, to which it may add a bias for all of them.
std::optional<int64_t> gemm(RowNode &node) {
  const TensorFacts *bias = node.shapes.input(2);
  bool broadcasts = !bias || bias->shape.size() < 2 || bias->shape.front().isConstant(1);
  bool reads = onlyFirstHasRows(node) && *node.axes[0] == 0 && node.shapes.node.getInt("transA", 0) == 0;
  return reads && broadcasts ? std::optional<int64_t>(0) : std::nullopt;
}

/// The label of the rows stands in all operands that have rows, in no other, and in the result.
std::optional<int64_t> einsum(RowNode &node) {
  SmallVector<size_t> ranks;
  for (unsigned index = 0; index < node.axes.size(); ++index)
    ranks.push_back(rankOf(node, index));
  std::optional<EinsumEquation> equation = EinsumEquation::expand(node.shapes.node.getString("equation", ""), ranks);
  if (!equation)
    return std::nullopt;
  std::optional<char> label;
  for (auto [index, axis] : llvm::enumerate(node.axes)) {
    if (!axis)
      continue;
    char own = equation->inputs[index][*axis];
    if ((label && label != own) || llvm::count(equation->inputs[index], own) != 1)
      return std::nullopt;
    label = own;
  }
  for (auto [index, axis] : llvm::enumerate(node.axes))
    if (!axis && llvm::is_contained(equation->inputs[index], *label))
      return std::nullopt;
  size_t place = equation->output.find(*label);
  return place == std::string::npos ? std::nullopt : std::optional<int64_t>(place);
}

/// The other axes of a row are reduced.
std::optional<int64_t> reduce(RowNode &node) {
  FailureOr<SmallVector<int64_t>> axes = getReducedAxes(node.shapes);
  if (!onlyFirstHasRows(node) || failed(axes) || llvm::is_contained(*axes, *node.axes[0]))
    return std::nullopt;
  int64_t before = llvm::count_if(*axes, [&](int64_t axis) { return axis < *node.axes[0]; });
  return *node.axes[0] - (node.shapes.node.getInt("keepdims", 1) != 0 ? 0 : before);
}

/// What is computed along one other axis of a row, `otherwise` where the node states none.
template <int64_t otherwise> std::optional<int64_t> alongAxis(RowNode &node) {
  FailureOr<int64_t> axis = onlyFirstHasRows(node) ? node.shapes.axis(otherwise, rankOf(node, 0)) : FailureOr<int64_t>();
  return failed(axis) || *axis == *node.axes[0] ? std::nullopt : node.axes[0];
}

std::optional<int64_t> argument(RowNode &node) {
  std::optional<int64_t> rows = alongAxis<0>(node);
  FailureOr<int64_t> axis = rows ? node.shapes.axis(0, rankOf(node, 0)) : FailureOr<int64_t>();
  if (failed(axis))
    return std::nullopt;
  return *rows - (node.shapes.node.getInt("keepdims", 1) == 0 && *axis < *rows ? 1 : 0);
}

/// One axis since version 13; before, all from the axis on.
std::optional<int64_t> softmax(RowNode &node) {
  bool isOne = node.shapes.node.getVersion() >= 13;
  FailureOr<int64_t> axis = onlyFirstHasRows(node) ? node.shapes.axis(isOne ? -1 : 1, rankOf(node, 0)) : FailureOr<int64_t>();
  if (failed(axis) || (isOne ? *axis == *node.axes[0] : *axis <= *node.axes[0]))
    return std::nullopt;
  return node.axes[0];
}

std::optional<int64_t> cumulate(RowNode &node) {
  std::optional<SmallVector<int64_t>> stated = node.shapes.constants(1);
  if (!onlyFirstHasRows(node) || !stated || stated->size() != 1)
    return std::nullopt;
  FailureOr<int64_t> axis = NodeShapes::normalizeAxis(stated->front(), rankOf(node, 0));
  return failed(axis) || *axis == *node.axes[0] ? std::nullopt : node.axes[0];
}

/// All axes from one on are normalised, behind the rows; what has no rows is of those axes.
std::optional<int64_t> normalize(RowNode &node) {
  FailureOr<int64_t> axis = hasRows(node, 0) ? node.shapes.axis(-1, rankOf(node, 0)) : FailureOr<int64_t>();
  if (failed(axis) || *node.axes[0] >= *axis)
    return std::nullopt;
  for (unsigned index = 1; index < node.axes.size(); ++index) {
    const TensorFacts *facts = node.shapes.input(index);
    int64_t rank = facts ? facts->shape.size() : 0;
    bool fits = hasRows(node, index) ? node.axes[index] == node.axes[0] && rank == rankOf(node, 0) : rank <= rankOf(node, 0) - *axis;
    if (!fits)
      return std::nullopt;
  }
  return node.axes[0];
}

/// Another shape of the same elements: the rows stand behind as many elements as before.
std::optional<int64_t> view(RowNode &node) {
  if (!onlyFirstHasRows(node))
    return std::nullopt;
  ExpressionContext &context = node.shapes.context();
  ArrayRef<Expression> from = node.shapes.input(0)->shape, to = resultShape(node);
  Expression before = countElements(context, from.take_front(*node.axes[0]));
  for (auto [axis, size] : llvm::enumerate(to))
    if (size == node.count && countElements(context, to.take_front(axis)).isProvedEqual(before))
      return axis;
  return std::nullopt;
}

std::optional<int64_t> transpose(RowNode &node) {
  auto stated = dyn_cast_or_null<DenseI64ArrayAttr>(node.shapes.node.getNodeAttr("perm"));
  if (!onlyFirstHasRows(node))
    return std::nullopt;
  if (!stated)
    return rankOf(node, 0) - 1 - *node.axes[0];
  const int64_t *place = llvm::find(stated.asArrayRef(), *node.axes[0]);
  return place == stated.asArrayRef().end() ? std::nullopt : std::optional<int64_t>(place - stated.asArrayRef().begin());
}

/// What is expanded over all rows, or along other axes.
std::optional<int64_t> expand(RowNode &node) {
  if (hasRows(node, 0))
    return static_cast<int64_t>(resultShape(node).size()) - (rankOf(node, 0) - *node.axes[0]);
  int64_t shift = static_cast<int64_t>(resultShape(node).size()) - rankOf(node, 0);
  for (auto [axis, size] : llvm::enumerate(resultShape(node))) {
    int64_t own = static_cast<int64_t>(axis) - shift;
    if (size == node.count && (own < 0 || node.shapes.input(0)->shape[own].isConstant(1)))
      return axis;
  }
  return std::nullopt;
}

std::optional<int64_t> fill(RowNode &node) {
  const Expression *place = llvm::find(resultShape(node), node.count);
  return place == resultShape(node).end() ? std::nullopt : std::optional<int64_t>(place - resultShape(node).begin());
}

std::optional<int64_t> concat(RowNode &node) {
  FailureOr<int64_t> axis = hasRows(node, 0) ? node.shapes.axis(0, rankOf(node, 0)) : FailureOr<int64_t>();
  bool sides = succeeded(axis) && *axis != *node.axes[0] && llvm::all_equal(node.axes);
  return sides ? node.axes[0] : std::nullopt;
}

std::optional<int64_t> slice(RowNode &node) {
  FailureOr<SmallVector<SliceRange>> ranges = onlyFirstHasRows(node) ? getSliceRanges(node.shapes) : FailureOr<SmallVector<SliceRange>>();
  if (failed(ranges))
    return std::nullopt;
  // Where another axis begins may not say how many rows there are.
  if (llvm::any_of(*ranges, [](const SliceRange &range) { return range.offset.dependsOnData(); }))
    return std::nullopt;
  const SliceRange &range = (*ranges)[*node.axes[0]];
  return range.offset.isConstant(0) && range.size == node.count && range.stride == 1 ? node.axes[0] : std::nullopt;
}

/// Elements of each row, or what each row says of a table.
std::optional<int64_t> gather(RowNode &node) {
  FailureOr<int64_t> axis = node.shapes.axis(0, rankOf(node, 0));
  if (failed(axis) || (hasRows(node, 0) && (hasRows(node, 1) || *node.axes[0] == *axis)))
    return std::nullopt;
  if (hasRows(node, 1))
    return *axis + *node.axes[1];
  return *node.axes[0] < *axis ? *node.axes[0] : *node.axes[0] - 1 + rankOf(node, 1);
}

/// What each row, in its tuple, says of a table.
std::optional<int64_t> gatherTuples(RowNode &node) {
  bool looksUp = !hasRows(node, 0) && hasRows(node, 1) && *node.axes[1] + 1 < rankOf(node, 1) && node.shapes.node.getInt("batch_dims", 0) == 0;
  return looksUp ? node.axes[1] : std::nullopt;
}

/// Elements of each row, or what is written to them, along another axis.
std::optional<int64_t> withinRows(RowNode &node) {
  FailureOr<int64_t> axis = hasRows(node, 0) && llvm::all_equal(node.axes) ? node.shapes.axis(0, rankOf(node, 0)) : FailureOr<int64_t>();
  return failed(axis) || *axis == *node.axes[0] ? std::nullopt : node.axes[0];
}

void addElementwise(llvm::StringMap<RowRule> &rules) {
  for (llvm::StringRef name :
       {"Abs", "Acos", "Acosh", "Add", "And", "Asin", "Asinh", "Atan", "Atanh", "BitShift", "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor",
        "Cast", "CastLike", "Ceil", "Celu", "Clip", "Cos", "Cosh", "Div", "Dropout", "Elu", "Equal", "Erf", "Exp", "Floor", "Gelu", "Greater",
        "GreaterOrEqual", "HardSigmoid", "HardSwish", "Identity", "IsInf", "IsNaN", "LeakyRelu", "Less", "LessOrEqual", "Log", "Max", "Mean",
        "Min", "Mish", "Mod", "Mul", "Neg", "Not", "Or", "PRelu", "Pow", "Reciprocal", "Relu", "Round", "Selu", "Shrink", "Sigmoid", "Sign", "Sin",
        "Sinh", "Softplus", "Softsign", "Sqrt", "Sub", "Sum", "Swish", "Tan", "Tanh", "ThresholdedRelu", "Where", "Xor"})
    rules[("ai.onnx::" + name).str()] = elementwise;
  for (llvm::StringRef name : {"Gelu", "QuickGelu", "FastGelu", "BiasGelu"})
    rules[("com.microsoft::" + name).str()] = elementwise;
}

const llvm::StringMap<RowRule> &getRules() {
  static const llvm::StringMap<RowRule> rules = [] {
    llvm::StringMap<RowRule> all;
    addElementwise(all);
    for (llvm::StringRef name : {"ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum",
                                 "ReduceLogSumExp"})
      all[("ai.onnx::" + name).str()] = reduce;
    for (llvm::StringRef name : {"Reshape", "Squeeze", "Unsqueeze", "Flatten"})
      all[("ai.onnx::" + name).str()] = view;
    for (llvm::StringRef name : {"LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization"})
      all[("ai.onnx::" + name).str()] = normalize;
    for (llvm::StringRef name : {"SimplifiedLayerNormalization", "SkipLayerNormalization", "SkipSimplifiedLayerNormalization"})
      all[("com.microsoft::" + name).str()] = normalize;
    all["ai.onnx::MatMul"] = matmul;
    all["ai.onnx::Gemm"] = gemm;
    all["ai.onnx::Einsum"] = einsum;
    all["ai.onnx::Softmax"] = all["ai.onnx::LogSoftmax"] = softmax;
    all["ai.onnx::TopK"] = alongAxis<-1>;
    all["ai.onnx::ArgMax"] = all["ai.onnx::ArgMin"] = argument;
    all["ai.onnx::CumSum"] = cumulate;
    all["ai.onnx::Split"] = alongAxis<0>;
    all["ai.onnx::Transpose"] = transpose;
    all["ai.onnx::Expand"] = expand;
    all["ai.onnx::ConstantOfShape"] = fill;
    all["ai.onnx::Concat"] = concat;
    all["ai.onnx::Slice"] = slice;
    all["ai.onnx::Gather"] = gather;
    all["ai.onnx::GatherND"] = gatherTuples;
    all["ai.onnx::GatherElements"] = all["ai.onnx::ScatterElements"] = withinRows;
    return all;
  }();
  return rules;
}

}  // namespace

std::optional<int64_t> mapRows(RowNode &node) {
  auto rule = getRules().find(node.shapes.node.getOpType());
  auto isUnknown = [&](Value value) { return !node.shapes.shapes.hasShape(value); };
  auto isMissing = [&](Value value) { return !isa<onnx::NoneType>(value.getType()) && isUnknown(value); };
  // What nothing reads may be absent.
  auto isLost = [&](Value result) { return isUnknown(result) && (!result.use_empty() || result == node.shapes.node.getResult(0)); };
  if (rule == getRules().end() || llvm::any_of(node.shapes.node.getInputs(), isMissing) || llvm::any_of(node.shapes.node.getOutputs(), isLost))
    return std::nullopt;
  bool isMade = rule->second == expand || rule->second == fill;
  if (!isMade && llvm::none_of(node.axes, [](std::optional<int64_t> axis) { return axis.has_value(); }))
    return std::nullopt;
  std::optional<int64_t> rows = rule->second(node);
  for (Value result : node.shapes.node.getOutputs()) {
    if (!rows || *rows < 0 || isUnknown(result))
      continue;
    ArrayRef<Expression> shape = node.shapes.shapes.getShape(result);
    if (*rows >= static_cast<int64_t>(shape.size()) || shape[*rows] != node.count)
      return std::nullopt;
    // A second axis that counts rows would be data: how many there are is not what is computed then.
    for (auto [axis, size] : llvm::enumerate(shape))
      if (static_cast<int64_t>(axis) != *rows && size.dependsOnData())
        return std::nullopt;
  }
  return rows && *rows >= 0 ? rows : std::nullopt;
}

bool isShapeOperand(onnx::NodeOp node, unsigned index) {
  llvm::StringRef type = node.getOpType();
  if (type == "ai.onnx::ConstantOfShape")
    return index == 0;
  return index > 0 && (type == "ai.onnx::Reshape" || type == "ai.onnx::Expand" || type == "ai.onnx::Slice");
}

}  // namespace switchyard
