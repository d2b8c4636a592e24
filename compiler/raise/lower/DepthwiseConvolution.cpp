// Depthwise convolutions along one axis, plain or with the state of a decoder: each channel by itself, one chain over the taps.
#include "compiler/raise/lower/KernelRules.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

/// x [B, C, n] and taps [C, 1, k] to [B, C, length]: tap j of output t reads position t * stride + j * dilation.
Value convolve(NodeLowering &node, Value x, Value taps, Expression length, int64_t stride, int64_t dilation) {
  Dims shape = node.dims(x), kernel = node.dims(taps);
  shape.back() = length;
  AffineExpr batch, channel, position, tap;
  bindDims(node.builder.getContext(), batch, channel, position, tap);
  auto map = [&](ArrayRef<AffineExpr> results) { return AffineMap::get(4, 0, results, node.builder.getContext()); };
  AffineMap maps[] = {map({batch, channel, position * stride + tap * dilation}), map({channel, tap}), map({batch, channel, position})};
  utils::IteratorType parallel = utils::IteratorType::parallel;
  Value inputs[] = {x, node.reshape(taps, {kernel[0], kernel[2]})};
  Value zeros = node.fill(shape, node.zero(TensorBuilder::elementType(x)));
  return node.generic(inputs, zeros, maps, {parallel, parallel, parallel, utils::IteratorType::reduction},
                      [](OpBuilder &b, Location l, ValueRange v) -> Value { return math::FmaOp::create(b, l, v[0], v[1], v[2]); });
}

/// One number a channel added to [B, C, length].
Value addBias(NodeLowering &node, Value x, Value bias) {
  if (!bias)
    return x;
  Dims shape = node.dims(x);
  Value column = node.reshape(bias, {shape[1], node.constant(1)});
  return node.elementwise({x, column}, shape, TensorBuilder::elementType(x),
                          [](OpBuilder &b, Location l, ValueRange v) -> Value { return arith::AddFOp::create(b, l, v[0], v[1]); });
}

Value silu(NodeLowering &node, Value x) {
  return node.elementwise(x, node.dims(x), TensorBuilder::elementType(x), [](OpBuilder &b, Location l, ValueRange v) -> Value {
    return arith::MulFOp::create(b, l, v[0], sigmoid(b, l, v[0]));
  });
}

/// `count` zeros in front of the positions of x [B, C, n], or behind them.
Value zeros(NodeLowering &node, Value x, Expression count) {
  Dims shape = node.dims(x);
  shape.back() = count;
  return node.fill(shape, node.zero(TensorBuilder::elementType(x)));
}

/// The only number of an attribute that has one for each axis.
int64_t getNumber(NodeLowering &node, llvm::StringRef name, size_t index, int64_t otherwise) {
  auto stated = dyn_cast_or_null<DenseI64ArrayAttr>(node.node.getNodeAttr(name));
  return stated ? stated.asArrayRef()[index] : otherwise;
}

LogicalResult conv(NodeLowering &node) {
  Value x = node.input(0), taps = node.input(1);
  Dims input = node.dims(x), kernel = node.dims(taps);
  bool depthwise = input.size() == 3 && kernel[1].isConstant(1) && kernel[0].isConstant(node.node.getInt("group", 1)) &&
                   node.node.getString("auto_pad", "NOTSET") == "NOTSET" && !TensorBuilder::elementType(x).isF64();
  if (!depthwise)
    return convolutionKernel(node);
  SmallVector<Value> parts{x};
  if (int64_t front = getNumber(node, "pads", 0, 0))
    parts.insert(parts.begin(), zeros(node, x, node.constant(front)));
  if (int64_t behind = getNumber(node, "pads", 1, 0))
    parts.push_back(zeros(node, x, node.constant(behind)));
  Value padded = parts.size() == 1 ? x : node.concat(parts, 2);
  Value result = convolve(node, padded, taps, node.resultDims().back(), getNumber(node, "strides", 0, 1), getNumber(node, "dilations", 0, 1));
  return node.replace(addBias(node, result, node.input(2)));
}

/// Positions x channels as channels x positions, B x C x n.
Value channelsFirst(NodeLowering &node, Value x) {
  Dims shape = node.dims(x);
  Dims flat{shape[0], shape[1], countElements(node.shapes.getContext(), ArrayRef<Expression>(shape).drop_front(2))};
  return node.transpose(node.reshape(x, flat), {0, 2, 1});
}

/// The state, or zeros, stands in front of the new positions; the last ones of both are the next state.
LogicalResult causalConvWithState(NodeLowering &node) {
  onnx::NodeOp op = node.node;
  if (failed(node.expectAttributes({"activation", "ndim", "dilation", "channels_last", "state_window"})))
    return failure();
  if (op.getInt("ndim", 1) != 1 || op.getInt("state_window", 0) != 0)
    return node.unsupported("expects ndim = 1 and one state (no window of states)");
  llvm::StringRef activation = op.getString("activation", "none");
  if (!llvm::is_contained({"none", "silu", "swish"}, activation))
    return node.unsupported("activation '" + activation + "'; known are none, silu and swish");
  Value x = node.input(0), taps = node.input(1), past = node.input(3);
  int64_t dilation = op.getInt("dilation", 1);
  bool last = op.getInt("channels_last", 0) != 0;
  if (last) {
    x = channelsFirst(node, x);
    past = past ? channelsFirst(node, past) : past;
  }
  Expression length = node.dims(x).back(), held = (node.dims(taps).back() - 1) * dilation;
  if (!past)
    past = zeros(node, x, held);
  Value all = held.isConstant(0) ? x : node.concat({past, x}, 2);
  Value result = addBias(node, convolve(node, all, taps, length, 1, dilation), node.input(2));
  Value state = node.isUsed(1) ? node.sliceAxis(all, 2, length, held) : Value();
  result = activation == "none" ? result : silu(node, result);
  if (!last)
    return node.replace({result, state});
  auto channelsLast = [&](Value value, unsigned index) { return node.reshape(node.transpose(value, {0, 2, 1}), node.resultDims(index)); };
  return node.replace({channelsLast(result, 0), state ? channelsLast(state, 1) : state});
}

}  // namespace

void addDepthwiseConvolutionRules(LoweringRules &rules) {
  rules["ai.onnx::Conv"] = conv;
  for (llvm::StringRef name : {"ai.onnx::CausalConvWithState", "com.microsoft::CausalConvWithState"})
    rules[name] = causalConvWithState;
}

}  // namespace switchyard::raise
