// running: ONNX CumSum and CumProd along an axis that is a value of the run, of every type of numbers: one chain from the start of the
// axis (or, with `reverse`, from its end).
#include "kernels/common/elements.h"
#include "kernels/common/parallel.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/table.h"

namespace switchyard::kernels {
namespace {

struct Running {
  const Tensor *x = nullptr, *out = nullptr;
  int axis = 0;
  bool multiplies = false, exclusive = false, reverse = false;
};

template <typename T> Status run(const Call &call, const Running &running) {
  using Value = typename Element<T>::Value;
  using Sum = typename Wrapping<Value>::Type;
  const Tensor &x = *running.x, &out = *running.out;
  int64_t length = x.sizes[running.axis], inner = 1;
  for (int d = running.axis + 1; d < x.rank; ++d)
    inner *= x.sizes[d];
  int64_t lines = length == 0 ? 0 : elementCount(x, x.rank) / length;
  parallelFor(call, lines, [&](int64_t begin, int64_t end, int) {
    for (int64_t line = begin; line < end; ++line) {
      Sum all = running.multiplies ? 1 : 0;
      for (int64_t step = 0; step < length; ++step) {
        int64_t i = running.reverse ? length - 1 - step : step, index = (line / inner * length + i) * inner + line % inner;
        Sum before = all, next = static_cast<Sum>(loadElement<T>(x, index));
        all = static_cast<Sum>(running.multiplies ? all * next : all + next);
        storeElement<T>(out, index, static_cast<Value>(running.exclusive ? before : all));
      }
    }
  });
  return Status::ok;
}

}  // namespace

Status reference_running(const Call &call) {
  const Tensor &x = call.tensors[0], &out = call.tensors[2];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, x.rank));
  SWITCHYARD_CHECK(checkSameSizes(call, x, "x", out, "out", x.rank));
  Integers axis;
  SWITCHYARD_CHECK(readIntegers(call, call.tensors[1], "the axis", 1, axis));
  SWITCHYARD_CHECK(normalizeAxes(call, "the axis", x.rank, axis));
  if (axis.count != 1)
    return fail(call, Status::badData, "there is no axis");
  Running running{&x, &out, static_cast<int>(axis[0]), call.integers[0] != 0, call.integers[1] != 0, call.integers[2] != 0};
  return dispatch(call, x.type, [&]<typename T>() {
    if constexpr (std::is_same_v<T, bool>)
      return fail(call, Status::badShape, "bool has no running sums");
    else
      return run<T>(call, running);
  });
}

// A chain along the axis: nothing to vectorise.
Status fast_running(const Call &call) { return reference_running(call); }

}  // namespace switchyard::kernels
