// range: ONNX Range whose bounds are values of the run: start + i * delta.
#include "kernels/common/elements.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/table.h"

#include <cmath>

namespace switchyard::kernels {
namespace {

template <typename T> Status run(const Call &call) {
  using Value = typename Element<T>::Value;
  using Sum = typename Wrapping<Value>::Type;
  const Tensor &out = call.tensors[3];
  Value start = loadElement<T>(call.tensors[0], 0), limit = loadElement<T>(call.tensors[1], 0), delta = loadElement<T>(call.tensors[2], 0);
  double count = std::ceil((static_cast<double>(limit) - static_cast<double>(start)) / static_cast<double>(delta));
  if (!(std::fabs(count) < 0x1p53))
    return fail(call, Status::badData, "from %g to %g by %g is no range", static_cast<double>(start), static_cast<double>(limit),
                static_cast<double>(delta));
  int64_t asked[1] = {count > 0 ? static_cast<int64_t>(count) : 0};
  SWITCHYARD_CHECK(checkAsked(call, out, 1, asked));
  for (int64_t i = 0; i < asked[0]; ++i)
    storeElement<T>(out, i, static_cast<Value>(static_cast<Sum>(start) + static_cast<Sum>(i) * static_cast<Sum>(delta)));
  return Status::ok;
}

}  // namespace

Status reference_range(const Call &call) {
  const Tensor &out = call.tensors[3];
  SWITCHYARD_CHECK(checkStrided(call, out, "out", out.type, 1));
  static const char *const names[] = {"start", "limit", "delta"};
  for (int i = 0; i < 3; ++i) {
    SWITCHYARD_CHECK(checkStrided(call, call.tensors[i], names[i], out.type, -1));
    if (elementCount(call.tensors[i], call.tensors[i].rank) != 1)
      return fail(call, Status::badData, "%s must be one number", names[i]);
  }
  return dispatch(call, out.type, [&]<typename T>() {
    if constexpr (std::is_same_v<T, bool>)
      return fail(call, Status::badShape, "bool has no range");
    else
      return run<T>(call);
  });
}

// A handful of elements: nothing to vectorise.
Status fast_range(const Call &call) { return reference_range(call); }

}  // namespace switchyard::kernels
