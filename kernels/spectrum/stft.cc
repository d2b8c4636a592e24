// stft: ONNX STFT of x[B, samples, 1 or 2]: the spectra of frames that begin `step` samples apart, each weighted by the window. By its
// definition, one chain in f64 a point.
#include "kernels/common/elements.h"
#include "kernels/common/parallel.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/support/turns.h"
#include "kernels/table.h"

#include <cinttypes>

namespace switchyard::kernels {
namespace {

struct Frames {
  const Tensor *x = nullptr, *window = nullptr, *out = nullptr;
  int64_t step = 0, length = 0;
};

template <typename T> void transformPoint(const Frames &frames, const int64_t *at, double &real, double &imaginary) {
  const Tensor &x = *frames.x;
  const T *frame = x.as<T>() + at[0] * x.strides[0] + at[1] * frames.step * x.strides[1];
  real = imaginary = 0;
  for (int64_t j = 0; j < frames.length; ++j) {
    double weight = frames.window->absent() ? 1 : static_cast<double>(loadElement<T>(*frames.window, j));
    double a = weight * static_cast<double>(Element<T>::load(frame[j * x.strides[1]]));
    double b = x.sizes[2] == 2 ? weight * static_cast<double>(Element<T>::load(frame[j * x.strides[1] + x.strides[2]])) : 0;
    elementary::Turn turn = elementary::turn(j * at[2] % frames.length, frames.length);
    real = fuse(a, turn.cosine, fuse(b, turn.sine, real));
    imaginary = fuse(-a, turn.sine, fuse(b, turn.cosine, imaginary));
  }
}

Status readFrames(const Call &call, Frames &frames) {
  const Tensor &x = call.tensors[0], &window = call.tensors[2], &out = call.tensors[4];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, 3));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, 4));
  frames = {&x, &window, &out};
  SWITCHYARD_CHECK(readInteger(call, call.tensors[1], "the step", frames.step));
  if (!window.absent()) {
    SWITCHYARD_CHECK(checkStrided(call, window, "window", x.type, 1));
    frames.length = window.sizes[0];
  }
  if (!call.tensors[3].absent())
    SWITCHYARD_CHECK(readInteger(call, call.tensors[3], "the length of a frame", frames.length));
  if (frames.step < 1 || frames.length < 1 || frames.length > x.sizes[1] || (!window.absent() && window.sizes[0] != frames.length) || x.sizes[2] < 1 ||
      x.sizes[2] > 2)
    return fail(call, Status::badData, "frames of %" PRId64 " samples, %" PRId64 " apart, do not fit the window or %" PRId64 " samples", frames.length,
                frames.step, x.sizes[1]);
  int64_t asked[] = {x.sizes[0], (x.sizes[1] - frames.length) / frames.step + 1, call.integers[0] != 0 ? frames.length / 2 + 1 : frames.length, 2};
  return checkAsked(call, out, 4, asked);
}

}  // namespace

Status reference_stft(const Call &call) {
  Frames frames;
  SWITCHYARD_CHECK(readFrames(call, frames));
  const Tensor &out = *frames.out;
  return dispatchFloats(call, out.type, [&]<typename T>() {
    using Value = typename Element<T>::Value;
    parallelFor(call, elementCount(out, 3), [&](int64_t begin, int64_t end, int) {
      int64_t at[maxRank];
      for (int64_t i = begin; i < end; ++i) {
        positionOf(out.sizes, 3, i, at);
        double real, imaginary;
        transformPoint<T>(frames, at, real, imaginary);
        T *to = out.as<T>() + offsetAt(out.strides, 3, at);
        to[0] = Element<T>::store(static_cast<Value>(real));
        to[out.strides[3]] = Element<T>::store(static_cast<Value>(imaginary));
      }
    });
    return Status::ok;
  });
}

// Sums in f64, one after another: not vectorised.
Status fast_stft(const Call &call) { return reference_stft(call); }

}  // namespace switchyard::kernels
