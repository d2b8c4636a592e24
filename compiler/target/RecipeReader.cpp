// Sources and inline values: the leaves of a recipe.
#include "compiler/target/RecipeReader.h"

#include "llvm/Support/LEB128.h"

using namespace mlir;

namespace switchyard::target {

namespace {

/// The largest stretch of a file that is read at once.
constexpr int64_t spanLimit = int64_t(16) << 20;

/// The bytes of an inline value, a byte for a bool, whole even where the attribute stores one element for all.
std::vector<char> elementsOf(DenseElementsAttr value) {
  int64_t bytes = storedBytes(value.getElementType());
  std::vector<char> result(value.getNumElements() * bytes);
  char *to = result.data();
  auto put = [&](const APInt &bits) {
    uint64_t word = bits.getZExtValue();
    std::memcpy(to, &word, bytes);
    to += bytes;
  };
  if (isa<FloatType>(value.getElementType()))
    for (const APFloat &number : value.getValues<APFloat>())
      put(number.bitcastToAPInt());
  else
    for (const APInt &number : value.getValues<APInt>())
      put(number);
  return result;
}

/// The same tensor as a recipe over the bytes of the file.
Attribute unpackSource(rt::SourceAttr source, RankedTensorType type) {
  auto bytes = RankedTensorType::get({source.getLength()}, IntegerType::get(source.getContext(), 8, IntegerType::Unsigned));
  Attribute packed = rt::SourceAttr::get(source.getContext(), source.getFile(), source.getOffset(), source.getLength(), rt::Encoding::raw, bytes);
  auto row = RankedTensorType::get({type.getNumElements()}, type.getElementType());
  Attribute elements = rt::StepAttr::get(source.getContext(), rt::StepKind::unpack, {}, packed, row);
  return rt::StepAttr::get(source.getContext(), rt::StepKind::reshape, {}, elements, type);
}

}  // namespace

Status RecipeReader::read(Attribute recipe, const Box &box, const Destination &to) {
  if (box.elements() == 0)
    return {};
  if (auto source = dyn_cast<rt::SourceAttr>(recipe))
    return readSource(source, box, to);
  if (auto values = dyn_cast<rt::InlineAttr>(recipe)) {
    std::vector<char> elements = elementsOf(values.getValue());
    int64_t bytes = storedBytes(values.getValue().getElementType());
    SmallVector<int64_t> strides = rowMajorStrides(rt::getRecipeType(recipe).getShape(), bytes);
    copyBox(box.sizes, Destination{elements.data(), strides}.at(box.offsets).data, strides, to.data, to.strides, bytes);
    return {};
  }
  return readStep(cast<rt::StepAttr>(recipe), box, to);
}

Status RecipeReader::readContiguous(Attribute recipe, const Box &box, char *to) {
  return read(recipe, box, {to, rowMajorStrides(box.sizes, storedBytes(rt::getRecipeType(recipe).getElementType()))});
}

Result<const File *> RecipeReader::open(llvm::StringRef name) {
  std::unique_ptr<File> &file = files[name];
  if (!file) {
    SWITCHYARD_ASSIGN_OR_RETURN(File opened, folder.open(name));
    file = std::make_unique<File>(std::move(opened));
  }
  return const_cast<const File *>(file.get());
}

Status RecipeReader::readSource(rt::SourceAttr source, const Box &box, const Destination &to) {
  if (source.getEncoding() == rt::Encoding::varint)
    return readVarints(source, box, to);
  // Elements of less than a byte are packed in a file; only a bool has a byte of its own.
  auto type = cast<RankedTensorType>(source.getType());
  if (unsigned bits = type.getElementType().getIntOrFloatBitWidth(); bits == 2 || bits == 4)
    return read(unpackSource(source, type), box, to);
  else if (bits != 1 && bits % 8 != 0)
    return unsupportedError(source.getFile().str() + ": the tensor at offset " + llvm::Twine(source.getOffset()) + " has packed elements of " +
                            llvm::Twine(bits) + " bits, which are not supported");
  SWITCHYARD_ASSIGN_OR_RETURN(const File *file, open(source.getFile()));
  return readSpan(*file, source, box, to);
}

Status RecipeReader::readSpan(const File &file, rt::SourceAttr source, const Box &box, const Destination &to) {
  auto type = cast<RankedTensorType>(source.getType());
  int64_t bytes = storedBytes(type.getElementType());
  SmallVector<int64_t> strides = rowMajorStrides(type.getShape(), bytes);
  int64_t first = 0, last = 0;
  for (size_t d = 0; d < box.sizes.size(); ++d) {
    first += box.offsets[d] * strides[d];
    last += (box.offsets[d] + box.sizes[d] - 1) * strides[d];
  }
  int64_t span = last + bytes - first, needed = box.elements() * bytes;
  const auto *wide = llvm::find_if(box.sizes, [](int64_t size) { return size > 1; });
  // One read of the whole stretch; where it is large or mostly not wanted, halves of its outermost dimension.
  bool split = wide != box.sizes.end() && (span > spanLimit || span > 8 * std::max<int64_t>(needed, 4096));
  if (!split) {
    std::vector<char> stretch(span);
    SWITCHYARD_RETURN_IF_ERROR(file.read(source.getOffset() + first, stretch.data(), span));
    copyBox(box.sizes, stretch.data(), strides, to.data, to.strides, bytes);
    return {};
  }
  size_t d = wide - box.sizes.begin();
  for (int64_t i = 0, step = std::max<int64_t>(1, box.sizes[d] / 2); i < box.sizes[d]; i += step) {
    Box half = box;
    half.offsets[d] += i;
    half.sizes[d] = std::min(step, box.sizes[d] - i);
    Destination there = to;
    there.data += i * to.strides[d];
    SWITCHYARD_RETURN_IF_ERROR(readSpan(file, source, half, there));
  }
  return {};
}

Status RecipeReader::readVarints(rt::SourceAttr source, const Box &box, const Destination &to) {
  auto type = cast<RankedTensorType>(source.getType());
  int64_t bytes = storedBytes(type.getElementType());
  std::vector<char> &elements = decoded[source];
  if (elements.empty()) {
    SWITCHYARD_ASSIGN_OR_RETURN(const File *file, open(source.getFile()));
    std::vector<uint8_t> text(source.getLength());
    SWITCHYARD_RETURN_IF_ERROR(file->read(source.getOffset(), text.data(), text.size()));
    elements.resize(type.getNumElements() * bytes);
    const uint8_t *next = text.data(), *end = next + text.size();
    for (int64_t i = 0; i < type.getNumElements(); ++i) {
      unsigned length = 0;
      const char *error = nullptr;
      uint64_t word = llvm::decodeULEB128(next, &length, end, &error);
      if (error || next == end)
        return invalidError(source.getFile() + ": integer " + llvm::Twine(i) + " of the tensor at offset " + llvm::Twine(source.getOffset()) +
                            " is missing or malformed");
      next += length;
      std::memcpy(elements.data() + i * bytes, &word, bytes);
    }
  }
  SmallVector<int64_t> strides = rowMajorStrides(type.getShape(), bytes);
  copyBox(box.sizes, Destination{elements.data(), strides}.at(box.offsets).data, strides, to.data, to.strides, bytes);
  return {};
}

}  // namespace switchyard::target
