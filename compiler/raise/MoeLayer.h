// A MoE layer as the matchers describe it, and the one place that writes it as `moe` ops.
#ifndef SWITCHYARD_COMPILER_RAISE_MOELAYER_H
#define SWITCHYARD_COMPILER_RAISE_MOELAYER_H

#include "compiler/raise/Match.h"
#include "compiler/raise/WeightStacking.h"
#include "dialects/moe/MoeDialect.h"

#include "mlir/IR/BuiltinOps.h"

namespace switchyard::raise {

/// How experts are chosen and weighed: the operands and the attribute of moe.gate. Logits and mix are [..., E].
struct Router {
  mlir::Value logits, selectionBias, mix;
  moe::GatingAttr gating;
  int64_t experts = 0, slots = 0;
  mlir::Value weights = {};  // T x k in row-major order, instead of those of the gate: computed by nodes that stay plain
  std::string plainBecause = {};  // why
  llvm::SmallVector<int64_t> bodies = {};  // the expert that computes for the chosen one, for each, where a table renumbers them; empty: itself
};

/// Seats per expert: over all tokens of the call, or over each `group` consecutive ones.
struct Capacity {
  Expression seats, group = {};
  moe::DropAttr drop;
};

/// The operands of moe.expert as recipes: gate and up E x I x H, down E x H x I, biases E x I, E x I, E x H. Null: absent.
struct Experts {
  mlir::Attribute gate, gateBias, up, upBias, down, downBias;
  moe::ActivationAttr activation;

  bool operator==(const Experts &) const = default;
};

struct MoeLayer {
  mlir::Value tokens;  // [..., H]
  Router router;
  std::optional<Capacity> capacity;
  Experts experts;
  bool weighsInputs = false;  // the weight of a slot multiplies what its expert reads, and not what it gives
};

/// The product of all dimensions of `value` but the last; its shape must be known.
Expression countRows(SymbolicShapes &shapes, mlir::Value value);

/// Proves that tokens, router and experts speak of the same T, E and H, in element types that f32 holds.
mlir::LogicalResult checkLayer(Match &match, const MoeLayer &layer, mlir::Operation *anchor);

/// Writes the layer in front of `root`, the last of its nodes, and returns what takes the place of the node's first result. New weights are named
/// after `name`, or after the node. The ops of the layer compute in f32: what is narrower is widened before them, and their result is
/// rounded once.
mlir::Value emitLayer(onnx::NodeOp root, SymbolicShapes &shapes, WeightRecipes &weights, const MoeLayer &layer, llvm::StringRef name = {});

/// Writes `layer` in the place of the first result of `root`; where it failed, remarks what is left plain, and why.
void replaceLayer(Match &match, WeightRecipes &weights, onnx::NodeOp root, const mlir::FailureOr<MoeLayer> &layer, llvm::StringRef plain);

/// What `read` makes of the default-domain nodes of type `type` in `function`, in the order of the program, where it makes something.
template <typename Anchor>
llvm::SmallVector<Anchor> collectAnchors(mlir::func::FuncOp function, llvm::StringRef type, llvm::function_ref<std::optional<Anchor>(onnx::NodeOp)> read) {
  llvm::SmallVector<Anchor> anchors;
  function.walk([&](onnx::NodeOp node) {
    if (node.getDomain() == "ai.onnx" && node.getType() == type)
      if (std::optional<Anchor> anchor = read(node))
        anchors.push_back(*anchor);
  });
  return anchors;
}

/// What passes that raise layers do in each function of `module`: `find(function, weights)` gives where layers may end, in the order of
/// the program, and `raise(shapes, weights, anchor)` reads and replaces the one that ends there.
template <typename Find, typename Raise> void raiseLayers(mlir::ModuleOp module, Find find, Raise raise) {
  WeightRecipes weights(module);
  for (auto function : module.getOps<mlir::func::FuncOp>()) {
    eraseDeadNodes(function);  // nodes that nothing reads are no readers of a layer's inner values
    auto anchors = find(function, weights);
    if (anchors.empty())
      continue;
    SymbolicShapes shapes(function);
    for (const auto &anchor : anchors)
      raise(shapes, weights, anchor);
    eraseDeadNodes(function);
  }
}

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_MOELAYER_H
