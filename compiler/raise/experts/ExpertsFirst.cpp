#include "compiler/raise/experts/ExpertsFirst.h"

#include "compiler/analysis/EinsumEquation.h"
#include "compiler/analysis/ShapeRules.h"
#include "compiler/raise/Match.h"
#include "compiler/raise/experts/Axes.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

bool isElementwise(onnx::NodeOp node) {
  static constexpr llvm::StringRef standard[] = {"Abs",  "Add", "Cast",  "CastLike", "Celu",      "Clip",       "Div",      "Elu",      "Erf",     "Exp",     "Gelu",
                                                 "HardSigmoid", "HardSwish", "Identity", "LeakyRelu", "Log", "Max", "Min", "Mish", "Mul", "Neg", "Pow",
                                                 "Reciprocal", "Relu", "Selu", "Sigmoid", "Softplus", "Softsign", "Sqrt", "Sub", "Swish", "Tanh",
                                                 "ThresholdedRelu", "Where"};
  static constexpr llvm::StringRef contrib[] = {"FastGelu", "Gelu", "QuickGelu", "BiasGelu"};
  return node.getNumResults() == 1 && (node.getDomain() == "ai.onnx" ? llvm::is_contained(standard, node.getType())
                                                                     : node.getDomain() == "com.microsoft" && llvm::is_contained(contrib, node.getType()));
}

bool areOnes(ArrayRef<Expression> sizes) { return llvm::all_of(sizes, [](Expression size) { return size.isConstant(1); }); }

/// `labels` without `label`.
std::string withoutLabel(llvm::StringRef labels, char label) {
  std::string rest = labels.str();
  llvm::erase(rest, label);
  return rest;
}

/// The labels of a product of rows with the matrices of experts: rows and `inner` of the operand, with or without the experts; rows, experts and `outer`
/// of the result.
struct ProductLabels {
  std::string input;
  char expert, inner, outer;
};

std::optional<ProductLabels> readLabels(const EinsumEquation &equation, unsigned weight, int64_t axis) {
  if (equation.output.size() < 2 || equation.inputs[1 - weight].empty())
    return std::nullopt;
  ProductLabels labels{equation.inputs[1 - weight], equation.output[axis], 0, 0};
  llvm::StringRef matrices = equation.inputs[weight], output = equation.output;
  std::string rows = withoutLabel(output, labels.expert);
  labels.outer = rows.back();
  for (char label : matrices)
    if (label != labels.expert && label != labels.outer)
      labels.inner = label;
  auto isOf = [&](char label) { return llvm::StringRef(labels.input).count(label) == 1 && matrices.count(label) == 1; };
  std::string ownRows = withoutLabel(labels.input, labels.expert);
  bool isProduct = matrices.size() == 3 && matrices.count(labels.expert) == 1 && matrices.count(labels.outer) == 1 && labels.inner && isOf(labels.inner) &&
                   !output.contains(labels.inner) && !llvm::StringRef(labels.input).contains(labels.outer) && llvm::StringRef(ownRows).ends_with(std::string{labels.inner}) &&
                   llvm::StringRef(ownRows).drop_back() == llvm::StringRef(rows).drop_back();
  return isProduct ? std::optional(labels) : std::nullopt;
}

}  // namespace

Value ExpertsFirst::arrange(Value value, int64_t axis) {
  constexpr unsigned mostNodes = 128;  // in a row: more than any expert has
  if (auto known = arranged.find({value, axis}); known != arranged.end())
    return known->second;
  if (depth >= mostNodes)
    return {};
  Value result;
  ++depth;
  auto node = value.getDefiningOp<onnx::NodeOp>();
  if (shapes.hasShape(value) && axis < static_cast<int64_t>(shapes.getShape(value).size()))
    result = node ? arrangeNode(node, value, axis) : turn(value, axis);
  --depth;
  if (result && !shapes.hasShape(result))
    result = {};
  return arranged[{value, axis}] = result;
}

Value ExpertsFirst::arrangeNode(onnx::NodeOp node, Value value, int64_t axis) {
  if (getConstantRecipe(weights, value))
    return turn(value, axis);
  Value result;
  if (isElementwise(node))
    result = arrangeElementwise(node, axis);
  else if (node.getOpType() == "ai.onnx::Einsum")
    result = arrangeEinsum(node, axis);
  else if (node.getOpType() == "ai.onnx::MatMul")
    result = arrangeMatMul(node, axis);
  else if (node.getOpType() == "ai.onnx::Concat")
    result = arrangeStack(node, axis);
  else if (node.getOpType() == "ai.onnx::Split")
    result = arrangeSplit(node, value, axis);
  else if (node.getOpType() == "ai.onnx::Slice")
    result = arrangeSlice(node, axis);
  else if (isReshape(node))
    result = arrangeReshape(node, value, axis);
  else if (node.getOpType() == "ai.onnx::Transpose")
    if (auto stated = dyn_cast_or_null<DenseI64ArrayAttr>(node.getNodeAttr("perm")); stated && stated.size() > axis) {
      SmallVector<int64_t> rest = without(stated.asArrayRef(), axis);
      result = llvm::is_sorted(rest) ? arrange(node.getInputs()[0], stated[axis]) : Value();
    }
  if (!result)
    return turn(value, axis);
  if (result != value)
    rewritten.insert(node);
  return result;
}

Operation *ExpertsFirst::findOtherReader(ArrayRef<Operation *> roots) const {
  for (Operation *op : rewritten)
    for (Operation *user : op->getUsers()) {
      auto node = dyn_cast<onnx::NodeOp>(user);
      bool readsShape = node && node.getOpType() == "ai.onnx::Shape";
      // The product in front of a root; or a node that nothing reads any more.
      bool isOfRoot = node && llvm::all_of(node->getUsers(), [&](Operation *reader) { return llvm::is_contained(roots, reader); });
      if (!llvm::is_contained(roots, user) && !readsShape && !isOfRoot && !rewritten.contains(user))
        return user;
    }
  return nullptr;
}

/// `value` itself, transposed and reshaped.
Value ExpertsFirst::turn(Value value, int64_t axis) {
  ArrayRef<Expression> shape = shapes.getShape(value);
  int64_t rank = shape.size();
  std::optional<int64_t> experts = shape[axis].getConstant();
  if (rank < 2 || !experts)
    return {};
  SmallVector<Expression> rest = without<Expression>(shape, axis);
  std::optional<int64_t> features = rest.back().getConstant();
  if (!features)
    return {};
  SmallVector<int64_t> order{axis};
  llvm::append_range(order, without<int64_t>(llvm::to_vector(llvm::seq<int64_t>(0, rank)), axis));
  Value turned = writer.transpose(value, order);
  return rank == 3 || !turned ? turned : writer.reshape(turned, {*experts, -1, *features});
}

Value ExpertsFirst::arrangeShares(Value shares, int64_t axis) {
  Value value = shares;
  SmallVector<onnx::NodeOp> conversions;
  while (auto node = value.getDefiningOp<onnx::NodeOp>()) {
    auto order = node.getOpType() == "ai.onnx::Transpose" ? dyn_cast_or_null<DenseI64ArrayAttr>(node.getNodeAttr("perm")) : DenseI64ArrayAttr();
    std::optional<int64_t> own;
    if (isReshape(node)) {
      own = findAxis(node.getInputs()[0], value, axis);
    } else if (isFloatCast(node)) {
      conversions.push_back(node);
      own = axis;
    }
    if (!own && order && llvm::is_sorted(without<int64_t>(order.asArrayRef(), axis)))
      own = order[axis];
    if (!own)
      break;
    value = node.getInputs()[0];
    axis = *own;
  }
  Value turned = shapes.hasShape(value) ? turnShares(value, axis) : Value();
  for (onnx::NodeOp conversion : llvm::reverse(conversions))
    turned = turned ? writer.copy(conversion, turned).front() : turned;
  return turned;
}

Value ExpertsFirst::turnShares(Value value, int64_t axis) {
  ArrayRef<Expression> shape = shapes.getShape(value);
  std::optional<int64_t> experts = shape[axis].getConstant();
  int64_t last = shape.size() - 1;
  if (!experts || last == 0)
    return {};
  if (axis != last)
    return shape.back().isConstant(1) ? turn(value, axis) : Value();
  SmallVector<int64_t> order{last};
  llvm::append_range(order, llvm::seq<int64_t>(0, last));
  Value turned = writer.transpose(value, order);
  return last == 1 ? writer.unsqueeze(turned, 2) : writer.reshape(turned, {*experts, -1, 1});
}

/// A product of rows, with the experts in any dimension of the result, and weights of rank 3.
Value ExpertsFirst::arrangeEinsum(onnx::NodeOp einsum, int64_t axis) {
  std::optional<unsigned> weight = findOperand(einsum, [&](Value v) { return static_cast<bool>(getConstantRecipe(weights, v)); });
  if (!weight || rt::getRecipeType(getConstantRecipe(weights, einsum.getInputs()[*weight])).getRank() != 3)
    return {};
  Value input = einsum.getInputs()[1 - *weight], matrices = einsum.getInputs()[*weight];
  if (!shapes.hasShape(input))
    return {};
  SmallVector<size_t> ranks{3, 3};
  ranks[1 - *weight] = shapes.getShape(input).size();
  std::optional<EinsumEquation> equation = EinsumEquation::expand(einsum.getString("equation", ""), ranks);
  std::optional<ProductLabels> labels = equation ? readLabels(*equation, *weight, axis) : std::nullopt;
  if (!labels)
    return {};
  llvm::StringRef order = equation->inputs[*weight];
  auto sizeOf = [&](char label) { return shapes.getShape(matrices)[order.find(label)]; };
  size_t own = labels->input.find(labels->expert), inner = labels->input.find(labels->inner);
  // A dimension of 1 may stand for more.
  if (shapes.getShape(input)[inner] != sizeOf(labels->inner) || (own != std::string::npos && shapes.getShape(input)[own] != sizeOf(labels->expert)))
    return {};
  Value rows = own != std::string::npos ? arrange(input, own)
               : ranks[1 - *weight] == 2 ? input
                                         : writer.reshape(input, {-1, *sizeOf(labels->inner).getConstant()});
  if (!rows)
    return {};
  foundExperts = true;
  SmallVector<int64_t> permutation;
  for (char label : {labels->expert, labels->inner, labels->outer})
    permutation.push_back(order.find(label));
  return writer.create("MatMul", {rows, writer.transpose(matrices, permutation)}).front();
}

/// Rows, of which each expert has its own or all read the same, times weights of rank 3.
Value ExpertsFirst::arrangeMatMul(onnx::NodeOp product, int64_t axis) {
  Value input = product.getInputs()[0], matrices = product.getInputs()[1];
  Attribute recipe = getConstantRecipe(weights, matrices);
  ArrayRef<Expression> shape = shapes.getShape(product.getResult(0));
  int64_t rank = shape.size();
  if (!recipe || rt::getRecipeType(recipe).getRank() != 3 || !shapes.hasShape(input) || rank < 3 || axis != rank - 3)
    return {};
  RankedTensorType type = rt::getRecipeType(recipe);
  ArrayRef<Expression> from = shapes.getShape(input);
  int64_t own = static_cast<int64_t>(from.size()) - 3;
  if (!shape[axis].isConstant(type.getDimSize(0)))
    return {};
  bool isShared = own < 0 || (from[own].isConstant(1) && type.getDimSize(0) != 1);
  if (!isShared && !from[own].isConstant(type.getDimSize(0)))
    return {};
  foundExperts = true;
  Value rows = !isShared ? arrange(input, own) : from.size() == 2 ? input : writer.reshape(input, {-1, type.getDimSize(1)});
  if (!rows)
    return {};
  return rows == input ? product.getResult(0) : writer.create("MatMul", {rows, matrices}).front();
}

/// The rows of experts one by one, along a dimension of their own.
Value ExpertsFirst::arrangeStack(onnx::NodeOp concat, int64_t axis) {
  ArrayRef<Expression> shape = shapes.getShape(concat.getResult(0));
  int64_t rank = shape.size();
  if (Match::getAxis(concat, rank, 0) != axis || rank < 3 || !shape[axis].isConstant(concat.getInputs().size()))
    return {};
  std::optional<int64_t> features = without<Expression>(shape, axis).back().getConstant();
  if (!features || !llvm::all_of(concat.getInputs(), [&](Value v) { return shapes.hasShape(v) && shapes.getShape(v)[axis].isConstant(1); }))
    return {};
  foundExperts = true;
  if (axis == 0 && rank == 3)
    return concat.getResult(0);
  SmallVector<Value> rows;
  for (Value input : concat.getInputs())
    rows.push_back(writer.reshape(input, {1, -1, *features}));
  return writer.concat(rows, 0);
}

/// Gate and up of one product.
Value ExpertsFirst::arrangeSplit(onnx::NodeOp split, Value value, int64_t axis) {
  Value source = split.getInputs()[0];
  if (!shapes.hasShape(source))
    return {};
  int64_t rank = shapes.getShape(source).size(), last = getFeatureAxis(rank, axis);
  if (Match::getAxis(split, rank, 0) != last)
    return {};
  SmallVector<int64_t> sizes;
  for (Value part : split.getResults()) {
    std::optional<int64_t> size = shapes.hasShape(part) ? shapes.getShape(part)[last].getConstant() : std::nullopt;
    if (!size)
      return {};
    sizes.push_back(*size);
  }
  Value whole = arrange(source, axis);
  if (!whole)
    return {};
  ValueRange &parts = splits[{split, axis}];
  if (parts.empty())
    parts = writer.split(whole, sizes, 2);
  return parts[cast<OpResult>(value).getResultNumber()];
}

Value ExpertsFirst::arrangeSlice(onnx::NodeOp slice, int64_t axis) {
  Value source = slice.getInputs()[0];
  std::optional<int64_t> along = shapes.getConstantInteger(slice.getInput(3));
  if (!shapes.hasShape(source) || !along)
    return {};
  int64_t rank = shapes.getShape(source).size(), last = getFeatureAxis(rank, axis);
  if ((*along < 0 ? *along + rank : *along) != last)
    return {};
  Value whole = arrange(source, axis);
  if (!whole)
    return {};
  SmallVector<Value> operands(slice.getInputs());
  operands[0] = whole;
  operands[3] = writer.integers(2);
  return writer.copy(slice, operands).front();
}

/// Where dimension `axis` of `value` stands in `source`, of which `value` has the elements in their order.
std::optional<int64_t> ExpertsFirst::findAxis(Value source, Value value, int64_t axis) {
  if (!shapes.hasShape(source))
    return std::nullopt;
  ArrayRef<Expression> from = shapes.getShape(source), to = shapes.getShape(value);
  auto countBehind = [&](ArrayRef<Expression> shape, int64_t dim) { return countElements(shapes.getContext(), shape.drop_front(dim + 1)); };
  Expression behind = countBehind(to, axis);
  for (int64_t dim = from.size() - 1; dim >= 0; --dim)
    if (from[dim] == to[axis] && countBehind(from, dim) == behind)
      return dim;
  return std::nullopt;
}

Value ExpertsFirst::arrangeReshape(onnx::NodeOp node, Value value, int64_t axis) {
  Value source = node.getInputs()[0];
  ArrayRef<Expression> shape = shapes.getShape(value);
  std::optional<int64_t> own = findAxis(source, value, axis);
  if (!own || shape.size() < 2)
    return {};
  ArrayRef<Expression> from = shapes.getShape(source);
  if (shape[axis].isConstant(1) || from.size() < 2)
    return {};
  bool keepsFeatures = without<Expression>(from, *own).back() == without<Expression>(shape, axis).back();
  return keepsFeatures ? arrange(source, *own) : Value();
}

/// An operand that broadcasts to `whole`, of which `axis` counts the experts, as one that broadcasts to experts x rows x features.
Value ExpertsFirst::arrangeOperand(Value operand, ArrayRef<Expression> whole, int64_t axis) {
  if (!shapes.hasShape(operand))
    return {};
  ArrayRef<Expression> shape = shapes.getShape(operand);
  if (areOnes(shape))
    return shape.size() <= 3 ? operand : Value();
  int64_t missing = static_cast<int64_t>(whole.size()) - static_cast<int64_t>(shape.size()), own = axis - missing;
  bool hasExperts = own >= 0 && shape[own] == whole[axis];
  if (own >= 0 && !hasExperts && !shape[own].isConstant(1))
    return {};
  SmallVector<Expression> rest = own >= 0 ? without<Expression>(shape, own) : SmallVector<Expression>(shape), all = without<Expression>(whole, axis);
  if (rest.empty())
    return {};
  ArrayRef<Expression> rows = ArrayRef(rest).drop_back(), allRows = ArrayRef(all).drop_back();
  std::optional<int64_t> features = rest.back().getConstant();
  if (!features || (!areOnes(rows) && rows != allRows))
    return {};
  if (!hasExperts)
    return rest.size() == 1 && own < 0 ? operand : writer.reshape(operand, {1, -1, *features});
  return rest.back().isConstant(1) && shape.size() == whole.size() ? arrangeShares(operand, own) : arrange(operand, own);
}

Value ExpertsFirst::arrangeElementwise(onnx::NodeOp node, int64_t axis) {
  Value result = node.getResult(0);
  if (!shapes.hasShape(result))
    return {};
  SmallVector<Expression> whole(shapes.getShape(result));
  if (whole.size() < 2)
    return {};
  SmallVector<Value> operands;
  bool changes = false;
  for (Value operand : node.getInputs()) {
    Value moved = isa<onnx::NoneType>(operand.getType()) ? operand : arrangeOperand(operand, whole, axis);
    if (!moved)
      return {};
    operands.push_back(moved);
    changes |= moved != operand;
  }
  return changes || axis != 0 || whole.size() != 3 ? writer.copy(node, operands).front() : result;
}

bool comesFromAllExperts(WeightRecipes &weights, Value rows, int64_t experts) {
  constexpr size_t mostNodes = 24;
  auto isOfExperts = [&](Value value) {
    Attribute recipe = getConstantRecipe(weights, value);
    return recipe && rt::getRecipeType(recipe).getRank() == 3 && rt::getRecipeType(recipe).getDimSize(0) == experts;
  };
  auto isExperts = [&](onnx::NodeOp node) {
    if (node.getOpType() == "ai.onnx::Concat")
      return static_cast<int64_t>(node.getInputs().size()) == experts && llvm::all_of(node.getInputs(), [](Value v) { return isReshape(v.getDefiningOp()); });
    return (node.getOpType() == "ai.onnx::MatMul" || node.getOpType() == "ai.onnx::Einsum") && findOperand(node, isOfExperts);
  };
  // What is gathered is a choice among them, and not all.
  return static_cast<bool>(findOrigin(rows, mostNodes, isExperts, [](onnx::NodeOp node) { return !node.getType().starts_with("Gather"); }));
}

}  // namespace switchyard::raise
