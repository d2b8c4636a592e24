// col2im: ONNX Col2Im: x[N, C * block, L] holds the blocks that a window takes of an image; each element of out[N, C, image...] is the sum of
// those that it stands in, over the positions of the window in row-major order.
#include "kernels/common/elements.h"
#include "kernels/common/parallel.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/common/window.h"
#include "kernels/table.h"

#include <cinttypes>

namespace switchyard::kernels {
namespace {

/// How the image is divided: `window.sizes` count the blocks along each axis.
struct Blocks {
  Window window;
  int64_t count = 1;
};

Status readBlocks(const Call &call, const Tensor &out, Blocks &blocks) {
  const Tensor &geometry = call.tensors[3];
  Integers block;
  Window &window = blocks.window;
  SWITCHYARD_CHECK(readIntegers(call, call.tensors[2], "the block's sizes", maxRank, block));
  SWITCHYARD_CHECK(checkOperand(call, geometry, "geometry", ElementType::i64, 1));
  window.rank = out.rank - 2;
  if (block.count != window.rank || geometry.sizes[0] != 4 * window.rank)
    return fail(call, Status::badData, "the block has %d sizes for %d image dimensions", block.count, window.rank);
  int64_t *const lists[] = {window.strides, window.dilations, window.before, window.after};
  for (int d = 0; d < window.rank; ++d) {
    for (int list = 0; list < 4; ++list)
      lists[list][d] = geometry.as<int64_t>()[list * window.rank + d];
    window.kernel[d] = block[d];
    int64_t room = block[d] < 1 || block[d] > out.sizes[d + 2] + window.before[d] + window.after[d]
                       ? -1
                       : out.sizes[d + 2] + window.before[d] + window.after[d] - (block[d] - 1) * window.dilations[d] - 1;
    if (room < 0)
      return fail(call, Status::badData, "a block of size %" PRId64 " does not fit image dimension %d of size %" PRId64, block[d], d, out.sizes[d + 2]);
    window.sizes[d] = room / window.strides[d] + 1;
    window.positions *= block[d];
    blocks.count *= window.sizes[d];
  }
  return Status::ok;
}

template <typename T> typename Element<T>::Value sumElement(const Tensor &x, const Blocks &blocks, const int64_t *at) {
  using Value = typename Element<T>::Value;
  using Sum = typename Wrapping<Value>::Type;
  const Window &window = blocks.window;
  Sum sum = 0;
  for (int64_t k = 0; k < window.positions; ++k) {
    int64_t rest = k, column = 0, scale = 1;
    bool inside = true;
    for (int d = window.rank - 1; d >= 0; --d) {
      int64_t scaled = at[d + 2] + window.before[d] - rest % window.kernel[d] * window.dilations[d];
      inside &= scaled >= 0 && scaled % window.strides[d] == 0 && scaled / window.strides[d] < window.sizes[d];
      column += scaled / window.strides[d] * scale;
      scale *= window.sizes[d];
      rest /= window.kernel[d];
    }
    if (inside)
      sum += static_cast<Sum>(Element<T>::load(x.as<T>()[at[0] * x.strides[0] + (at[1] * window.positions + k) * x.strides[1] + column * x.strides[2]]));
  }
  return static_cast<Value>(sum);
}

}  // namespace

Status reference_col2im(const Call &call) {
  const Tensor &x = call.tensors[0], &out = call.tensors[4];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, 3));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, -1));
  Integers image;
  SWITCHYARD_CHECK(readIntegers(call, call.tensors[1], "the image's sizes", maxRank - 2, image));
  if (out.rank < 3 || image.count != out.rank - 2)
    return fail(call, Status::badShape, "%d image sizes do not fit a result of rank %d", image.count, out.rank);
  Blocks blocks;
  int64_t asked[maxRank] = {x.sizes[0], out.sizes[1]};
  for (int d = 0; d < image.count; ++d)
    asked[d + 2] = image[d];
  SWITCHYARD_CHECK(checkAsked(call, out, out.rank, asked));
  SWITCHYARD_CHECK(readBlocks(call, out, blocks));
  if (x.sizes[1] != out.sizes[1] * blocks.window.positions || x.sizes[2] != blocks.count)
    return fail(call, Status::badData, "x holds %" PRId64 " blocks of %" PRId64 " elements, expected %" PRId64 " of %" PRId64, x.sizes[2], x.sizes[1],
                blocks.count, out.sizes[1] * blocks.window.positions);
  return dispatch(call, x.type, [&]<typename T>() {
    parallelFor(call, elementCount(out, out.rank), [&](int64_t begin, int64_t end, int) {
      int64_t at[maxRank];
      for (int64_t i = begin; i < end; ++i) {
        positionOf(out.sizes, out.rank, i, at);
        storeElement<T>(out, i, sumElement<T>(x, blocks, at));
      }
    });
    return Status::ok;
  });
}

// Scattered elements: nothing to vectorise.
Status fast_col2im(const Call &call) { return reference_col2im(call); }

}  // namespace switchyard::kernels
