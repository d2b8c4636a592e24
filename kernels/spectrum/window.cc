// window: ONNX HannWindow, HammingWindow and BlackmanWindow of a size that is a value of the run, in f64.
#include "kernels/common/elements.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/layout/operators.h"
#include "kernels/support/turns.h"
#include "kernels/table.h"

#include <algorithm>

namespace switchyard::kernels {

static double weightAt(WindowKind kind, int64_t i, int64_t period) {
  double once = elementary::turn(i, period).cosine;
  switch (kind) {
  case WindowKind::hann:
    return 0.5 - 0.5 * once;
  case WindowKind::hamming:
    return 25.0 / 46.0 - 21.0 / 46.0 * once;
  case WindowKind::blackman:
    return 0.42 - 0.5 * once + 0.08 * elementary::turn(2 * i % period, period).cosine;
  }
  return 0;
}

Status reference_window(const Call &call) {
  const Tensor &out = call.tensors[1];
  int64_t size = 0;
  SWITCHYARD_CHECK(readInteger(call, call.tensors[0], "the size", size));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", out.type, 1));
  SWITCHYARD_CHECK(checkAsked(call, out, 1, &size));
  // A symmetric window of one element has no period: it stands at its beginning.
  int64_t period = std::max<int64_t>(call.integers[1] != 0 ? size : size - 1, 1);
  return dispatch(call, out.type, [&]<typename T>() {
    for (int64_t i = 0; i < size; ++i)
      storeElement<T>(out, i, static_cast<typename Element<T>::Value>(weightAt(static_cast<WindowKind>(call.integers[0]), i, period)));
    return Status::ok;
  });
}

// Made once: not vectorised.
Status fast_window(const Call &call) { return reference_window(call); }

}  // namespace switchyard::kernels
