// Nodes that are refused: reported together, so that a user sees all of them in one run.
#ifndef SWITCHYARD_COMPILER_RAISE_REFUSALS_H
#define SWITCHYARD_COMPILER_RAISE_REFUSALS_H

#include "dialects/onnx/OnnxDialect.h"
#include "runtime/base/status.h"

#include "llvm/ADT/SmallVector.h"

#include <string>

namespace switchyard::raise {

/// The discardable attribute of a node that a pass refuses: the reason. Of what is unsupported moe-lower-onnx reports all together.
inline constexpr llvm::StringLiteral refusedAttribute = "onnx.refused";

/// "f16", for messages.
std::string describeType(mlir::Type type);
/// The reason against elements of `type` where only f32 is computed.
std::string describeOtherType(mlir::Type type);

class RefusalList {
public:
  /// So many nodes are named one by one; of the others the operators are counted.
  static constexpr size_t maxNamed = 20;

  /// Leaves the reason on the node, too.
  void add(onnx::NodeOp node, const llvm::Twine &reason);
  bool empty() const { return refusals.empty(); }
  /// One error a node: "domain::OpType version N is invalid: reason", or "... is not supported: ...". Fails if there is any.
  mlir::LogicalResult report(ExitCode code) const;

private:
  struct Refusal {
    onnx::NodeOp node;
    std::string reason;
  };
  llvm::SmallVector<Refusal> refusals;
};

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_REFUSALS_H
