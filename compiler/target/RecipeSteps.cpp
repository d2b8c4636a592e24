// The steps of a recipe: each asks its inputs for the part that a box of its result needs.
#include "compiler/target/ElementCast.h"
#include "compiler/target/RecipeReader.h"

#include "kernels/layout/panel.h"

using namespace mlir;

namespace switchyard::target {

namespace {

ArrayRef<int64_t> shapeOf(Attribute recipe) { return rt::getRecipeType(recipe).getShape(); }
int64_t bytesOf(Attribute recipe) { return storedBytes(rt::getRecipeType(recipe).getElementType()); }

/// Elements [first, first + count) of a tensor, in row-major order, as boxes: at most two for each dimension.
Status forEachLinearBox(ArrayRef<int64_t> shape, int64_t first, int64_t count, llvm::function_ref<Status(const Box &)> body) {
  while (count > 0) {
    // The outermost dimension at which the range starts at the beginning of a row, and whose row it covers.
    SmallVector<int64_t> rows = rowMajorStrides(shape, 1);
    size_t d = 0;
    while (d < shape.size() && (first % rows[d] != 0 || rows[d] > count))
      ++d;
    Box box{SmallVector<int64_t>(shape.size()), SmallVector<int64_t>(shape)};
    int64_t rest = first;
    for (size_t i = 0; i < shape.size(); ++i) {
      box.offsets[i] = i <= d ? rest / rows[i] : 0;
      rest %= rows[i];
      if (i < d)
        box.sizes[i] = 1;
    }
    if (d < shape.size())
      box.sizes[d] = std::min(shape[d] - box.offsets[d], count / rows[d]);
    SWITCHYARD_RETURN_IF_ERROR(body(box));
    first += box.elements();
    count -= box.elements();
  }
  return {};
}

}  // namespace

Status RecipeReader::readStep(rt::StepAttr step, const Box &box, const Destination &to) {
  switch (step.getKind()) {
  case rt::StepKind::reshape:
    return readReshape(step, box, to);
  case rt::StepKind::transpose:
    return readTranspose(step, box, to);
  case rt::StepKind::slice:
    return readSlice(step, box, to);
  case rt::StepKind::concat:
    return readConcat(step, box, to);
  case rt::StepKind::stack:
    return readStack(step, box, to);
  case rt::StepKind::gather:
    return readGather(step, box, to);
  case rt::StepKind::broadcast:
    return readBroadcast(step, box, to);
  case rt::StepKind::cast:
    return readCast(step, box, to);
  case rt::StepKind::pack_panels:
    return readPanels(step, box, to);
  case rt::StepKind::unpack:
    return readUnpacked(step, box, to);
  case rt::StepKind::dequantise:
    return readDequantised(step, box, to);
  }
  return internalError("unknown step of a recipe");
}

Status RecipeReader::readReshape(rt::StepAttr step, const Box &box, const Destination &to) {
  Attribute input = step.getInputs().front();
  int64_t bytes = bytesOf(step);
  // Dimensions behind the first that is cut are whole: together with it they are one stretch of elements.
  ArrayRef<int64_t> shape = shapeOf(step);
  size_t inner = shape.size();
  while (inner > 0 && box.sizes[inner - 1] == shape[inner - 1])
    --inner;
  inner = inner > 0 ? inner - 1 : 0;
  SmallVector<int64_t> rows = rowMajorStrides(shape, 1);
  Box stretch{SmallVector<int64_t>(), SmallVector<int64_t>(ArrayRef(box.sizes).drop_front(inner))};
  return forEachPosition(ArrayRef(box.sizes).take_front(inner), [&](ArrayRef<int64_t> outer) -> Status {
    int64_t first = 0;
    SmallVector<int64_t> position(outer);
    position.resize(box.sizes.size(), 0);
    for (size_t d = 0; d < box.sizes.size(); ++d)
      first += (box.offsets[d] + position[d]) * rows[d];
    std::vector<char> elements(stretch.elements() * bytes);
    char *next = elements.data();
    SWITCHYARD_RETURN_IF_ERROR(forEachLinearBox(shapeOf(input), first, stretch.elements(), [&](const Box &part) -> Status {
      SWITCHYARD_RETURN_IF_ERROR(readContiguous(input, part, next));
      next += part.elements() * bytes;
      return {};
    }));
    copyBox(stretch.sizes, elements.data(), rowMajorStrides(stretch.sizes, bytes), to.at(position).data, ArrayRef(to.strides).drop_front(inner), bytes);
    return {};
  });
}

Status RecipeReader::readTranspose(rt::StepAttr step, const Box &box, const Destination &to) {
  size_t rank = box.sizes.size();
  Box source{SmallVector<int64_t>(rank), SmallVector<int64_t>(rank)};
  Destination there{to.data, SmallVector<int64_t>(rank)};
  for (auto [d, from] : llvm::enumerate(step.getNumbers())) {
    source.offsets[from] = box.offsets[d];
    source.sizes[from] = box.sizes[d];
    there.strides[from] = to.strides[d];
  }
  return read(step.getInputs().front(), source, there);
}

Status RecipeReader::readSlice(rt::StepAttr step, const Box &box, const Destination &to) {
  size_t rank = box.sizes.size();
  ArrayRef<int64_t> offsets = step.getNumbers().take_front(rank), strides = step.getNumbers().drop_front(rank);
  // Along a stride every index is a box of its own, but for the innermost dimension, which is read with its gaps.
  SmallVector<int64_t> single(rank, 1);
  bool gaps = rank > 0 && strides[rank - 1] > 1 && box.sizes[rank - 1] > 1;
  for (size_t d = 0; d + 1 < rank; ++d)
    if (strides[d] > 1)
      single[d] = box.sizes[d];
  return forEachPosition(single, [&](ArrayRef<int64_t> position) -> Status {
    Box source = box;
    for (size_t d = 0; d < rank; ++d) {
      source.offsets[d] = offsets[d] + (box.offsets[d] + position[d]) * strides[d];
      source.sizes[d] = single[d] > 1 ? 1 : box.sizes[d];
    }
    Attribute input = step.getInputs().front();
    if (!gaps)
      return read(input, source, to.at(position));
    SmallVector<int64_t> wanted = source.sizes;
    source.sizes.back() = (source.sizes.back() - 1) * strides[rank - 1] + 1;
    std::vector<char> elements(source.elements() * bytesOf(step));
    SWITCHYARD_RETURN_IF_ERROR(readContiguous(input, source, elements.data()));
    SmallVector<int64_t> from = rowMajorStrides(source.sizes, bytesOf(step));
    from.back() *= strides[rank - 1];
    copyBox(wanted, elements.data(), from, to.at(position).data, to.strides, bytesOf(step));
    return {};
  });
}

Status RecipeReader::readConcat(rt::StepAttr step, const Box &box, const Destination &to) {
  int64_t axis = step.getNumbers().front(), begin = 0;
  for (Attribute input : step.getInputs()) {
    int64_t size = shapeOf(input)[axis];
    int64_t first = std::max(begin, box.offsets[axis]), last = std::min(begin + size, box.offsets[axis] + box.sizes[axis]);
    if (first < last) {
      Box part = box;
      part.offsets[axis] = first - begin;
      part.sizes[axis] = last - first;
      Destination there = to;
      there.data += (first - box.offsets[axis]) * to.strides[axis];
      SWITCHYARD_RETURN_IF_ERROR(read(input, part, there));
    }
    begin += size;
  }
  return {};
}

Status RecipeReader::readStack(rt::StepAttr step, const Box &box, const Destination &to) {
  Box part{SmallVector<int64_t>(ArrayRef(box.offsets).drop_front()), SmallVector<int64_t>(ArrayRef(box.sizes).drop_front())};
  for (int64_t i = 0; i < box.sizes[0]; ++i) {
    Destination there{to.data + i * to.strides[0], SmallVector<int64_t>(ArrayRef(to.strides).drop_front())};
    SWITCHYARD_RETURN_IF_ERROR(read(step.getInputs()[box.offsets[0] + i], part, there));
  }
  return {};
}

Status RecipeReader::readGather(rt::StepAttr step, const Box &box, const Destination &to) {
  int64_t axis = step.getNumbers().front();
  ArrayRef<int64_t> indices = step.getNumbers().drop_front();
  for (int64_t i = 0; i < box.sizes[axis]; ++i) {
    Box part = box;
    part.offsets[axis] = indices[box.offsets[axis] + i];
    part.sizes[axis] = 1;
    Destination there = to;
    there.data += i * to.strides[axis];
    SWITCHYARD_RETURN_IF_ERROR(read(step.getInputs().front(), part, there));
  }
  return {};
}

Status RecipeReader::readBroadcast(rt::StepAttr step, const Box &box, const Destination &to) {
  Attribute input = step.getInputs().front();
  ArrayRef<int64_t> from = shapeOf(input);
  size_t added = box.sizes.size() - from.size();
  Box part{SmallVector<int64_t>(from.size()), SmallVector<int64_t>(from.size())};
  for (size_t d = 0; d < from.size(); ++d) {
    bool repeated = from[d] == 1;
    part.offsets[d] = repeated ? 0 : box.offsets[added + d];
    part.sizes[d] = repeated ? 1 : box.sizes[added + d];
  }
  std::vector<char> elements(part.elements() * bytesOf(step));
  SWITCHYARD_RETURN_IF_ERROR(readContiguous(input, part, elements.data()));
  SmallVector<int64_t> strides(added, 0), inner = rowMajorStrides(part.sizes, bytesOf(step));
  for (size_t d = 0; d < from.size(); ++d)
    strides.push_back(from[d] == 1 ? 0 : inner[d]);
  copyBox(box.sizes, elements.data(), strides, to.data, to.strides, bytesOf(step));
  return {};
}

Status RecipeReader::readCast(rt::StepAttr step, const Box &box, const Destination &to) {
  Attribute input = step.getInputs().front();
  Type from = rt::getRecipeType(input).getElementType(), type = rt::getRecipeType(step).getElementType();
  return forEachBlock(box, bufferLimit, [&](const Box &block) -> Status {
    std::vector<char> elements(block.elements() * storedBytes(from)), result(block.elements() * storedBytes(type));
    SWITCHYARD_RETURN_IF_ERROR(readContiguous(input, block, elements.data()));
    SWITCHYARD_RETURN_IF_ERROR(castElements(from, elements.data(), type, result.data(), block.elements()));
    SmallVector<int64_t> position;
    for (auto [inside, outside] : llvm::zip_equal(block.offsets, box.offsets))
      position.push_back(inside - outside);
    copyBox(block.sizes, result.data(), rowMajorStrides(block.sizes, storedBytes(type)), to.at(position).data, to.strides, storedBytes(type));
    return {};
  });
}

Status RecipeReader::readPanels(rt::StepAttr step, const Box &box, const Destination &to) {
  Attribute input = step.getInputs().front();
  size_t rank = box.sizes.size(), outer = rank - 3;
  int64_t rows = shapeOf(input)[outer], width = kernels::panel::width, bytes = bytesOf(step);
  Box lanes{SmallVector<int64_t>(ArrayRef(box.offsets).drop_back()), SmallVector<int64_t>(ArrayRef(box.sizes).drop_back())};
  // Panel by panel: rows [16 p, 16 p + 16) of the input are its lanes; those past the last are zero.
  for (int64_t i = 0; i < box.sizes[outer]; ++i) {
    int64_t first = (box.offsets[outer] + i) * width + box.offsets[rank - 1];
    int64_t present = std::clamp<int64_t>(rows - first, 0, box.sizes[rank - 1]);
    Box part = lanes;
    part.offsets[outer] = first;
    part.sizes[outer] = present;
    Destination there{to.data + i * to.strides[outer], SmallVector<int64_t>(ArrayRef(to.strides).take_front(outer))};
    there.strides.append({to.strides[rank - 1], to.strides[rank - 2]});
    SWITCHYARD_RETURN_IF_ERROR(read(input, part, there));
    Box padding = part;
    padding.sizes[outer] = box.sizes[rank - 1] - present;
    const char zero[8] = {};
    copyBox(padding.sizes, zero, SmallVector<int64_t>(rank - 1, 0), there.data + present * to.strides[rank - 1], there.strides, bytes);
  }
  return {};
}

}  // namespace switchyard::target
