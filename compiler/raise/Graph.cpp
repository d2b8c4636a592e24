#include "compiler/raise/Graph.h"

#include "dialects/support/Diagnostics.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"

#include <cmath>

using namespace mlir;

namespace switchyard::raise {

onnx::NodeOp getDefiner(Value value, llvm::StringRef type) {
  auto node = value ? value.getDefiningOp<onnx::NodeOp>() : onnx::NodeOp();
  return node && node.getDomain() == "ai.onnx" && node.getType() == type ? node : onnx::NodeOp();
}

bool isReshape(Operation *op) {
  auto node = dyn_cast_or_null<onnx::NodeOp>(op);
  if (!node || node.getDomain() != "ai.onnx" || node.getInputs().empty())
    return false;
  if (node.getType() == "Cast" || node.getType() == "CastLike")
    return getElementTypeOrSelf(node.getInputs()[0]) == getElementTypeOrSelf(node.getResult(0));
  static constexpr llvm::StringRef types[] = {"Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity"};
  return llvm::is_contained(types, node.getType());
}

Value skipReshapes(Value value) {
  while (isReshape(value.getDefiningOp()))
    value = cast<onnx::NodeOp>(value.getDefiningOp()).getInputs()[0];
  return value;
}

Value skipTable(Value ids) {
  onnx::NodeOp table = getDefiner(ids, "Gather");
  if (!table && !(table = getDefiner(ids, "GatherND")))
    return ids;
  return skipReshapes(table.getInputs()[1]);
}

bool isFloatCast(Operation *op) {
  auto node = dyn_cast_or_null<onnx::NodeOp>(op);
  if (!node || node.getOpType() != "ai.onnx::Cast" || node.getInputs().size() != 1)
    return false;
  auto isFloat = [](Value value) { return isComputedInF32(getElementTypeOrSelf(value)); };
  return isFloat(node.getInputs()[0]) && isFloat(node.getResult(0));
}

Value skipFloatCasts(Value value) {
  while (isReshape(value.getDefiningOp()) || isFloatCast(value.getDefiningOp()))
    value = cast<onnx::NodeOp>(value.getDefiningOp()).getInputs()[0];
  return value;
}

Value skipWidenings(Value value) {
  while (isFloatCast(value.getDefiningOp()) && getElementTypeOrSelf(value).isF32())
    value = cast<onnx::NodeOp>(value.getDefiningOp()).getInputs()[0];
  return value;
}

Value skipCasts(Value value) {
  while (onnx::NodeOp cast = getDefiner(value, "Cast"))
    value = cast.getInputs()[0];
  return value;
}

Value skipConversions(Value value) {
  value = skipReshapes(value);
  while (onnx::NodeOp cast = getDefiner(value, "Cast"))
    value = skipReshapes(cast.getInputs()[0]);
  return value;
}

onnx::NodeOp findOrigin(Value value, size_t mostNodes, llvm::function_ref<bool(onnx::NodeOp)> isWanted, llvm::function_ref<bool(onnx::NodeOp)> isPassed) {
  llvm::SmallSetVector<Operation *, 32> reached;
  auto reach = [&](Value v) {
    if (auto node = v.getDefiningOp<onnx::NodeOp>())
      reached.insert(node);
  };
  reach(value);
  for (size_t next = 0; next < reached.size() && next < mostNodes; ++next) {
    auto node = cast<onnx::NodeOp>(reached[next]);
    if (isWanted(node))
      return node;
    if (isPassed(node))
      llvm::for_each(node.getInputs(), reach);
  }
  return {};
}

std::optional<double> getScalarConstant(Value value) {
  DenseElementsAttr elements;
  while (value && (getDefiner(value, "Cast") || getDefiner(value, "CastLike")) && isReshape(value.getDefiningOp()))
    value = cast<onnx::NodeOp>(value.getDefiningOp()).getInputs()[0];
  return value && matchPattern(value, m_Constant(&elements)) ? getScalarConstant(elements) : std::nullopt;
}

std::optional<double> getScalarConstant(DenseElementsAttr elements) {
  if (!elements || elements.getNumElements() != 1 || elements.getType().getRank() > 1)
    return std::nullopt;
  if (isa<FloatType>(elements.getElementType()))
    return elements.getSplatValue<APFloat>().convertToDouble();
  if (elements.getElementType().isSignlessInteger(1))
    return elements.getSplatValue<bool>() ? 1.0 : 0.0;
  if (elements.getElementType().isSignlessInteger())
    return static_cast<double>(elements.getSplatValue<APInt>().getSExtValue());
  return std::nullopt;
}

bool isZeroAndOne(Value value) {
  DenseElementsAttr values;
  if (!matchPattern(value, m_Constant(&values)) || values.getNumElements() != 2)
    return false;
  if (isa<FloatType>(values.getElementType()))
    return values.getValues<APFloat>()[0].isZero() && values.getValues<APFloat>()[1].convertToDouble() == 1.0;
  return isa<IntegerType>(values.getElementType()) && values.getValues<APInt>()[0].isZero() && values.getValues<APInt>()[1].isOne();
}

std::optional<double> getFilledNumber(Value value) {
  if (DenseElementsAttr elements; matchPattern(value, m_Constant(&elements)) && elements.isSplat())
    return getScalarConstant(elements.resizeSplat(elements.getType().clone(ArrayRef<int64_t>())));
  if (onnx::NodeOp expand = getDefiner(value, "Expand"))
    return getScalarConstant(expand.getInputs()[0]);
  if (onnx::NodeOp constant = getDefiner(value, "ConstantOfShape")) {
    Attribute stated = constant.getNodeAttr("value");
    return stated ? getScalarConstant(dyn_cast<DenseElementsAttr>(stated)) : 0.0;
  }
  return std::nullopt;
}

bool isScalarConstant(Value value, double expected) {
  std::optional<double> number = getScalarConstant(value);
  if (!number)
    return false;
  Type type = getElementTypeOrSelf(value);
  if (isNarrowFloat(type)) {
    APFloat rounded(expected);
    bool losesInfo = false;
    rounded.convert(cast<FloatType>(type).getFloatSemantics(), APFloat::rmNearestTiesToEven, &losesInfo);
    expected = rounded.convertToDouble();
  }
  return std::abs(*number - expected) <= 1e-6 * std::abs(expected);
}

std::string getCanonicalEquation(onnx::NodeOp einsum) {
  std::string result;
  llvm::SmallDenseMap<char, char> names;
  for (char c : einsum.getString("equation", "")) {
    if (llvm::isSpace(c))
      continue;
    if (llvm::isAlpha(c))
      c = names.try_emplace(c, static_cast<char>('a' + names.size())).first->second;
    result += c;
  }
  return result;
}

std::optional<unsigned> findOperand(onnx::NodeOp node, llvm::function_ref<bool(Value)> isWanted) {
  if (node.getInputs().size() != 2)
    return std::nullopt;
  for (unsigned index : {0u, 1u})
    if (isWanted(node.getInputs()[index]))
      return index;
  return std::nullopt;
}

std::string describe(Operation *op) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (auto node = dyn_cast<onnx::NodeOp>(op))
    os << "node '" << (node.getName().empty() ? getNodeName(node.getLoc()) : node.getName().str()) << "' (" << node.getOpType() << ")";
  else
    os << "'" << op->getName() << "'";
  return text;
}

bool exchangesAxes(onnx::NodeOp transpose) {
  auto permutation = dyn_cast_or_null<DenseI64ArrayAttr>(transpose.getNodeAttr("perm"));
  return !permutation || permutation.asArrayRef() == ArrayRef<int64_t>{1, 0};
}

bool bringsLastAxisToFront(onnx::NodeOp transpose) {
  auto type = dyn_cast<RankedTensorType>(transpose.getInputs()[0].getType());
  auto stated = dyn_cast_or_null<DenseI64ArrayAttr>(transpose.getNodeAttr("perm"));
  if (!type || type.getRank() < 2 || (!stated && type.getRank() != 2))
    return false;
  SmallVector<int64_t> expected{type.getRank() - 1};
  llvm::append_range(expected, llvm::seq<int64_t>(0, type.getRank() - 1));
  return !stated || stated.asArrayRef() == ArrayRef<int64_t>(expected);
}

std::optional<int64_t> getStaticLastDim(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || type.getRank() == 0 || ShapedType::isDynamic(type.getShape().back()))
    return std::nullopt;
  return type.getShape().back();
}

void eraseDeadNodes(func::FuncOp function) {
  SmallVector<Operation *> ops;
  function.walk<WalkOrder::PreOrder>([&](Operation *op) { ops.push_back(op); });
  for (Operation *op : llvm::reverse(ops))
    if (isa<onnx::NodeOp>(op) ? op->use_empty() : isOpTriviallyDead(op))
      op->erase();
}

}  // namespace switchyard::raise
