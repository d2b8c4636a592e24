// Rows that are weighed and summed: of the experts of a token, or of its slots.
#ifndef SWITCHYARD_COMPILER_RAISE_EXPERTS_MIXTURE_H
#define SWITCHYARD_COMPILER_RAISE_EXPERTS_MIXTURE_H

#include "compiler/raise/Match.h"
#include "compiler/raise/control/NodeWriter.h"

namespace switchyard::raise {

/// The sum over dimension `axis` of `rows`, a tensor of any layout of which the last other dimension holds the features, of each row times its share:
/// ReduceSum of a Mul, a MatMul with vectors of shares, or an Einsum. `shares` has dimensions as `rows` has, but for the features, and perhaps others of 1.
struct Mixture {
  mlir::Value rows, shares;
  int64_t axis = 0, sharesAxis = 0;
};

/// How `node` may be read as a mixture. Nothing where it is none.
llvm::SmallVector<Mixture, 2> readMixtures(Match &match, onnx::NodeOp node);

/// The same result as a product and a sum, in front of `node`.
mlir::Value writeMixture(NodeWriter &writer, SymbolicShapes &shapes, const Mixture &mixture, mlir::Value result);

/// `value` [rows, features] in the shape of `result`, of which `shares` has all dimensions that are not static; null where it has not.
mlir::Value shapeLike(NodeWriter &writer, SymbolicShapes &shapes, mlir::Value value, mlir::Value result, mlir::Value shares);

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_EXPERTS_MIXTURE_H
