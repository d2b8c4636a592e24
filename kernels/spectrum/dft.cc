// dft: ONNX DFT along an axis of x[..., 1 or 2] (real, or real and imaginary parts), `length` points: x is cut or filled with zeros to it. By
// its definition, one chain in f64 a point, with angles that are reduced exactly.
#include "kernels/common/elements.h"
#include "kernels/common/parallel.h"
#include "kernels/common/indices.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/support/turns.h"
#include "kernels/table.h"

#include <algorithm>
#include <cinttypes>

namespace switchyard::kernels {
namespace {

struct Transform {
  const Tensor *x = nullptr, *out = nullptr;
  int axis = 0;
  int64_t length = 0;
  bool inverse = false, onesided = false;
};

/// The longest line: of it the angles are exact, and the products of two positions fit 64 bits.
constexpr int64_t longest = int64_t{1} << 30;

/// Element `j` of the line at `offset`: of a one-sided spectrum the second half mirrors the first.
template <typename T> void loadPoint(const Transform &transform, int64_t offset, int64_t j, double &real, double &imaginary) {
  const Tensor &x = *transform.x;
  bool mirrored = transform.inverse && transform.onesided && j > transform.length / 2;
  int64_t index = mirrored ? transform.length - j : j, last = x.rank - 1;
  real = imaginary = 0;
  if (index >= x.sizes[transform.axis])
    return;
  const T *point = x.as<T>() + offset + index * x.strides[transform.axis];
  real = static_cast<double>(Element<T>::load(point[0]));
  imaginary = x.sizes[last] == 2 ? static_cast<double>(Element<T>::load(point[x.strides[last]])) : 0;
  // What a real signal has at the ends of its spectrum is real.
  bool isReal = transform.inverse && transform.onesided && (index == 0 || 2 * index == transform.length);
  imaginary = isReal ? 0 : mirrored ? -imaginary : imaginary;
}

template <typename T> void transformPoint(const Transform &transform, int64_t offset, int64_t k, double &real, double &imaginary) {
  real = imaginary = 0;
  for (int64_t j = 0; j < transform.length; ++j) {
    double a, b;
    loadPoint<T>(transform, offset, j, a, b);
    elementary::Turn turn = elementary::turn(j * k % transform.length, transform.length);
    double sine = transform.inverse ? turn.sine : -turn.sine;
    real = fuse(a, turn.cosine, fuse(-b, sine, real));
    imaginary = fuse(a, sine, fuse(b, turn.cosine, imaginary));
  }
  if (transform.inverse) {
    real /= static_cast<double>(transform.length);
    imaginary /= static_cast<double>(transform.length);
  }
}

Status readTransform(const Call &call, Transform &transform) {
  const Tensor &x = call.tensors[0], &out = call.tensors[3];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, x.rank));
  transform = {&x, &out, 0, 0, call.integers[1] != 0, call.integers[2] != 0};
  int64_t axis = call.integers[0], last = x.rank - 1;
  if (!call.tensors[2].absent())
    SWITCHYARD_CHECK(readInteger(call, call.tensors[2], "the axis", axis));
  axis = wrapIndex(axis, x.rank);
  if (axis < 0 || axis >= last || x.sizes[last] < 1 || x.sizes[last] > 2)
    return fail(call, Status::badData, "axis %" PRId64 " of x of rank %d has no real or complex points", axis, x.rank);
  transform.axis = static_cast<int>(axis);
  transform.length = transform.inverse && transform.onesided ? 2 * (x.sizes[axis] - 1) : x.sizes[axis];
  if (!call.tensors[1].absent())
    SWITCHYARD_CHECK(readInteger(call, call.tensors[1], "the length", transform.length));
  if (transform.length < 1 || transform.length > longest)
    return fail(call, Status::badData, "a transform of %" PRId64 " points is asked for", transform.length);
  int64_t asked[maxRank];
  std::copy_n(x.sizes, x.rank, asked);
  asked[axis] = transform.onesided && !transform.inverse ? transform.length / 2 + 1 : transform.length;
  asked[last] = transform.onesided && transform.inverse ? 1 : 2;
  return checkAsked(call, out, x.rank, asked);
}

}  // namespace

Status reference_dft(const Call &call) {
  Transform transform;
  SWITCHYARD_CHECK(readTransform(call, transform));
  const Tensor &x = *transform.x, &out = *transform.out;
  int last = x.rank - 1;
  return dispatchFloats(call, x.type, [&]<typename T>() {
    parallelFor(call, elementCount(out, last), [&](int64_t begin, int64_t end, int) {
      int64_t at[maxRank];
      for (int64_t i = begin; i < end; ++i) {
        positionOf(out.sizes, last, i, at);
        T *to = out.as<T>() + offsetAt(out.strides, last, at);
        int64_t k = at[transform.axis];
        at[transform.axis] = 0;
        double real, imaginary;
        transformPoint<T>(transform, offsetAt(x.strides, last, at), k, real, imaginary);
        using Value = typename Element<T>::Value;
        to[0] = Element<T>::store(static_cast<Value>(real));
        if (out.sizes[last] == 2)
          to[out.strides[last]] = Element<T>::store(static_cast<Value>(imaginary));
      }
    });
    return Status::ok;
  });
}

// Sums in f64, one after another: not vectorised.
Status fast_dft(const Call &call) { return reference_dft(call); }

}  // namespace switchyard::kernels
