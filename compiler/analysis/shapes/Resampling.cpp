// Operators that take samples between the elements of a tensor.
#include "compiler/analysis/ShapeRules.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;

namespace switchyard {

namespace {

/// The numbers of a constant operand, or of an attribute.
std::optional<SmallVector<double>> readFloats(NodeShapes &node, llvm::StringRef attribute, unsigned index) {
  SmallVector<double> numbers;
  if (auto stated = dyn_cast_or_null<DenseF32ArrayAttr>(node.node.getNodeAttr(attribute))) {
    numbers.assign(stated.asArrayRef().begin(), stated.asArrayRef().end());
    return numbers;
  }
  DenseElementsAttr elements;
  Value value = node.node.getInput(index);
  if (!value || !matchPattern(value, m_Constant(&elements)) || !isa<FloatType>(elements.getElementType()))
    return std::nullopt;
  for (const APFloat &element : elements.getValues<APFloat>()) {
    bool loses;
    APFloat number = element;
    number.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &loses);
    numbers.push_back(number.convertToDouble());
  }
  return numbers;
}

/// The axes that are resized: all of them unless stated.
FailureOr<SmallVector<int64_t>> readAxes(NodeShapes &node, size_t rank) {
  auto stated = dyn_cast_or_null<DenseI64ArrayAttr>(node.node.getNodeAttr("axes"));
  if (!stated)
    return llvm::to_vector(llvm::seq<int64_t>(0, rank));
  SmallVector<int64_t> axes;
  for (int64_t axis : stated.asArrayRef()) {
    FailureOr<int64_t> position = node.checkAxis(axis, rank);
    if (failed(position))
      return failure();
    axes.push_back(*position);
  }
  return axes;
}

/// floor(size * scale); of a size that is not a number only for whole scales and their reciprocals.
FailureOr<Expression> scaleSize(NodeShapes &node, Expression size, double scale) {
  constexpr double largest = 1 << 30;
  if (!(scale > 0 && scale < largest))
    return node.invalid("its scales must be positive numbers");
  if (std::optional<int64_t> number = size.getConstant())
    return node.constant(static_cast<int64_t>(std::floor(std::min(static_cast<double>(*number) * scale, 0x1p62))));
  if (scale == std::floor(scale))
    return size * static_cast<int64_t>(scale);
  double whole = std::round(1 / scale);
  // A power of 2, so that no product is rounded.
  if (whole < largest && scale * whole == 1 && std::exp2(std::round(std::log2(whole))) == whole)
    return floorDiv(size, node.constant(static_cast<int64_t>(whole)));
  return node.unsupported("a size that is no number is scaled by a number that is neither whole nor a half, a quarter and so on: " + node.describe(0));
}

LogicalResult checkCount(NodeShapes &node, size_t count, size_t axes) {
  return count == axes ? success()
                       : node.invalid("it has " + llvm::Twine(count) + " scales or sizes for " + llvm::Twine(axes) + " axes of " + node.describe(0));
}

/// The sizes that are asked for, or, where the aspect ratio is kept, those of one scale.
LogicalResult resizeTo(NodeShapes &node, ArrayRef<int64_t> axes, ArrayRef<Expression> sizes, Dims &shape) {
  llvm::StringRef policy = node.node.getString("keep_aspect_ratio_policy", "stretch");
  if (failed(checkCount(node, sizes.size(), axes.size())))
    return failure();
  std::optional<double> common;
  for (auto [axis, size] : llvm::zip_equal(axes, sizes)) {
    std::optional<int64_t> from = shape[axis].getConstant(), to = size.getConstant();
    if (policy == "stretch") {
      shape[axis] = size;
      continue;
    }
    if (!from || !to || *from < 1)
      return node.unsupported("sizes under an aspect ratio must be numbers: " + node.describe(0));
    double scale = static_cast<double>(*to) / static_cast<double>(*from);
    common = !common ? scale : policy == "not_larger" ? std::min(*common, scale) : std::max(*common, scale);
  }
  for (int64_t axis : axes)
    if (common)
      shape[axis] = node.constant(static_cast<int64_t>(std::floor(std::min(*common * static_cast<double>(*shape[axis].getConstant()), 0x1p62) + 0.5)));
  return success();
}

/// Upsample, and Resize before version 11, have the scales as operand 1 or as an attribute; later ones as operand 2, and sizes as operand 3.
LogicalResult resize(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts)
    return failure();
  bool isLater = node.node.getOpType() == "ai.onnx::Resize" && node.node.getVersion() >= 11;
  unsigned scalesAt = isLater ? 2 : 1;
  FailureOr<SmallVector<int64_t>> axes = readAxes(node, facts->shape.size());
  if (failed(axes))
    return failure();
  Dims shape(facts->shape);
  std::optional<SmallVector<double>> scales = readFloats(node, "scales", scalesAt);
  if (scales && !scales->empty()) {
    if (failed(checkCount(node, scales->size(), axes->size())))
      return failure();
    for (auto [axis, scale] : llvm::zip_equal(*axes, *scales)) {
      FailureOr<Expression> size = scaleSize(node, shape[axis], scale);
      if (failed(size))
        return failure();
      shape[axis] = *size;
    }
    return node.result(0, facts->elementType, shape);
  }
  bool hasScales = node.node.getInput(scalesAt) && !scales;
  if (node.isReadAtRunTime(scalesAt) || (isLater && node.isReadAtRunTime(3)))
    return node.resultsAsStated(facts->elementType);
  if (hasScales || !isLater || !node.node.getInput(3))
    return node.unsupported("it has neither constant scales nor sizes, and the file does not state its result");
  std::optional<ArrayRef<Expression>> sizes = node.requireData(3, "the sizes");
  if (!sizes || failed(resizeTo(node, *axes, Dims(*sizes), shape)))
    return failure();
  return node.result(0, facts->elementType, shape);
}

LogicalResult gridSample(NodeShapes &node) {
  const TensorFacts *facts = node.require(0), *grid = node.require(1);
  if (!facts || !grid)
    return failure();
  size_t rank = facts->shape.size();
  if (rank < 3 || grid->shape.size() != rank)
    return node.invalid("expected an image and points of one rank, but got " + node.describe(0) + " and " + node.describe(1));
  Dims x(facts->shape), points(grid->shape);
  FailureOr<Expression> batch = node.unify(x[0], points[0]);
  if (failed(batch) || failed(node.unify(points.back(), node.constant(rank - 2))))
    return failure();
  Dims shape{*batch, x[1]};
  shape.append(points.begin() + 1, points.end() - 1);
  return node.result(0, facts->elementType, shape);
}

LogicalResult affineGrid(NodeShapes &node) {
  const TensorFacts *theta = node.require(0);
  if (!theta)
    return failure();
  if (node.isReadAtRunTime(1))
    return node.resultsAsStated(theta->elementType);
  std::optional<ArrayRef<Expression>> size = node.requireData(1, "the size");
  if (!size)
    return failure();
  if (theta->shape.size() != 3 || size->size() < 3)
    return node.invalid("expected matrices and the size of an image, but got " + node.describe(0) + " and " + describeShape(*size));
  int64_t spatial = size->size() - 2;
  Dims maps(theta->shape), shape{maps[0]};
  if (failed(node.unify(maps[1], node.constant(spatial))) || failed(node.unify(maps[2], node.constant(spatial + 1))))
    return failure();
  shape.append(size->begin() + 2, size->end());
  shape.push_back(node.constant(spatial));
  return node.result(0, theta->elementType, shape);
}

LogicalResult roiAlign(NodeShapes &node) {
  const TensorFacts *facts = node.require(0), *regions = node.require(1), *batches = node.require(2);
  if (!facts || !regions || !batches)
    return failure();
  if (facts->shape.size() != 4 || regions->shape.size() != 2 || batches->shape.size() != 1)
    return node.invalid("expected an image of rank 4, regions and their batches, but got " + node.describe(0) + ", " + node.describe(1) + " and " +
                        node.describe(2));
  Dims x(facts->shape), corners(regions->shape), of(batches->shape);
  FailureOr<Expression> count = node.unify(corners[0], of[0]);
  if (failed(count) || failed(node.unify(corners[1], node.constant(4))))
    return failure();
  Dims shape{*count, x[1], node.constant(node.node.getInt("output_height", 1)), node.constant(node.node.getInt("output_width", 1))};
  return node.result(0, facts->elementType, shape);
}

/// Blocks [N, C * block, L] become an image.
LogicalResult colToImage(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts)
    return failure();
  if (node.isReadAtRunTime(1) || node.isReadAtRunTime(2))
    return node.resultsAsStated(facts->elementType);
  std::optional<ArrayRef<Expression>> image = node.requireData(1, "the image's sizes"), block = node.requireData(2, "the block's sizes");
  if (!image || !block)
    return failure();
  Expression channels = facts->shape.size() == 3 ? divideExactly(facts->shape[1], countElements(node.context(), *block)) : Expression();
  if (!channels || image->size() != block->size())
    return node.invalid("blocks " + describeShape(*block) + " do not make an image " + describeShape(*image) + " of " + node.describe(0));
  Dims shape{facts->shape[0], channels};
  shape.append(image->begin(), image->end());
  return node.result(0, facts->elementType, shape);
}

}  // namespace

void addResamplingShapes(ShapeRules &rules) {
  rules["ai.onnx::Resize"] = resize;
  rules["ai.onnx::Upsample"] = resize;
  rules["ai.onnx::GridSample"] = gridSample;
  rules["ai.onnx::AffineGrid"] = affineGrid;
  rules["ai.onnx::RoiAlign"] = roiAlign;
  rules["ai.onnx::Col2Im"] = colToImage;
}

}  // namespace switchyard
