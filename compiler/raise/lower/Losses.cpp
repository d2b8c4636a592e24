// Losses of classes: one kernel, behind a softmax where the operand is no log-probabilities.
#include "compiler/raise/lower/NodeLowering.h"

#include "kernels/layout/operators.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using switchyard::kernels::LossReduction;

namespace switchyard::raise {

namespace {

/// The loss of log-probabilities; null where its reduction is unknown.
Value lossOf(NodeLowering &node, Value logarithms) {
  std::optional<LossReduction> reduction = llvm::StringSwitch<std::optional<LossReduction>>(node.node.getString("reduction", "mean"))
                                               .Case("none", LossReduction::none)
                                               .Case("sum", LossReduction::sum)
                                               .Case("mean", LossReduction::mean)
                                               .Default(std::nullopt);
  if (!reduction)
    return {};
  bool ignores = node.node.getNodeAttr("ignore_index") != nullptr;
  KernelResult result{node.resultDims(), node.resultElementType()};
  return node
      .callKernelWith("negative_log_likelihood", {logarithms, node.input(1), node.input(2)}, result,
                      {{"reduction", static_cast<int64_t>(*reduction)}, {"ignores", ignores}, {"ignored", node.node.getInt("ignore_index", 0)}})
      .front();
}

LogicalResult refuseReduction(NodeLowering &node) { return node.unsupported("expects the reduction none, sum or mean"); }

LogicalResult negativeLogLikelihood(NodeLowering &node) {
  Value loss = lossOf(node, node.input(0));
  return loss ? node.replace(loss) : refuseReduction(node);
}

/// The log-probabilities are a second result.
LogicalResult softmaxCrossEntropy(NodeLowering &node) {
  Value logarithms = logSoftmax(node, node.input(0), 1), loss = lossOf(node, logarithms);
  return loss ? node.replace({loss, logarithms}) : refuseReduction(node);
}

}  // namespace

void addLossRules(LoweringRules &rules) {
  rules["ai.onnx::NegativeLogLikelihoodLoss"] = negativeLogLikelihood;
  rules["ai.onnx::SoftmaxCrossEntropyLoss"] = softmaxCrossEntropy;
}

}  // namespace switchyard::raise
