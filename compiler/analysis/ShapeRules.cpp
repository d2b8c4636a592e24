#include "compiler/analysis/ShapeRules.h"

#include "dialects/moe/MoeDialect.h"
#include "dialects/nn/NnDialect.h"
#include "dialects/rt/RtDialect.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
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
    addConvolutionShapes(all);
    addQuantisedShapes(all);
    addQuantisedActivationShapes(all);
    addTransformerShapes(all);
    addPaddingShapes(all);
    addChannelShapes(all);
    addResamplingShapes(all);
    addRecurrentShapes(all);
    addSelectionShapes(all);
    addSpectrumShapes(all);
    addWindowShapes(all);
    addAttentionShapes(all);
    addLinearAttentionShapes(all);
    addGateShapes(all);
    return all;
  }();
  return rules;
}

LogicalResult likeFirst(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  return facts ? node.result(0, facts->elementType, facts->shape) : failure();
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

std::string describeShape(ArrayRef<Expression> shape) {
  auto text = [](Expression dim) {
    std::optional<int64_t> number = dim ? dim.getConstant() : std::nullopt;
    return number ? std::to_string(*number) : dim ? dim.str() : "?";
  };
  return "[" + llvm::join(llvm::map_range(shape, text), ", ") + "]";
}

/// How the file calls `value`: the name of a weight, an input or the node that computes it.
static std::string getName(Value value) {
  if (auto weight = value.getDefiningOp<rt::WeightRefOp>())
    return ("'" + weight.getWeight() + "' ").str();
  if (auto node = value.getDefiningOp<onnx::NodeOp>())
    return node.getName().empty() ? "the result of " + node.getType().str() + " " : "the result of '" + node.getName().str() + "' ";
  if (auto name = value.getDefiningOp() ? dyn_cast<NameLoc>(value.getLoc()) : NameLoc())
    return "'" + name.getName().str() + "' ";
  auto argument = dyn_cast<BlockArgument>(value);
  auto function = argument ? dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp()) : func::FuncOp();
  for (llvm::StringRef key : {"rt.name", "onnx.name"})
    if (auto name = function ? function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), key) : StringAttr())
      return "'" + name.str() + "' ";
  return "";
}

LogicalResult NodeShapes::invalid(const llvm::Twine &why) {
  shapes.setFault(node, {true, why.str()});
  return failure();
}

LogicalResult NodeShapes::unsupported(const llvm::Twine &why) {
  shapes.setFault(node, {false, why.str()});
  return failure();
}

std::string NodeShapes::describe(unsigned index) {
  const TensorFacts *facts = input(index);
  return getName(node.getInput(index)) + (facts ? describeShape(facts->shape) : "of unknown shape");
}

const TensorFacts *NodeShapes::input(unsigned index) {
  Value value = node.getInput(index);
  return value ? shapes.getFacts(value) : nullptr;
}

const TensorFacts *NodeShapes::require(unsigned index) {
  if (!node.getInput(index))
    (void)invalid("operand " + llvm::Twine(index) + " is missing");
  return input(index);
}

std::optional<ArrayRef<Expression>> NodeShapes::data(unsigned index) { return shapes.getData(node.getInput(index)); }

std::optional<ArrayRef<Expression>> NodeShapes::requireData(unsigned index, llvm::StringRef role) {
  std::optional<ArrayRef<Expression>> known = data(index);
  const TensorFacts *facts = require(index);
  if (!known && facts && !facts->elementType.isInteger())
    (void)unsupported(role + " must be integers, but " + describe(index) + " holds others");
  else if (!known && facts)
    (void)unsupported(role + " must be known before data is, but " + describe(index) + " is computed from data");
  return known;
}

std::optional<SmallVector<int64_t>> NodeShapes::constants(unsigned index) { return shapes.getConstantData(node.getInput(index)); }

FailureOr<std::optional<SmallVector<int64_t>>> NodeShapes::axes(unsigned index) {
  if (auto attribute = dyn_cast_or_null<DenseI64ArrayAttr>(node.getNodeAttr("axes")))
    return std::optional(SmallVector<int64_t>(attribute.asArrayRef()));
  if (!node.getInput(index))
    return std::optional<SmallVector<int64_t>>();
  std::optional<SmallVector<int64_t>> values = constants(index);
  if (!values)
    return input(index) ? unsupported("the axes must be constants, but " + describe(index) + " are computed") : failure();
  return values;
}

FailureOr<int64_t> NodeShapes::normalizeAxis(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank)
    return failure();
  return axis < 0 ? axis + rank : axis;
}

FailureOr<int64_t> NodeShapes::checkAxis(int64_t axis, int64_t rank) {
  FailureOr<int64_t> position = normalizeAxis(axis, rank);
  if (failed(position) && rank == 0)
    return unsupported("it has an axis of a scalar: " + describe(0));
  if (failed(position))
    return invalid("axis " + llvm::Twine(axis) + " is outside the rank " + llvm::Twine(rank) + " for " + describe(0));
  return position;
}

FailureOr<int64_t> NodeShapes::axis(int64_t otherwise, int64_t rank) { return checkAxis(node.getInt("axis", otherwise), rank); }

LogicalResult NodeShapes::result(unsigned index, Type elementType, Dims shape, std::optional<Dims> data) {
  if (index >= node.getNumResults())
    return success();  // an optional result that the node leaves out
  if (!elementType)
    return unsupported("its element type is not supported");
  if (llvm::any_of(shape, [](Expression dim) { return dim && dim.getConstant().value_or(0) < 0; }))
    return invalid("its result would have a negative size: " + describeShape(shape));
  if (!llvm::all_of(shape, [](Expression dim) { return static_cast<bool>(dim); }))
    return unsupported("a size of its result is not known before data is, or too large an expression: " + describeShape(shape));
  if (!countElements(context(), shape))
    return unsupported("64 bits do not hold the number of elements of its result " + describeShape(shape));
  if (data && llvm::any_of(*data, [](Expression element) { return !element; }))
    data = std::nullopt;
  if (data && static_cast<int64_t>(data->size()) > SymbolicShapes::maxDataElements)
    data = std::nullopt;
  shapes.setFacts(node.getResult(index), {elementType, std::move(shape), std::move(data)});
  return success();
}

bool NodeShapes::hasInputs(unsigned least, unsigned most) {
  unsigned count = node.getInputs().size();
  if (count > most)
    return succeeded(unsupported("it has " + llvm::Twine(count) + " operands; at most " + llvm::Twine(most) + " are known"));
  for (unsigned index = 0; index < least; ++index)
    if (!require(index))
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
  auto refuse = [&] { return succeeded(invalid("operand " + describe(index) + " does not broadcast to " + describeShape(shape))); };
  if (from.size() > shape.size())
    return refuse();
  for (auto [size, to] : llvm::zip_equal(from, shape.take_back(from.size()))) {
    if (size == to || size.isConstant(1))
      continue;
    // Only the operand is spread: a number of it that is not 1 is the size itself, and only a 1 goes to 1.
    std::optional<int64_t> number = size.getConstant();
    if (number && to.getConstant())
      return refuse();
    if (failed(number || to.isConstant(1) ? unify(to, size) : broadcastDim(to, size)))
      return false;
  }
  return true;
}

/// Operators of one tensor, element by element; what else they take does not change the shape.
static bool keepsShape(onnx::NodeOp node) {
  static const llvm::StringSet<> names = {"Abs", "Cast", "CastLike", "Ceil", "Exp", "Floor", "Identity", "Log", "Neg", "Reciprocal", "Relu", "Sigmoid", "Sign", "Sqrt", "Tanh"};
  llvm::StringRef name = node.getOpType();
  return name.consume_front("ai.onnx::") && names.contains(name);
}

/// The sizes that the file states in numbers for `value`, or for what is made of it element by element: a model states those of its outputs
/// at least.
static std::optional<ArrayRef<int64_t>> getStatedSizes(Value value) {
  SmallVector<Value> pending{value};
  while (!pending.empty()) {
    Value next = pending.pop_back_val();
    if (auto type = dyn_cast<RankedTensorType>(next.getType()); type && type.hasStaticShape())
      return type.getShape();
    for (OpOperand &use : next.getUses())
      if (auto node = dyn_cast<onnx::NodeOp>(use.getOwner()); node && use.getOperandNumber() == 0 && keepsShape(node))
        pending.push_back(node.getResult(0));
  }
  return std::nullopt;
}

bool NodeShapes::areResultsStated() {
  return llvm::all_of(node.getResults(), [](Value result) { return getStatedSizes(result).has_value(); });
}

bool NodeShapes::isReadAtRunTime(unsigned index) { return isComputed(index) && areResultsStated(); }

LogicalResult NodeShapes::resultsAsStated(ArrayRef<Type> elementTypes) {
  for (auto [index, value] : llvm::enumerate(node.getResults())) {
    Dims shape = llvm::map_to_vector(*getStatedSizes(value), [&](int64_t size) { return constant(size); });
    if (failed(result(index, elementTypes[std::min(index, elementTypes.size() - 1)], shape)))
      return failure();
  }
  return success();
}

/// Where two sizes cannot be one: a contradiction of numbers, or no proof.
static LogicalResult refuseSizes(NodeShapes &node, Expression a, Expression b) {
  std::string operands;
  for (unsigned index = 0; index < node.node.getInputs().size() && index < 4; ++index)
    if (node.input(index))
      operands += (operands.empty() ? "" : " and ") + node.describe(index);
  std::string sizes = a.str() + " and " + b.str();
  if (a.getConstant() && b.getConstant())
    return node.invalid("sizes " + sizes + " must be equal: " + operands);
  if (a.dependsOnData() || b.dependsOnData())
    return node.unsupported("sizes " + sizes + " can be neither proved equal nor checked before data is: " + operands);
  return node.unsupported("sizes " + sizes + " are equal for empty inputs at most: " + operands);
}

FailureOr<Expression> NodeShapes::unify(Expression a, Expression b) {
  if (a == b)
    return a;
  if (failed(shapes.addEquality(a, b)) && failed(shapes.checkAtRunTime(a, b)))
    return refuseSizes(*this, a, b);
  return a.getConstant() ? a : b;
}

FailureOr<Expression> NodeShapes::broadcastDim(Expression a, Expression b) {
  if (b.isConstant(1) || a == b)
    return a;
  if (a.isConstant(1))
    return b;
  if (vanishesWith(a, b))
    return a;
  if (vanishesWith(b, a))
    return b;
  // What is empty with a dimension broadcasts to it, whatever the other side then is: the file has a broadcast for that call, or no meaning.
  if (a.getDimension() && assumeNotEmpty(b, a) == a)
    return a;
  if (b.getDimension() && assumeNotEmpty(a, b) == b)
    return b;
  if (failed(shapes.assumeEquality(a, b)) && failed(shapes.checkAtRunTime(a, b)))
    return refuseSizes(*this, a, b);
  return a.getConstant() ? a : b;
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

void inferOperator(nn::OperatorOp op, SymbolicShapes &shapes) {
  auto sizes = op.getSizes().begin();
  for (Value result : op.getResults()) {
    Dims shape;
    for (int64_t size : cast<RankedTensorType>(result.getType()).getShape())
      shape.push_back(ShapedType::isDynamic(size) ? shapes.getExpression(*sizes++) : shapes.getContext().constant(size));
    if (llvm::all_of(shape, [](Expression size) { return static_cast<bool>(size); }))
      shapes.setShape(result, shape);
  }
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
      .Case([&](moe::CombineOp combine) {
        auto dispatch = combine.getRoute().getDefiningOp<moe::DispatchOp>();
        if (Value like = dispatch ? dispatch.getTokens() : combine.getWeights())
          inferRows(combine.getTokens(), like, shapes);
      });
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

/// True for an op that gives one element for each of its operand, as the change of an element type does.
static bool isConversion(Operation &op) {
  auto generic = dyn_cast<linalg::GenericOp>(op);
  return generic && generic.getNumDpsInputs() == 1 && generic.getNumDpsInits() == 1 && generic.getNumParallelLoops() == generic.getNumLoops() &&
         llvm::all_of(generic.getIndexingMapsArray(), [](AffineMap map) { return map.isIdentity(); });
}

void inferOtherOp(Operation &op, SymbolicShapes &shapes) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return inferConstant(constant, shapes);
  if (auto reshape = dyn_cast<nn::ReshapeOp>(op))
    return inferReshape(reshape, shapes);
  if (auto call = dyn_cast<nn::OperatorOp>(op))
    return inferOperator(call, shapes);
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
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
    if (const TensorFacts *facts = shapes.getFacts(insert.getDest()))
      return shapes.setShape(insert.getResult(), Dims(facts->shape));
  bool likeOperand = isa<nn::RmsNormOp, nn::LayerNormOp, nn::SoftmaxOp, nn::RotaryOp, nn::CumSumOp>(op) || isConversion(op);
  if (const TensorFacts *facts = likeOperand ? shapes.getFacts(op.getOperand(0)) : nullptr)
    return shapes.setShape(op.getResult(0), Dims(facts->shape));
  for (Value result : op.getResults())
    if (auto type = dyn_cast<RankedTensorType>(result.getType()); type && type.hasStaticShape())
      shapes.setShape(result, llvm::map_to_vector(type.getShape(), [&](int64_t size) { return shapes.getContext().constant(size); }));
}

}  // namespace switchyard
