// Elementwise arithmetic, comparisons and conversions: one linalg.generic each, with numpy's broadcast.
#include "compiler/raise/Graph.h"
#include "compiler/raise/lower/NodeLowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

using ElementFunction = Value (*)(OpBuilder &, Location, ValueRange);

bool isFloat(Value value) { return isa<FloatType>(value.getType()); }

Value zeroLike(OpBuilder &b, Location l, Value value) { return arith::ConstantOp::create(b, l, b.getZeroAttr(value.getType())); }

template <typename FloatOp, typename IntegerOp> Value binary(OpBuilder &b, Location l, ValueRange x) {
  return isFloat(x[0]) ? Value(FloatOp::create(b, l, x[0], x[1])) : Value(IntegerOp::create(b, l, x[0], x[1]));
}

template <typename FloatOp> Value floatUnary(OpBuilder &b, Location l, ValueRange x) { return FloatOp::create(b, l, x[0]); }

Value negate(OpBuilder &b, Location l, ValueRange x) {
  return isFloat(x[0]) ? Value(arith::NegFOp::create(b, l, x[0])) : Value(arith::SubIOp::create(b, l, zeroLike(b, l, x[0]), x[0]));
}

Value absolute(OpBuilder &b, Location l, ValueRange x) {
  return isFloat(x[0]) ? Value(math::AbsFOp::create(b, l, x[0])) : Value(math::AbsIOp::create(b, l, x[0]));
}

Value reciprocal(OpBuilder &b, Location l, ValueRange x) {
  Value one = arith::ConstantOp::create(b, l, b.getFloatAttr(x[0].getType(), 1.0));
  return arith::DivFOp::create(b, l, one, x[0]);
}

/// An integer divisor by which the machine can divide: 1 stands for 0, and for -1 under the smallest integer.
Value safeDivisor(OpBuilder &b, Location l, Value dividend, Value divisor) {
  Type type = divisor.getType();
  auto integer = [&](const APInt &value) { return arith::ConstantOp::create(b, l, b.getIntegerAttr(type, value)); };
  auto equal = [&](Value x, Value y) { return arith::CmpIOp::create(b, l, arith::CmpIPredicate::eq, x, y); };
  unsigned width = type.getIntOrFloatBitWidth();
  Value smallest = equal(dividend, integer(APInt::getSignedMinValue(width))), minusOne = equal(divisor, integer(APInt::getAllOnes(width)));
  Value overflows = arith::AndIOp::create(b, l, smallest, minusOne), isZero = equal(divisor, integer(APInt::getZero(width)));
  Value unsafe = arith::OrIOp::create(b, l, isZero, overflows);
  return arith::SelectOp::create(b, l, unsafe, integer(APInt(width, 1)), divisor);
}

/// Integers divide towards zero.
Value divide(OpBuilder &b, Location l, ValueRange x) {
  if (isFloat(x[0]))
    return arith::DivFOp::create(b, l, x[0], x[1]);
  return arith::DivSIOp::create(b, l, x[0], safeDivisor(b, l, x[0], x[1]));
}

/// The remainder with the sign of the dividend.
Value remainder(OpBuilder &b, Location l, ValueRange x) {
  if (isFloat(x[0]))
    return arith::RemFOp::create(b, l, x[0], x[1]);
  return arith::RemSIOp::create(b, l, x[0], safeDivisor(b, l, x[0], x[1]));
}

/// The remainder with the sign of the divisor, of integers.
Value modulo(OpBuilder &b, Location l, ValueRange x) {
  Value zero = zeroLike(b, l, x[0]), rest = remainder(b, l, x);
  Value nonZero = arith::CmpIOp::create(b, l, arith::CmpIPredicate::ne, rest, zero);
  Value restNegative = arith::CmpIOp::create(b, l, arith::CmpIPredicate::slt, rest, zero);
  Value divisorNegative = arith::CmpIOp::create(b, l, arith::CmpIPredicate::slt, x[1], zero);
  Value differ = arith::XOrIOp::create(b, l, restNegative, divisorNegative);
  Value adjust = arith::AndIOp::create(b, l, nonZero, differ);
  return arith::SelectOp::create(b, l, adjust, arith::AddIOp::create(b, l, rest, x[1]), rest);
}

Value logicalNot(OpBuilder &b, Location l, ValueRange x) {
  return arith::XOrIOp::create(b, l, x[0], arith::ConstantOp::create(b, l, b.getBoolAttr(true)));
}

template <typename Op> Value joinBooleans(OpBuilder &b, Location l, ValueRange x) { return Op::create(b, l, x[0], x[1]); }

Value isNan(OpBuilder &b, Location l, ValueRange x) { return arith::CmpFOp::create(b, l, arith::CmpFPredicate::UNO, x[0], x[0]); }

template <arith::CmpFPredicate floats, arith::CmpIPredicate integers> Value compare(OpBuilder &b, Location l, ValueRange x) {
  return isFloat(x[0]) ? Value(arith::CmpFOp::create(b, l, floats, x[0], x[1])) : Value(arith::CmpIOp::create(b, l, integers, x[0], x[1]));
}

Value sign(OpBuilder &b, Location l, ValueRange x) {
  Value zero = zeroLike(b, l, x[0]);
  if (isFloat(x[0])) {
    // A zero of either sign and NaN stay what they are.
    Value one = arith::ConstantOp::create(b, l, b.getFloatAttr(x[0].getType(), 1.0));
    Value ordered = arith::CmpFOp::create(b, l, arith::CmpFPredicate::ONE, x[0], zero);
    return arith::SelectOp::create(b, l, ordered, math::CopySignOp::create(b, l, one, x[0]), x[0]);
  }
  auto integer = [&](int64_t value) { return arith::ConstantOp::create(b, l, b.getIntegerAttr(x[0].getType(), value)); };
  Value negative = arith::CmpIOp::create(b, l, arith::CmpIPredicate::slt, x[0], zero);
  Value positive = arith::CmpIOp::create(b, l, arith::CmpIPredicate::sgt, x[0], zero);
  return arith::SelectOp::create(b, l, negative, integer(-1), arith::SelectOp::create(b, l, positive, integer(1), zero));
}

Value bitwiseNot(OpBuilder &b, Location l, ValueRange x) {
  return arith::XOrIOp::create(b, l, x[0], arith::ConstantOp::create(b, l, b.getIntegerAttr(x[0].getType(), -1)));
}

Value selectElement(OpBuilder &b, Location l, ValueRange x) { return arith::SelectOp::create(b, l, x[0], x[1], x[2]); }

LogicalResult apply(NodeLowering &node, ElementFunction function) {
  return node.replace(node.elementwise(node.inputs(), node.resultDims(), node.resultElementType(), function));
}

template <ElementFunction function> LogicalResult elementwise(NodeLowering &node) { return apply(node, function); }

/// Operators that are defined on floats only.
template <ElementFunction function> LogicalResult floating(NodeLowering &node) {
  if (!isa<FloatType>(node.resultElementType()))
    return node.unsupported("expects floats");
  return apply(node, function);
}

/// Operators on the bits of integers.
template <ElementFunction function> LogicalResult bitwise(NodeLowering &node) {
  if (!node.resultElementType().isSignlessInteger())
    return node.unsupported("expects integers with a sign");
  return apply(node, function);
}

/// Infinities of the signs that the attributes ask for.
LogicalResult isInfinite(NodeLowering &node) {
  if (!isa<FloatType>(TensorBuilder::elementType(node.input(0))))
    return node.unsupported("expects floats");
  bool negative = node.node.getInt("detect_negative", 1) != 0, positive = node.node.getInt("detect_positive", 1) != 0;
  auto body = [&](OpBuilder &b, Location l, ValueRange x) {
    auto type = cast<FloatType>(x[0].getType());
    Value found = arith::ConstantOp::create(b, l, b.getBoolAttr(false));
    for (auto [asked, isNegative] : {std::pair(negative, true), std::pair(positive, false)})
      if (asked) {
        Value infinity = arith::ConstantOp::create(b, l, b.getFloatAttr(type, APFloat::getInf(type.getFloatSemantics(), isNegative)));
        found = arith::OrIOp::create(b, l, found, arith::CmpFOp::create(b, l, arith::CmpFPredicate::OEQ, x[0], infinity));
      }
    return found;
  };
  return node.replace(node.elementwise(node.input(0), node.resultDims(), node.resultElementType(), body));
}

/// The sum of all operands divided by their number.
LogicalResult meanOfOperands(NodeLowering &node) {
  if (!isa<FloatType>(node.resultElementType()))
    return node.unsupported("expects floats");
  auto body = [](OpBuilder &b, Location l, ValueRange x) -> Value {
    Value sum = x.front();
    for (Value next : x.drop_front())
      sum = arith::AddFOp::create(b, l, sum, next);
    return arith::DivFOp::create(b, l, sum, arith::ConstantOp::create(b, l, b.getFloatAttr(sum.getType(), x.size())));
  };
  return node.replace(node.elementwise(node.inputs(), node.resultDims(), node.resultElementType(), body));
}

/// Any number of operands, joined from the left.
template <ElementFunction function> LogicalResult variadic(NodeLowering &node) {
  auto join = [](OpBuilder &b, Location l, ValueRange x) {
    Value all = x.front();
    for (Value next : x.drop_front())
      all = function(b, l, {all, next});
    return all;
  };
  return node.replace(node.elementwise(node.inputs(), node.resultDims(), node.resultElementType(), join));
}

/// Of floats. A square is one multiplication; the exponent may have another type than the base.
LogicalResult power(NodeLowering &node) {
  Type type = node.resultElementType();
  auto raise = [&](OpBuilder &b, Location l, ValueRange x) -> Value {
    Value exponent = castScalar(b, l, x[1], type);
    auto constant = x[1].getDefiningOp<arith::ConstantOp>();
    auto number = constant ? dyn_cast<FloatAttr>(constant.getValue()) : FloatAttr();
    auto integer = constant ? dyn_cast<IntegerAttr>(constant.getValue()) : IntegerAttr();
    if ((number && number.getValueAsDouble() == 2.0) || (integer && integer.getInt() == 2))
      return arith::MulFOp::create(b, l, x[0], x[0]);
    return math::PowFOp::create(b, l, x[0], exponent);
  };
  return node.replace(node.elementwise(node.inputs(), node.resultDims(), type, raise));
}

LogicalResult modulus(NodeLowering &node) { return apply(node, node.node.getInt("fmod", 0) != 0 ? remainder : modulo); }

LogicalResult convert(NodeLowering &node) {
  Type from = TensorBuilder::elementType(node.input(0)), to = node.resultElementType();
  bool known = (isa<FloatType>(from) || from.isSignlessInteger()) && (isa<FloatType>(to) || to.isSignlessInteger());
  if (!known)
    return node.unsupported("no conversion to the element type asked for");
  return node.replace(node.cast(node.input(0), to));
}

LogicalResult identity(NodeLowering &node) { return node.replace(node.input(0)); }

/// In inference Dropout is the identity; its mask is true everywhere. Operand 2 switches training on from version 12 on; before version 7
/// attribute `is_test` switches it off.
LogicalResult dropout(NodeLowering &node) {
  bool isOff = node.node.getVersion() < 7 ? node.node.getInt("is_test", 0) != 0 : !node.input(2) || getScalarConstant(node.input(2)) == 0.0;
  if (!isOff)
    return node.unsupported("training mode is not known to be off");
  if (node.isUsed(1))
    return node.unsupported("the mask of Dropout is read");
  return node.replace(node.input(0));
}

/// min and max are operands, or attributes before version 11.
LogicalResult clip(NodeLowering &node) {
  Type type = node.resultElementType();
  SmallVector<Value> inputs{node.input(0)};
  auto bound = [&](unsigned index, llvm::StringRef attribute) {
    if (node.input(index))
      inputs.push_back(node.input(index));
    else if (auto value = dyn_cast_or_null<FloatAttr>(node.node.getNodeAttr(attribute)))
      inputs.push_back(node.fill({}, node.builder.getFloatAttr(type, value.getValueAsDouble())));
    else
      return false;
    return true;
  };
  bool low = bound(1, "min"), high = bound(2, "max");
  auto clamp = [&](OpBuilder &b, Location l, ValueRange x) {
    Value value = x[0];
    if (low)
      value = binary<arith::MaximumFOp, arith::MaxSIOp>(b, l, {value, x[1]});
    if (high)
      value = binary<arith::MinimumFOp, arith::MinSIOp>(b, l, {value, x[low ? 2 : 1]});
    return value;
  };
  return node.replace(node.elementwise(inputs, node.resultDims(), type, clamp));
}

LogicalResult expand(NodeLowering &node) { return node.replace(node.broadcast(node.input(0), node.resultDims())); }

void addComparisons(LoweringRules &rules) {
  using F = arith::CmpFPredicate;
  using I = arith::CmpIPredicate;
  rules["ai.onnx::Equal"] = elementwise<compare<F::OEQ, I::eq>>;
  rules["ai.onnx::Less"] = elementwise<compare<F::OLT, I::slt>>;
  rules["ai.onnx::LessOrEqual"] = elementwise<compare<F::OLE, I::sle>>;
  rules["ai.onnx::Greater"] = elementwise<compare<F::OGT, I::sgt>>;
  rules["ai.onnx::GreaterOrEqual"] = elementwise<compare<F::OGE, I::sge>>;
  rules["ai.onnx::And"] = elementwise<joinBooleans<arith::AndIOp>>;
  rules["ai.onnx::Or"] = elementwise<joinBooleans<arith::OrIOp>>;
  rules["ai.onnx::Xor"] = elementwise<joinBooleans<arith::XOrIOp>>;
  rules["ai.onnx::Not"] = elementwise<logicalNot>;
  rules["ai.onnx::IsNaN"] = elementwise<isNan>;
  rules["ai.onnx::IsInf"] = isInfinite;
}

}  // namespace

void addElementwiseRules(LoweringRules &rules) {
  addComparisons(rules);
  rules["ai.onnx::Add"] = elementwise<binary<arith::AddFOp, arith::AddIOp>>;
  rules["ai.onnx::Sub"] = elementwise<binary<arith::SubFOp, arith::SubIOp>>;
  rules["ai.onnx::Mul"] = elementwise<binary<arith::MulFOp, arith::MulIOp>>;
  rules["ai.onnx::Div"] = elementwise<divide>;
  rules["ai.onnx::Mod"] = modulus;
  rules["ai.onnx::Pow"] = power;
  rules["ai.onnx::Max"] = variadic<binary<arith::MaximumFOp, arith::MaxSIOp>>;
  rules["ai.onnx::Min"] = variadic<binary<arith::MinimumFOp, arith::MinSIOp>>;
  rules["ai.onnx::Sum"] = variadic<binary<arith::AddFOp, arith::AddIOp>>;
  rules["ai.onnx::Mean"] = meanOfOperands;
  rules["ai.onnx::Sign"] = elementwise<sign>;
  rules["ai.onnx::BitwiseAnd"] = bitwise<joinBooleans<arith::AndIOp>>;
  rules["ai.onnx::BitwiseOr"] = bitwise<joinBooleans<arith::OrIOp>>;
  rules["ai.onnx::BitwiseXor"] = bitwise<joinBooleans<arith::XOrIOp>>;
  rules["ai.onnx::BitwiseNot"] = bitwise<bitwiseNot>;
  rules["ai.onnx::Neg"] = elementwise<negate>;
  rules["ai.onnx::Abs"] = elementwise<absolute>;
  rules["ai.onnx::Sqrt"] = floating<floatUnary<math::SqrtOp>>;
  rules["ai.onnx::Reciprocal"] = floating<reciprocal>;
  rules["ai.onnx::Erf"] = floating<floatUnary<math::ErfOp>>;
  rules["ai.onnx::Exp"] = floating<floatUnary<math::ExpOp>>;
  rules["ai.onnx::Log"] = floating<floatUnary<math::LogOp>>;
  rules["ai.onnx::Tanh"] = floating<floatUnary<math::TanhOp>>;
  rules["ai.onnx::Cos"] = floating<floatUnary<math::CosOp>>;
  rules["ai.onnx::Sin"] = floating<floatUnary<math::SinOp>>;
  rules["ai.onnx::Floor"] = floating<floatUnary<math::FloorOp>>;
  rules["ai.onnx::Ceil"] = floating<floatUnary<math::CeilOp>>;
  rules["ai.onnx::Round"] = floating<floatUnary<math::RoundEvenOp>>;
  rules["ai.onnx::Where"] = elementwise<selectElement>;
  rules["ai.onnx::Clip"] = clip;
  rules["ai.onnx::Cast"] = convert;
  rules["ai.onnx::CastLike"] = convert;
  rules["ai.onnx::Identity"] = identity;
  rules["ai.onnx::Dropout"] = dropout;
  rules["ai.onnx::Expand"] = expand;
}

}  // namespace switchyard::raise
