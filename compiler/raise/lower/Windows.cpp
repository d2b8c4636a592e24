// Convolutions and pools: one kernel each.
#include "compiler/analysis/WindowGeometry.h"
#include "compiler/raise/lower/KernelRules.h"

using namespace mlir;
using namespace switchyard::kernels;

namespace switchyard::raise {

namespace {

int64_t number(AutoPad autoPad) { return static_cast<int64_t>(autoPad); }

/// The shape rule has read the same window.
LogicalResult refuseWindow(NodeLowering &node) { return node.unsupported("its window is not known"); }

LogicalResult maxPool(NodeLowering &node) {
  FailureOr<WindowGeometry> window = getWindowGeometry(node.facts, std::nullopt);
  if (failed(window))
    return refuseWindow(node);
  KernelResult results[] = {{node.resultDims(), node.resultElementType()}, {node.resultDims(), node.builder.getI64Type()}};
  return node.replace(node.callKernelWith("max_pool", {node.input(0), node.integers(window->numbers())}, results,
                                          {{"auto_pad", number(window->autoPad)}, {"column_major", node.node.getInt("storage_order", 0)}}));
}

LogicalResult pool(NodeLowering &node, PoolKind kind, int64_t countsPadding, int64_t p) {
  FailureOr<WindowGeometry> window = getWindowGeometry(node.facts, std::nullopt);
  if (failed(window))
    return refuseWindow(node);
  return node.replace(node.callKernel("pool", {node.input(0), node.integers(window->numbers())},
                                      {{"kind", static_cast<int64_t>(kind)},
                                       {"auto_pad", number(window->autoPad)},
                                       {"counts_padding", countsPadding},
                                       {"p", p}}));
}

LogicalResult averagePool(NodeLowering &node) { return pool(node, PoolKind::average, node.node.getInt("count_include_pad", 0), 1); }

/// The exponent of a norm; of version 1, a float.
int64_t readExponent(NodeLowering &node) { return node.node.getInt("p", static_cast<int64_t>(node.node.getFloat("p", 2.0))); }

LogicalResult lpPool(NodeLowering &node) {
  if (readExponent(node) < 1)
    return node.unsupported("expects an exponent p of at least 1");
  return pool(node, PoolKind::norm, 0, readExponent(node));
}

/// Over all spatial dimensions.
LogicalResult reduceSpatial(NodeLowering &node, ReduceKind kind) {
  Value axes = node.integers(llvm::to_vector(llvm::seq<int64_t>(2, node.rank(node.input(0)))));
  return node.replace(node.callKernel("reduce", {node.input(0), axes}, {{"kind", static_cast<int64_t>(kind)}, {"noop", 1}}));
}

LogicalResult globalAveragePool(NodeLowering &node) { return reduceSpatial(node, ReduceKind::mean); }
LogicalResult globalMaxPool(NodeLowering &node) { return reduceSpatial(node, ReduceKind::maximum); }
LogicalResult globalLpPool(NodeLowering &node) {
  int64_t p = readExponent(node);
  if (p != 1 && p != 2)
    return node.unsupported("expects an exponent p of 1 or 2");
  return reduceSpatial(node, p == 1 ? ReduceKind::l1 : ReduceKind::l2);
}

LogicalResult deformedConvolution(NodeLowering &node) {
  FailureOr<WindowGeometry> window = getWindowGeometry(node.facts, 1);
  if (failed(window))
    return refuseWindow(node);
  return node.replace(
      node.callKernel("deform_conv", {node.input(0), node.input(1), node.input(2), node.input(3), node.input(4), node.integers(window->numbers())},
                      {{"group", node.node.getInt("group", 1)}, {"offset_group", node.node.getInt("offset_group", 1)}}));
}

/// With a stated output_shape the pads are halves of what it leaves, the larger one in front unless SAME_UPPER is asked for.
LogicalResult transposedConvolution(NodeLowering &node) {
  FailureOr<WindowGeometry> window = getWindowGeometry(node.facts, 1);
  if (failed(window))
    return refuseWindow(node);
  if (auto added = dyn_cast_or_null<DenseI64ArrayAttr>(node.node.getNodeAttr("output_padding")))
    window->after = SmallVector<int64_t>(added.asArrayRef());
  else
    window->after.assign(window->kernel.size(), 0);
  if (node.node.getNodeAttr("output_shape") && window->autoPad == AutoPad::stated)
    window->autoPad = AutoPad::lower;
  return node.replace(node.callKernel("conv_transpose", {node.input(0), node.input(1), node.input(2), node.integers(window->numbers())},
                                      {{"group", node.node.getInt("group", 1)}, {"auto_pad", number(window->autoPad)}}));
}

LogicalResult maxUnpool(NodeLowering &node) {
  FailureOr<WindowGeometry> window = getWindowGeometry(node.facts, std::nullopt);
  Dims under = node.dims(node.input(0));
  if (failed(window))
    return refuseWindow(node);
  TensorFacts sizes{node.builder.getI64Type(), Dims{node.constant(window->kernel.size())}, Dims()};
  for (auto [d, size] : llvm::enumerate(ArrayRef<Expression>(under).drop_front(2)))
    sizes.data->push_back((size - 1) * window->strides[d] + (window->kernel[d] - window->before[d] - window->after[d]));
  return node.replace(node.callKernel("max_unpool", {node.input(0), node.input(1), node.fromData(sizes), node.input(2)}));
}

}  // namespace

LogicalResult convolutionKernel(NodeLowering &node) {
  FailureOr<WindowGeometry> window = getWindowGeometry(node.facts, 1);
  if (failed(window))
    return refuseWindow(node);
  return node.replace(node.callKernel("conv", {node.input(0), node.input(1), node.input(2), node.integers(window->numbers())},
                                      {{"group", node.node.getInt("group", 1)}, {"auto_pad", number(window->autoPad)}}));
}

void addWindowKernels(LoweringRules &rules) {
  rules["ai.onnx::MaxPool"] = maxPool;
  rules["ai.onnx::AveragePool"] = averagePool;
  rules["ai.onnx::LpPool"] = lpPool;
  rules["ai.onnx::GlobalMaxPool"] = globalMaxPool;
  rules["ai.onnx::GlobalAveragePool"] = globalAveragePool;
  rules["ai.onnx::GlobalLpPool"] = globalLpPool;
  rules["ai.onnx::DeformConv"] = deformedConvolution;
  rules["ai.onnx::ConvTranspose"] = transposedConvolution;
  rules["ai.onnx::MaxUnpool"] = maxUnpool;
}

}  // namespace switchyard::raise
