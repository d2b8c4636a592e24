// The rules of moe-lower-onnx: what replaces one node.
#ifndef SWITCHYARD_COMPILER_RAISE_LOWER_NODELOWERING_H
#define SWITCHYARD_COMPILER_RAISE_LOWER_NODELOWERING_H

#include "compiler/analysis/ShapeRules.h"
#include "compiler/raise/lower/TensorBuilder.h"
#include "dialects/onnx/OnnxDialect.h"

#include "llvm/ADT/StringMap.h"

#include <string>

namespace switchyard::raise {

/// What a kernel writes.
struct KernelResult {
  Dims shape;
  mlir::Type elementType;
};

/// One node in front of its rule. A rule either calls `replace` or gives the reason why it cannot.
///
/// Rules that compute see f32 where the node has f16 or bf16: operands are widened, which is exact, and `replace` rounds the results once.
class NodeLowering : public TensorBuilder {
public:
  NodeLowering(onnx::NodeOp node, SymbolicShapes &shapes, WeightRecipes &weights);

  onnx::NodeOp node;
  NodeShapes facts;  // the node as the analysis sees it: constant operands, axes, slices
  std::string reason;

  /// Operand `index`; null where it is absent.
  mlir::Value input(unsigned index);
  /// All operands, of which none is absent.
  llvm::SmallVector<mlir::Value> inputs();
  /// The shape of result `index`.
  Dims resultDims(unsigned index = 0) { return dims(node.getResult(index)); }
  mlir::Type resultElementType(unsigned index = 0) { return computedType(shapes.getFacts(node.getResult(index))->elementType); }
  /// True where result `index` is there and read by something.
  bool isUsed(unsigned index) { return index < node.getNumResults() && !node.getResult(index).use_empty(); }

  /// Gives the reason why this node cannot be lowered.
  mlir::LogicalResult unsupported(const llvm::Twine &why) {
    reason = why.str();
    return mlir::failure();
  }
  /// Fails, with the reason, where the node has an attribute that is not one of `known`.
  mlir::LogicalResult expectAttributes(llvm::ArrayRef<llvm::StringRef> known);
  /// The results of a kernel (nn.operator) of the node's result shapes and types; `inputs` in the order of the kernel's row, null where absent.
  mlir::SmallVector<mlir::Value> callKernel(llvm::StringRef kernel, llvm::ArrayRef<mlir::Value> inputs,
                                            llvm::ArrayRef<std::pair<llvm::StringRef, int64_t>> integers = {},
                                            llvm::ArrayRef<std::pair<llvm::StringRef, double>> floats = {});
  /// The same for result `index` alone.
  mlir::Value callKernelFor(unsigned index, llvm::StringRef kernel, llvm::ArrayRef<mlir::Value> inputs,
                            llvm::ArrayRef<std::pair<llvm::StringRef, int64_t>> integers = {});
  /// The same for results of any shapes and types.
  mlir::SmallVector<mlir::Value> callKernelWith(llvm::StringRef kernel, llvm::ArrayRef<mlir::Value> inputs, llvm::ArrayRef<KernelResult> results,
                                                llvm::ArrayRef<std::pair<llvm::StringRef, int64_t>> integers = {},
                                                llvm::ArrayRef<std::pair<llvm::StringRef, double>> floats = {});
  /// A constant of i64, to hand an attribute of many numbers to a kernel.
  mlir::Value integers(llvm::ArrayRef<int64_t> values);
  /// Replaces the results of the node; null for one that nothing reads.
  mlir::LogicalResult replace(mlir::ValueRange values);

private:
  /// The type that stands for `type` where the rule computes.
  mlir::Type computedType(mlir::Type type);

  bool computes;
  llvm::SmallVector<mlir::Value> widened;  // by operand; null where not asked for yet
};

using LoweringRule = mlir::LogicalResult (*)(NodeLowering &);
using LoweringRules = llvm::StringMap<LoweringRule>;

/// All rules by `domain::OpType`.
const LoweringRules &getLoweringRules();

/// rows times `weight` (a weight that stands outputs first, N x K), with an optional bias of N elements.
mlir::Value matmulWeight(NodeLowering &node, mlir::Value rows, mlir::Value weight, mlir::Value bias);

/// log(softmax(x)) along `axis`.
mlir::Value logSoftmax(NodeLowering &node, mlir::Value x, int64_t axis);

/// 1 / (1 + exp(-x)) of a scalar.
mlir::Value sigmoid(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x);

/// log(1 + e^x) of a scalar, without overflow.
mlir::Value softplus(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x);

// One family a file.
void addKernelRules(LoweringRules &rules);
void addElementwiseRules(LoweringRules &rules);
void addActivationRules(LoweringRules &rules);
void addMovementRules(LoweringRules &rules);
void addConstantRules(LoweringRules &rules);
void addIndexingRules(LoweringRules &rules);
void addReductionRules(LoweringRules &rules);
void addContractionRules(LoweringRules &rules);
void addDepthwiseConvolutionRules(LoweringRules &rules);
void addEinsumRules(LoweringRules &rules);
void addLossRules(LoweringRules &rules);
void addQuantisedActivationRules(LoweringRules &rules);
void addNormalizationRules(LoweringRules &rules);
void addChannelNormRules(LoweringRules &rules);
void addAttentionRules(LoweringRules &rules);
void addStandardAttentionRules(LoweringRules &rules);
void addMultiHeadAttentionRules(LoweringRules &rules);
void addLinearAttentionRules(LoweringRules &rules);
void addGateRules(LoweringRules &rules);
void addRotaryRules(LoweringRules &rules);
void addPackedAttentionRules(LoweringRules &rules);
void addEmbedLayerNormalizationRules(LoweringRules &rules);

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_LOWER_NODELOWERING_H
