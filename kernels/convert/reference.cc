// convert: ONNX Cast between all element types. Floats become integers towards zero, the nearest end of the range where they lie outside, and 0
// of NaN; integers wrap.
#include "kernels/common/elements.h"
#include "kernels/common/parallel.h"
#include "kernels/table.h"

namespace switchyard::kernels {
namespace {

template <typename To, typename From> To convertElement(From stored) {
  auto value = Element<From>::load(stored);
  if constexpr (std::is_same_v<To, bool>)
    return value != decltype(value)(0);
  else if constexpr (std::is_same_v<To, Half> || std::is_same_v<To, BFloat>) {
    // Rounded once: what f32 cannot hold is rounded to odd first.
    if constexpr (std::is_same_v<decltype(value), float>)
      return Element<To>::store(value);
    else
      return Element<To>::store(elementary::roundToOdd(static_cast<double>(value)));
  } else if constexpr (std::is_floating_point_v<To>)
    return static_cast<To>(value);
  else
    return toInteger<To>(value);
}

}  // namespace

Status reference_convert(const Call &call) {
  const Tensor &x = call.tensors[0], &out = call.tensors[1];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", out.type, x.rank));
  SWITCHYARD_CHECK(checkSameSizes(call, x, "x", out, "out", x.rank));
  return dispatch(call, x.type, [&]<typename From>() {
    return dispatch(call, out.type, [&]<typename To>() {
      parallelFor(call, elementCount(x, x.rank), [&](int64_t begin, int64_t end, int) {
        for (int64_t i = begin; i < end; ++i)
          out.as<To>()[elementOffset(out, out.rank, i)] = convertElement<To>(x.as<From>()[elementOffset(x, x.rank, i)]);
      });
      return Status::ok;
    });
  });
}

// A rare fallback: not vectorised.
Status fast_convert(const Call &call) { return reference_convert(call); }

}  // namespace switchyard::kernels
