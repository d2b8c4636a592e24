// How com.microsoft.QMoE stores the weights of its experts, and the floats that they stand for.
#ifndef SWITCHYARD_COMPILER_RAISE_FUSED_QUANTISEDEXPERTS_H
#define SWITCHYARD_COMPILER_RAISE_FUSED_QUANTISEDEXPERTS_H

#include "compiler/raise/fused/FusedNode.h"
#include "compiler/raise/quantised/QuantisedWeights.h"

namespace switchyard::raise {

class QuantisedExperts : FusedNode {
public:
  QuantisedExperts(onnx::NodeOp node, WeightRecipes &weights) : FusedNode(node), weights(weights) {}

  /// Reads an attribute that the operator has beside those of com.microsoft.MoE; false where it is none of them.
  mlir::FailureOr<bool> readAttribute(mlir::NamedAttribute attribute);
  /// Proves that the matrices stand outputs first, as rows of bytes, where the shapes or the attributes say so. Tokens have
  /// `hidden` elements of `type`; `fused` is 2 where fc1 holds gate and up, else 1.
  mlir::LogicalResult checkLayout(int64_t hidden, int64_t fused, mlir::Type type);
  /// The matrices fc1, fc2 or fc3 (`index` 0, 1, 2) as floats, E x N x K.
  mlir::FailureOr<mlir::Attribute> decode(unsigned index);

private:
  // Positions of the operands of fc1, fc2 and fc3; there is no global scale of fc3.
  static constexpr unsigned matrices[] = {2, 5, 8}, scales[] = {3, 6, 9}, zeroPoints[] = {11, 12, 13}, globalScales[] = {15, 16};

  bool isFloat() const { return quantType == "fp8"; }
  /// Floats of four bits in blocks, with a scale of 8 bits each, and a scale of each expert.
  bool isFp4() const { return quantType == "fp4" || quantType == "nvfp4"; }
  int64_t getFp4Block() const { return quantType == "fp4" ? 32 : 16; }
  int64_t getBits(unsigned index) const { return isFloat() ? 8 : ownBits[index] != 0 ? ownBits[index] : bits; }
  static std::string nameOf(unsigned index, llvm::StringRef what) { return ("fc" + llvm::Twine(index + 1) + "_" + what).str(); }
  /// A constant operand; null, without a fault, where it is absent.
  mlir::FailureOr<mlir::Attribute> readConstant(unsigned position, const llvm::Twine &name);
  mlir::FailureOr<mlir::Attribute> readMatrices(unsigned index);
  mlir::FailureOr<mlir::Attribute> readScales(unsigned index, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> blocks);
  /// The operand at `position`, which must have one scale for each block, under the shape of the blocks.
  mlir::FailureOr<mlir::Attribute> readScalesAt(unsigned position, const std::string &name, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> blocks);
  mlir::FailureOr<mlir::Attribute> readZeroPoints(unsigned index, mlir::Attribute scales);
  mlir::LogicalResult checkFp4Layout(int64_t hidden, int64_t fused);
  mlir::FailureOr<mlir::Attribute> decodeFp4(unsigned index);

  WeightRecipes &weights;
  int64_t bits = 4, ownBits[3] = {0, 0, 0}, blockSize = 0, prepacked = -1, accuracy = 0;
  llvm::StringRef quantType = "int";
  bool inputsFirst = false;  // the matrices are E x K x N, as floats of four bits may be
};

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_FUSED_QUANTISEDEXPERTS_H
