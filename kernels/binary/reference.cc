// binary: elementwise arithmetic and comparisons with numpy's broadcast, of every element type: what `arith` has no operations for.
// Integers wrap; they divide towards zero, by 0 to 0. The exponent of a power may be of another type than the base.
#include "kernels/common/conversion.h"
#include "kernels/common/parallel.h"
#include "kernels/layout/operators.h"
#include "kernels/support/power.h"
#include "kernels/table.h"

#include <cmath>
#include <limits>

namespace switchyard::kernels {
namespace {

template <typename Value> Value divide(Value a, Value b) {
  if constexpr (std::is_floating_point_v<Value>) {
    return a / b;
  } else {
    using Unsigned = typename Wrapping<Value>::Type;
    if (b == Value(0))
      return Value(0);
    if (std::is_signed_v<Value> && b == static_cast<Value>(-1))
      return static_cast<Value>(Unsigned(0) - static_cast<Unsigned>(a));
    return static_cast<Value>(a / b);
  }
}

template <typename Value> Value remainder(Value a, Value b) {
  if constexpr (std::is_floating_point_v<Value>) {
    return elementary::fmod(a, b);
  } else {
    if (b == Value(0) || (std::is_signed_v<Value> && b == static_cast<Value>(-1)))
      return Value(0);
    return static_cast<Value>(a % b);
  }
}

template <typename Value> Value modulo(Value a, Value b) {
  Value rest = remainder(a, b);
  bool differs = rest != Value(0) && (rest < Value(0)) != (b < Value(0));
  return differs ? static_cast<Value>(rest + b) : rest;
}

/// To the right the sign moves in. Distances outside the width leave nothing but the sign.
template <typename Value> Value shift(BinaryKind kind, Value a, Value b) {
  if constexpr (std::is_floating_point_v<Value>) {
    return a;
  } else {
    bool inside = b >= Value(0) && static_cast<uint64_t>(b) < sizeof(Value) * 8;
    if (kind == BinaryKind::shiftRight)
      return static_cast<Value>(inside ? a >> b : a < Value(0) ? -1 : 0);
    using Unsigned = typename Wrapping<Value>::Type;
    return inside ? static_cast<Value>(static_cast<Unsigned>(a) << b) : Value(0);
  }
}

template <typename Value> Value joinBits(BinaryKind kind, Value a, Value b) {
  if constexpr (std::is_floating_point_v<Value>)
    return a;
  else
    return static_cast<Value>(kind == BinaryKind::bitAnd ? a & b : kind == BinaryKind::bitOr ? a | b : a ^ b);
}

template <typename Value> Value combine(BinaryKind kind, Value a, Value b) {
  using Sum = typename Wrapping<Value>::Type;
  switch (kind) {
  case BinaryKind::add:
    return static_cast<Value>(static_cast<Sum>(a) + static_cast<Sum>(b));
  case BinaryKind::subtract:
    return static_cast<Value>(static_cast<Sum>(a) - static_cast<Sum>(b));
  case BinaryKind::multiply:
    return static_cast<Value>(static_cast<Sum>(a) * static_cast<Sum>(b));
  case BinaryKind::divide:
    return divide(a, b);
  case BinaryKind::remainder:
    return remainder(a, b);
  case BinaryKind::modulo:
    return modulo(a, b);
  case BinaryKind::maximum:
    return a != a || a > b ? a : b;
  case BinaryKind::minimum:
    return a != a || a < b ? a : b;
  case BinaryKind::bitAnd:
  case BinaryKind::bitOr:
  case BinaryKind::bitXor:
    return joinBits(kind, a, b);
  case BinaryKind::shiftLeft:
  case BinaryKind::shiftRight:
    return shift(kind, a, b);
  default:
    return a;
  }
}

template <typename Value> bool compare(BinaryKind kind, Value a, Value b) {
  switch (kind) {
  case BinaryKind::equal:
    return a == b;
  case BinaryKind::less:
    return a < b;
  case BinaryKind::lessOrEqual:
    return a <= b;
  case BinaryKind::greater:
    return a > b;
  default:
    return a >= b;
  }
}

/// x^n by squaring; a negative exponent leaves 0 but of 1 and -1.
template <typename Value> Value integerPower(Value base, double exponent) {
  using Product = typename Wrapping<Value>::Type;
  auto n = static_cast<int64_t>(exponent);
  if (n < 0)
    return base == Value(1) || (std::is_signed_v<Value> && base == static_cast<Value>(-1) && n % 2 == 0) ? Value(1)
           : std::is_signed_v<Value> && base == static_cast<Value>(-1)                                    ? base
                                                                                                            : Value(0);
  Product all = 1, square = static_cast<Product>(base);
  for (; n > 0; n /= 2, square *= square)
    all = n % 2 ? all * square : all;
  return static_cast<Value>(all);
}

template <typename Value> Value power(Value base, double exponent) {
  if constexpr (std::is_same_v<Value, float>)
    return elementary::pow(base, static_cast<float>(exponent));
  else if constexpr (std::is_floating_point_v<Value>)
    return base;  // not reached: refused before
  else if (exponent == std::floor(exponent) && std::fabs(exponent) < 0x1p62)
    return integerPower(base, exponent);
  else
    return convertToInteger<Value>(elementary::pow(static_cast<float>(base), static_cast<float>(exponent)));
}

/// Offset of element `index` (row-major of `out`) in an operand that broadcasts to it.
int64_t broadcastOffset(const Tensor &operand, const Tensor &out, int64_t index) {
  int64_t offset = 0;
  for (int d = out.rank - 1, from = operand.rank - 1; from >= 0; --d, --from) {
    offset += operand.sizes[from] == 1 ? 0 : index % out.sizes[d] * operand.strides[from];
    index /= out.sizes[d];
  }
  return offset;
}

Status checkBroadcast(const Call &call, const Tensor &operand, const char *name, const Tensor &out) {
  SWITCHYARD_CHECK(checkStrided(call, operand, name, operand.type, -1));
  bool fits = operand.rank <= out.rank;
  for (int d = 0; fits && d < operand.rank; ++d)
    fits = operand.sizes[d] == 1 || operand.sizes[d] == out.sizes[out.rank - operand.rank + d];
  return fits ? Status::ok : fail(call, Status::badShape, "operand '%s' does not broadcast to the result", name);
}

template <typename T> Status run(const Call &call, BinaryKind kind) {
  const Tensor &a = call.tensors[0], &b = call.tensors[1], &out = call.tensors[2];
  bool compares = kind >= BinaryKind::equal && kind <= BinaryKind::greaterOrEqual, raises = kind == BinaryKind::power;
  if (out.type != (compares ? ElementType::boolean : a.type) || (!raises && b.type != a.type))
    return fail(call, Status::badShape, "the element types of the operands and the result differ");
  if (raises && a.type == ElementType::f64)
    return fail(call, Status::badShape, "there is no power of f64");
  return dispatch(call, b.type, [&]<typename U>() {
    if constexpr (!std::is_same_v<T, U>)
      if (!raises)
        return Status::ok;  // not reached: the types are equal
    parallelFor(call, elementCount(out, out.rank), [&](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; ++i) {
        auto x = Element<T>::load(a.as<T>()[broadcastOffset(a, out, i)]);
        auto y = Element<U>::load(b.as<U>()[broadcastOffset(b, out, i)]);
        if (raises)
          storeElement<T>(out, i, power(x, static_cast<double>(y)));
        else if (compares)
          storeElement<bool>(out, i, compare(kind, x, static_cast<decltype(x)>(y)));
        else
          storeElement<T>(out, i, combine(kind, x, static_cast<decltype(x)>(y)));
      }
    });
    return Status::ok;
  });
}

}  // namespace

Status reference_binary(const Call &call) {
  const Tensor &a = call.tensors[0], &b = call.tensors[1], &out = call.tensors[2];
  SWITCHYARD_CHECK(checkStrided(call, out, "out", out.type, -1));
  SWITCHYARD_CHECK(checkBroadcast(call, a, "a", out));
  SWITCHYARD_CHECK(checkBroadcast(call, b, "b", out));
  auto kind = static_cast<BinaryKind>(call.integers[0]);
  return dispatch(call, a.type, [&]<typename T>() {
    if constexpr (std::is_same_v<T, bool>)
      return fail(call, Status::badShape, "bool has no arithmetic");
    else
      return run<T>(call, kind);
  });
}

// A rare fallback: not vectorised.
Status fast_binary(const Call &call) { return reference_binary(call); }

}  // namespace switchyard::kernels
