// The steps of quantised weights: elements of a few bits, and the floats that they stand for.
#include "compiler/target/ElementCast.h"
#include "compiler/target/RecipeReader.h"

#include "mlir/IR/BuiltinTypes.h"

#include <array>
#include <cstring>

using namespace mlir;

namespace switchyard::target {

namespace {

/// The boxes of a tensor and of its blocks differ by the block sizes.
Box blocksOf(const Box &box, ArrayRef<int64_t> blocks) {
  Box result = box;
  for (auto [d, block] : llvm::enumerate(blocks)) {
    result.offsets[d] = box.offsets[d] / block;
    result.sizes[d] = (box.offsets[d] + box.sizes[d] - 1) / block + 1 - result.offsets[d];
  }
  return result;
}

/// Where `block` stands within `box`.
SmallVector<int64_t> positionIn(const Box &box, const Box &block) {
  SmallVector<int64_t> position;
  for (auto [inside, outside] : llvm::zip_equal(block.offsets, box.offsets))
    position.push_back(inside - outside);
  return position;
}

/// One row of elements: in every block of the last dimension the scale and the zero point are the next ones.
void dequantiseRow(float *row, int64_t first, int64_t count, int64_t block, const float *scales, const float *zeroPoints) {
  for (int64_t i = 0, b = 0; i < count; ++b) {
    int64_t end = std::min(count, (first / block + b + 1) * block - first);
    float zero = zeroPoints ? zeroPoints[b] : 0.0f;
    for (; i < end; ++i)
      row[i] = (row[i] - zero) * scales[b];
  }
}

}  // namespace

Status RecipeReader::readUnpacked(rt::StepAttr step, const Box &box, const Destination &to) {
  unsigned bits = rt::getRecipeType(step).getElementType().getIntOrFloatBitWidth(), inByte = 8 / bits;
  return forEachBlock(box, bufferLimit, [&](const Box &block) -> Status {
    int64_t first = block.offsets.back(), count = block.sizes.back();
    Box packed = block;
    packed.offsets.back() = first / inByte;
    packed.sizes.back() = (first + count - 1) / inByte + 1 - packed.offsets.back();
    std::vector<uint8_t> bytes(packed.elements()), elements(block.elements());
    SWITCHYARD_RETURN_IF_ERROR(readContiguous(step.getInputs().front(), packed, reinterpret_cast<char *>(bytes.data())));
    for (int64_t row = 0; row < block.elements() / count; ++row)
      for (int64_t i = 0; i < count; ++i) {
        int64_t at = first % inByte + i;
        elements[row * count + i] = (bytes[row * packed.sizes.back() + at / inByte] >> (at % inByte * bits)) & ((1u << bits) - 1);
      }
    copyBox(block.sizes, reinterpret_cast<const char *>(elements.data()), rowMajorStrides(block.sizes, 1), to.at(positionIn(box, block)).data,
            to.strides, 1);
    return {};
  });
}

Result<std::vector<float>> RecipeReader::readFloats(Attribute recipe, const Box &box) {
  Type type = rt::getRecipeType(recipe).getElementType(), f32 = Float32Type::get(recipe.getContext());
  std::vector<char> elements(box.elements() * storedBytes(type));
  std::vector<float> result(box.elements());
  SWITCHYARD_RETURN_IF_ERROR(readContiguous(recipe, box, elements.data()));
  if (storedBytes(type) > 1) {
    SWITCHYARD_RETURN_IF_ERROR(castElements(type, elements.data(), f32, reinterpret_cast<char *>(result.data()), box.elements()));
    return result;
  }
  // There are few numbers of a byte: each is converted once.
  std::vector<float> &floats = byteValues[type];
  if (floats.empty()) {
    std::array<char, 256> bytes;
    for (int value = 0; value < 256; ++value)
      bytes[value] = static_cast<char>(value);
    floats.resize(bytes.size());
    SWITCHYARD_RETURN_IF_ERROR(castElements(type, bytes.data(), f32, reinterpret_cast<char *>(floats.data()), bytes.size()));
  }
  for (size_t i = 0; i < result.size(); ++i)
    result[i] = floats[static_cast<uint8_t>(elements[i])];
  return result;
}

Status RecipeReader::readDequantised(rt::StepAttr step, const Box &box, const Destination &to) {
  ArrayRef<int64_t> blocks = step.getNumbers();
  ArrayRef<Attribute> inputs = step.getInputs();
  return forEachBlock(box, bufferLimit, [&](const Box &block) -> Status {
    Box scaled = blocksOf(block, blocks);
    SWITCHYARD_ASSIGN_OR_RETURN(std::vector<float> elements, readFloats(inputs[0], block));
    SWITCHYARD_ASSIGN_OR_RETURN(std::vector<float> scales, readFloats(inputs[1], scaled));
    std::vector<float> zeroPoints;
    if (inputs.size() > 2) {
      SWITCHYARD_ASSIGN_OR_RETURN(zeroPoints, readFloats(inputs[2], scaled));
    }
    size_t outer = block.sizes.size() - 1;
    float *row = elements.data();
    SmallVector<int64_t> strides = rowMajorStrides(scaled.sizes, 1);
    SWITCHYARD_RETURN_IF_ERROR(forEachPosition(ArrayRef(block.sizes).take_front(outer), [&](ArrayRef<int64_t> position) -> Status {
      int64_t at = 0;
      for (size_t d = 0; d < outer; ++d)
        at += ((block.offsets[d] + position[d]) / blocks[d] - scaled.offsets[d]) * strides[d];
      dequantiseRow(row, block.offsets[outer], block.sizes[outer], blocks[outer], scales.data() + at, zeroPoints.empty() ? nullptr : zeroPoints.data() + at);
      row += block.sizes[outer];
      return {};
    }));
    copyBox(block.sizes, reinterpret_cast<const char *>(elements.data()), rowMajorStrides(block.sizes, 4), to.at(positionIn(box, block)).data,
            to.strides, 4);
    return {};
  });
}

}  // namespace switchyard::target
