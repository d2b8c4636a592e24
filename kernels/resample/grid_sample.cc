// grid_sample: ONNX GridSample: x[N, C, spatial...] at the points of grid[N, ..., r], whose coordinates count the axes from the last, -1 and 1
// being the borders.
#include "kernels/common/elements.h"
#include "kernels/common/parallel.h"
#include "kernels/layout/operators.h"
#include "kernels/resample/taps.h"
#include "kernels/table.h"

#include <algorithm>

namespace switchyard::kernels {
namespace {

struct Sampler {
  const Tensor *x = nullptr, *grid = nullptr, *out = nullptr;
  ResizeMode mode = ResizeMode::linear;
  GridPadding padding = GridPadding::zeros;
  bool alignCorners = false;
};

/// To the nearest, ties to even; for |x| < 2^51.
double roundToEven(double x) { return (x + 0x1.8p52) - 0x1.8p52; }

/// Reflects at the borders until x lies between them.
double reflect(double x, double low, double high) {
  double range = high - low;
  if (!(range > 0))
    return low;
  double distance = x < low ? low - x : x - high;
  if (!(x < low) && !(x > high))
    return x;
  double times = std::floor(distance / range), rest = distance - times * range;
  bool even = times == 2 * std::floor(times / 2);
  return even == (x < low) ? low + rest : high - rest;
}

double lowBorder(const Sampler &sampler) { return sampler.alignCorners ? 0 : -0.5; }
double highBorder(const Sampler &sampler, int64_t size) { return static_cast<double>(size) + (sampler.alignCorners ? -1 : -0.5); }

/// The element that position `index` of an axis stands for; -1 where it is padding.
int64_t elementAt(const Sampler &sampler, int64_t index, int64_t size) {
  if (index >= 0 && index < size)
    return index;
  if (sampler.padding == GridPadding::zeros)
    return -1;
  if (sampler.padding == GridPadding::border)
    return index < 0 ? 0 : size - 1;
  double reflected = reflect(static_cast<double>(index), lowBorder(sampler), highBorder(sampler, size));
  return std::clamp<int64_t>(static_cast<int64_t>(reflected), 0, size - 1);
}

/// The coordinate in elements, in the precision of the grid.
template <typename Value> double denormalize(const Sampler &sampler, Value n, int64_t size) {
  auto length = static_cast<Value>(size);
  Value at = sampler.alignCorners ? (n + 1) / 2 * (length - 1) : ((n + 1) * length - 1) / 2;
  double x = static_cast<double>(at), low = lowBorder(sampler), high = highBorder(sampler, size);
  if (sampler.mode == ResizeMode::nearest && std::fabs(x) < 0x1p40)
    x = roundToEven(x);
  // The elements around a point of a cubic interpolation are padded one by one.
  if (!(x >= low && x <= high) && sampler.mode != ResizeMode::cubic) {
    if (sampler.padding == GridPadding::border)
      x = x > high ? static_cast<double>(size - 1) : 0;
    else if (sampler.padding == GridPadding::reflection)
      x = std::fabs(x) < 0x1p52 ? static_cast<double>(static_cast<Value>(reflect(x, low, high))) : low;
  }
  // Far outside all positions are padding.
  return std::fabs(x) < 0x1p40 ? x : -0x1p40;
}

template <typename T> double sample(const Sampler &sampler, const double *point, int d, int64_t offset) {
  const Tensor &x = *sampler.x;
  if (d == x.rank - 2)
    return static_cast<double>(Element<T>::load(x.as<T>()[offset]));
  double at = point[d], sum = 0;
  int64_t size = x.sizes[d + 2], stride = x.strides[d + 2], low = static_cast<int64_t>(std::floor(at));
  int64_t reach = sampler.mode == ResizeMode::nearest ? 0 : sampler.mode == ResizeMode::linear ? 1 : 2;
  if (reach == 0) {
    int64_t index = elementAt(sampler, static_cast<int64_t>(at), size);
    return index < 0 ? 0 : sample<T>(sampler, point, d + 1, offset + index * stride);
  }
  for (int64_t k = low - reach + 1; k <= low + reach; ++k) {
    int64_t index = elementAt(sampler, k, size);
    double distance = static_cast<double>(k) - at, weight = reach == 1 ? linearWeight(distance) : cubicWeight(distance, -0.75);
    if (index >= 0 && weight != 0)
      sum += weight * sample<T>(sampler, point, d + 1, offset + index * stride);
  }
  return sum;
}

template <typename T, typename G> void sampleElements(const Sampler &sampler, int64_t begin, int64_t end) {
  const Tensor &x = *sampler.x, &grid = *sampler.grid, &out = *sampler.out;
  int spatial = x.rank - 2;
  int64_t at[maxRank];
  for (int64_t i = begin; i < end; ++i) {
    positionOf(out.sizes, out.rank, i, at);
    int64_t from = at[0] * grid.strides[0];
    for (int d = 0; d < spatial; ++d)
      from += at[d + 2] * grid.strides[d + 1];
    double point[maxRank];
    for (int d = 0; d < spatial; ++d)
      point[d] = denormalize(sampler, Element<G>::load(grid.as<G>()[from + (spatial - 1 - d) * grid.strides[spatial + 1]]), x.sizes[d + 2]);
    double value = sample<T>(sampler, point, 0, at[0] * x.strides[0] + at[1] * x.strides[1]);
    storeElement<T>(out, i, static_cast<typename Element<T>::Value>(value));
  }
}

Status readSampler(const Call &call, Sampler &sampler) {
  const Tensor &x = call.tensors[0], &grid = call.tensors[1], &out = call.tensors[2];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, grid, "grid", grid.type, x.rank));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, x.rank));
  bool fits = x.rank >= 3 && grid.sizes[x.rank - 1] == x.rank - 2 && grid.sizes[0] == x.sizes[0] && out.sizes[0] == x.sizes[0] && out.sizes[1] == x.sizes[1];
  for (int d = 2; fits && d < x.rank; ++d)
    fits = out.sizes[d] == grid.sizes[d - 1];
  if (!fits)
    return fail(call, Status::badShape, "the sizes of x, grid and out do not fit each other");
  for (int d = 2; d < x.rank; ++d)
    if (x.sizes[d] == 0)
      return fail(call, Status::badData, "spatial dimension %d has no elements to take samples of", d - 2);
  sampler = {&x, &grid, &out, static_cast<ResizeMode>(call.integers[0]), static_cast<GridPadding>(call.integers[1]), call.integers[2] != 0};
  return Status::ok;
}

}  // namespace

Status reference_grid_sample(const Call &call) {
  Sampler sampler;
  SWITCHYARD_CHECK(readSampler(call, sampler));
  return dispatchFloats(call, sampler.x->type, [&]<typename T>() {
    return dispatchFloats(call, sampler.grid->type, [&]<typename G>() {
      parallelFor(call, elementCount(*sampler.out, sampler.out->rank),
                  [&](int64_t begin, int64_t end, int) { sampleElements<T, G>(sampler, begin, end); });
      return Status::ok;
    });
  });
}

// Scattered elements: nothing to vectorise.
Status fast_grid_sample(const Call &call) { return reference_grid_sample(call); }

}  // namespace switchyard::kernels
