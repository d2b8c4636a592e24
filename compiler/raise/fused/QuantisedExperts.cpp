#include "compiler/raise/fused/QuantisedExperts.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

constexpr unsigned firstActivationScale = 17, lastOperand = 20;

}  // namespace

FailureOr<bool> QuantisedExperts::readAttribute(NamedAttribute attribute) {
  llvm::StringRef name = attribute.getName();
  if (name == "quant_type") {
    auto text = dyn_cast<StringAttr>(attribute.getValue());
    if (!text)
      return invalid() << "attribute quant_type must be a string, but is " << attribute.getValue();
    quantType = text.getValue();
    return true;
  }
  int64_t *number = llvm::StringSwitch<int64_t *>(name)
                        .Case("expert_weight_bits", &bits)
                        .Case("fc1_expert_weight_bits", &ownBits[0])
                        .Case("fc2_expert_weight_bits", &ownBits[1])
                        .Case("fc3_expert_weight_bits", &ownBits[2])
                        .Case("block_size", &blockSize)
                        .Case("weights_prepacked", &prepacked)
                        .Case("accuracy_level", &accuracy)
                        .Default(nullptr);
  if (!number)
    return false;
  auto integer = dyn_cast<IntegerAttr>(attribute.getValue());
  if (!integer)
    return invalid() << "attribute " << name << " must be an integer, but is " << attribute.getValue();
  *number = integer.getInt();
  return true;
}

FailureOr<Attribute> QuantisedExperts::readConstant(unsigned position, const llvm::Twine &name) {
  Value value = node.getInput(position);
  Attribute recipe = getConstantRecipe(weights, value);
  if (value && !recipe)
    return unsupported(name, " must be a weight of the model, but it is computed at run time");
  return recipe;
}

FailureOr<Attribute> QuantisedExperts::readMatrices(unsigned index) {
  std::string name = nameOf(index, "experts_weights");
  FailureOr<Attribute> recipe = readConstant(matrices[index], name);
  if (failed(recipe) || !*recipe)
    return recipe;
  RankedTensorType type = rt::getRecipeType(*recipe);
  if (type.getRank() != 3)
    return invalid() << "expected " << name << " of rank 3, but got " << type;
  bool fits = isFloat() ? isa<FloatType>(type.getElementType()) && type.getElementTypeBitWidth() == 8 : type.getElementType().isUnsignedInteger(8);
  if (!fits)
    return invalid() << "expected " << name << " of " << (isFloat() ? "floats of 8 bits" : "bytes") << ", but got " << type;
  return recipe;
}

LogicalResult QuantisedExperts::checkLayout(int64_t hidden, int64_t fused, Type type) {
  if (quantType != "int" && !isFloat() && !isFp4())
    return unsupported("quant_type '", quantType, "'; known are int, fp8, fp4 and nvfp4");
  if (blockSize < 0)
    return invalid() << "attribute block_size must not be negative, but is " << blockSize;
  for (unsigned index : {0u, 1u, 2u})
    if (!isDecodedWidth(getBits(index)))
      return unsupported("weights of ", getBits(index), " bits; decoded are 2, 4 and 8");
  for (unsigned position = firstActivationScale; position <= lastOperand; ++position)
    if (node.getInput(position))
      return unsupported("quantised activations (operand ", position, ")");
  if (isFp4())
    return checkFp4Layout(hidden, fused);
  FailureOr<Attribute> first = readMatrices(0), second = failed(first) ? FailureOr<Attribute>(failure()) : readMatrices(1);
  if (failed(second))
    return failure();
  if (!*first || !*second || isFloat())
    return success();
  if (prepacked == 1)
    return unsupported("weights_prepacked = 1: the weights are in the layout of a device; export them with weights_prepacked = 0");
  // Rows of outputs hold K elements in bytes; a device's layout has K rows of N elements.
  RankedTensorType a = rt::getRecipeType(*first), b = rt::getRecipeType(*second);
  int64_t aRows = a.getDimSize(1), aWidth = a.getDimSize(2) * 8 / getBits(0), bRows = b.getDimSize(1), bWidth = b.getDimSize(2) * 8 / getBits(1);
  bool isRaw = aWidth == hidden && aRows == fused * bWidth && bRows == hidden;
  bool isPacked = aRows == hidden && aWidth == fused * bRows && bWidth == hidden;
  if (prepacked == 0 || !isPacked)
    return success();
  if (!isRaw)
    return unsupported("the weights ", a, " and ", b, " stand inputs first, as in the layout that a device packs; export them with weights_prepacked = 0");
  // Of the kernels of this operator only those that read raw weights compute in f32.
  if (!type.isF32())
    return unsupported("H = I = ", hidden, ", so that the shapes do not tell raw weights from those that a device has packed; export them with "
                                           "weights_prepacked = 0");
  node.emitRemark() << "H = I = " << hidden
                    << ", so that the shapes do not tell raw weights from those that a device has packed; raw ones are taken, since the model "
                       "computes in f32";
  return success();
}

FailureOr<Attribute> QuantisedExperts::readScales(unsigned index, ArrayRef<int64_t> shape, ArrayRef<int64_t> blocks) {
  // fp8 without blocks has one scale an expert, at a place of its own.
  bool global = isFloat() && blockSize == 0;
  std::string name = nameOf(index, global ? "global_scale" : "scales");
  if (global && index >= std::size(globalScales))
    return unsupported("fc3 with quant_type fp8 and no block_size");
  return readScalesAt(global ? globalScales[index] : scales[index], name, shape, blocks);
}

FailureOr<Attribute> QuantisedExperts::readScalesAt(unsigned position, const std::string &name, ArrayRef<int64_t> shape, ArrayRef<int64_t> blocks) {
  FailureOr<Attribute> recipe = readConstant(position, name);
  if (failed(recipe))
    return failure();
  if (!*recipe)
    return invalid() << "input " << name << " is missing";
  SmallVector<int64_t> expected;
  for (auto [size, block] : llvm::zip_equal(shape, blocks))
    expected.push_back(llvm::divideCeil(size, block));
  SmallVector<int64_t> stated(rt::getRecipeType(*recipe).getShape());
  stated.resize(std::max<size_t>(stated.size(), 3), 1);
  if (ArrayRef<int64_t>(stated) != ArrayRef<int64_t>(expected)) {
    InFlightDiagnostic message = invalid();
    message << "expected " << name << " of ";
    llvm::interleave(expected, message, " x ");
    return message << ", but got " << rt::getRecipeType(*recipe);
  }
  return reshapeRecipe(*recipe, expected);
}

FailureOr<Attribute> QuantisedExperts::readZeroPoints(unsigned index, Attribute scaling) {
  std::string name = nameOf(index, "zero_points");
  int64_t width = getBits(index);
  FailureOr<Attribute> recipe = readConstant(zeroPoints[index], name);
  if (failed(recipe))
    return failure();
  if ((isFloat() || isFp4()) && *recipe)
    return invalid() << name << " stands with quant_type " << quantType;
  if (isFloat() || isFp4())
    return Attribute();
  if (!*recipe)
    return middleZeroPoints(scaling, width);
  // Packed along the blocks of a row, or along the rows of an expert where a row has one.
  SmallVector<int64_t> shape(rt::getRecipeType(scaling).getShape()), packed(shape);
  if (blockSize == 0)
    packed.pop_back();
  int64_t last = packed.back();
  packed.back() = llvm::divideCeil(last * width, 8);
  RankedTensorType type = rt::getRecipeType(*recipe);
  if (type.getShape() != ArrayRef<int64_t>(packed) || !type.getElementType().isUnsignedInteger(8)) {
    InFlightDiagnostic message = invalid();
    message << "expected " << name << " of ";
    llvm::interleave(packed, message, " x ");
    return message << " bytes, but got " << type;
  }
  return reshapeRecipe(unpackRecipe(*recipe, width, last), shape);
}

FailureOr<Attribute> QuantisedExperts::decode(unsigned index) {
  if (isFp4())
    return decodeFp4(index);
  FailureOr<Attribute> elements = readMatrices(index);
  if (failed(elements) || !*elements)
    return elements;
  SmallVector<int64_t> shape(rt::getRecipeType(*elements).getShape());
  if (!isFloat())
    elements = unpackRecipe(*elements, getBits(index), shape.back() * 8 / getBits(index));
  shape.back() = rt::getRecipeType(*elements).getDimSize(2);
  SmallVector<int64_t> blocks{1, 1, std::max<int64_t>(1, blockSize > 0 ? blockSize : shape.back())};
  if (isFloat())
    blocks[1] = std::max<int64_t>(1, blockSize > 0 ? blockSize : shape[1]);
  FailureOr<Attribute> scaling = readScales(index, shape, blocks);
  FailureOr<Attribute> zeros = failed(scaling) ? FailureOr<Attribute>(failure()) : readZeroPoints(index, *scaling);
  if (failed(zeros))
    return failure();
  return dequantiseRecipe(*elements, *scaling, *zeros, blocks);
}

}  // namespace switchyard::raise
