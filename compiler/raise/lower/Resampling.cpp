// Operators that take samples between the elements of a tensor: one kernel each.
#include "compiler/raise/lower/KernelRules.h"

#include "kernels/layout/operators.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace switchyard::kernels;

namespace switchyard::raise {

namespace {

std::optional<ResizeMode> readMode(llvm::StringRef text) {
  return llvm::StringSwitch<std::optional<ResizeMode>>(text)
      .Case("nearest", ResizeMode::nearest)
      .Cases({"linear", "bilinear"}, ResizeMode::linear)
      .Cases({"cubic", "bicubic"}, ResizeMode::cubic)
      .Default(std::nullopt);
}

std::optional<ResizeCoordinates> readCoordinates(llvm::StringRef text) {
  return llvm::StringSwitch<std::optional<ResizeCoordinates>>(text)
      .Case("half_pixel", ResizeCoordinates::halfPixel)
      .Case("half_pixel_symmetric", ResizeCoordinates::halfPixelSymmetric)
      .Case("pytorch_half_pixel", ResizeCoordinates::pytorchHalfPixel)
      .Case("align_corners", ResizeCoordinates::alignCorners)
      .Case("asymmetric", ResizeCoordinates::asymmetric)
      .Case("tf_crop_and_resize", ResizeCoordinates::cropAndResize)
      .Default(std::nullopt);
}

std::optional<ResizeRounding> readRounding(llvm::StringRef text) {
  return llvm::StringSwitch<std::optional<ResizeRounding>>(text)
      .Case("round_prefer_floor", ResizeRounding::preferFloor)
      .Case("round_prefer_ceil", ResizeRounding::preferCeil)
      .Case("floor", ResizeRounding::floor)
      .Case("ceil", ResizeRounding::ceil)
      .Default(std::nullopt);
}

std::optional<ResizePolicy> readPolicy(llvm::StringRef text) {
  return llvm::StringSwitch<std::optional<ResizePolicy>>(text)
      .Case("stretch", ResizePolicy::stretch)
      .Case("not_larger", ResizePolicy::notLarger)
      .Case("not_smaller", ResizePolicy::notSmaller)
      .Default(std::nullopt);
}

/// Before version 11 coordinates are divided by the scale, and rounded towards the end that shrinks.
LogicalResult resize(NodeLowering &node) {
  onnx::NodeOp op = node.node;
  bool isLater = op.getOpType() == "ai.onnx::Resize" && op.getVersion() >= 11;
  std::optional<ResizeMode> mode = readMode(op.getString("mode", "nearest"));
  std::optional<ResizeCoordinates> coordinates = ResizeCoordinates::asymmetric;
  std::optional<ResizeRounding> rounding = ResizeRounding::bySize;
  if (isLater) {
    coordinates = readCoordinates(op.getString("coordinate_transformation_mode", "half_pixel"));
    rounding = readRounding(op.getString("nearest_mode", "round_prefer_floor"));
  }
  std::optional<ResizePolicy> policy = readPolicy(op.getString("keep_aspect_ratio_policy", "stretch"));
  if (!mode || !coordinates || !rounding || !policy)
    return node.unsupported("its mode, coordinate transformation, rounding or policy is not known");
  Value region = isLater ? node.input(1) : Value(), scales = node.input(isLater ? 2 : 1), sizes = isLater ? node.input(3) : Value(), axes;
  if (auto stated = dyn_cast_or_null<DenseF32ArrayAttr>(op.getNodeAttr("scales"))) {
    auto type = RankedTensorType::get(stated.size(), node.builder.getF32Type());
    scales = node.shaped(arith::ConstantOp::create(node.builder, node.loc, DenseElementsAttr::get(type, stated.asArrayRef())), node.constant(stated.size()));
  }
  if (auto stated = dyn_cast_or_null<DenseI64ArrayAttr>(op.getNodeAttr("axes")))
    axes = node.integers(stated.asArrayRef());
  return node.replace(node.callKernel("resize", {node.input(0), region, scales, sizes, axes},
                                      {{"mode", number(*mode)},
                                       {"coordinates", number(*coordinates)},
                                       {"rounding", number(*rounding)},
                                       {"antialias", op.getInt("antialias", 0)},
                                       {"exclude_outside", op.getInt("exclude_outside", 0)},
                                       {"policy", number(*policy)}},
                                      {{"cubic", op.getFloat("cubic_coeff_a", -0.75)}, {"extrapolated", op.getFloat("extrapolation_value", 0.0)}}));
}

LogicalResult gridSample(NodeLowering &node) {
  std::optional<ResizeMode> mode = readMode(node.node.getString("mode", "linear"));
  std::optional<GridPadding> padding = llvm::StringSwitch<std::optional<GridPadding>>(node.node.getString("padding_mode", "zeros"))
                                           .Case("zeros", GridPadding::zeros)
                                           .Case("border", GridPadding::border)
                                           .Case("reflection", GridPadding::reflection)
                                           .Default(std::nullopt);
  if (!mode || !padding || !isa<FloatType>(node.resultElementType()))
    return node.unsupported("expects floats, and a mode and a padding that are known");
  return node.replace(node.callKernel(
      "grid_sample", {node.input(0), node.input(1)},
      {{"mode", number(*mode)}, {"padding", number(*padding)}, {"align_corners", node.node.getInt("align_corners", 0)}}));
}

LogicalResult affineGrid(NodeLowering &node) {
  return node.replace(node.callKernel("affine_grid", {node.input(0), node.input(1)}, {{"align_corners", node.node.getInt("align_corners", 0)}}));
}

/// Before version 16 samples are taken half a pixel off.
LogicalResult roiAlign(NodeLowering &node) {
  llvm::StringRef mode = node.node.getString("mode", "avg");
  llvm::StringRef coordinates = node.node.getString("coordinate_transformation_mode", node.node.getVersion() < 16 ? "output_half_pixel" : "half_pixel");
  if ((mode != "avg" && mode != "max") || (coordinates != "half_pixel" && coordinates != "output_half_pixel"))
    return node.unsupported("expects the mode avg or max, and half_pixel or output_half_pixel coordinates");
  return node.replace(node.callKernel("roi_align", {node.input(0), node.input(1), node.input(2)},
                                      {{"samples", node.node.getInt("sampling_ratio", 0)}, {"largest", mode == "max"}, {"half_pixel", coordinates == "half_pixel"}},
                                      {{"scale", node.node.getFloat("spatial_scale", 1.0)}}));
}

LogicalResult colToImage(NodeLowering &node) {
  size_t spatial = node.resultDims().size() - 2;
  SmallVector<int64_t> geometry;
  for (auto [name, count, otherwise, least] : {std::tuple("strides", spatial, 1, 1), {"dilations", spatial, 1, 1}, {"pads", 2 * spatial, 0, 0}}) {
    auto stated = dyn_cast_or_null<DenseI64ArrayAttr>(node.node.getNodeAttr(name));
    SmallVector<int64_t> numbers = stated ? SmallVector<int64_t>(stated.asArrayRef()) : SmallVector<int64_t>(count, otherwise);
    if (numbers.size() != count || llvm::any_of(numbers, [least = least](int64_t value) { return value < least || value > (int64_t{1} << 31); }))
      return node.unsupported("its strides, dilations or pads do not fit its image");
    llvm::append_range(geometry, numbers);
  }
  return node.replace(node.callKernel("col2im", {node.input(0), node.input(1), node.input(2), node.integers(geometry)}));
}

}  // namespace

void addResamplingKernels(LoweringRules &rules) {
  rules["ai.onnx::Resize"] = resize;
  rules["ai.onnx::Upsample"] = resize;
  rules["ai.onnx::GridSample"] = gridSample;
  rules["ai.onnx::AffineGrid"] = affineGrid;
  rules["ai.onnx::RoiAlign"] = roiAlign;
  rules["ai.onnx::Col2Im"] = colToImage;
}

}  // namespace switchyard::raise
