// Operators on quantised weights, in front of the rule that decodes their weights. One operator a file.
#ifndef SWITCHYARD_COMPILER_RAISE_QUANTISED_QUANTISEDNODES_H
#define SWITCHYARD_COMPILER_RAISE_QUANTISED_QUANTISEDNODES_H

#include "compiler/analysis/SymbolicShapes.h"
#include "compiler/raise/quantised/QuantisedWeights.h"
#include "dialects/onnx/OnnxDialect.h"

#include "mlir/IR/TypeUtilities.h"

namespace switchyard::raise {

/// One node whose weights are quantised. A rule either calls `replace` or leaves the reason on the node, for moe-lower-onnx to report.
class QuantisedNode {
public:
  QuantisedNode(onnx::NodeOp node, SymbolicShapes &shapes, WeightRecipes &weights) : node(node), shapes(shapes), weights(weights), builder(node) {}

  onnx::NodeOp node;
  SymbolicShapes &shapes;
  WeightRecipes &weights;
  mlir::OpBuilder builder;

  mlir::LogicalResult unsupported(const llvm::Twine &why);
  /// Fails, with the reason, where the node has an attribute that is not one of `known`.
  mlir::LogicalResult expectAttributes(llvm::ArrayRef<llvm::StringRef> known);
  /// The recipe of operand `index`, called `role`; failure, with the reason, where it is computed at run time.
  mlir::FailureOr<mlir::Attribute> constant(unsigned index, llvm::StringRef role);
  /// The same under `shape`, which has as many elements: files have such operands flat, too. `isBytes`: they must be bytes.
  mlir::FailureOr<mlir::Attribute> constant(unsigned index, llvm::StringRef role, llvm::ArrayRef<int64_t> shape, bool isBytes = false);

  /// A node of the default domain on `operands`, whose one result has the type and the shape of this node's.
  mlir::Value create(llvm::StringRef type, mlir::ValueRange operands, llvm::ArrayRef<mlir::NamedAttribute> attributes = {});
  /// A read of the weight with `recipe`, named after operand 0 or 1 if that is a weight, or after the node.
  mlir::Value read(mlir::Attribute recipe);
  mlir::LogicalResult replace(mlir::Value value);
};

using QuantisedRule = mlir::LogicalResult (*)(QuantisedNode &);
/// The rule of an operator by `domain::OpType`; null for others.
QuantisedRule getQuantisedRule(llvm::StringRef opType);

/// com.microsoft.MatMulNBits: a MatMul, and an Add of the bias.
mlir::LogicalResult decodeMatMulNBits(QuantisedNode &node);
/// com.microsoft.MatMulBlockQuantizedFp8Weight and MatMulBlockQuantizedFp4Weight: the same.
mlir::LogicalResult decodeFp8Weight(QuantisedNode &node);
mlir::LogicalResult decodeFp4Weight(QuantisedNode &node);
/// com.microsoft.GatherBlockQuantized: a Gather.
mlir::LogicalResult decodeGatherBlockQuantized(QuantisedNode &node);
/// DequantizeLinear: a weight.
mlir::LogicalResult decodeDequantizeLinear(QuantisedNode &node);

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_QUANTISED_QUANTISEDNODES_H
