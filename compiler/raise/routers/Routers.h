// Matchers of routers: how ids and weights of the selected experts come from logits. One kind a file.
#ifndef SWITCHYARD_COMPILER_RAISE_ROUTERS_ROUTERS_H
#define SWITCHYARD_COMPILER_RAISE_ROUTERS_ROUTERS_H

#include "compiler/raise/MoeLayer.h"

namespace switchyard::raise {

/// A function over all experts of a token (or over the selected ones): what it makes scores of.
struct Scores {
  moe::Score score;
  mlir::Value logits;
};
/// Reads Softmax over the last axis, Sigmoid, or Sqrt of Softplus; anything else is scores as they are.
mlir::FailureOr<Scores> matchScores(Match &match, mlir::Value scores);

/// A router with a capacity, as DeepSpeed and GShard write it, and the einsum operands it is read from.
struct CapacityRouter {
  Router router;
  Capacity capacity;
};
/// Reads the combine tensor [T, E, C] of a top-1 or top-2 router.
mlir::FailureOr<CapacityRouter> matchCapacityRouter(Match &match, mlir::Value combine, mlir::Operation *reader);

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_ROUTERS_ROUTERS_H
