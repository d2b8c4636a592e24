// The register tile of all contractions: rows x panels of 16 columns, one fma chain per element, k ascending.
//
// Lanes lie along the columns, so that an element's chain is the same for every tile shape.
#ifndef SWITCHYARD_KERNELS_COMMON_TILE_AVX2_H
#define SWITCHYARD_KERNELS_COMMON_TILE_AVX2_H

#include <cstdint>
#include <immintrin.h>

namespace switchyard::kernels {

inline constexpr int maxTileRows = 6;
inline constexpr int maxTilePanels = 4;

/// Panels that a tile of `rows` rows takes at once: enough accumulators to hide the latency of the fma, and no spills.
static inline int tilePanels(int rows) { return rows == 1 ? 4 : rows <= 3 ? 2 : 1; }

/// Rows of each block when `rows` rows are cut into as few blocks of at most `maxTileRows` as possible, evenly.
static inline int64_t evenTileRows(int64_t rows) {
  int64_t blocks = (rows + maxTileRows - 1) / maxTileRows;
  return blocks == 0 ? 0 : (rows + blocks - 1) / blocks;
}

template <int R, int P>
static inline void contractFixed(const float *const *a, int64_t aStride, const float *const *b, int64_t bStride, int64_t depth, float *acc,
                                 int64_t accStride) {
  __m256 low[R][P], high[R][P];
#pragma unroll
  for (int r = 0; r < R; ++r)
#pragma unroll
    for (int p = 0; p < P; ++p) {
      low[r][p] = _mm256_loadu_ps(acc + r * accStride + p * 16);
      high[r][p] = _mm256_loadu_ps(acc + r * accStride + p * 16 + 8);
    }
  int64_t ai = 0, bi = 0;
  for (int64_t k = 0; k < depth; ++k, ai += aStride, bi += bStride) {
    __m256 bLow[P], bHigh[P];
#pragma unroll
    for (int p = 0; p < P; ++p) {
      bLow[p] = _mm256_loadu_ps(b[p] + bi);
      bHigh[p] = _mm256_loadu_ps(b[p] + bi + 8);
    }
#pragma unroll
    for (int r = 0; r < R; ++r) {
      __m256 value = _mm256_broadcast_ss(a[r] + ai);
#pragma unroll
      for (int p = 0; p < P; ++p) {
        low[r][p] = _mm256_fmadd_ps(value, bLow[p], low[r][p]);
        high[r][p] = _mm256_fmadd_ps(value, bHigh[p], high[r][p]);
      }
    }
  }
#pragma unroll
  for (int r = 0; r < R; ++r)
#pragma unroll
    for (int p = 0; p < P; ++p) {
      _mm256_storeu_ps(acc + r * accStride + p * 16, low[r][p]);
      _mm256_storeu_ps(acc + r * accStride + p * 16 + 8, high[r][p]);
    }
}

/// acc[r][16p + j] continues its chain with a[r][k * aStride] * b[p][k * bStride + j] for k in [0, depth).
/// rows <= maxTileRows, panels <= tilePanels(rows).
static inline void contractTile(int rows, int panels, const float *const *a, int64_t aStride, const float *const *b, int64_t bStride,
                                int64_t depth, float *acc, int64_t accStride) {
  if (panels == 3) {
    contractTile(rows, 2, a, aStride, b, bStride, depth, acc, accStride);
    contractTile(rows, 1, a, aStride, b + 2, bStride, depth, acc + 32, accStride);
    return;
  }
  switch (rows * 8 + panels) {
#define SWITCHYARD_TILE(R, P)                                                                                                              \
  case R * 8 + P:                                                                                                                          \
    return contractFixed<R, P>(a, aStride, b, bStride, depth, acc, accStride);
    SWITCHYARD_TILE(1, 4)
    SWITCHYARD_TILE(1, 2)
    SWITCHYARD_TILE(1, 1)
    SWITCHYARD_TILE(2, 2)
    SWITCHYARD_TILE(2, 1)
    SWITCHYARD_TILE(3, 2)
    SWITCHYARD_TILE(3, 1)
    SWITCHYARD_TILE(4, 1)
    SWITCHYARD_TILE(5, 1)
    SWITCHYARD_TILE(6, 1)
#undef SWITCHYARD_TILE
  }
}

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_COMMON_TILE_AVX2_H
