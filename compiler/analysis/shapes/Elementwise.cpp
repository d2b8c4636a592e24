// Elementwise operators: the broadcast of the operands' shapes; integer arithmetic on shape data.
#include "compiler/analysis/FloatSizes.h"
#include "compiler/analysis/ShapeRules.h"

#include "mlir/IR/Builders.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace switchyard {

namespace {

using Fold = Expression (*)(Expression, Expression);

/// The element of `from` that a broadcast puts at the row-major position `linear` of `to`.
size_t sourcePosition(ArrayRef<int64_t> from, ArrayRef<int64_t> to, size_t linear) {
  size_t position = 0, stride = 1;
  for (size_t d = 0; d < to.size(); ++d) {
    size_t axis = to.size() - 1 - d, index = linear % to[axis];
    linear /= to[axis];
    if (d >= from.size())
      continue;
    int64_t size = from[from.size() - 1 - d];
    position += (size == 1 ? 0 : index) * stride;
    stride *= size;
  }
  return position;
}

/// The data of `facts` broadcast to `shape`, where both are known.
std::optional<Dims> broadcastData(const TensorFacts &facts, ArrayRef<Expression> shape) {
  std::optional<SmallVector<int64_t>> from = getStaticSizes(facts.shape), to = getStaticSizes(shape);
  if (!facts.data || !from || !to)
    return std::nullopt;
  int64_t count = 1;
  for (int64_t size : *to)
    if (size < 0 || llvm::MulOverflow(count, size, count))
      return std::nullopt;
  if (count > SymbolicShapes::maxDataElements)
    return std::nullopt;
  Dims result;
  for (int64_t linear = 0; linear < count; ++linear)
    result.push_back((*facts.data)[sourcePosition(*from, *to, linear)]);
  return result;
}

/// The broadcast of all operands from `first`.
FailureOr<Dims> broadcastInputs(NodeShapes &node, unsigned first = 0) {
  Dims shape;
  for (unsigned index = first; index < node.node.getInputs().size(); ++index) {
    const TensorFacts *facts = node.require(index);
    if (!facts)
      return failure();
    FailureOr<Dims> joined = node.broadcast(shape, facts->shape);
    if (failed(joined))
      return failure();
    shape = *joined;
  }
  return shape;
}

std::optional<Dims> foldInputs(NodeShapes &node, ArrayRef<Expression> shape, Fold fold) {
  std::optional<Dims> result;
  if (!fold)
    return result;
  for (unsigned index = 0; index < node.node.getInputs().size(); ++index) {
    const TensorFacts *facts = node.input(index);
    std::optional<Dims> data = facts ? broadcastData(*facts, shape) : std::nullopt;
    if (!data)
      return std::nullopt;
    if (!result) {
      result = data;
      continue;
    }
    for (auto [element, other] : llvm::zip_equal(*result, *data)) {
      element = fold(element, other);
      if (!element)
        return std::nullopt;
    }
  }
  return result;
}

/// `data` as elements of integer type `type`; nothing where a number does not fit. A size fits 32 bits and more.
std::optional<Dims> fit(Type type, std::optional<Dims> data) {
  if (!data || !type || !type.isInteger())
    return std::nullopt;
  // Of bools the numbers are 0 and 1.
  if (type.isInteger(1))
    return data;
  unsigned width = type.getIntOrFloatBitWidth();
  bool isUnsigned = type.isUnsignedInteger();
  for (Expression element : *data) {
    std::optional<int64_t> value = element.getConstant();
    bool fits = (!isUnsigned || element.isAtLeast(0)) &&
                (value ? (isUnsigned ? llvm::isUIntN(width, *value) : llvm::isIntN(width, *value)) : width >= 32);
    if (!fits)
      return std::nullopt;
  }
  return data;
}

/// One operand and more.
template <Fold fold> LogicalResult variadic(NodeShapes &node) {
  const TensorFacts *first = node.input(0);
  FailureOr<Dims> shape = broadcastInputs(node);
  if (!first || failed(shape))
    return failure();
  return node.result(0, first->elementType, *shape, fit(first->elementType, foldInputs(node, *shape, fold)));
}

template <Fold fold> LogicalResult arithmetic(NodeShapes &node) { return node.hasInputs(2, 2) ? variadic<fold>(node) : failure(); }

Expression addElements(Expression a, Expression b) { return a + b; }
Expression subtractElements(Expression a, Expression b) { return a - b; }
Expression multiplyElements(Expression a, Expression b) { return a * b; }
Expression divideElements(Expression a, Expression b) { return b.isConstant(0) ? Expression() : truncDiv(a, b); }
Expression maxElements(Expression a, Expression b) { return max(a, b); }
Expression minElements(Expression a, Expression b) { return min(a, b); }

/// The remainder, of the sign of the divisor.
Expression moduloElements(Expression a, Expression b) {
  std::optional<int64_t> x = a.getConstant(), y = b.getConstant();
  if (y == 0)
    return {};
  if (divideExactly(a, b) || y == -1)
    return a.getContext().constant(0);
  if (!x || !y)
    return y > 0 ? a - floorDiv(a, b) * b : Expression();
  int64_t rest = *x % *y;
  return a.getContext().constant(rest != 0 && (rest < 0) != (*y < 0) ? rest + *y : rest);
}

/// -1, 0 or 1, where that is known or at least no -1.
Expression signOf(Expression a) {
  ExpressionContext &context = a.getContext();
  if (isProvedLess(a, context.constant(0)))
    return context.constant(-1);
  return a.isAtLeast(0) ? min(a, context.constant(1)) : Expression();
}

/// 1 where `a` is not 0.
Expression truthOf(Expression a) {
  Expression sign = signOf(a);
  return sign && sign.isConstant(-1) ? a.getContext().constant(1) : sign;
}

LogicalResult modulus(NodeShapes &node) {
  return node.node.getInt("fmod", 0) ? arithmetic<nullptr>(node) : arithmetic<moduloElements>(node);
}

// Of booleans, which are 0 or 1.
Expression andElements(Expression a, Expression b) { return a * b; }
Expression orElements(Expression a, Expression b) { return a + b - a * b; }
Expression differElements(Expression a, Expression b) { return a + b - a * b * 2; }

/// 1 or 0 where the order of a and b is proved.
Expression equalElements(Expression a, Expression b) {
  if (a == b)
    return a.getContext().constant(1);
  bool differ = isProvedLess(a, b) || isProvedLess(b, a);
  return differ ? a.getContext().constant(0) : Expression();
}
Expression lessElements(Expression a, Expression b) {
  if (isProvedLess(a, b))
    return a.getContext().constant(1);
  return isProvedAtLeast(a, b) ? a.getContext().constant(0) : Expression();
}
Expression lessOrEqualElements(Expression a, Expression b) {
  Expression greater = lessElements(b, a);
  return greater ? a.getContext().constant(greater.isConstant(0)) : Expression();
}
Expression greaterElements(Expression a, Expression b) { return lessElements(b, a); }
Expression greaterOrEqualElements(Expression a, Expression b) { return lessOrEqualElements(b, a); }

template <Fold fold> LogicalResult comparison(NodeShapes &node) {
  FailureOr<Dims> shape = broadcastInputs(node);
  if (!node.hasInputs(2, 2) || failed(shape))
    return failure();
  return node.result(0, IntegerType::get(node.node.getContext(), 1), *shape, foldInputs(node, *shape, fold));
}

LogicalResult unary(NodeShapes &node) {
  if (!node.hasInputs(1, 1))
    return failure();
  return node.result(0, node.input(0)->elementType, node.input(0)->shape);
}

/// x, and operands that broadcast to it: a bias, or the bounds of Clip.
template <unsigned operands> LogicalResult unaryWith(NodeShapes &node) {
  if (!node.hasInputs(1, operands))
    return failure();
  Dims shape(node.input(0)->shape);
  for (unsigned index = 1; index < operands; ++index)
    if (!node.broadcastsTo(index, shape))
      return failure();
  return node.result(0, node.input(0)->elementType, shape);
}

LogicalResult identity(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  return facts ? node.result(0, facts->elementType, facts->shape, facts->data) : failure();
}

/// The second result of Dropout is its mask.
LogicalResult dropout(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts)
    return failure();
  Dims shape(facts->shape);
  return failed(identity(node)) ? failure() : node.result(1, IntegerType::get(node.node.getContext(), 1), shape);
}

/// `data` element by element; nothing where an element has no result.
template <Expression (*function)(Expression)> std::optional<Dims> mapData(std::optional<Dims> data) {
  if (data)
    for (Expression &element : *data)
      if (!(element = function(element)))
        return std::nullopt;
  return data;
}

/// A function of each element, in its type.
template <Expression (*function)(Expression)> LogicalResult unaryOf(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts || !node.hasInputs(1, 1))
    return failure();
  return node.result(0, facts->elementType, facts->shape, fit(facts->elementType, mapData<function>(facts->data)));
}

Expression negativeOf(Expression a) { return a * -1; }
Expression notOf(Expression a) { return a.getContext().constant(1) - a; }

/// What is false is so whatever the other operand holds.
LogicalResult logicalAnd(NodeShapes &node) {
  FailureOr<Dims> shape = broadcastInputs(node);
  if (!node.hasInputs(2, 2) || failed(shape))
    return failure();
  Type boolean = IntegerType::get(node.node.getContext(), 1);
  for (unsigned index : {0u, 1u}) {
    std::optional<Dims> data = broadcastData(*node.input(index), *shape);
    if (data && llvm::all_of(*data, [](Expression element) { return element.isConstant(0); }))
      return node.result(0, boolean, *shape, data);
  }
  return node.result(0, boolean, *shape, foldInputs(node, *shape, andElements));
}

LogicalResult isNan(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  return node.hasInputs(1, 1) ? node.result(0, IntegerType::get(node.node.getContext(), 1), facts->shape) : failure();
}

LogicalResult cast(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  int64_t code = node.node.getInt("to", 0);
  Type to = getElementType(node.node.getContext(), code);
  if (!facts)
    return failure();
  if (!to)
    return node.unsupported("no conversion to the element type of code " + llvm::Twine(code));
  bool keepsData = to && to.isInteger() && !to.isInteger(1);
  if (keepsData && isa<FloatType>(facts->elementType)) {
    Expression size = countElements(node.context(), facts->shape).isConstant(1) ? foldFloatSize(node.node, node.shapes) : Expression();
    return node.result(0, to, facts->shape, size ? fit(to, Dims{size}) : std::nullopt);
  }
  if (to.isInteger(1) && isa<IntegerType>(facts->elementType))
    return node.result(0, to, facts->shape, mapData<truthOf>(facts->data));
  // Floats are data, not sizes.
  return node.result(0, to, facts->shape, keepsData ? fit(to, facts->data) : std::nullopt);
}

LogicalResult castLike(NodeShapes &node) {
  const TensorFacts *facts = node.input(0), *like = node.require(1);
  return facts && like ? node.result(0, like->elementType, facts->shape) : failure();
}

LogicalResult where(NodeShapes &node) {
  const TensorFacts *condition = node.input(0), *then = node.input(1), *otherwise = node.input(2);
  FailureOr<Dims> shape = broadcastInputs(node);
  if (!node.hasInputs(3, 3) || !condition || !then || !otherwise || failed(shape))
    return failure();
  std::optional<Dims> choose = broadcastData(*condition, *shape), yes = broadcastData(*then, *shape),
                      no = broadcastData(*otherwise, *shape);
  if (!choose || !yes || !no || llvm::any_of(*choose, [](Expression element) { return !element.getConstant(); }))
    return node.result(0, then->elementType, *shape);
  for (auto [index, element] : llvm::enumerate(*choose))
    element = element.isConstant(0) ? (*no)[index] : (*yes)[index];
  return node.result(0, then->elementType, *shape, choose);
}

LogicalResult expand(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (facts && node.isReadAtRunTime(1))
    return node.resultsAsStated(facts->elementType);
  std::optional<ArrayRef<Expression>> sizes = node.requireData(1, "the shape of its result");
  if (!facts || !sizes)
    return failure();
  FailureOr<Dims> shape = node.broadcast(facts->shape, *sizes);
  if (failed(shape))
    return failure();
  return node.result(0, facts->elementType, *shape, broadcastData(*facts, *shape));
}

}  // namespace

void addElementwiseShapes(ShapeRules &rules) {
  for (llvm::StringRef name :
       {"Sqrt", "Reciprocal", "Erf",  "Exp", "Log",  "Tanh",     "Sigmoid", "Relu",      "Cos", "Sin",         "Abs",  "Floor",
        "Ceil", "Round",      "Gelu", "Softplus", "Swish",   "LeakyRelu", "Elu", "HardSigmoid", "Selu", "Tan", "Celu", "ThresholdedRelu", "HardSwish", "Shrink",
                               "Softsign", "Mish", "Sinh", "Cosh", "BitwiseNot", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh"})
    rules[("ai.onnx::" + name).str()] = unary;
  for (llvm::StringRef name : {"Gelu", "QuickGelu"})
    rules[("com.microsoft::" + name).str()] = unary;
  // x and an optional bias of its last axis.
  for (llvm::StringRef name : {"FastGelu", "BiasGelu"})
    rules[("com.microsoft::" + name).str()] = unaryWith<2>;
  rules["ai.onnx::Add"] = arithmetic<addElements>;
  rules["ai.onnx::Sum"] = variadic<addElements>;
  rules["ai.onnx::Sub"] = arithmetic<subtractElements>;
  rules["ai.onnx::Mul"] = arithmetic<multiplyElements>;
  rules["ai.onnx::Div"] = arithmetic<divideElements>;
  rules["ai.onnx::Max"] = variadic<maxElements>;
  rules["ai.onnx::Min"] = variadic<minElements>;
  rules["ai.onnx::Pow"] = arithmetic<nullptr>;
  rules["ai.onnx::Mod"] = modulus;
  rules["ai.onnx::Equal"] = comparison<equalElements>;
  rules["ai.onnx::Less"] = comparison<lessElements>;
  rules["ai.onnx::LessOrEqual"] = comparison<lessOrEqualElements>;
  rules["ai.onnx::Greater"] = comparison<greaterElements>;
  rules["ai.onnx::GreaterOrEqual"] = comparison<greaterOrEqualElements>;
  rules["ai.onnx::And"] = logicalAnd;
  rules["ai.onnx::Or"] = comparison<orElements>;
  rules["ai.onnx::Xor"] = comparison<differElements>;
  rules["ai.onnx::Not"] = unaryOf<notOf>;
  rules["ai.onnx::IsNaN"] = isNan;
  rules["ai.onnx::IsInf"] = isNan;
  rules["ai.onnx::Mean"] = variadic<nullptr>;
  for (llvm::StringRef name : {"BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitShift"})
    rules[("ai.onnx::" + name).str()] = arithmetic<nullptr>;
  rules["ai.onnx::PRelu"] = unaryWith<2>;
  rules["ai.onnx::Identity"] = identity;
  rules["ai.onnx::Dropout"] = dropout;
  rules["ai.onnx::Neg"] = unaryOf<negativeOf>;
  rules["ai.onnx::Sign"] = unaryOf<signOf>;
  rules["ai.onnx::Cast"] = cast;
  rules["ai.onnx::CastLike"] = castLike;
  rules["ai.onnx::Where"] = where;
  rules["ai.onnx::Clip"] = unaryWith<3>;
  rules["ai.onnx::Expand"] = expand;
}

}  // namespace switchyard
