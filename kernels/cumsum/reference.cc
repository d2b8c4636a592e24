#include "kernels/common/parallel.h"
#include "kernels/common/rows.h"
#include "kernels/cumsum/cumsum.h"
#include "kernels/table.h"

#include <algorithm>
#include <cinttypes>

namespace switchyard::kernels {

Status readCumSum(const Call &call, CumSum &cumsum) {
  const Tensor &x = call.tensors[0], &out = call.tensors[1];
  SWITCHYARD_CHECK(checkLayout(call, x, "x", -1));
  SWITCHYARD_CHECK(checkOperand(call, out, "out", x.type, x.rank));
  SWITCHYARD_CHECK(checkSameSizes(call, x, "x", out, "out", x.rank));
  if (x.type != ElementType::f32 && x.type != ElementType::f64 && x.type != ElementType::i32 && x.type != ElementType::i64)
    return fail(call, Status::badShape, "running sums are of f32, f64, i32 or i64");
  int64_t axis = call.integers[0];
  if (axis < 0 || axis >= x.rank)
    return fail(call, Status::badShape, "axis %" PRId64 " does not fit x of rank %d", axis, x.rank);
  cumsum = {&x, &out, static_cast<int>(axis), call.integers[1] != 0, call.integers[2] != 0, 1};
  for (int i = 0; i < x.rank; ++i)
    cumsum.lines *= i == axis ? std::min<int64_t>(x.sizes[i], 1) : x.sizes[i];
  return Status::ok;
}

/// Integers are summed as unsigned `Sum`, so that overflow wraps.
template <typename Element, typename Sum> static void sumLine(const CumSum &cumsum, int64_t xOffset, int64_t outOffset) {
  const Tensor &x = *cumsum.x, &out = *cumsum.out;
  int64_t n = x.sizes[cumsum.axis];
  const Element *from = x.as<Element>() + xOffset;
  Element *to = out.as<Element>() + outOffset;
  Sum acc = 0;
  for (int64_t step = 0; step < n; ++step) {
    int64_t i = cumsum.reverse ? n - 1 - step : step;
    Sum before = acc;
    acc = acc + static_cast<Sum>(from[i * x.strides[cumsum.axis]]);
    to[i * out.strides[cumsum.axis]] = static_cast<Element>(cumsum.exclusive ? before : acc);
  }
}

Status reference_cumsum(const Call &call) {
  CumSum cumsum;
  SWITCHYARD_CHECK(readCumSum(call, cumsum));
  const Tensor &x = *cumsum.x, &out = *cumsum.out;
  int axis = cumsum.axis, innerRank = x.rank - axis - 1;
  int64_t inner = 1;
  for (int i = axis + 1; i < x.rank; ++i)
    inner *= x.sizes[i];
  auto offset = [&](const Tensor &tensor, int64_t line) {
    return elementOffset(tensor, axis, line / inner) +
           stridedOffset(tensor.sizes + axis + 1, tensor.strides + axis + 1, innerRank, line % inner);
  };
  parallelFor(call, cumsum.lines, [&](int64_t begin, int64_t end, int) {
    for (int64_t line = begin; line < end; ++line) {
      int64_t from = offset(x, line), to = offset(out, line);
      if (x.type == ElementType::f32)
        sumLine<float, float>(cumsum, from, to);
      else if (x.type == ElementType::f64)
        sumLine<double, double>(cumsum, from, to);
      else if (x.type == ElementType::i32)
        sumLine<int32_t, uint32_t>(cumsum, from, to);
      else
        sumLine<int64_t, uint64_t>(cumsum, from, to);
    }
  });
  return Status::ok;
}

// A chain along the axis: nothing to vectorise.
Status fast_cumsum(const Call &call) { return reference_cumsum(call); }

}  // namespace switchyard::kernels
