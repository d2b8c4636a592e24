#include "compiler/raise/lower/ReductionBuilder.h"

#include "compiler/analysis/ShapeRules.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using utils::IteratorType;

namespace switchyard::raise {

namespace {

constexpr int64_t lanes = 16;

Value combine(OpBuilder &b, Location l, Reduction kind, Value accumulator, Value element) {
  bool isFloat = isa<FloatType>(element.getType()), isBool = element.getType().isInteger(1);
  switch (kind) {
  case Reduction::sum:
    return isFloat ? Value(arith::AddFOp::create(b, l, accumulator, element)) : Value(arith::AddIOp::create(b, l, accumulator, element));
  case Reduction::maximum:
    if (isBool)
      return arith::OrIOp::create(b, l, accumulator, element);
    return isFloat ? Value(arith::MaximumFOp::create(b, l, accumulator, element)) : Value(arith::MaxSIOp::create(b, l, accumulator, element));
  case Reduction::minimum:
    if (isBool)
      return arith::AndIOp::create(b, l, accumulator, element);
    return isFloat ? Value(arith::MinimumFOp::create(b, l, accumulator, element)) : Value(arith::MinSIOp::create(b, l, accumulator, element));
  }
  return {};
}

TypedAttr neutral(OpBuilder &b, Reduction kind, Type type) {
  if (kind == Reduction::sum)
    return b.getZeroAttr(type);
  bool isMaximum = kind == Reduction::maximum;
  if (auto floats = dyn_cast<FloatType>(type))
    return b.getFloatAttr(type, APFloat::getInf(floats.getFloatSemantics(), /*Negative=*/isMaximum));
  if (type.isInteger(1))
    return b.getBoolAttr(!isMaximum);
  unsigned width = type.getIntOrFloatBitWidth();
  return b.getIntegerAttr(type, isMaximum ? APInt::getSignedMinValue(width) : APInt::getSignedMaxValue(width));
}

/// One linalg.generic, ascending over the reduced axes.
Value reduceAscending(TensorBuilder &builder, Reduction kind, Value x, ArrayRef<int64_t> axes) {
  Dims shape = builder.dims(x), kept;
  SmallVector<AffineExpr> results;
  SmallVector<IteratorType> iterators;
  for (auto [d, dim] : llvm::enumerate(shape)) {
    bool reduced = llvm::is_contained(axes, static_cast<int64_t>(d));
    iterators.push_back(reduced ? IteratorType::reduction : IteratorType::parallel);
    if (reduced)
      continue;
    kept.push_back(dim);
    results.push_back(builder.builder.getAffineDimExpr(d));
  }
  Type type = TensorBuilder::elementType(x);
  AffineMap maps[] = {builder.builder.getMultiDimIdentityMap(shape.size()), AffineMap::get(shape.size(), 0, results, builder.builder.getContext())};
  Value init = builder.fill(kept, neutral(builder.builder, kind, type));
  return builder.generic(x, init, maps, iterators, [&](OpBuilder &b, Location l, ValueRange v) { return combine(b, l, kind, v[1], v[0]); });
}

/// The lanes of x[..., n] for n > 16: element i is added to lane i mod 16, ascending.
Value sumLanes(TensorBuilder &builder, Value x, int64_t size) {
  Dims outer = builder.dims(x);
  outer.pop_back();
  int64_t whole = size / lanes, rest = size % lanes, rank = outer.size();
  Dims blocks(outer), lane(outer);
  blocks.append({builder.constant(whole), builder.constant(lanes)});
  lane.push_back(builder.constant(lanes));
  Value main = builder.sliceAxis(x, rank, builder.constant(0), builder.constant(whole * lanes));
  Value sums = reduceAscending(builder, Reduction::sum, builder.reshape(main, blocks), rank);
  if (rest == 0)
    return sums;
  Value tail = builder.sliceAxis(x, rank, builder.constant(whole * lanes), builder.constant(rest));
  Value head = builder.sliceAxis(sums, rank, builder.constant(0), builder.constant(rest));
  Value joined = builder.elementwise({head, tail}, builder.dims(tail), TensorBuilder::elementType(x), [](OpBuilder &b, Location l, ValueRange v) -> Value {
    return arith::AddFOp::create(b, l, v[0], v[1]);
  });
  return builder.concat({joined, builder.sliceAxis(sums, rank, builder.constant(rest), builder.constant(lanes - rest))}, rank);
}

/// Merges the up to 16 elements of `axis` pairwise: i with i + 8, i + 4, i + 2, i + 1. `fromZero`: they are elements, not
/// yet lanes, and each begins at +0.
Value mergeLanes(TensorBuilder &builder, Value x, int64_t axis, int64_t size, bool fromZero) {
  Dims outer = builder.dims(x);
  outer.erase(outer.begin() + axis);
  OpBuilder &b = builder.builder;
  SmallVector<AffineMap> maps;
  for (int64_t lane = 0; lane < size; ++lane) {
    SmallVector<AffineExpr> results;
    for (size_t d = 0; d < outer.size(); ++d)
      results.push_back(b.getAffineDimExpr(d));
    results.insert(results.begin() + axis, b.getAffineConstantExpr(lane));
    maps.push_back(AffineMap::get(outer.size(), 0, results, b.getContext()));
  }
  maps.push_back(b.getMultiDimIdentityMap(outer.size()));
  Type type = TensorBuilder::elementType(x);
  SmallVector<Value> inputs(size, x);
  SmallVector<IteratorType> iterators(outer.size(), IteratorType::parallel);
  return builder.generic(inputs, builder.empty(outer, type), maps, iterators, [&](OpBuilder &at, Location l, ValueRange v) {
    SmallVector<Value> sums(v.take_front(size));
    if (fromZero) {
      Value zero = arith::ConstantOp::create(at, l, at.getZeroAttr(type));
      for (Value &sum : sums)
        sum = arith::AddFOp::create(at, l, zero, sum);
    }
    for (int64_t distance = lanes / 2; distance >= 1; distance /= 2)
      for (int64_t lane = 0; lane < distance && lane + distance < static_cast<int64_t>(sums.size()); ++lane)
        sums[lane] = arith::AddFOp::create(at, l, sums[lane], sums[lane + distance]);
    return sums.front();
  });
}

}  // namespace

Value reduce(TensorBuilder &builder, Reduction kind, Value x, ArrayRef<int64_t> axes) {
  if (axes.empty())
    return x;
  Dims shape = builder.dims(x), kept;
  SmallVector<int64_t> permutation;
  int64_t size = 1;
  bool isStatic = true;
  for (auto [d, dim] : llvm::enumerate(shape)) {
    if (llvm::is_contained(axes, static_cast<int64_t>(d))) {
      isStatic &= dim.getConstant().has_value();
      size *= dim.getConstant().value_or(1);
      continue;
    }
    kept.push_back(dim);
    permutation.push_back(d);
  }
  bool byLanes = kind == Reduction::sum && isa<FloatType>(TensorBuilder::elementType(x)) && isStatic && size > 0;
  if (!byLanes)
    return reduceAscending(builder, kind, x, axes);
  if (axes.size() == 1 && size <= lanes)
    return mergeLanes(builder, x, axes.front(), size, /*fromZero=*/true);
  permutation.append(axes.begin(), axes.end());
  Dims flat(kept);
  flat.push_back(builder.constant(size));
  Value rows = builder.reshape(builder.transpose(x, permutation), flat);
  int64_t last = kept.size();
  if (size <= lanes)
    return mergeLanes(builder, rows, last, size, /*fromZero=*/true);
  return mergeLanes(builder, sumLanes(builder, rows, size), last, lanes, /*fromZero=*/false);
}

Value mean(TensorBuilder &builder, Value x, ArrayRef<int64_t> axes) {
  Dims shape = builder.dims(x), reduced;
  for (int64_t axis : axes)
    reduced.push_back(shape[axis]);
  Expression count = countElements(builder.shapes.getContext(), reduced);
  if (!count)
    return {};
  Type type = TensorBuilder::elementType(x);
  Value countValue = count.getConstant() ? Value() : builder.shapes.materialize(count);
  Value sum = reduce(builder, Reduction::sum, x, axes);
  return builder.elementwise(sum, builder.dims(sum), type, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
    Value divisor;
    if (countValue)
      divisor = arith::SIToFPOp::create(b, l, type, arith::IndexCastOp::create(b, l, b.getI64Type(), countValue));
    else
      divisor = arith::ConstantOp::create(b, l, b.getFloatAttr(type, *count.getConstant()));
    return arith::DivFOp::create(b, l, v[0], divisor);
  });
}

}  // namespace switchyard::raise
