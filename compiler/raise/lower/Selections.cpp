// Operators that choose elements, or move them by values of the run, and others of one kernel each: selections, spectra, inverse functions.
#include "compiler/raise/lower/KernelRules.h"

#include "kernels/layout/operators.h"

using namespace mlir;
using namespace switchyard::kernels;

namespace switchyard::raise {

namespace {

/// The axis of an attribute; -1 where it is absent, and the operand is flattened.
std::optional<int64_t> flatOrAxis(NodeLowering &node) {
  if (!node.node.getNodeAttr("axis"))
    return -1;
  FailureOr<int64_t> axis = NodeShapes::normalizeAxis(node.node.getInt("axis", 0), node.rank(node.input(0)));
  return failed(axis) ? std::nullopt : std::optional(*axis);
}

LogicalResult compress(NodeLowering &node) {
  std::optional<int64_t> axis = flatOrAxis(node);
  if (!axis)
    return node.unsupported("the axis is outside the rank");
  return node.replace(node.callKernel("compress", {node.input(0), node.input(1)}, {{"axis", *axis}}));
}

LogicalResult nonZero(NodeLowering &node) { return node.replace(node.callKernel("nonzero", node.input(0))); }

/// The kernel writes all four results, of which the node may leave out the last.
LogicalResult unique(NodeLowering &node) {
  std::optional<int64_t> axis = flatOrAxis(node);
  if (!axis)
    return node.unsupported("the axis is outside the rank");
  Dims shape = node.resultDims(), x = node.dims(node.input(0));
  Expression count = shape[*axis < 0 ? 0 : *axis], of = *axis < 0 ? countElements(node.shapes.getContext(), x) : x[*axis];
  Type index = node.builder.getI64Type();
  if (!of)
    return node.unsupported("it has too many elements");
  KernelResult results[] = {{shape, node.resultElementType()}, {{count}, index}, {{of}, index}, {{count}, index}};
  return node.replace(node.callKernelWith("unique", node.input(0), results, {{"axis", *axis}, {"sorted", node.node.getInt("sorted", 1)}}));
}

LogicalResult nonMaxSuppression(NodeLowering &node) {
  return node.replace(node.callKernel("non_max_suppression", {node.input(0), node.input(1), node.input(2), node.input(3), node.input(4)},
                                      {{"centred", node.node.getInt("center_point_box", 0)}}));
}

LogicalResult reverseSequence(NodeLowering &node) {
  return node.replace(node.callKernel("reverse_sequence", {node.input(0), node.input(1)},
                                      {{"batch_axis", node.node.getInt("batch_axis", 1)}, {"time_axis", node.node.getInt("time_axis", 0)}}));
}

LogicalResult centerCropPad(NodeLowering &node) {
  auto stated = dyn_cast_or_null<DenseI64ArrayAttr>(node.node.getNodeAttr("axes"));
  return node.replace(node.callKernel("center_crop_pad", {node.input(0), node.input(1), stated ? node.integers(stated.asArrayRef()) : Value()}));
}

LogicalResult determinant(NodeLowering &node) {
  KernelResult results[] = {{node.resultDims(), node.resultElementType()}, {node.dims(node.input(0)), node.builder.getF64Type()}};
  return node.replace(node.callKernelWith("det", node.input(0), results));
}

LogicalResult localResponse(NodeLowering &node) {
  int64_t size = node.node.getInt("size", 0);
  if (size < 1 || size > (int64_t{1} << 31))
    return node.unsupported("expects a size of at least 1");
  return node.replace(node.callKernel(
      "lrn", node.input(0), {{"size", size}},
      {{"alpha", node.node.getFloat("alpha", 0.0001)}, {"beta", node.node.getFloat("beta", 0.75)}, {"bias", node.node.getFloat("bias", 1.0)}}));
}

LogicalResult transform(NodeLowering &node) {
  return node.replace(node.callKernel("dft", {node.input(0), node.input(1), node.input(2)},
                                      {{"axis", node.node.getInt("axis", node.node.getVersion() < 20 ? 1 : -2)},
                                       {"inverse", node.node.getInt("inverse", 0)},
                                       {"onesided", node.node.getInt("onesided", 0)}}));
}

LogicalResult shortTransform(NodeLowering &node) {
  return node.replace(node.callKernel("stft", {node.input(0), node.input(1), node.input(2), node.input(3)}, {{"onesided", node.node.getInt("onesided", 1)}}));
}

template <WindowKind kind> LogicalResult window(NodeLowering &node) {
  return node.replace(node.callKernel("window", node.input(0), {{"kind", static_cast<int64_t>(kind)}, {"periodic", node.node.getInt("periodic", 1)}}));
}

LogicalResult melWeights(NodeLowering &node) {
  return node.replace(node.callKernel("mel_weights", {node.input(0), node.input(1), node.input(2), node.input(3), node.input(4)}));
}

template <UnaryKind kind> LogicalResult unary(NodeLowering &node) {
  return node.replace(node.callKernel("unary", node.input(0), {{"kind", static_cast<int64_t>(kind)}}));
}

}  // namespace

void addSelectionKernels(LoweringRules &rules) {
  rules["ai.onnx::Compress"] = compress;
  rules["ai.onnx::NonZero"] = nonZero;
  rules["ai.onnx::Unique"] = unique;
  rules["ai.onnx::NonMaxSuppression"] = nonMaxSuppression;
  rules["ai.onnx::ReverseSequence"] = reverseSequence;
  rules["ai.onnx::CenterCropPad"] = centerCropPad;
  rules["ai.onnx::Det"] = determinant;
  rules["ai.onnx::LRN"] = localResponse;
  rules["ai.onnx::DFT"] = transform;
  rules["ai.onnx::STFT"] = shortTransform;
  rules["ai.onnx::HannWindow"] = window<WindowKind::hann>;
  rules["ai.onnx::HammingWindow"] = window<WindowKind::hamming>;
  rules["ai.onnx::BlackmanWindow"] = window<WindowKind::blackman>;
  rules["ai.onnx::MelWeightMatrix"] = melWeights;
  rules["ai.onnx::Acos"] = unary<UnaryKind::acos>;
  rules["ai.onnx::Acosh"] = unary<UnaryKind::acosh>;
  rules["ai.onnx::Asin"] = unary<UnaryKind::asin>;
  rules["ai.onnx::Asinh"] = unary<UnaryKind::asinh>;
  rules["ai.onnx::Atan"] = unary<UnaryKind::atan>;
  rules["ai.onnx::Atanh"] = unary<UnaryKind::atanh>;
}

}  // namespace switchyard::raise
