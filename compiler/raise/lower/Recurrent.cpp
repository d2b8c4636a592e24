// Recurrent layers: one kernel for all three.
#include "compiler/raise/lower/KernelRules.h"

#include "kernels/layout/operators.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace switchyard::kernels;

namespace switchyard::raise {

namespace {

std::optional<RecurrentActivation> readActivation(llvm::StringRef name) {
  return llvm::StringSwitch<std::optional<RecurrentActivation>>(name)
      .CaseLower("sigmoid", RecurrentActivation::sigmoid)
      .CaseLower("tanh", RecurrentActivation::tanh)
      .CaseLower("relu", RecurrentActivation::relu)
      .CaseLower("leakyrelu", RecurrentActivation::leakyRelu)
      .CaseLower("thresholdedrelu", RecurrentActivation::thresholdedRelu)
      .CaseLower("hardsigmoid", RecurrentActivation::hardSigmoid)
      .CaseLower("elu", RecurrentActivation::elu)
      .CaseLower("softsign", RecurrentActivation::softsign)
      .CaseLower("softplus", RecurrentActivation::softplus)
      .Default(std::nullopt);
}

/// Three for each direction, in the order in which the layer uses them; the kernel reads no more than the layer has.
std::optional<SmallVector<int64_t>> readActivations(NodeLowering &node, ArrayRef<RecurrentActivation> defaults, int64_t directions) {
  auto stated = dyn_cast_or_null<ArrayAttr>(node.node.getNodeAttr("activations"));
  if (stated && static_cast<int64_t>(stated.size()) != directions * static_cast<int64_t>(defaults.size()))
    return std::nullopt;
  SmallVector<int64_t> activations;
  for (int64_t direction = 0; direction < directions; ++direction)
    for (size_t which = 0; which < 3; ++which) {
      size_t used = std::min(which, defaults.size() - 1);
      auto name = stated ? dyn_cast<StringAttr>(stated[direction * defaults.size() + used]) : StringAttr();
      std::optional<RecurrentActivation> activation = name ? readActivation(name.getValue()) : defaults[used];
      if (!activation || (stated && !name))
        return std::nullopt;
      activations.push_back(static_cast<int64_t>(*activation));
    }
  return activations;
}

LogicalResult recurrent(NodeLowering &node, RecurrentKind kind, ArrayRef<RecurrentActivation> defaults) {
  llvm::StringRef direction = node.node.getString("direction", "forward");
  RecurrentDirection way = direction == "bidirectional" ? RecurrentDirection::both
                           : direction == "reverse"     ? RecurrentDirection::backward
                                                        : RecurrentDirection::forward;
  std::optional<SmallVector<int64_t>> activations = readActivations(node, defaults, way == RecurrentDirection::both ? 2 : 1);
  if (!activations || node.node.getNodeAttr("activation_alpha") || node.node.getNodeAttr("activation_beta"))
    return node.unsupported("expects activations that are known, with their default parameters");
  bool isLstm = kind == RecurrentKind::lstm, batchFirst = node.node.getInt("layout", 0) != 0;
  Dims x = node.dims(node.input(0)), rows = node.dims(node.input(1));
  Type type = TensorBuilder::elementType(node.input(0)), wide = type.isF64() ? type : Type(node.builder.getF32Type());
  Expression steps = x[batchFirst ? 1 : 0], batch = x[batchFirst ? 0 : 1], units = node.dims(node.input(2))[2];
  Dims y = batchFirst ? Dims{batch, steps, rows[0], units} : Dims{steps, rows[0], batch, units};
  Dims state = batchFirst ? Dims{batch, rows[0], units} : Dims{rows[0], batch, units};
  KernelResult results[] = {{y, type}, {state, type}, {state, type}, {{rows[0], batch, rows[1]}, wide}};
  Value cell = isLstm ? node.input(6) : Value(), peephole = isLstm ? node.input(7) : Value();
  return node.replace(node.callKernelWith(
      "recurrent",
      {node.input(0), node.input(1), node.input(2), node.input(3), node.input(4), node.input(5), cell, peephole, node.integers(*activations)}, results,
      {{"kind", static_cast<int64_t>(kind)},
       {"direction", static_cast<int64_t>(way)},
       {"batch_first", batchFirst},
       {"linear_before_reset", node.node.getInt("linear_before_reset", 0)},
       {"coupled", isLstm ? node.node.getInt("input_forget", 0) : 0}},
      {{"clip", node.node.getFloat("clip", 0.0)}}));
}

using Activation = RecurrentActivation;

LogicalResult plain(NodeLowering &node) { return recurrent(node, RecurrentKind::plain, {Activation::tanh}); }
LogicalResult gru(NodeLowering &node) { return recurrent(node, RecurrentKind::gru, {Activation::sigmoid, Activation::tanh}); }
LogicalResult lstm(NodeLowering &node) { return recurrent(node, RecurrentKind::lstm, {Activation::sigmoid, Activation::tanh, Activation::tanh}); }

}  // namespace

void addRecurrentKernels(LoweringRules &rules) {
  rules["ai.onnx::RNN"] = plain;
  rules["ai.onnx::GRU"] = gru;
  rules["ai.onnx::LSTM"] = lstm;
}

}  // namespace switchyard::raise
