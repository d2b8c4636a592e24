#include "compiler/raise/lower/TensorBuilder.h"

#include "dialects/nn/NnDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;

namespace switchyard::raise {

Value TensorBuilder::shaped(Value value, ArrayRef<Expression> shape) {
  shapes.setShape(value, shape);
  return value;
}

/// The sizes of the dynamic dimensions, as values.
static SmallVector<Value> dynamicSizes(SymbolicShapes &shapes, ArrayRef<Expression> shape) {
  SmallVector<Value> sizes;
  for (Expression dim : shape)
    if (!dim.getConstant())
      sizes.push_back(shapes.materialize(dim));
  return sizes;
}

Value TensorBuilder::empty(ArrayRef<Expression> shape, Type elementType) {
  return shaped(tensor::EmptyOp::create(builder, loc, SymbolicShapes::getType(shape, elementType), dynamicSizes(shapes, shape)), shape);
}

Value TensorBuilder::fill(ArrayRef<Expression> shape, TypedAttr element) {
  Value init = empty(shape, element.getType());
  return shaped(linalg::FillOp::create(builder, loc, scalarConstant(element), init).getResult(0), shape);
}

Value TensorBuilder::fromData(const TensorFacts &facts) {
  TensorFacts known = facts;
  RankedTensorType type = SymbolicShapes::getType(known.shape, known.elementType);
  SmallVector<Attribute> constants;
  for (Expression element : *known.data)
    if (std::optional<int64_t> value = element.getConstant())
      constants.push_back(IntegerAttr::get(known.elementType, APInt(known.elementType.getIntOrFloatBitWidth(), *value, true, true)));
  Value result;
  if (constants.size() == known.data->size()) {
    result = arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, constants));
  } else {
    SmallVector<Value> elements;
    for (Expression element : *known.data)
      elements.push_back(arith::IndexCastOp::create(builder, loc, known.elementType, shapes.materialize(element)));
    result = tensor::FromElementsOp::create(builder, loc, type, elements);
  }
  shapes.setFacts(result, known);
  return result;
}

Value TensorBuilder::reshape(Value x, ArrayRef<Expression> shape) {
  if (llvm::equal(shapes.getShape(x), shape))
    return x;
  RankedTensorType type = SymbolicShapes::getType(shape, elementType(x));
  if (DenseElementsAttr elements; matchPattern(x, m_Constant(&elements)))
    return shaped(arith::ConstantOp::create(builder, loc, elements.reshape(type)), shape);
  if (weights.getRecipe(x))
    return shaped(weights.step(builder, rt::StepKind::reshape, {}, x, type), shape);
  return shaped(nn::ReshapeOp::create(builder, loc, type, x, dynamicSizes(shapes, shape)), shape);
}

Value TensorBuilder::transpose(Value x, ArrayRef<int64_t> permutation) {
  if (isIdentityPermutation(permutation))
    return x;
  Dims from = dims(x), shape;
  for (int64_t axis : permutation)
    shape.push_back(from[axis]);
  if (Value weight = weights.step(builder, rt::StepKind::transpose, permutation, x, SymbolicShapes::getType(shape, elementType(x))))
    return shaped(weight, shape);
  Value init = empty(shape, elementType(x));
  return shaped(linalg::TransposeOp::create(builder, loc, x, init, permutation).getResult()[0], shape);
}

/// Offsets and strides as a recipe's slice takes them; nothing where they are not constant.
static std::optional<SmallVector<int64_t>> constantSlice(ArrayRef<Expression> offsets, ArrayRef<int64_t> strides) {
  SmallVector<int64_t> numbers;
  for (Expression offset : offsets) {
    if (!offset.getConstant())
      return std::nullopt;
    numbers.push_back(*offset.getConstant());
  }
  numbers.append(strides.begin(), strides.end());
  return numbers;
}

/// The elements of a small constant that a slice takes, in row-major order.
static DenseElementsAttr sliceConstant(DenseElementsAttr elements, ArrayRef<int64_t> numbers, RankedTensorType type) {
  ArrayRef<int64_t> from = elements.getType().getShape(), to = type.getShape();
  SmallVector<int64_t> fromStrides = computeStrides(from), toStrides = computeStrides(to);
  auto all = llvm::to_vector(elements.getValues<Attribute>());
  SmallVector<Attribute> kept;
  for (int64_t linear = 0; linear < type.getNumElements(); ++linear) {
    SmallVector<int64_t> index = delinearize(linear, toStrides);
    int64_t position = 0;
    for (size_t d = 0; d < to.size(); ++d)
      position += (numbers[d] + index[d] * numbers[to.size() + d]) * fromStrides[d];
    kept.push_back(all[position]);
  }
  return DenseElementsAttr::get(type, kept);
}

Value TensorBuilder::slice(Value x, ArrayRef<Expression> offsets, ArrayRef<Expression> sizes, ArrayRef<int64_t> strides) {
  if (llvm::equal(shapes.getShape(x), sizes) && llvm::all_of(strides, [](int64_t stride) { return stride == 1; }))
    return x;
  RankedTensorType type = SymbolicShapes::getType(sizes, elementType(x));
  std::optional<SmallVector<int64_t>> numbers = constantSlice(offsets, strides);
  bool folds = numbers && type.hasStaticShape();
  if (DenseElementsAttr elements; folds && matchPattern(x, m_Constant(&elements)))
    return shaped(arith::ConstantOp::create(builder, loc, sliceConstant(elements, *numbers, type)), sizes);
  if (folds)
    if (Value weight = weights.step(builder, rt::StepKind::slice, *numbers, x, type))
      return shaped(weight, sizes);
  // An empty slice may begin behind the end, or at the end of nothing, which the op does not allow.
  if (llvm::any_of(sizes, [](Expression size) { return size.isConstant(0); }))
    return empty(sizes, elementType(x));
  SmallVector<OpFoldResult> offsetValues, sizeValues, strideValues;
  for (auto [offset, size, stride] : llvm::zip_equal(offsets, sizes, strides)) {
    offsetValues.push_back(shapes.materializeFolded(offset));
    sizeValues.push_back(shapes.materializeFolded(size));
    strideValues.push_back(builder.getIndexAttr(stride));
  }
  return shaped(tensor::ExtractSliceOp::create(builder, loc, type, x, offsetValues, sizeValues, strideValues), sizes);
}

Value TensorBuilder::sliceAxis(Value x, int64_t axis, Expression offset, Expression size) {
  Dims sizes = dims(x), offsets(sizes.size(), constant(0));
  sizes[axis] = size;
  offsets[axis] = offset;
  return slice(x, offsets, sizes, SmallVector<int64_t>(sizes.size(), 1));
}

Value TensorBuilder::concat(ValueRange values, int64_t axis) {
  Dims shape = dims(values.front());
  Expression length = constant(0);
  for (Value value : values)
    length = length + shapes.getShape(value)[axis];
  shape[axis] = length;
  Type type = elementType(values.front());
  if (Value weight = weights.step(builder, rt::StepKind::concat, axis, values, SymbolicShapes::getType(shape, type)))
    return shaped(weight, shape);
  Value result = empty(shape, type);
  Expression position = constant(0);
  for (Value value : values) {
    // A slice of nothing at the end would begin outside.
    if (shapes.getShape(value)[axis].isConstant(0))
      continue;
    SmallVector<OpFoldResult> offsets(shape.size(), builder.getIndexAttr(0)), sizes, strides(shape.size(), builder.getIndexAttr(1));
    offsets[axis] = shapes.materializeFolded(position);
    for (Expression dim : dims(value))
      sizes.push_back(shapes.materializeFolded(dim));
    result = tensor::InsertSliceOp::create(builder, loc, value, result, offsets, sizes, strides);
    position = position + shapes.getShape(value)[axis];
  }
  return shaped(result, shape);
}

Value TensorBuilder::broadcast(Value x, ArrayRef<Expression> shape) {
  if (llvm::equal(shapes.getShape(x), shape))
    return x;
  RankedTensorType type = SymbolicShapes::getType(shape, elementType(x));
  if (type.hasStaticShape() && weights.getRecipe(x))
    return shaped(weights.step(builder, rt::StepKind::broadcast, {}, x, type), shape);
  return elementwise(x, shape, elementType(x), [](OpBuilder &, Location, ValueRange elements) { return elements[0]; });
}

/// A constant of floats in another type, each rounded to the nearest.
static DenseElementsAttr convertElements(DenseElementsAttr elements, FloatType to) {
  return cast<DenseFPElementsAttr>(elements).mapValues(to, [&](const APFloat &value) {
    APFloat converted = value;
    bool losesInfo = false;
    converted.convert(to.getFloatSemantics(), APFloat::rmNearestTiesToEven, &losesInfo);
    return converted.bitcastToAPInt();
  });
}

Value TensorBuilder::cast(Value x, Type to) {
  if (elementType(x) == to)
    return x;
  Dims shape = dims(x);
  auto toFloat = dyn_cast<FloatType>(to);
  bool rounds = toFloat && toFloat.getWidth() >= 16 && isa<FloatType>(elementType(x));
  if (DenseElementsAttr elements; rounds && matchPattern(x, m_Constant(&elements)))
    return shaped(arith::ConstantOp::create(builder, loc, convertElements(elements, toFloat)), shape);
  bool bytes = weights.getRecipe(x) && toFloat && isa<FloatType>(elementType(x));
  if (bytes)
    return shaped(weights.step(builder, rt::StepKind::cast, {}, x, SymbolicShapes::getType(shape, to)), shape);
  return elementwise(x, shape, to, [&](OpBuilder &b, Location l, ValueRange elements) { return castScalar(b, l, elements[0], to); });
}

AffineMap TensorBuilder::broadcastMap(Value x, ArrayRef<Expression> shape) {
  ArrayRef<Expression> from = shapes.getShape(x);
  SmallVector<AffineExpr> results;
  for (auto [d, dim] : llvm::enumerate(from)) {
    size_t axis = shape.size() - from.size() + d;
    bool stretched = dim.isConstant(1) && !shape[axis].isConstant(1);
    results.push_back(stretched ? builder.getAffineConstantExpr(0) : builder.getAffineDimExpr(axis));
  }
  return AffineMap::get(shape.size(), 0, results, builder.getContext());
}

/// The one element of a constant all of whose elements are equal; null where it is no integer or float.
static TypedAttr splatElement(Value value) {
  DenseElementsAttr elements;
  if (!matchPattern(value, m_Constant(&elements)) || !elements.isSplat())
    return {};
  return dyn_cast<TypedAttr>(elements.getSplatValue<Attribute>());
}

Value TensorBuilder::elementwise(ValueRange inputs, ArrayRef<Expression> shape, Type type, ElementBody body) {
  // Constants of one value stand in the body, not among the operands.
  SmallVector<Value> operands;
  SmallVector<AffineMap> maps;
  SmallVector<TypedAttr> splats;
  for (Value input : inputs) {
    splats.push_back(splatElement(input));
    if (splats.back())
      continue;
    operands.push_back(input);
    maps.push_back(broadcastMap(input, shape));
  }
  maps.push_back(builder.getMultiDimIdentityMap(shape.size()));
  SmallVector<utils::IteratorType> iterators(shape.size(), utils::IteratorType::parallel);
  return generic(operands, empty(shape, type), maps, iterators, [&](OpBuilder &b, Location l, ValueRange elements) {
    SmallVector<Value> all;
    for (TypedAttr splat : splats) {
      all.push_back(splat ? Value(arith::ConstantOp::create(b, l, splat)) : elements.front());
      elements = splat ? elements : elements.drop_front();
    }
    return body(b, l, all);
  });
}

Value TensorBuilder::generic(ValueRange inputs, Value init, ArrayRef<AffineMap> maps, ArrayRef<utils::IteratorType> iterators,
                             ElementBody body) {
  Dims shape = dims(init);
  auto op = linalg::GenericOp::create(
      builder, loc, init.getType(), inputs, init, maps, iterators,
      [&](OpBuilder &b, Location l, ValueRange elements) { linalg::YieldOp::create(b, l, body(b, l, elements)); });
  return shaped(op.getResult(0), shape);
}

Value TensorBuilder::batchMatmul(Value a, Value b) {
  Dims left = dims(a), right = dims(b), shape;
  size_t rank = std::max(left.size(), right.size());
  for (size_t d = 0; d + 2 < rank; ++d) {
    auto at = [&](const Dims &side) { return d + side.size() >= rank ? side[d + side.size() - rank] : constant(1); };
    shape.push_back(at(left).isConstant(1) ? at(right) : at(left));
  }
  shape.push_back(left[left.size() - 2]);
  shape.push_back(right.back());
  return shaped(nn::BatchMatmulOp::create(builder, loc, SymbolicShapes::getType(shape, elementType(a)), a, b), shape);
}

/// A float as an integer of `to`: towards zero, out of range the nearest end of the range, and 0 for NaN. The bare conversion is undefined
/// out of range, so that a lane of a vector would differ from the rest of a loop.
static Value saturate(OpBuilder &builder, Location loc, Value value, IntegerType to) {
  // The ends of the range must be floats.
  if (value.getType().getIntOrFloatBitWidth() < 32)
    value = arith::ExtFOp::create(builder, loc, builder.getF32Type(), value);
  auto from = cast<FloatType>(value.getType());
  unsigned width = to.getWidth();
  Value end = arith::ConstantOp::create(builder, loc, builder.getFloatAttr(from, std::ldexp(1.0, width - 1)));
  Value begin = arith::ConstantOp::create(builder, loc, builder.getFloatAttr(from, -std::ldexp(1.0, width - 1)));
  auto integer = [&](const APInt &number) { return arith::ConstantOp::create(builder, loc, builder.getIntegerAttr(to, number)); };
  auto holds = [&](arith::CmpFPredicate predicate, Value other) { return arith::CmpFOp::create(builder, loc, predicate, value, other); };
  Value inRange = arith::SelectOp::create(builder, loc, holds(arith::CmpFPredicate::OLT, begin), begin, value);
  Value converted = arith::FPToSIOp::create(builder, loc, to, inRange);
  converted = arith::SelectOp::create(builder, loc, holds(arith::CmpFPredicate::OGE, end), integer(APInt::getSignedMaxValue(width)), converted);
  return arith::SelectOp::create(builder, loc, holds(arith::CmpFPredicate::UNO, value), integer(APInt::getZero(width)), converted);
}

Value castScalar(OpBuilder &builder, Location loc, Value value, Type to) {
  Type from = value.getType();
  if (from == to)
    return value;
  auto zeroOf = [&](Type type) { return arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type)); };
  bool fromFloat = isa<FloatType>(from), toFloat = isa<FloatType>(to);
  bool known = (fromFloat || from.isSignlessInteger()) && (toFloat || to.isSignlessInteger());
  if (!known)
    return {};
  if (to.isInteger(1) && fromFloat)
    return arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::UNE, value, zeroOf(from));
  if (to.isInteger(1))
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, value, zeroOf(from));
  if (fromFloat && toFloat) {
    if (from.getIntOrFloatBitWidth() < to.getIntOrFloatBitWidth())
      return arith::ExtFOp::create(builder, loc, to, value);
    if (from.getIntOrFloatBitWidth() > to.getIntOrFloatBitWidth())
      return arith::TruncFOp::create(builder, loc, to, value);
    return castScalar(builder, loc, arith::ExtFOp::create(builder, loc, builder.getF32Type(), value), to);
  }
  if (fromFloat)
    return saturate(builder, loc, value, cast<IntegerType>(to));
  if (toFloat)
    return from.isInteger(1) ? Value(arith::UIToFPOp::create(builder, loc, to, value))
                             : Value(arith::SIToFPOp::create(builder, loc, to, value));
  if (from.isInteger(1))
    return arith::ExtUIOp::create(builder, loc, to, value);
  if (from.getIntOrFloatBitWidth() < to.getIntOrFloatBitWidth())
    return arith::ExtSIOp::create(builder, loc, to, value);
  return arith::TruncIOp::create(builder, loc, to, value);
}

}  // namespace switchyard::raise
