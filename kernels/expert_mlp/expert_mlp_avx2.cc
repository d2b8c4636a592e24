// Waves of blocks of rows: first all their columns of gate and up, into the workspace, then all their columns of down. Within a
// wave the work is cut by block and by columns, so that one token keeps all threads busy, and a block meets a panel of weights
// while it is in the cache.
#include "kernels/common/parallel.h"
#include "kernels/common/tile_avx2.h"
#include "kernels/expert_mlp/activation.h"
#include "kernels/expert_mlp/expert_mlp.h"
#include "kernels/expert_mlp/row_blocks.h"
#include "kernels/table.h"

#include <algorithm>

namespace switchyard::kernels {

namespace {

constexpr int64_t panelsPerItem = 4;
constexpr int64_t tileElements = maxTileRows * maxTilePanels * panel::width;

struct Wave {
  RowBlocks start;  // the walk up to the wave
  int64_t blocks = 0;
  int64_t firstRow = 0;  // ordinal of its first row
};

int64_t itemsAcross(int64_t columns) { return (panel::count(columns) + panelsPerItem - 1) / panelsPerItem; }

/// The tile of `rows` rows and `panels` panels of a packed weight, from +0, plus the bias. acc is [rows][panels * 16].
void contractPanels(const float *const *a, int rows, const float *weight, const float *bias, int64_t first, int panels, int64_t depth,
                    int64_t columns, float *acc) {
  const float *b[maxTilePanels];
  for (int p = 0; p < panels; ++p)
    b[p] = weight + (first + p) * depth * panel::width;
  int64_t width = panels * panel::width, column = first * panel::width;
  std::fill_n(acc, rows * width, 0.0f);
  contractTile(rows, panels, a, 1, b, panel::width, depth, acc, width);
  if (!bias)
    return;
  int64_t valid = std::min(width, columns - column);
  for (int r = 0; r < rows; ++r)
    for (int64_t j = 0; j < valid; ++j)
      acc[r * width + j] = acc[r * width + j] + bias[column + j];
}

/// Calls tile(row, rows, panel, panels) over the rows [0, count) and the panels [begin, end), panels outside.
template <typename Tile> void forEachTile(int64_t count, int64_t begin, int64_t end, const Tile &tile) {
  int64_t step = evenTileRows(count);
  int64_t panels = tilePanels(static_cast<int>(step));
  for (int64_t p = begin; p < end; p += panels)
    for (int64_t row = 0; row < count; row += step)
      tile(row, static_cast<int>(std::min(step, count - row)), p, static_cast<int>(std::min(panels, end - p)));
}

/// Activated columns of the panels [begin, end) of a block, into its rows of the workspace.
void computeInner(const ExpertMlp &mlp, const RowBlock &block, float *inner, int64_t begin, int64_t end) {
  const ExpertWeights &weights = mlp.weights;
  int64_t e = block.expert;
  forEachTile(block.count, begin, end, [&](int64_t row, int rows, int64_t first, int panels) {
    const float *a[maxTileRows];
    for (int r = 0; r < rows; ++r)
      a[r] = mlp.rows.row(block.row[row + r]);
    float gate[tileElements], up[tileElements];
    contractPanels(a, rows, weights.at(weights.gate, e), weights.at(weights.gateBias, e), first, panels, mlp.hidden, mlp.inner, gate);
    if (weights.up)
      contractPanels(a, rows, weights.at(weights.up, e), weights.at(weights.upBias, e), first, panels, mlp.hidden, mlp.inner, up);
    int64_t width = panels * panel::width, column = first * panel::width;
    for (int r = 0; r < rows; ++r)
      activateRow(mlp.activation, gate + r * width, weights.up ? up + r * width : nullptr, std::min(width, mlp.inner - column), mlp.alpha,
                  mlp.beta, mlp.limit, inner + (row + r) * mlp.inner + column);
  });
}

/// Columns of `out` of the panels [begin, end) of a block, from its rows of the workspace.
void computeOuter(const ExpertMlp &mlp, const RowBlock &block, const float *inner, int64_t begin, int64_t end) {
  const ExpertWeights &weights = mlp.weights;
  int64_t e = block.expert;
  forEachTile(block.count, begin, end, [&](int64_t row, int rows, int64_t first, int panels) {
    const float *a[maxTileRows];
    for (int r = 0; r < rows; ++r)
      a[r] = inner + (row + r) * mlp.inner;
    float acc[tileElements];
    contractPanels(a, rows, weights.at(weights.down, e), weights.at(weights.downBias, e), first, panels, mlp.inner, mlp.hidden, acc);
    int64_t width = panels * panel::width, column = first * panel::width;
    for (int r = 0; r < rows; ++r)
      std::copy_n(acc + r * width, std::min(width, mlp.hidden - column), mlp.out.row(block.row[row + r]) + column);
  });
}

/// Calls body(block, its rows of the workspace, panel begin, panel end) for all blocks of the wave and all `columns`, in parallel.
template <typename Body> void forEachItem(const Call &call, const ExpertMlp &mlp, const Wave &wave, int64_t columns, const Body &body) {
  int64_t across = itemsAcross(columns);
  parallelFor(call, wave.blocks * across, [&](int64_t begin, int64_t end, int) {
    RowBlocks walk = wave.start;
    RowBlock block;
    for (int64_t skipped = -1; skipped < begin / across; ++skipped)
      walk.next(block);
    for (int64_t item = begin; item < end; ++item) {
      if (item > begin && item % across == 0)
        walk.next(block);
      int64_t first = item % across * panelsPerItem;
      body(block, mlp.workspace + (block.ordinal - wave.firstRow) * mlp.inner, first,
           std::min(first + panelsPerItem, panel::count(columns)));
    }
  });
}

}  // namespace

Status fast_expert_mlp_f32(const Call &call) {
  ExpertMlp mlp;
  SWITCHYARD_CHECK(readExpertMlp(call, mlp));
  RowBlocks walk(mlp.segments);
  RowBlock block;
  for (bool more = true; more;) {
    Wave wave{walk};
    int64_t rows = 0;
    for (RowBlocks ahead = walk; (more = ahead.next(block)) && rows + block.count <= mlp.workspaceRows; walk = ahead) {
      wave.firstRow = wave.blocks++ == 0 ? block.ordinal : wave.firstRow;
      rows += block.count;
    }
    forEachItem(call, mlp, wave, mlp.inner, [&](const RowBlock &rowBlock, float *inner, int64_t begin, int64_t end) {
      computeInner(mlp, rowBlock, inner, begin, end);
    });
    forEachItem(call, mlp, wave, mlp.hidden, [&](const RowBlock &rowBlock, float *inner, int64_t begin, int64_t end) {
      computeOuter(mlp, rowBlock, inner, begin, end);
    });
  }
  return Status::ok;
}

}  // namespace switchyard::kernels
