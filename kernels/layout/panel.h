// The canonical layout of a host weight of N rows (outputs) and K columns: panels of 16 rows, `[ceil(N/16)][K][16]`.
//
// Element (n, k) stands at `((n / 16) * K + k) * 16 + n % 16`; the rows past N of the last panel are zero. All CPU
// levels read it; the embedding reads a row with stride 16; a range of panels is a view, so that slicing N copies
// nothing.
#ifndef SWITCHYARD_KERNELS_LAYOUT_PANEL_H
#define SWITCHYARD_KERNELS_LAYOUT_PANEL_H

#include <cstdint>

namespace switchyard::kernels::panel {

inline constexpr int64_t width = 16;

inline constexpr int64_t count(int64_t n) { return (n + width - 1) / width; }
/// Elements of a packed N x K weight.
inline constexpr int64_t elements(int64_t n, int64_t k) { return count(n) * k * width; }
inline constexpr int64_t offset(int64_t n, int64_t k, int64_t depth) { return ((n / width) * depth + k) * width + n % width; }

}  // namespace switchyard::kernels::panel

#endif  // SWITCHYARD_KERNELS_LAYOUT_PANEL_H
