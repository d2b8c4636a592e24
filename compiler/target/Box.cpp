// Boxes of tensors: walking, cutting, copying.
#include "compiler/target/RecipeReader.h"

#include <cstring>

using namespace mlir;

namespace switchyard::target {

int64_t Box::elements() const {
  int64_t count = 1;
  for (int64_t size : sizes)
    count *= size;
  return count;
}

Destination Destination::at(ArrayRef<int64_t> position) const {
  Destination moved = *this;
  for (auto [index, stride] : llvm::zip_equal(position, strides))
    moved.data += index * stride;
  return moved;
}

int64_t storedBytes(Type elementType) { return std::max<int64_t>(1, elementType.getIntOrFloatBitWidth() / 8); }

SmallVector<int64_t> rowMajorStrides(ArrayRef<int64_t> sizes, int64_t bytes) {
  SmallVector<int64_t> strides(sizes.size());
  for (size_t d = sizes.size(); d-- > 0; bytes *= sizes[d])
    strides[d] = bytes;
  return strides;
}

Status forEachPosition(ArrayRef<int64_t> sizes, llvm::function_ref<Status(ArrayRef<int64_t>)> body) {
  SmallVector<int64_t> position(sizes.size(), 0);
  if (llvm::is_contained(sizes, 0))
    return {};
  while (true) {
    SWITCHYARD_RETURN_IF_ERROR(body(position));
    size_t d = sizes.size();
    while (d > 0 && ++position[d - 1] == sizes[d - 1])
      position[--d] = 0;
    if (d == 0)
      return {};
  }
}

Status forEachBlock(const Box &box, int64_t limit, llvm::function_ref<Status(const Box &)> body) {
  // The first dimension behind which a whole row fits the limit is cut into ranges; those before it into single indices.
  size_t cut = 0;
  int64_t behind = box.elements();
  while (cut < box.sizes.size() && (behind = behind / std::max<int64_t>(1, box.sizes[cut])) > limit)
    ++cut;
  if (box.elements() <= limit || cut == box.sizes.size())
    return body(box);
  int64_t step = std::max<int64_t>(1, limit / std::max<int64_t>(1, behind));
  return forEachPosition(ArrayRef(box.sizes).take_front(cut), [&](ArrayRef<int64_t> outer) -> Status {
    Box block = box;
    for (size_t d = 0; d < cut; ++d) {
      block.offsets[d] += outer[d];
      block.sizes[d] = 1;
    }
    for (int64_t first = 0; first < box.sizes[cut]; first += step) {
      block.offsets[cut] = box.offsets[cut] + first;
      block.sizes[cut] = std::min(step, box.sizes[cut] - first);
      SWITCHYARD_RETURN_IF_ERROR(body(block));
    }
    return {};
  });
}

void copyBox(ArrayRef<int64_t> sizes, const char *from, ArrayRef<int64_t> fromStrides, char *to, ArrayRef<int64_t> toStrides, int64_t bytes) {
  if (sizes.empty()) {
    std::memcpy(to, from, bytes);
    return;
  }
  if (sizes.size() == 1 && fromStrides[0] == bytes && toStrides[0] == bytes) {
    std::memcpy(to, from, sizes[0] * bytes);
    return;
  }
  if (sizes.size() == 1 && bytes == 4) {  // the common element, without a call for each
    for (int64_t i = 0; i < sizes[0]; ++i)
      std::memcpy(to + i * toStrides[0], from + i * fromStrides[0], 4);
    return;
  }
  for (int64_t i = 0; i < sizes[0]; ++i)
    copyBox(sizes.drop_front(), from + i * fromStrides[0], fromStrides.drop_front(), to + i * toStrides[0], toStrides.drop_front(), bytes);
}

}  // namespace switchyard::target
