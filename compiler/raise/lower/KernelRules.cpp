#include "compiler/raise/lower/KernelRules.h"

#include "kernels/layout/operators.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace switchyard::kernels;

namespace switchyard::raise {

namespace {

/// The axes are an operand, or an attribute in earlier versions.
template <ReduceKind kind> LogicalResult reduce(NodeLowering &node) {
  auto attribute = dyn_cast_or_null<DenseI64ArrayAttr>(node.node.getNodeAttr("axes"));
  Value axes = attribute ? node.integers(attribute.asArrayRef()) : node.input(1);
  return node.replace(node.callKernel("reduce", {node.input(0), axes},
                                      {{"kind", number(kind)}, {"noop", node.node.getInt("noop_with_empty_axes", 0)}}));
}

template <ReshapeKind kind> LogicalResult reshape(NodeLowering &node) {
  return node.replace(node.callKernel("reshape", {node.input(0), node.input(1)},
                                      {{"kind", number(kind)}, {"allow_zero", node.node.getInt("allowzero", 0)}}));
}

LogicalResult expand(NodeLowering &node) { return node.replace(node.callKernel("expand", {node.input(0), node.input(1)})); }

LogicalResult tile(NodeLowering &node) { return node.replace(node.callKernel("tile", {node.input(0), node.input(1)})); }

LogicalResult slice(NodeLowering &node) {
  return node.replace(node.callKernel("slice", {node.input(0), node.input(1), node.input(2), node.input(3), node.input(4)}));
}

LogicalResult split(NodeLowering &node) {
  FailureOr<int64_t> axis = NodeShapes::normalizeAxis(node.node.getInt("axis", 0), node.rank(node.input(0)));
  if (failed(axis))
    return node.unsupported("the axis is outside the rank");
  SmallVector<Value> pieces;
  for (unsigned index = 0; index < node.node.getNumResults(); ++index)
    pieces.push_back(node.callKernelFor(index, "piece", {node.input(0), node.input(1)}, {{"axis", *axis}, {"index", index}}));
  return node.replace(pieces);
}

LogicalResult trilu(NodeLowering &node) {
  return node.replace(node.callKernel("trilu", {node.input(0), node.input(1)}, {{"upper", node.node.getInt("upper", 1)}}));
}

LogicalResult oneHot(NodeLowering &node) {
  FailureOr<int64_t> axis = NodeShapes::normalizeAxis(node.node.getInt("axis", -1), node.resultDims().size());
  if (failed(axis))
    return node.unsupported("the axis is outside the rank");
  return node.replace(node.callKernel("one_hot", {node.input(0), node.input(1), node.input(2)}, {{"axis", *axis}}));
}

LogicalResult range(NodeLowering &node) { return node.replace(node.callKernel("range", {node.input(0), node.input(1), node.input(2)})); }

template <bool multiplies> LogicalResult running(NodeLowering &node) {
  return node.replace(node.callKernel("running", {node.input(0), node.input(1)},
                                      {{"multiplies", multiplies},
                                       {"exclusive", node.node.getInt("exclusive", 0)},
                                       {"reverse", node.node.getInt("reverse", 0)}}));
}

/// Any number of operands, joined from the left.
template <BinaryKind kind> LogicalResult binary(NodeLowering &node) {
  SmallVector<Value> operands = node.inputs();
  Value all = operands.front();
  for (Value next : ArrayRef<Value>(operands).drop_front())
    all = node.callKernel("binary", {all, next}, {{"kind", number(kind)}}).front();
  return node.replace(all);
}

LogicalResult modulus(NodeLowering &node) {
  return node.node.getInt("fmod", 0) ? binary<BinaryKind::remainder>(node) : binary<BinaryKind::modulo>(node);
}

/// Of unsigned elements: those of the signless type with the same bits.
LogicalResult bitwiseNot(NodeLowering &node) {
  Dims shape = node.resultDims();
  Type type = node.resultElementType(), bits = node.builder.getIntegerType(type.getIntOrFloatBitWidth());
  Value x = node.callKernelWith("bit_cast", node.input(0), KernelResult{shape, bits}).front();
  Value flipped = node.elementwise(x, shape, bits, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
    return arith::XOrIOp::create(b, l, v[0], arith::ConstantOp::create(b, l, b.getIntegerAttr(bits, -1)));
  });
  return node.replace(node.callKernelWith("bit_cast", flipped, KernelResult{shape, type}));
}

/// The reduction of x along its last axis, which stays with size 1.
Value reduceRows(NodeLowering &node, ReduceKind kind, Value x) {
  Dims shape = node.dims(x);
  int64_t last = shape.size() - 1;
  shape.back() = node.constant(1);
  return node.callKernelWith("reduce", {x, node.integers(last)}, KernelResult{shape, TensorBuilder::elementType(x)}, {{"kind", number(kind)}, {"noop", 0}}).front();
}

/// Softmax of rows in f64, or its logarithm.
Value softmaxRows(NodeLowering &node, Value x, bool isLogarithm) {
  KernelResult like{node.dims(x), TensorBuilder::elementType(x)};
  auto combine = [&](BinaryKind kind, Value a, Value b) { return node.callKernelWith("binary", {a, b}, like, {{"kind", number(kind)}}).front(); };
  auto apply = [&](UnaryKind kind, Value value) {
    return node.callKernelWith("unary", value, KernelResult{node.dims(value), like.elementType}, {{"kind", number(kind)}}).front();
  };
  Value shifted = combine(BinaryKind::subtract, x, reduceRows(node, ReduceKind::maximum, x)), exponentials = apply(UnaryKind::exponential, shifted);
  Value sum = reduceRows(node, ReduceKind::sum, exponentials);
  return isLogarithm ? combine(BinaryKind::subtract, shifted, apply(UnaryKind::logarithm, sum)) : combine(BinaryKind::divide, exponentials, sum);
}

template <bool isLogarithm> LogicalResult softmax(NodeLowering &node) {
  return alongAxis(node, [](NodeLowering &inner, Value rows) { return softmaxRows(inner, rows, isLogarithm); });
}

LogicalResult shift(NodeLowering &node) {
  auto direction = dyn_cast_or_null<StringAttr>(node.node.getNodeAttr("direction"));
  if (!direction || (direction.getValue() != "LEFT" && direction.getValue() != "RIGHT"))
    return node.unsupported("expects the direction LEFT or RIGHT");
  return direction.getValue() == "LEFT" ? binary<BinaryKind::shiftLeft>(node) : binary<BinaryKind::shiftRight>(node);
}

template <bool largest> LogicalResult argument(NodeLowering &node) {
  FailureOr<int64_t> axis = NodeShapes::normalizeAxis(node.node.getInt("axis", 0), node.rank(node.input(0)));
  if (failed(axis))
    return node.unsupported("the axis is outside the rank");
  Value first = findFirst(node, node.input(0), *axis, largest, node.node.getInt("select_last_index", 0) != 0);
  return node.replace(node.reshape(first, node.resultDims()));
}

template <UnaryKind kind> LogicalResult unary(NodeLowering &node) {
  return node.replace(node.callKernel("unary", node.input(0), {{"kind", number(kind)}}));
}

LogicalResult convert(NodeLowering &node) {
  llvm::StringRef name = node.node.getString("round_mode", "up");
  if (name != "up" && name != "down" && name != "nearest")
    return node.unsupported("the round_mode is none of up, down and nearest");
  RoundMode mode = name == "up" ? RoundMode::up : name == "down" ? RoundMode::down : RoundMode::nearest;
  return node.replace(node.callKernel("convert", node.input(0), {{"saturate", node.node.getInt("saturate", 1)}, {"round_mode", number(mode)}}));
}

/// numpy's matmul as a sum over one label; the dimensions before the last two are counted from the end.
LogicalResult multiply(NodeLowering &node) {
  constexpr int64_t inner = 0, row = 1, column = 2, batch = 3;
  int64_t left = node.rank(node.input(0)), right = node.rank(node.input(1));
  auto batches = [](int64_t count) { return llvm::map_to_vector(llvm::seq<int64_t>(0, count), [&](int64_t i) { return batch + count - 1 - i; }); };
  SmallVector<int64_t> a = batches(std::max<int64_t>(left - 2, 0)), b = batches(std::max<int64_t>(right - 2, 0)), out = batches(std::max({left - 2, right - 2, int64_t{0}}));
  if (left > 1) {
    a.push_back(row);
    out.push_back(row);
  }
  a.push_back(inner);
  b.push_back(inner);
  if (right > 1) {
    b.push_back(column);
    out.push_back(column);
  }
  out.append(a);
  out.append(b);
  return node.replace(node.callKernel("contraction", {node.input(0), node.input(1), node.integers(out)}));
}

/// Operators with operands that may be values of the run, by the first and the last of these.
struct RunTimeRule {
  LoweringRule rule;
  unsigned first, last;
};

const llvm::StringMap<RunTimeRule> &getRunTimeRules() {
  static const llvm::StringMap<RunTimeRule> rules = {
      {"ai.onnx::ReduceSum", {reduce<ReduceKind::sum>, 1, 1}},
      {"ai.onnx::ReduceMean", {reduce<ReduceKind::mean>, 1, 1}},
      {"ai.onnx::ReduceProd", {reduce<ReduceKind::product>, 1, 1}},
      {"ai.onnx::ReduceMax", {reduce<ReduceKind::maximum>, 1, 1}},
      {"ai.onnx::ReduceMin", {reduce<ReduceKind::minimum>, 1, 1}},
      {"ai.onnx::ReduceL1", {reduce<ReduceKind::l1>, 1, 1}},
      {"ai.onnx::ReduceL2", {reduce<ReduceKind::l2>, 1, 1}},
      {"ai.onnx::ReduceSumSquare", {reduce<ReduceKind::sumOfSquares>, 1, 1}},
      {"ai.onnx::ReduceLogSum", {reduce<ReduceKind::logOfSum>, 1, 1}},
      {"ai.onnx::ReduceLogSumExp", {reduce<ReduceKind::logOfSumOfExponentials>, 1, 1}},
      {"ai.onnx::Reshape", {reshape<ReshapeKind::reshape>, 1, 1}},
      {"ai.onnx::Squeeze", {reshape<ReshapeKind::squeeze>, 1, 1}},
      {"ai.onnx::Unsqueeze", {reshape<ReshapeKind::unsqueeze>, 1, 1}},
      {"ai.onnx::Expand", {expand, 1, 1}},
      {"ai.onnx::Tile", {tile, 1, 1}},
      {"ai.onnx::Slice", {slice, 1, 4}},
      {"ai.onnx::Split", {split, 1, 1}},
      {"ai.onnx::Trilu", {trilu, 1, 1}},
      {"ai.onnx::OneHot", {oneHot, 1, 1}},
      {"ai.onnx::Range", {range, 0, 2}},
      {"ai.onnx::CumSum", {running<false>, 1, 1}},
      {"ai.onnx::TopK", {topKKernel, 1, 1}},
  };
  return rules;
}

/// Arithmetic on elements that have none in `arith`.
const LoweringRules &getElementRules() {
  static const LoweringRules rules = {
      {"ai.onnx::Add", binary<BinaryKind::add>},
      {"ai.onnx::Sub", binary<BinaryKind::subtract>},
      {"ai.onnx::Mul", binary<BinaryKind::multiply>},
      {"ai.onnx::Div", binary<BinaryKind::divide>},
      {"ai.onnx::Mod", modulus},
      {"ai.onnx::Pow", binary<BinaryKind::power>},
      {"ai.onnx::Max", binary<BinaryKind::maximum>},
      {"ai.onnx::Min", binary<BinaryKind::minimum>},
      {"ai.onnx::Equal", binary<BinaryKind::equal>},
      {"ai.onnx::Less", binary<BinaryKind::less>},
      {"ai.onnx::LessOrEqual", binary<BinaryKind::lessOrEqual>},
      {"ai.onnx::Greater", binary<BinaryKind::greater>},
      {"ai.onnx::GreaterOrEqual", binary<BinaryKind::greaterOrEqual>},
      {"ai.onnx::BitwiseAnd", binary<BinaryKind::bitAnd>},
      {"ai.onnx::BitwiseOr", binary<BinaryKind::bitOr>},
      {"ai.onnx::BitwiseXor", binary<BinaryKind::bitXor>},
      {"ai.onnx::BitwiseNot", bitwiseNot},
      {"ai.onnx::Softmax", softmax<false>},
      {"ai.onnx::LogSoftmax", softmax<true>},
      {"ai.onnx::Exp", unary<UnaryKind::exponential>},
      {"ai.onnx::Log", unary<UnaryKind::logarithm>},
      {"ai.onnx::Tanh", unary<UnaryKind::tanh>},
      {"ai.onnx::Sigmoid", unary<UnaryKind::sigmoid>},
      {"ai.onnx::MatMul", multiply},
      {"ai.onnx::Einsum", contractLabels},
      {"ai.onnx::ScatterND", scatterNdKernel},
      {"ai.onnx::Cast", convert},
      {"ai.onnx::CastLike", convert},
      {"ai.onnx::CumSum", running<false>},
      {"ai.onnx::TopK", topKKernel},
      {"ai.onnx::ArgMax", argument<true>},
      {"ai.onnx::ArgMin", argument<false>},
      {"ai.onnx::OneHot", oneHot},
      {"ai.onnx::ReduceSum", reduce<ReduceKind::sum>},
      {"ai.onnx::ReduceMax", reduce<ReduceKind::maximum>},
      {"ai.onnx::ReduceMin", reduce<ReduceKind::minimum>},
  };
  return rules;
}

/// Operators that are kernels whatever their operands hold.
const LoweringRules &getFamilies() {
  static const LoweringRules rules = [] {
    LoweringRules all;
    addRecurrentKernels(all);
    addResamplingKernels(all);
    addScatterKernels(all);
    addSelectionKernels(all);
    addWindowKernels(all);
    all["ai.onnx::BitShift"] = shift;
    all["ai.onnx::CumProd"] = running<true>;
    all["ai.onnx::ReduceProd"] = reduce<ReduceKind::product>;
    return all;
  }();
  return rules;
}

/// Element types for which the operator has a rule of its own.
bool hasArithmetic(NodeLowering &node) {
  auto isPlain = [](Type type) {
    auto element = getElementTypeOrSelf(type);
    return !element.isUnsignedInteger() && !isNarrowType(element);
  };
  if (!llvm::all_of(node.node->getOperandTypes(), isPlain) || !llvm::all_of(node.node->getResultTypes(), isPlain))
    return false;
  Type first = TensorBuilder::elementType(node.input(0));
  return llvm::StringSwitch<bool>(node.node.getOpType())
      .Case("ai.onnx::Pow", isa<FloatType>(first))
      .Case("ai.onnx::Mod", !isa<FloatType>(first) || node.node.getInt("fmod", 0) != 0)
      .Cases({"ai.onnx::MatMul", "ai.onnx::Einsum"}, isa<FloatType>(first) && !first.isF64())
      .Cases({"ai.onnx::Exp", "ai.onnx::Log", "ai.onnx::Tanh", "ai.onnx::Sigmoid"}, !first.isF64())
      .Cases({"ai.onnx::Softmax", "ai.onnx::LogSoftmax"}, !first.isF64())
      .Case("ai.onnx::TopK", first.isF32())
      .Cases({"ai.onnx::ArgMax", "ai.onnx::ArgMin"}, first.isF32() && node.node.getInt("select_last_index", 0) == 0)
      .Case("ai.onnx::CumSum", first.isF32() || first.isF64() || first.isInteger(32) || first.isInteger(64))
      .Default(true);
}

}  // namespace

LogicalResult topKKernel(NodeLowering &node) {
  FailureOr<int64_t> axis = NodeShapes::normalizeAxis(node.node.getInt("axis", -1), node.rank(node.input(0)));
  if (failed(axis))
    return node.unsupported("the axis is outside the rank");
  return node.replace(node.callKernel("topk_elements", {node.input(0), node.input(1)},
                                      {{"axis", *axis}, {"largest", node.node.getInt("largest", 1)}, {"last", 0}}));
}

Value findFirst(NodeLowering &node, Value x, int64_t axis, bool largest, bool last) {
  Dims shape = node.dims(x);
  shape[axis] = node.constant(1);
  KernelResult results[] = {{shape, TensorBuilder::elementType(x)}, {shape, node.builder.getI64Type()}};
  return node.callKernelWith("topk_elements", {x, Value()}, results, {{"axis", axis}, {"largest", largest}, {"last", last}}).back();
}

LoweringRule findKernelRule(NodeLowering &node) {
  if (auto found = getFamilies().find(node.node.getOpType()); found != getFamilies().end())
    return found->second;
  if (auto found = getRunTimeRules().find(node.node.getOpType()); found != getRunTimeRules().end())
    for (unsigned index = found->second.first; index <= found->second.last; ++index)
      if (node.facts.isComputed(index))
        return found->second.rule;
  auto found = getElementRules().find(node.node.getOpType());
  return found != getElementRules().end() && !hasArithmetic(node) ? found->second : nullptr;
}

void addKernelRules(LoweringRules &rules) {
  for (const auto &family : getFamilies())
    rules[family.getKey()] = family.getValue();
}

bool movesElements(llvm::StringRef opType) {
  return llvm::StringSwitch<bool>(opType)
      .Cases({"ai.onnx::Reshape", "ai.onnx::Squeeze", "ai.onnx::Unsqueeze", "ai.onnx::Flatten", "ai.onnx::Transpose", "ai.onnx::Concat"}, true)
      .Cases({"ai.onnx::Split", "ai.onnx::Slice", "ai.onnx::Tile", "ai.onnx::Expand", "ai.onnx::Identity", "ai.onnx::Where"}, true)
      .Cases({"ai.onnx::Gather", "ai.onnx::GatherElements", "ai.onnx::GatherND", "ai.onnx::Shape", "ai.onnx::Size", "ai.onnx::Dropout"}, true)
      .Cases({"ai.onnx::DepthToSpace", "ai.onnx::SpaceToDepth", "ai.onnx::Pad", "ai.onnx::CenterCropPad"}, true)
      .Cases({"ai.onnx::ReverseSequence", "ai.onnx::Compress", "ai.onnx::TensorScatter"}, true)
      .Default(false);
}

}  // namespace switchyard::raise
