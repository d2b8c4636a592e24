#include "compiler/analysis/ShapeRules.h"

#include "dialects/moe/MoeDialect.h"
#include "dialects/nn/NnDialect.h"
#include "dialects/rt/RtDialect.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace switchyard {

const ShapeRules &getShapeRules() {
  static const ShapeRules rules = [] {
    ShapeRules all;
    addElementwiseShapes(all);
    addMovementShapes(all);
    addConstantShapes(all);
    addIndexingShapes(all);
    addReductionShapes(all);
    addContractionShapes(all);
    addTransformerShapes(all);
    return all;
  }();
  return rules;
}

Type getElementType(MLIRContext *context, int64_t code) {
  Builder builder(context);
  switch (code) {
  case 1:
    return builder.getF32Type();
  case 2:
    return builder.getIntegerType(8, false);
  case 3:
    return builder.getI8Type();
  case 4:
    return builder.getIntegerType(16, false);
  case 5:
    return builder.getI16Type();
  case 6:
    return builder.getI32Type();
  case 7:
    return builder.getI64Type();
  case 9:
    return builder.getI1Type();
  case 10:
    return builder.getF16Type();
  case 11:
    return builder.getF64Type();
  case 12:
    return builder.getIntegerType(32, false);
  case 13:
    return builder.getIntegerType(64, false);
  case 16:
    return builder.getBF16Type();
  default:
    return {};
  }
}

Expression countElements(ExpressionContext &context, ArrayRef<Expression> shape) {
  auto overflows = [](Expression a, Expression b) {
    for (const Term &x : a.getTerms())
      for (const Term &y : b.getTerms())
        if (int64_t product; llvm::MulOverflow(x.coefficient, y.coefficient, product))
          return true;
    return false;
  };
  Expression count = context.constant(1);
  bool isEmpty = false;
  for (Expression dim : shape) {
    if (dim.isConstant(0)) {
      isEmpty = true;  // the others must still fit: parts of the shape are counted, too
      continue;
    }
    if (!count || !dim || overflows(count, dim))
      return {};
    count = count * dim;
  }
  return isEmpty && count ? context.constant(0) : count;
}

std::optional<SmallVector<int64_t>> getStaticSizes(ArrayRef<Expression> shape) {
  SmallVector<int64_t> sizes;
  for (Expression dim : shape) {
    std::optional<int64_t> size = dim.getConstant();
    if (!size)
      return std::nullopt;
    sizes.push_back(*size);
  }
  return sizes;
}

const TensorFacts *NodeShapes::input(unsigned index) {
  Value value = node.getInput(index);
  return value ? shapes.getFacts(value) : nullptr;
}

std::optional<ArrayRef<Expression>> NodeShapes::data(unsigned index) { return shapes.getData(node.getInput(index)); }

std::optional<SmallVector<int64_t>> NodeShapes::constants(unsigned index) { return shapes.getConstantData(node.getInput(index)); }

FailureOr<std::optional<SmallVector<int64_t>>> NodeShapes::axes(unsigned index) {
  if (auto attribute = dyn_cast_or_null<DenseI64ArrayAttr>(node.getNodeAttr("axes")))
    return std::optional(SmallVector<int64_t>(attribute.asArrayRef()));
  if (!node.getInput(index))
    return std::optional<SmallVector<int64_t>>();
  std::optional<SmallVector<int64_t>> values = constants(index);
  if (!values)
    return failure();
  return values;
}

FailureOr<int64_t> NodeShapes::normalizeAxis(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank)
    return failure();
  return axis < 0 ? axis + rank : axis;
}

LogicalResult NodeShapes::result(unsigned index, Type elementType, Dims shape, std::optional<Dims> data) {
  if (index >= node.getNumResults())
    return success();  // an optional result that the node leaves out
  bool valid = elementType && llvm::all_of(shape, [](Expression dim) { return dim && dim.getConstant().value_or(0) >= 0; });
  if (!valid || !countElements(context(), shape))
    return failure();
  if (data && llvm::any_of(*data, [](Expression element) { return !element; }))
    data = std::nullopt;
  if (data && static_cast<int64_t>(data->size()) > SymbolicShapes::maxDataElements)
    data = std::nullopt;
  shapes.setFacts(node.getResult(index), {elementType, std::move(shape), std::move(data)});
  return success();
}

bool NodeShapes::hasInputs(unsigned least, unsigned most) {
  if (node.getInputs().size() < least || node.getInputs().size() > most)
    return false;
  for (unsigned index = 0; index < least; ++index)
    if (!input(index))
      return false;
  return true;
}

bool NodeShapes::broadcastsTo(unsigned index, ArrayRef<Expression> shape) {
  const TensorFacts *facts = input(index);
  if (!node.getInput(index))
    return true;
  if (!facts)
    return false;
  Dims from(facts->shape);
  FailureOr<Dims> joined = from.size() <= shape.size() ? broadcast(shape, from) : FailureOr<Dims>(failure());
  return succeeded(joined) && llvm::equal(*joined, shape);
}

std::optional<Dims> NodeShapes::statedShape() {
  auto type = dyn_cast<RankedTensorType>(node.getResult(0).getType());
  if (!type || !type.hasStaticShape())
    return std::nullopt;
  return Dims(llvm::map_to_vector(type.getShape(), [&](int64_t size) { return constant(size); }));
}

/// What must be equal for `a` and `b` to be: the sizes in which two sums differ, a name and a name or a number. Nothing where
/// they differ in more.
static std::optional<std::pair<Expression, Expression>> getDifference(Expression a, Expression b) {
  Expression difference = a && b ? a - b : Expression();
  if (!difference || difference.getTerms().size() != 2)
    return std::nullopt;
  ExpressionContext &context = difference.getContext();
  Term left = difference.getTerms()[0], right = difference.getTerms()[1];
  if (left.coefficient == -1)
    std::tie(left.coefficient, right.coefficient) = std::pair(-left.coefficient, -right.coefficient);
  if (left.coefficient != 1 || (!right.atoms.empty() && right.coefficient != -1))
    return std::nullopt;
  right.coefficient = -right.coefficient;
  Expression name = context.normalize({left}), other = context.normalize({right});
  return name.getDimension() && (other.getDimension() || other.getConstant()) ? std::optional(std::pair(name, other)) : std::nullopt;
}

FailureOr<Expression> NodeShapes::unify(Expression a, Expression b) {
  if (a == b)
    return a;
  if (auto parts = getDifference(a, b); parts && !a.getConstant() && !b.getConstant()) {
    shapes.addEquality(parts->first, parts->second);
    return a;
  }
  bool checkable = (a.getDimension() || a.getConstant()) && (b.getDimension() || b.getConstant()) && (a.getDimension() || b.getDimension());
  if (!checkable)
    return failure();
  shapes.addEquality(a, b);
  return a.getConstant() ? a : b;
}

FailureOr<Expression> NodeShapes::broadcastDim(Expression a, Expression b) {
  if (b.isConstant(1))
    return a;
  return a.isConstant(1) ? FailureOr<Expression>(b) : unify(a, b);
}

FailureOr<Dims> NodeShapes::broadcast(ArrayRef<Expression> a, ArrayRef<Expression> b) {
  if (a.size() < b.size())
    std::swap(a, b);
  Dims result(a);
  size_t offset = a.size() - b.size();
  for (size_t d = 0; d < b.size(); ++d) {
    FailureOr<Expression> dim = broadcastDim(a[offset + d], b[d]);
    if (failed(dim))
      return failure();
    result[offset + d] = *dim;
  }
  return result;
}

namespace {

void inferConstant(arith::ConstantOp op, SymbolicShapes &shapes) {
  auto type = dyn_cast<RankedTensorType>(op.getType());
  if (!type)
    return;
  ExpressionContext &context = shapes.getContext();
  Dims shape = llvm::map_to_vector(type.getShape(), [&](int64_t size) { return context.constant(size); });
  shapes.setFacts(op, {type.getElementType(), shape, getConstantElements(context, op.getValue())});
}

void inferReshape(nn::ReshapeOp op, SymbolicShapes &shapes) {
  auto type = cast<RankedTensorType>(op.getType());
  Dims shape;
  auto sizes = op.getSizes().begin();
  for (int64_t size : type.getShape()) {
    shape.push_back(ShapedType::isDynamic(size) ? shapes.getExpression(*sizes++) : shapes.getContext().constant(size));
    if (!shape.back())
      return;
  }
  shapes.setShape(op, shape);
}

/// The result's rows are those of `value`, its columns static.
void inferRows(Value result, Value value, SymbolicShapes &shapes, int64_t factor = 1) {
  const TensorFacts *facts = shapes.getFacts(value);
  auto type = cast<RankedTensorType>(result.getType());
  if (facts && !facts->shape.empty() && !type.isDynamicDim(1))
    shapes.setShape(result, {facts->shape.front() * factor, shapes.getContext().constant(type.getDimSize(1))});
}

void inferMoe(Operation &op, SymbolicShapes &shapes) {
  llvm::TypeSwitch<Operation *>(&op)
      .Case([&](moe::GateOp gate) {
        inferRows(gate.getIds(), gate.getLogits(), shapes);
        inferRows(gate.getWeights(), gate.getLogits(), shapes);
      })
      .Case([&](moe::CapacityOp capacity) {
        inferRows(capacity.getKeptIds(), capacity.getIds(), shapes);
        inferRows(capacity.getKeptWeights(), capacity.getIds(), shapes);
      })
      .Case([&](moe::DispatchOp dispatch) {
        inferRows(dispatch.getRows(), dispatch.getTokens(), shapes, cast<RankedTensorType>(dispatch.getIds().getType()).getDimSize(1));
      })
      .Case([&](moe::ExpertOp expert) { inferRows(expert.getResult(), expert.getRows(), shapes); })
      .Case([&](moe::CombineOp combine) { inferRows(combine.getTokens(), combine.getWeights(), shapes); });
}

}  // namespace

std::optional<Dims> getConstantElements(ExpressionContext &context, Attribute value) {
  auto elements = dyn_cast_or_null<DenseIntElementsAttr>(value);
  if (!elements || elements.getNumElements() > SymbolicShapes::maxDataElements)
    return std::nullopt;
  bool isUnsigned = elements.getElementType().isUnsignedInteger() || elements.getElementType().isInteger(1);
  Dims data;
  for (const APInt &element : elements.getValues<APInt>())
    data.push_back(context.constant(isUnsigned ? static_cast<int64_t>(element.getZExtValue()) : element.getSExtValue()));
  return data;
}

void inferOtherOp(Operation &op, SymbolicShapes &shapes) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return inferConstant(constant, shapes);
  if (auto reshape = dyn_cast<nn::ReshapeOp>(op))
    return inferReshape(reshape, shapes);
  if (auto matmul = dyn_cast<nn::MatmulOp>(op)) {
    const TensorFacts *rows = shapes.getFacts(matmul.getA());
    if (!rows || rows->shape.empty())
      return;
    Dims shape(rows->shape);
    shape.back() = shapes.getContext().constant(cast<RankedTensorType>(matmul.getWeight().getType()).getDimSize(0));
    return shapes.setShape(matmul, shape);
  }
  if (isa_and_nonnull<moe::MoeDialect>(op.getDialect()))
    return inferMoe(op, shapes);
  bool likeOperand = isa<nn::RmsNormOp, nn::LayerNormOp, nn::SoftmaxOp, nn::RotaryOp, nn::CumSumOp>(op);
  if (const TensorFacts *facts = likeOperand ? shapes.getFacts(op.getOperand(0)) : nullptr)
    return shapes.setShape(op.getResult(0), Dims(facts->shape));
  for (Value result : op.getResults())
    if (auto type = dyn_cast<RankedTensorType>(result.getType()); type && type.hasStaticShape())
      shapes.setShape(result, llvm::map_to_vector(type.getShape(), [&](int64_t size) { return shapes.getContext().constant(size); }));
}

}  // namespace switchyard
