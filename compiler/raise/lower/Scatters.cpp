// Operators that write elements to places that are values of the run, and Pad: one kernel each.
#include "compiler/raise/lower/KernelRules.h"

#include "kernels/layout/operators.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace switchyard::kernels;

namespace switchyard::raise {

namespace {

/// What `reduction` makes of an element and its update.
std::optional<int64_t> readKind(NodeLowering &node) {
  return llvm::StringSwitch<std::optional<int64_t>>(node.node.getString("reduction", "none"))
      .Case("none", static_cast<int64_t>(ScatterKind::replace))
      .Case("add", static_cast<int64_t>(ScatterKind::add))
      .Case("mul", static_cast<int64_t>(ScatterKind::multiply))
      .Case("max", static_cast<int64_t>(ScatterKind::maximum))
      .Case("min", static_cast<int64_t>(ScatterKind::minimum))
      .Default(std::nullopt);
}

LogicalResult refuseKind(NodeLowering &node) { return node.unsupported("the reduction is none of none, add, mul, max and min"); }

/// False where two shapes differ in their ranks or in their numbers; what names say the kernel checks.
bool mayBeEqual(ArrayRef<Expression> shape, ArrayRef<Expression> other) {
  return shape.size() == other.size() && llvm::all_of(llvm::zip_equal(shape, other), [](auto sizes) {
           auto [a, b] = sizes;
           return !a.getConstant() || !b.getConstant() || a == b;
         });
}

LogicalResult refuseUpdates(NodeLowering &node) { return node.unsupported("its updates and indices do not fit each other or its data"); }

LogicalResult scatterElements(NodeLowering &node) {
  FailureOr<int64_t> axis = NodeShapes::normalizeAxis(node.node.getInt("axis", 0), node.rank(node.input(0)));
  if (failed(axis))
    return node.unsupported("the axis is outside the rank");
  std::optional<int64_t> kind = readKind(node);
  if (!kind)
    return refuseKind(node);
  if (!mayBeEqual(node.dims(node.input(1)), node.dims(node.input(2))) || node.rank(node.input(1)) != node.rank(node.input(0)))
    return refuseUpdates(node);
  return node.replace(node.callKernel("scatter_elements", {node.input(0), node.input(1), node.input(2)}, {{"axis", *axis}, {"kind", *kind}}));
}

LogicalResult tensorScatter(NodeLowering &node) {
  FailureOr<int64_t> axis = NodeShapes::normalizeAxis(node.node.getInt("axis", -2), node.rank(node.input(0)));
  if (failed(axis))
    return node.unsupported("the axis is outside the rank");
  bool circular = node.node.getString("mode", "linear") == "circular";
  if (!circular && node.node.getString("mode", "linear") != "linear")
    return node.unsupported("expects the mode linear or circular");
  return node.replace(node.callKernel("tensor_scatter", {node.input(0), node.input(1), node.input(2)}, {{"axis", *axis}, {"circular", circular}}));
}

LogicalResult pad(NodeLowering &node) {
  std::optional<PadMode> mode = llvm::StringSwitch<std::optional<PadMode>>(node.node.getString("mode", "constant"))
                                    .Case("constant", PadMode::constant)
                                    .Case("reflect", PadMode::reflect)
                                    .Case("edge", PadMode::edge)
                                    .Case("wrap", PadMode::wrap)
                                    .Default(std::nullopt);
  if (!mode)
    return node.unsupported("expects the mode constant, reflect, edge or wrap");
  auto stated = dyn_cast_or_null<DenseI64ArrayAttr>(node.node.getNodeAttr("pads"));
  Value pads = stated ? node.integers(stated.asArrayRef()) : node.input(1), value = node.input(2);
  if (auto number = dyn_cast_or_null<FloatAttr>(node.node.getNodeAttr("value")))
    value = node.fill({}, node.builder.getFloatAttr(node.resultElementType(), number.getValueAsDouble()));
  return node.replace(node.callKernel("pad", {node.input(0), pads, value, node.input(3)}, {{"mode", static_cast<int64_t>(*mode)}}));
}

}  // namespace

LogicalResult scatterNdKernel(NodeLowering &node) {
  std::optional<int64_t> kind = readKind(node);
  if (!kind)
    return refuseKind(node);
  Dims data = node.dims(node.input(0)), tuples = node.dims(node.input(1));
  std::optional<int64_t> width = tuples.empty() ? std::nullopt : tuples.back().getConstant();
  if (!width || *width > static_cast<int64_t>(data.size()))
    return refuseUpdates(node);
  tuples.pop_back();
  tuples.append(data.begin() + *width, data.end());
  if (!mayBeEqual(node.dims(node.input(2)), tuples))
    return refuseUpdates(node);
  return node.replace(node.callKernel("scatter_nd", {node.input(0), node.input(1), node.input(2)}, {{"kind", *kind}}));
}

void addScatterKernels(LoweringRules &rules) {
  rules["ai.onnx::ScatterElements"] = scatterElements;
  rules["ai.onnx::Scatter"] = scatterElements;
  rules["ai.onnx::TensorScatter"] = tensorScatter;
  rules["ai.onnx::Pad"] = pad;
}

}  // namespace switchyard::raise
