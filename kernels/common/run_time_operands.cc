#include "kernels/common/run_time_operands.h"

#include "kernels/common/indices.h"

#include <cinttypes>
#include <cstdio>

namespace switchyard::kernels {

Status readIntegers(const Call &call, const Tensor &tensor, const char *name, int most, Integers &integers) {
  integers.count = 0;
  if (tensor.absent())
    return Status::ok;
  SWITCHYARD_CHECK(checkIndices(call, tensor, name, -1));
  int64_t count = elementCount(tensor, tensor.rank);
  if (tensor.rank > 1 || count > most)
    return fail(call, Status::badData, "%s are %" PRId64 " numbers of rank %d, expected at most %d of rank 1", name, count, tensor.rank, most);
  integers.count = static_cast<int>(count);
  for (int64_t i = 0; i < count; ++i)
    integers.values[i] = readIndex(tensor, elementOffset(tensor, tensor.rank, i));
  return Status::ok;
}

Status readInteger(const Call &call, const Tensor &tensor, const char *name, int64_t &value) {
  Integers one;
  SWITCHYARD_CHECK(readIntegers(call, tensor, name, 1, one));
  if (one.count != 1)
    return fail(call, Status::badData, "%s is missing or empty, expected one number", name);
  value = one[0];
  return Status::ok;
}

Status normalizeAxes(const Call &call, const char *name, int rank, Integers &axes) {
  bool seen[maxRank] = {};
  for (int i = 0; i < axes.count; ++i) {
    int64_t axis = wrapIndex(axes[i], rank);
    if (axis < 0 || axis >= rank)
      return fail(call, Status::badData, "%s hold %" PRId64 ", which is outside the rank %d", name, axes[i], rank);
    if (seen[axis])
      return fail(call, Status::badData, "%s hold axis %" PRId64 " twice", name, axis);
    seen[axis] = true;
    axes.values[i] = axis;
  }
  return Status::ok;
}

Status checkAsked(const Call &call, const Tensor &out, int rank, const int64_t *sizes) {
  bool fits = out.rank == rank;
  for (int i = 0; fits && i < rank; ++i)
    fits = out.sizes[i] == sizes[i];
  if (fits)
    return Status::ok;
  char asked[96] = "", has[96] = "";
  auto write = [](char *text, size_t room, int count, const int64_t *numbers) {
    int used = 0;
    for (int i = 0; i < count && used < static_cast<int>(room); ++i)
      used += std::snprintf(text + used, room - static_cast<size_t>(used), i ? ", %" PRId64 : "%" PRId64, numbers[i]);
  };
  write(asked, sizeof(asked), rank, sizes);
  write(has, sizeof(has), out.rank, out.sizes);
  return fail(call, Status::badData, "the operands ask for a result of shape [%s], the model states [%s]", asked, has);
}

}  // namespace switchyard::kernels
