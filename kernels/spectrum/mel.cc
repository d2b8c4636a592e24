// mel_weights: ONNX MelWeightMatrix: triangles over the bins of a spectrum whose corners are evenly spaced in mel, in f64.
#include "kernels/common/elements.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/support/inverse.h"
#include "kernels/table.h"

#include <cinttypes>
#include <cmath>

namespace switchyard::kernels {
namespace {

constexpr double ln10 = 0x1.26bb1bbb55516p+1;

double toMel(double hertz) { return 2595 * (elementary::log1pReal(hertz / 700) / ln10); }
double toHertz(double mel) { return 700 * elementary::expm1Real(mel / 2595 * ln10); }

Status readNumber(const Call &call, const Tensor &tensor, const char *name, double &value) {
  SWITCHYARD_CHECK(checkStrided(call, tensor, name, tensor.type, -1));
  if (elementCount(tensor, tensor.rank) != 1)
    return fail(call, Status::badData, "%s is not one number", name);
  return dispatchFloats(call, tensor.type, [&]<typename T>() {
    value = static_cast<double>(loadElement<T>(tensor, 0));
    return Status::ok;
  });
}

struct Mel {
  int64_t bins = 0, length = 0, rate = 0;
  double low = 0, step = 0;

  /// The bin of the spectrum that corner `i` falls into.
  double corner(int64_t i) const { return std::floor(static_cast<double>(length + 1) * toHertz(low + static_cast<double>(i) * step) / static_cast<double>(rate)); }
};

/// The weight of bin `j` in the triangle of three corners: it rises to the middle one, and falls behind it.
double weightAt(int64_t j, int64_t left, int64_t middle, int64_t right) {
  if (j >= middle && j < right)
    return static_cast<double>(right - j) / static_cast<double>(right - middle);
  if (left == middle)
    return j == middle ? 1 : 0;
  return j >= left && j <= middle ? static_cast<double>(j - left) / static_cast<double>(middle - left) : 0;
}

Status readMel(const Call &call, Mel &mel) {
  double low = 0, high = 0;
  SWITCHYARD_CHECK(readInteger(call, call.tensors[0], "the number of bins", mel.bins));
  SWITCHYARD_CHECK(readInteger(call, call.tensors[1], "the length", mel.length));
  SWITCHYARD_CHECK(readInteger(call, call.tensors[2], "the sample rate", mel.rate));
  SWITCHYARD_CHECK(readNumber(call, call.tensors[3], "the lower edge", low));
  SWITCHYARD_CHECK(readNumber(call, call.tensors[4], "the upper edge", high));
  if (mel.bins < 0 || mel.length < 0 || mel.length > INT32_MAX || mel.rate < 1 || !(low >= 0) || !(high >= low) || high > 1e9)
    return fail(call, Status::badData, "%" PRId64 " bins between %g and %g Hz of %" PRId64 " samples are no filter", mel.bins, low, high, mel.rate);
  mel.low = toMel(low);
  mel.step = (toMel(high) - mel.low) / static_cast<double>(mel.bins + 2);
  return Status::ok;
}

}  // namespace

Status reference_mel_weights(const Call &call) {
  const Tensor &out = call.tensors[5];
  Mel mel;
  SWITCHYARD_CHECK(readMel(call, mel));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", out.type, 2));
  int64_t asked[] = {mel.length / 2 + 1, mel.bins};
  SWITCHYARD_CHECK(checkAsked(call, out, 2, asked));
  return dispatch(call, out.type, [&]<typename T>() {
    for (int64_t bin = 0; bin < mel.bins; ++bin) {
      auto left = static_cast<int64_t>(mel.corner(bin)), middle = static_cast<int64_t>(mel.corner(bin + 1)), right = static_cast<int64_t>(mel.corner(bin + 2));
      for (int64_t j = 0; j < asked[0]; ++j)
        storeElement<T>(out, j * mel.bins + bin, static_cast<typename Element<T>::Value>(weightAt(j, left, middle, right)));
    }
    return Status::ok;
  });
}

// Made once: not vectorised.
Status fast_mel_weights(const Call &call) { return reference_mel_weights(call); }

}  // namespace switchyard::kernels
