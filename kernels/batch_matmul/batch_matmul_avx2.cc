#include "kernels/batch_matmul/batch_matmul.h"
#include "kernels/common/parallel.h"
#include "kernels/common/tile_avx2.h"
#include "kernels/layout/panel.h"
#include "kernels/table.h"

#include <algorithm>

namespace switchyard::kernels {

namespace {

constexpr int64_t rowsPerItem = 48;
constexpr int64_t depthPerPack = 128;

struct Item {
  const float *a, *b;
  float *c;
  int64_t rows, columns;
};

/// Eight columns of b of eight consecutive elements each, `stride` apart, into eight rows of a panel.
void transposeEight(const float *from, int64_t stride, float *to) {
  __m256 r[8], pairs[8], quads[8];
  for (int i = 0; i < 8; ++i)
    r[i] = _mm256_loadu_ps(from + i * stride);
  for (int i = 0; i < 8; i += 2) {
    pairs[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
    pairs[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
  }
  for (int i = 0; i < 8; i += 4)
    for (int half = 0; half < 2; ++half) {
      quads[i + 2 * half] = _mm256_shuffle_ps(pairs[i + half], pairs[i + half + 2], _MM_SHUFFLE(1, 0, 1, 0));
      quads[i + 2 * half + 1] = _mm256_shuffle_ps(pairs[i + half], pairs[i + half + 2], _MM_SHUFFLE(3, 2, 3, 2));
    }
  for (int i = 0; i < 4; ++i) {
    _mm256_storeu_ps(to + i * panel::width, _mm256_permute2f128_ps(quads[i], quads[i + 4], 0x20));
    _mm256_storeu_ps(to + (i + 4) * panel::width, _mm256_permute2f128_ps(quads[i], quads[i + 4], 0x31));
  }
}

/// Copies [depth] x [columns] of b into one panel of 16 columns, filled with zeros.
void packPanel(const BatchMatmul &matmul, const float *b, int64_t depth, int64_t columns, float *packed) {
  int64_t done = 0;
  if (matmul.bDepth == 1 && columns >= panel::width)
    for (; done + 8 <= depth; done += 8)
      for (int64_t half = 0; half < panel::width; half += 8)
        transposeEight(b + half * matmul.bColumn + done, matmul.bColumn, packed + done * panel::width + half);
  for (int64_t k = done; k < depth; ++k)
    for (int64_t n = 0; n < panel::width; ++n)
      packed[k * panel::width + n] = n < columns ? b[k * matmul.bDepth + n * matmul.bColumn] : 0.0f;
}

/// At most rowsPerItem rows and tilePanels(step) panels; the chains go through `acc` from one pack to the next.
void computeItem(const BatchMatmul &matmul, const Item &item, int64_t step, int panels) {
  float packed[maxTilePanels * depthPerPack * panel::width];
  float acc[rowsPerItem * panel::width];
  int64_t width = panels * panel::width;
  std::fill_n(acc, item.rows * width, 0.0f);
  bool direct = matmul.bColumn == 1 && width <= item.columns;
  int64_t depthStep = direct ? matmul.depth : depthPerPack;
  for (int64_t k = 0; k < matmul.depth; k += depthStep) {
    int64_t depth = std::min(depthStep, matmul.depth - k);
    const float *b[maxTilePanels];
    for (int64_t p = 0; p < panels; ++p) {
      float *to = packed + p * depthPerPack * panel::width;
      int64_t column = p * panel::width;
      if (!direct)
        packPanel(matmul, item.b + k * matmul.bDepth + column * matmul.bColumn, depth, item.columns - column, to);
      b[p] = direct ? item.b + column : to;
    }
    for (int64_t row = 0; row < item.rows; row += step) {
      int rows = static_cast<int>(std::min(step, item.rows - row));
      const float *a[maxTileRows];
      for (int r = 0; r < rows; ++r)
        a[r] = item.a + (row + r) * matmul.aRow + k * matmul.aDepth;
      contractTile(rows, panels, a, matmul.aDepth, b, direct ? matmul.bDepth : panel::width, depth, acc + row * width, width);
    }
  }
  for (int64_t row = 0; row < item.rows; ++row)
    std::copy_n(acc + row * width, std::min(width, item.columns), item.c + row * matmul.cRow);
}

}  // namespace

Status fast_batch_matmul_f32(const Call &call) {
  BatchMatmul matmul;
  SWITCHYARD_CHECK(readBatchMatmul(call, matmul));
  if (matmul.depth == 0)  // operands without data; c becomes 0
    return reference_batch_matmul_f32(call);
  int64_t rowItems = (matmul.rows + rowsPerItem - 1) / rowsPerItem;
  int64_t step = evenTileRows(std::min(matmul.rows, rowsPerItem));
  int64_t width = tilePanels(static_cast<int>(step)) * panel::width;
  int64_t columnItems = (matmul.columns + width - 1) / width;
  parallelFor(call, matmul.batches * rowItems * columnItems, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) {
      int64_t column = i % columnItems * width, row = i / columnItems % rowItems * rowsPerItem, batch = i / columnItems / rowItems;
      Item item;
      item.a = matmul.a->as<float>() + matrixOffset(*matmul.a, *matmul.c, batch) + row * matmul.aRow;
      item.b = matmul.b->as<float>() + matrixOffset(*matmul.b, *matmul.c, batch) + column * matmul.bColumn;
      item.c = matmul.c->as<float>() + matrixOffset(*matmul.c, *matmul.c, batch) + row * matmul.cRow + column;
      item.rows = std::min(rowsPerItem, matmul.rows - row);
      item.columns = std::min(width, matmul.columns - column);
      computeItem(matmul, item, step, static_cast<int>(panel::count(item.columns)));
    }
  });
  return Status::ok;
}

}  // namespace switchyard::kernels
