// reshape: ONNX Reshape, Squeeze and Unsqueeze whose sizes or axes are values of the run: the same elements, after a check of the sizes.
#include "kernels/common/parallel.h"
#include "kernels/common/rows.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/layout/operators.h"
#include "kernels/table.h"

#include <cinttypes>
#include <cstring>

namespace switchyard::kernels {
namespace {

/// The sizes that Reshape asks for: -1 is what is left, 0 is copied unless `allowZero`.
Status askReshape(const Call &call, const Tensor &x, const Integers &sizes, bool allowZero, int64_t *asked) {
  int inferred = -1;
  int64_t known = 1, count = elementCount(x, x.rank);
  for (int i = 0; i < sizes.count; ++i) {
    asked[i] = sizes[i];
    if (sizes[i] == 0 && !allowZero) {
      if (i >= x.rank)
        return fail(call, Status::badData, "size %d is 0, so that it is copied, but x has rank %d", i, x.rank);
      asked[i] = x.sizes[i];
    }
    if (sizes[i] < -1 || (sizes[i] == -1 && inferred >= 0))
      return fail(call, Status::badData, "size %d is %" PRId64 ", expected at least 0, or -1 once", i, sizes[i]);
    if (sizes[i] == -1)
      inferred = i;
    else if (__builtin_mul_overflow(known, asked[i], &known))
      return fail(call, Status::badData, "the product of the sizes overflows 64 bits");
  }
  if (inferred >= 0)
    asked[inferred] = known ? count / known : 0;
  return Status::ok;
}

/// Squeeze drops the axes, which are of size 1; all of size 1 where there are none.
Status askSqueeze(const Call &call, const Tensor &x, Integers axes, int64_t *asked, int &rank) {
  SWITCHYARD_CHECK(normalizeAxes(call, "axes", x.rank, axes));
  bool dropped[maxRank] = {};
  for (int i = 0; i < axes.count; ++i) {
    if (x.sizes[axes[i]] != 1)
      return fail(call, Status::badData, "axis %" PRId64 " has size %" PRId64 ", expected 1", axes[i], x.sizes[axes[i]]);
    dropped[axes[i]] = true;
  }
  for (int i = 0; i < x.rank; ++i)
    if (!(dropped[i] || (axes.count == 0 && x.sizes[i] == 1)))
      asked[rank++] = x.sizes[i];
  return Status::ok;
}

Status askUnsqueeze(const Call &call, const Tensor &x, Integers axes, int64_t *asked, int &rank) {
  rank = x.rank + axes.count;
  if (rank > maxRank)
    return fail(call, Status::badData, "%d axes make a rank of %d, the most is %d", axes.count, rank, maxRank);
  SWITCHYARD_CHECK(normalizeAxes(call, "axes", rank, axes));
  for (int i = 0; i < rank; ++i)
    asked[i] = -1;
  for (int i = 0; i < axes.count; ++i)
    asked[axes[i]] = 1;
  for (int i = 0, next = 0; i < rank; ++i)
    if (asked[i] < 0)
      asked[i] = x.sizes[next++];
  return Status::ok;
}

}  // namespace

Status reference_reshape(const Call &call) {
  const Tensor &x = call.tensors[0], &out = call.tensors[2];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, -1));
  Integers numbers;
  SWITCHYARD_CHECK(readIntegers(call, call.tensors[1], "the sizes or axes", maxRank, numbers));
  int64_t asked[2 * maxRank];
  int rank = 0;
  switch (static_cast<ReshapeKind>(call.integers[0])) {
  case ReshapeKind::reshape:
    rank = numbers.count;
    SWITCHYARD_CHECK(askReshape(call, x, numbers, call.integers[1] != 0, asked));
    break;
  case ReshapeKind::squeeze:
    SWITCHYARD_CHECK(askSqueeze(call, x, numbers, asked, rank));
    break;
  case ReshapeKind::unsqueeze:
    SWITCHYARD_CHECK(askUnsqueeze(call, x, numbers, asked, rank));
    break;
  }
  SWITCHYARD_CHECK(checkAsked(call, out, rank, asked));
  int64_t count = elementCount(x, x.rank);
  if (count != elementCount(out, out.rank))
    return fail(call, Status::badData, "the sizes asked for make %" PRId64 " elements of %" PRId64, elementCount(out, out.rank), count);
  int64_t bytes = static_cast<int64_t>(elementSize(x.type));
  parallelFor(call, count, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i)
      std::memcpy(out.as<char>() + elementOffset(out, out.rank, i) * bytes, x.as<char>() + elementOffset(x, x.rank, i) * bytes,
                  static_cast<size_t>(bytes));
  });
  return Status::ok;
}

// A copy: nothing to vectorise.
Status fast_reshape(const Call &call) { return reference_reshape(call); }

}  // namespace switchyard::kernels
