// one_hot: ONNX OneHot whose depth is a value of the run, of indices and values of any type.
#include "kernels/common/conversion.h"
#include "kernels/common/parallel.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/table.h"

#include <cstring>

namespace switchyard::kernels {
namespace {

/// An element of any type as i64, towards zero.
Status readAsInteger(const Call &call, const Tensor &tensor, int64_t index, int64_t &value) {
  return dispatch(call, tensor.type, [&]<typename T>() {
    value = convertToInteger<int64_t>(loadElement<T>(tensor, index));
    return Status::ok;
  });
}

}  // namespace

Status reference_one_hot(const Call &call) {
  const Tensor &indices = call.tensors[0], &depthOperand = call.tensors[1], &values = call.tensors[2], &out = call.tensors[3];
  SWITCHYARD_CHECK(checkStrided(call, indices, "indices", indices.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, depthOperand, "depth", depthOperand.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, values, "values", values.type, 1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", values.type, indices.rank + 1));
  int64_t axis = call.integers[0], depth = 0;
  if (axis < 0 || axis > indices.rank || values.sizes[0] != 2 || elementCount(depthOperand, depthOperand.rank) != 1)
    return fail(call, Status::badData, "expects one depth and two values, and an axis within the rank of the indices");
  SWITCHYARD_CHECK(readAsInteger(call, depthOperand, 0, depth));
  int64_t asked[maxRank];
  for (int d = 0; d < out.rank; ++d)
    asked[d] = d < axis ? indices.sizes[d] : d == axis ? depth : indices.sizes[d - 1];
  SWITCHYARD_CHECK(checkAsked(call, out, out.rank, asked));
  int64_t inner = 1;
  for (int d = static_cast<int>(axis); d < indices.rank; ++d)
    inner *= indices.sizes[d];
  size_t bytes = elementSize(values.type);
  return dispatch(call, indices.type, [&]<typename T>() {
    parallelFor(call, elementCount(out, out.rank), [&](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; ++i) {
        int64_t column = i / inner % depth;
        auto index = convertToInteger<int64_t>(loadElement<T>(indices, i / inner / depth * inner + i % inner));
        bool on = index == column || index == column - depth;
        std::memcpy(out.as<char>() + static_cast<size_t>(elementOffset(out, out.rank, i)) * bytes,
                    values.as<char>() + static_cast<size_t>(on ? values.strides[0] : 0) * bytes, bytes);
      }
    });
    return Status::ok;
  });
}

// One element at a time: nothing to vectorise.
Status fast_one_hot(const Call &call) { return reference_one_hot(call); }

}  // namespace switchyard::kernels
