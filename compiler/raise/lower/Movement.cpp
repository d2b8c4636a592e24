// Operators that move elements.
#include "compiler/raise/lower/NodeLowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

/// Reshape, Squeeze, Unsqueeze, Flatten: the same elements under the shape that the analysis has found.
LogicalResult reshape(NodeLowering &node) { return node.replace(node.reshape(node.input(0), node.resultDims())); }

LogicalResult transpose(NodeLowering &node) {
  SmallVector<int64_t> permutation;
  if (auto stated = dyn_cast_or_null<DenseI64ArrayAttr>(node.node.getNodeAttr("perm")))
    permutation.assign(stated.asArrayRef().begin(), stated.asArrayRef().end());
  else
    permutation = llvm::to_vector(llvm::reverse(llvm::seq<int64_t>(0, node.rank(node.input(0)))));
  return node.replace(node.transpose(node.input(0), permutation));
}

/// Blocks of `blocksize` squared channels become space; in mode CRD those of one channel follow each other.
LogicalResult depthToSpace(NodeLowering &node) {
  Dims x = node.dims(node.input(0)), shape = node.resultDims();
  Expression side = node.constant(node.node.getInt("blocksize", 1));
  bool columnFirst = node.node.getString("mode", "DCR") == "CRD";
  Dims split = columnFirst ? Dims{x[0], shape[1], side, side, x[2], x[3]} : Dims{x[0], side, side, shape[1], x[2], x[3]};
  SmallVector<int64_t> permutation = columnFirst ? SmallVector<int64_t>{0, 1, 4, 2, 5, 3} : SmallVector<int64_t>{0, 3, 4, 1, 5, 2};
  return node.replace(node.reshape(node.transpose(node.reshape(node.input(0), split), permutation), shape));
}

LogicalResult spaceToDepth(NodeLowering &node) {
  Dims x = node.dims(node.input(0)), shape = node.resultDims();
  Expression side = node.constant(node.node.getInt("blocksize", 1));
  bool columnFirst = node.node.getString("mode", "DCR") == "CRD";
  SmallVector<int64_t> permutation = columnFirst ? SmallVector<int64_t>{0, 1, 3, 5, 2, 4} : SmallVector<int64_t>{0, 3, 5, 1, 2, 4};
  return node.replace(node.reshape(node.transpose(node.reshape(node.input(0), {x[0], x[1], shape[2], side, shape[3], side}), permutation), shape));
}

LogicalResult concat(NodeLowering &node) {
  FailureOr<int64_t> axis = NodeShapes::normalizeAxis(node.node.getInt("axis", 0), node.resultDims().size());
  if (failed(axis))
    return node.unsupported("the axis is outside the rank");
  return node.replace(node.concat(node.node.getInputs(), *axis));
}

LogicalResult split(NodeLowering &node) {
  FailureOr<int64_t> axis = NodeShapes::normalizeAxis(node.node.getInt("axis", 0), node.rank(node.input(0)));
  if (failed(axis))
    return node.unsupported("the axis is outside the rank");
  SmallVector<Value> pieces;
  Expression position = node.constant(0);
  for (unsigned index = 0; index < node.node.getNumResults(); ++index) {
    Expression size = node.resultDims(index)[*axis];
    pieces.push_back(node.isUsed(index) ? node.sliceAxis(node.input(0), *axis, position, size) : Value());
    position = position + size;
  }
  return node.replace(pieces);
}

/// A Slice that runs backwards along some axis reads element by element.
Value sliceBackwards(NodeLowering &node, ArrayRef<SliceRange> ranges) {
  Value x = node.input(0);
  Dims shape = node.resultDims();
  SmallVector<Value> offsets;
  for (const SliceRange &range : ranges)
    offsets.push_back(node.shapes.materialize(range.offset));
  AffineMap identity = node.builder.getMultiDimIdentityMap(shape.size());
  SmallVector<utils::IteratorType> iterators(shape.size(), utils::IteratorType::parallel);
  return node.generic({}, node.empty(shape, TensorBuilder::elementType(x)), identity, iterators, [&](OpBuilder &b, Location l, ValueRange) {
    SmallVector<Value> position;
    for (auto [axis, range] : llvm::enumerate(ranges)) {
      Value index = linalg::IndexOp::create(b, l, axis), stride = arith::ConstantIndexOp::create(b, l, range.stride);
      position.push_back(arith::AddIOp::create(b, l, offsets[axis], arith::MulIOp::create(b, l, index, stride)));
    }
    return tensor::ExtractOp::create(b, l, x, position);
  });
}

LogicalResult slice(NodeLowering &node) {
  FailureOr<SmallVector<SliceRange>> ranges = getSliceRanges(node.facts);
  if (failed(ranges))
    return node.unsupported("the bounds are not known before data is");
  if (llvm::any_of(*ranges, [](const SliceRange &range) { return range.stride < 0; }))
    return node.replace(sliceBackwards(node, *ranges));
  Dims offsets, sizes;
  SmallVector<int64_t> strides;
  for (const SliceRange &range : *ranges) {
    offsets.push_back(range.offset);
    sizes.push_back(range.size);
    strides.push_back(range.stride);
  }
  return node.replace(node.slice(node.input(0), offsets, sizes, strides));
}

/// Each dimension d becomes repeat x d, filled by a broadcast.
LogicalResult tile(NodeLowering &node) {
  std::optional<ArrayRef<Expression>> data = node.facts.data(1);
  if (!data)
    return node.unsupported("the repeats are not known before data is");
  Dims repeats(*data), single, repeated;
  for (auto [dim, repeat] : llvm::zip_equal(node.dims(node.input(0)), repeats)) {
    single.append({node.constant(1), dim});
    repeated.append({repeat, dim});
  }
  Value wide = node.broadcast(node.reshape(node.input(0), single), repeated);
  return node.replace(node.reshape(wide, node.resultDims()));
}

/// Keeps the triangle on one side of the diagonal `k` of the last two dimensions.
LogicalResult trilu(NodeLowering &node) {
  Dims shape = node.resultDims();
  if (shape.size() < 2)
    return node.unsupported("expects a rank of at least 2");
  Expression diagonal = node.constant(0);
  if (node.input(1)) {
    std::optional<ArrayRef<Expression>> k = node.facts.data(1);
    if (!k || k->size() != 1)
      return node.unsupported("the diagonal is not one number");
    diagonal = k->front();
  }
  bool upper = node.node.getInt("upper", 1) != 0;
  Value k = node.shapes.materialize(diagonal);
  Type type = node.resultElementType();
  Value result = node.elementwise(node.input(0), shape, type, [&](OpBuilder &b, Location l, ValueRange x) -> Value {
    Value row = linalg::IndexOp::create(b, l, shape.size() - 2), column = linalg::IndexOp::create(b, l, shape.size() - 1);
    Value bound = arith::AddIOp::create(b, l, row, k);
    Value keep = arith::CmpIOp::create(b, l, upper ? arith::CmpIPredicate::sge : arith::CmpIPredicate::sle, column, bound);
    return arith::SelectOp::create(b, l, keep, x[0], arith::ConstantOp::create(b, l, b.getZeroAttr(type)));
  });
  return node.replace(result);
}

}  // namespace

void addMovementRules(LoweringRules &rules) {
  rules["ai.onnx::DepthToSpace"] = depthToSpace;
  rules["ai.onnx::SpaceToDepth"] = spaceToDepth;
  for (llvm::StringRef name : {"ai.onnx::Reshape", "ai.onnx::Squeeze", "ai.onnx::Unsqueeze", "ai.onnx::Flatten"})
    rules[name] = reshape;
  rules["ai.onnx::Transpose"] = transpose;
  rules["ai.onnx::Concat"] = concat;
  rules["ai.onnx::Split"] = split;
  rules["ai.onnx::Slice"] = slice;
  rules["ai.onnx::Tile"] = tile;
  rules["ai.onnx::Trilu"] = trilu;
}

}  // namespace switchyard::raise
