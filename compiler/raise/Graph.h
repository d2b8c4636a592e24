// Questions about ONNX graphs that hold whatever the pattern: who defines a value, what a constant is.
#ifndef SWITCHYARD_COMPILER_RAISE_GRAPH_H
#define SWITCHYARD_COMPILER_RAISE_GRAPH_H

#include "dialects/onnx/OnnxDialect.h"

#include <optional>
#include <string>

namespace switchyard::raise {

/// The node of default-domain type `type` that defines `value`, or null.
onnx::NodeOp getDefiner(mlir::Value value, llvm::StringRef type);

/// True for nodes that give the elements of operand 0 in the same order, at most under another shape: Reshape, Squeeze,
/// Unsqueeze, Flatten, Identity, a Cast or CastLike to the type it has.
bool isReshape(mlir::Operation *op);
/// `value` in front of all reshapes: a tensor with the same elements in the same order.
mlir::Value skipReshapes(mlir::Value value);

/// `ids` in front of a table (the data of a Gather or GatherND) that gives them other numbers.
mlir::Value skipTable(mlir::Value ids);

/// f16 and bf16, which are computed in f32.
inline bool isNarrowFloat(mlir::Type type) { return type.isF16() || type.isBF16(); }
/// True of floats that layers and nodes compute in f32.
inline bool isComputedInF32(mlir::Type type) { return type.isF32() || isNarrowFloat(type); }

/// True for a Cast among f16, bf16 and f32. Layers compute in f32 and round once, so that those inside them fall away.
bool isFloatCast(mlir::Operation *op);
/// `value` in front of all reshapes and casts among floats.
mlir::Value skipFloatCasts(mlir::Value value);
/// `value` in front of Casts from f16 and bf16 to f32, which change no number.
mlir::Value skipWidenings(mlir::Value value);
/// `value` in front of all Casts, whatever the types; with reshapes among them.
mlir::Value skipCasts(mlir::Value value);
mlir::Value skipConversions(mlir::Value value);

/// The nearest node of which `isWanted` holds among the `mostNodes` nearest that `value` is computed from; null where there is none. What a node reads for
/// which `isPassed` does not hold is not looked at.
onnx::NodeOp findOrigin(mlir::Value value, size_t mostNodes, llvm::function_ref<bool(onnx::NodeOp)> isWanted,
                        llvm::function_ref<bool(onnx::NodeOp)> isPassed = [](onnx::NodeOp) { return true; });

/// The number that `value` is, where it is a constant of one element and of rank 0 or 1: it broadcasts to anything.
std::optional<double> getScalarConstant(mlir::Value value);
/// The same of the elements of a constant or of an attribute, which may be null.
std::optional<double> getScalarConstant(mlir::DenseElementsAttr elements);
/// The same, near enough to `expected` for a literal that went through a narrower float type, and for its own type. No number is a null value.
bool isScalarConstant(mlir::Value value, double expected);

/// True where `value` is the constant pair 0 and 1: what OneHot writes.
bool isZeroAndOne(mlir::Value value);

/// The number that all elements of a constant, an Expand or a ConstantOfShape are. Layers may share one, so that none takes it.
std::optional<double> getFilledNumber(mlir::Value value);

/// The equation of an Einsum with letters renamed to a, b, c… in order of appearance, without blanks.
std::string getCanonicalEquation(onnx::NodeOp einsum);
/// That of the sum over experts and seats behind a capacity: sec,ecm->sm.
inline constexpr llvm::StringRef capacityCombineEquation = "abc,bcd->ad";

/// Which operand of a commutative binary node satisfies `isWanted`: 0, 1, or nothing. The other is `1 - result`.
std::optional<unsigned> findOperand(onnx::NodeOp node, llvm::function_ref<bool(mlir::Value)> isWanted);

/// "node 'name' (ai.onnx::Type)" for messages; other ops by their own name.
std::string describe(mlir::Operation *op);

/// True where `transpose`, of a matrix, exchanges its two axes.
bool exchangesAxes(onnx::NodeOp transpose);
/// True where `transpose` brings the last axis to the front and keeps the order of the others.
bool bringsLastAxisToFront(onnx::NodeOp transpose);

/// The last dimension of `value` where its type has one that is static.
std::optional<int64_t> getStaticLastDim(mlir::Value value);

/// Erases every node and pure op of `function` that nothing reads any more. ONNX nodes have no side effects.
void eraseDeadNodes(mlir::func::FuncOp function);

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_GRAPH_H
