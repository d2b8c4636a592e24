// Functions of one value as exporters write them, for matchActivation: one family a file, each reader from the last node of a spelling.
#ifndef SWITCHYARD_COMPILER_RAISE_EXPERTS_POINTWISE_H
#define SWITCHYARD_COMPILER_RAISE_EXPERTS_POINTWISE_H

#include "compiler/raise/Graph.h"
#include "dialects/moe/MoeDialect.h"

namespace switchyard::raise {

/// A function of one value, and the nodes that compute it.
struct Pointwise {
  moe::ActivationKind kind;
  mlir::Value input;
  double alpha = 1.0;
  llvm::SmallVector<mlir::Operation *> nodes;
  bool inRange = true;  // its parameters are some that `kind` can have
};

/// The function that `value` is the result of, in any spelling; nothing where it is of no kind.
std::optional<Pointwise> readPointwise(mlir::Value value);

using PointwiseReader = std::optional<Pointwise> (*)(onnx::NodeOp);

/// Gelu by the error function and by tanh.
std::optional<Pointwise> readGelu(onnx::NodeOp product);

/// Relu and relu6, by Clip, Max and Min; their squares.
std::optional<Pointwise> readClipped(onnx::NodeOp node);
std::optional<Pointwise> readSquare(onnx::NodeOp node);
/// Leaky relu as the larger of two, and functions that are others below 0: leaky relu and elu.
std::optional<Pointwise> readLarger(onnx::NodeOp maximum);
std::optional<Pointwise> readBelowZero(onnx::NodeOp where);

/// Sigmoid as a quotient; silu as a product with it or as a quotient.
std::optional<Pointwise> readSigmoid(onnx::NodeOp node);
std::optional<Pointwise> readSilu(onnx::NodeOp node);
/// Softplus with a factor, and x itself beyond a threshold; mish, a product with its tanh.
std::optional<Pointwise> readSoftplus(onnx::NodeOp node);
std::optional<Pointwise> readMish(onnx::NodeOp product);
/// The hard sigmoid, clamped before or after the division by 6, and its product with x.
std::optional<Pointwise> readHard(onnx::NodeOp node);

/// The operand of `node` beside one that is the constant `number`; null where it has none, or is null.
mlir::Value otherThanConstant(onnx::NodeOp node, double number);
/// `node` as (an operand, times a constant): x of x * alpha.
struct Scaled {
  mlir::Value input;
  double alpha = 1.0;
};
std::optional<Scaled> readScaled(onnx::NodeOp product);
/// Where(x > bound, above, below), or the same by Less and with the sides exchanged.
struct Choice {
  mlir::Value x, above, below;
  double bound = 0.0;
  llvm::SmallVector<mlir::Operation *> nodes;
};
std::optional<Choice> readChoice(onnx::NodeOp where);
/// True where `value` is `expected` within what f32 keeps of it.
bool isNear(double value, double expected);

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_EXPERTS_POINTWISE_H
