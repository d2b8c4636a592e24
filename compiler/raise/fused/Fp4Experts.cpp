// Experts in floats of four bits: two in a byte, a scale of 8 bits for every block of inputs, and a scale for every expert.
#include "compiler/raise/fused/QuantisedExperts.h"

using namespace mlir;

namespace switchyard::raise {

/// The bytes hold neighbours along the inputs, E x N x K / 2, or along the outputs, E x K x N / 2: that is what kernels of devices read. No attribute
/// says which.
LogicalResult QuantisedExperts::checkFp4Layout(int64_t hidden, int64_t fused) {
  if (blockSize != 0 && blockSize != getFp4Block())
    return unsupported("block_size = ", blockSize, " with quant_type ", quantType, ", of which blocks have ", getFp4Block(), " elements");
  for (unsigned index : {0u, 1u, 2u})
    if (getBits(index) != 4)
      return invalid() << "weights of " << getBits(index) << " bits stand with quant_type " << quantType;
  FailureOr<Attribute> first = readMatrices(0), second = failed(first) ? FailureOr<Attribute>(failure()) : readMatrices(1);
  if (failed(second))
    return failure();
  if (!*first || !*second)
    return success();
  RankedTensorType a = rt::getRecipeType(*first), b = rt::getRecipeType(*second);
  int64_t aRows = a.getDimSize(1), aWidth = a.getDimSize(2) * 2, bRows = b.getDimSize(1), bWidth = b.getDimSize(2) * 2;
  bool outputsFirst = aWidth == hidden && aRows == fused * bWidth && bRows == hidden;
  inputsFirst = aRows == hidden && aWidth == fused * bRows && bWidth == hidden;
  if (outputsFirst && inputsFirst)
    return unsupported("H = I = ", hidden, ", so that the shapes do not tell whether bytes hold neighbours along the inputs or along the outputs");
  return success();
}

FailureOr<Attribute> QuantisedExperts::decodeFp4(unsigned index) {
  FailureOr<Attribute> bytes = readMatrices(index);
  if (failed(bytes) || !*bytes)
    return bytes;
  if (index >= std::size(globalScales))
    return unsupported("fc3 with quant_type ", quantType);
  MLIRContext *context = node.getContext();
  Attribute elements = unpackRecipe(*bytes, Float4E2M1FNType::get(context), rt::getRecipeType(*bytes).getDimSize(2) * 2);
  if (inputsFirst)
    elements = transposeMatrices(elements);
  SmallVector<int64_t> shape(rt::getRecipeType(elements).getShape());
  auto positive = [](int64_t size) { return std::max<int64_t>(1, size); };
  SmallVector<int64_t> blocks{1, 1, getFp4Block()}, matrix{1, positive(shape[1]), positive(shape[2])};
  std::string name = nameOf(index, "scales");
  FailureOr<Attribute> scaling = readScalesAt(scales[index], name, shape, blocks);
  if (failed(scaling))
    return failure();
  Type expected = quantType == "fp4" ? Type(Float8E8M0FNUType::get(context)) : Type(Float8E4M3FNType::get(context));
  Type stated = rt::getRecipeType(*scaling).getElementType();
  // Some files have them as bytes.
  if (Attribute numbers = stated.isUnsignedInteger(8) ? reinterpretRecipe(*scaling, expected) : Attribute())
    scaling = numbers;
  else if (stated != expected)
    return invalid() << "expected " << name << " of " << expected << " with quant_type " << quantType << ", but got " << stated;
  FailureOr<Attribute> global = readScalesAt(globalScales[index], nameOf(index, "global_scale"), shape, matrix);
  FailureOr<Attribute> zeros = failed(global) ? FailureOr<Attribute>(failure()) : readZeroPoints(index, *scaling);
  if (failed(zeros))
    return failure();
  // The first product is exact.
  return dequantiseRecipe(dequantiseRecipe(elements, *scaling, Attribute(), blocks), *global, Attribute(), matrix);
}

}  // namespace switchyard::raise
