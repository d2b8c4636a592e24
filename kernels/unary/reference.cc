// unary: elementary functions of floats of every type, computed in f64 and rounded once.
#include "kernels/common/elements.h"
#include "kernels/common/parallel.h"
#include "kernels/layout/operators.h"
#include "kernels/support/inverse.h"
#include "kernels/table.h"

namespace switchyard::kernels {

static double apply(UnaryKind kind, double x) {
  switch (kind) {
  case UnaryKind::exponential:
    return elementary::expReal(x);
  case UnaryKind::logarithm:
    return elementary::logReal(x);
  case UnaryKind::tanh:
    return elementary::tanhReal(x);
  case UnaryKind::sigmoid:
    return elementary::sigmoidReal(x);
  case UnaryKind::acos:
    return elementary::acosReal(x);
  case UnaryKind::acosh:
    return elementary::acoshReal(x);
  case UnaryKind::asin:
    return elementary::asinReal(x);
  case UnaryKind::asinh:
    return elementary::asinhReal(x);
  case UnaryKind::atan:
    return elementary::atanReal(x);
  case UnaryKind::atanh:
    return elementary::atanhReal(x);
  }
  return x;
}

Status reference_unary(const Call &call) {
  const Tensor &x = call.tensors[0], &out = call.tensors[1];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, x.rank));
  SWITCHYARD_CHECK(checkSameSizes(call, x, "x", out, "out", x.rank));
  auto kind = static_cast<UnaryKind>(call.integers[0]);
  return dispatchFloats(call, x.type, [&]<typename T>() {
    parallelFor(call, elementCount(x, x.rank), [&](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; ++i)
        storeElement<T>(out, i, static_cast<typename Element<T>::Value>(apply(kind, static_cast<double>(loadElement<T>(x, i)))));
    });
    return Status::ok;
  });
}

// Branches in every element: not vectorised.
Status fast_unary(const Call &call) { return reference_unary(call); }

}  // namespace switchyard::kernels
