#include "kernels/common/parallel.h"
#include "kernels/common/tile_avx2.h"
#include "kernels/matmul_panel/matmul_panel.h"
#include "kernels/table.h"

#include <algorithm>

namespace switchyard::kernels {

namespace {

// One item of work: 48 rows keep their part of `a` in the second-level cache while the panels stream by.
constexpr int64_t rowsPerItem = 48;
constexpr int64_t panelsPerItem = 4;

/// Rows [row, row + rows) of panels [first, first + panels), at most one register tile.
void computeTile(const MatmulPanel &matmul, int64_t row, int rows, int64_t first, int panels) {
  const float *a[maxTileRows], *b[maxTilePanels];
  for (int r = 0; r < rows; ++r)
    a[r] = matmul.a.row(row + r);
  for (int p = 0; p < panels; ++p)
    b[p] = matmul.weight.panel(first + p);
  float acc[maxTileRows * maxTilePanels * panel::width];
  int64_t accStride = panels * panel::width;
  std::fill_n(acc, rows * accStride, 0.0f);
  contractTile(rows, panels, a, 1, b, panel::width, matmul.weight.depth, acc, accStride);
  int64_t column = first * panel::width;
  int64_t columns = std::min(accStride, matmul.weight.columns - column);
  for (int r = 0; r < rows; ++r) {
    const float *from = acc + r * accStride;
    float *to = matmul.c.row(row + r) + column;
    if (matmul.bias)
      for (int64_t j = 0; j < columns; ++j)
        to[j] = from[j] + matmul.bias[column + j];
    else
      for (int64_t j = 0; j < columns; ++j)
        to[j] = from[j];
  }
}

void computeItem(const MatmulPanel &matmul, int64_t row, int64_t rowEnd, int64_t panelBegin, int64_t panelEnd) {
  int64_t step = evenTileRows(rowEnd - row);
  int panels = tilePanels(static_cast<int>(step));
  for (int64_t p = panelBegin; p < panelEnd; p += panels)
    for (int64_t m = row; m < rowEnd; m += step) {
      int rows = static_cast<int>(std::min(step, rowEnd - m));
      computeTile(matmul, m, rows, p, static_cast<int>(std::min<int64_t>(panels, panelEnd - p)));
    }
}

}  // namespace

Status fast_matmul_panel_f32(const Call &call) {
  MatmulPanel matmul;
  SWITCHYARD_CHECK(readMatmulPanel(call, matmul));
  int64_t panels = panel::count(matmul.weight.columns);
  int64_t panelItems = (panels + panelsPerItem - 1) / panelsPerItem;
  int64_t rowItems = (matmul.a.count + rowsPerItem - 1) / rowsPerItem;
  parallelFor(call, rowItems * panelItems, [&](int64_t begin, int64_t end, int) {
    for (int64_t item = begin; item < end; ++item) {
      int64_t row = item / panelItems * rowsPerItem, first = item % panelItems * panelsPerItem;
      computeItem(matmul, row, std::min(row + rowsPerItem, matmul.a.count), first, std::min(first + panelsPerItem, panels));
    }
  });
  return Status::ok;
}

}  // namespace switchyard::kernels
