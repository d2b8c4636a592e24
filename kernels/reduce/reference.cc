// reduce: ONNX Reduce* over axes that are values of the run, of every element type. One chain an element of the result, over the elements
// that it is made of in row-major order.
#include "kernels/common/conversion.h"
#include "kernels/common/parallel.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/layout/operators.h"
#include "kernels/support/real.h"
#include "kernels/table.h"

#include <cmath>
#include <limits>

namespace switchyard::kernels {
namespace {

struct Reduce {
  const Tensor *x = nullptr, *out = nullptr;
  ReduceKind kind = ReduceKind::sum;
  bool reduced[maxRank] = {};
  int64_t outCount = 0, inner = 1;        // elements of the result; of x for each of them
  int64_t keptSizes[maxRank] = {}, keptStrides[maxRank] = {}, innerSizes[maxRank] = {}, innerStrides[maxRank] = {};
  int kept = 0, inners = 0;
};

Status readReduce(const Call &call, Reduce &reduce) {
  const Tensor &x = call.tensors[0], &out = call.tensors[2];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, -1));
  Integers axes;
  SWITCHYARD_CHECK(readIntegers(call, call.tensors[1], "axes", maxRank, axes));
  SWITCHYARD_CHECK(normalizeAxes(call, "axes", x.rank, axes));
  reduce.x = &x;
  reduce.out = &out;
  reduce.kind = static_cast<ReduceKind>(call.integers[0]);
  bool all = axes.count == 0 && call.integers[1] == 0;
  for (int i = 0; i < x.rank; ++i)
    reduce.reduced[i] = all;
  for (int i = 0; i < axes.count; ++i)
    reduce.reduced[axes[i]] = true;
  int64_t asked[maxRank];
  int rank = 0;
  bool keep = out.rank == x.rank;
  for (int i = 0; i < x.rank; ++i) {
    if (reduce.reduced[i]) {
      reduce.innerSizes[reduce.inners] = x.sizes[i];
      reduce.innerStrides[reduce.inners++] = x.strides[i];
      reduce.inner *= x.sizes[i];
      if (keep)
        asked[rank++] = 1;
    } else {
      reduce.keptSizes[reduce.kept] = x.sizes[i];
      reduce.keptStrides[reduce.kept++] = x.strides[i];
      asked[rank++] = x.sizes[i];
    }
  }
  reduce.outCount = elementCount(out, out.rank);
  return checkAsked(call, out, rank, asked);
}

template <typename Value> Value lowest() {
  if constexpr (std::is_floating_point_v<Value>)
    return -std::numeric_limits<Value>::infinity();
  else
    return std::numeric_limits<Value>::lowest();
}

template <typename Value> Value highest() {
  if constexpr (std::is_floating_point_v<Value>)
    return std::numeric_limits<Value>::infinity();
  else
    return std::numeric_limits<Value>::max();
}

double exponential(double x) { return elementary::expReal(x); }
float exponential(float x) { return elementary::exp(x); }
double logarithm(double x) { return elementary::logReal(x); }
float logarithm(float x) { return elementary::log(x); }

/// The elements of x that make element `index` of the result, in order.
template <typename T, typename Visit> void forEach(const Reduce &reduce, int64_t index, const Visit &visit) {
  int64_t base = stridedOffset(reduce.keptSizes, reduce.keptStrides, reduce.kept, index);
  for (int64_t i = 0; i < reduce.inner; ++i)
    visit(Element<T>::load(reduce.x->as<T>()[base + stridedOffset(reduce.innerSizes, reduce.innerStrides, reduce.inners, i)]));
}

template <typename T, typename Before> auto sumOf(const Reduce &reduce, int64_t index, const Before &before) {
  using Value = typename Element<T>::Value;
  using Sum = typename Wrapping<Value>::Type;
  Sum sum = 0;
  forEach<T>(reduce, index, [&](Value x) { sum += static_cast<Sum>(before(x)); });
  return static_cast<Value>(sum);
}

template <typename T> typename Element<T>::Value largest(const Reduce &reduce, int64_t index) {
  using Value = typename Element<T>::Value;
  Value best = lowest<Value>();
  forEach<T>(reduce, index, [&](Value x) { best = x > best || x != x ? x : best; });
  return best;
}

template <typename T> typename Element<T>::Value smallest(const Reduce &reduce, int64_t index) {
  using Value = typename Element<T>::Value;
  Value best = highest<Value>();
  forEach<T>(reduce, index, [&](Value x) { best = x < best || x != x ? x : best; });
  return best;
}

template <typename T> typename Element<T>::Value product(const Reduce &reduce, int64_t index) {
  using Value = typename Element<T>::Value;
  using Product = typename Wrapping<Value>::Type;
  Product all = 1;
  forEach<T>(reduce, index, [&](Value x) { all *= static_cast<Product>(x); });
  return static_cast<Value>(all);
}

/// The sum wraps as sums do; its division does not.
template <typename T> typename Element<T>::Value mean(const Reduce &reduce, int64_t index) {
  using Value = typename Element<T>::Value;
  using Wide = std::conditional_t<std::is_floating_point_v<Value>, Value, std::conditional_t<std::is_signed_v<Value>, int64_t, uint64_t>>;
  Value sum = sumOf<T>(reduce, index, [](Value x) { return x; });
  if (std::is_integral_v<Value> && reduce.inner == 0)
    return Value(0);
  return static_cast<Value>(static_cast<Wide>(sum) / static_cast<Wide>(reduce.inner));
}

/// Logarithms and roots; of integers by way of f64, rounded towards zero.
template <typename T> typename Element<T>::Value irrational(const Reduce &reduce, int64_t index) {
  using Value = typename Element<T>::Value;
  using Real = std::conditional_t<std::is_floating_point_v<Value>, Value, double>;
  Real sum = 0, most = 0;
  if (reduce.kind == ReduceKind::logOfSumOfExponentials) {
    most = lowest<Real>();
    forEach<T>(reduce, index, [&](Value x) { most = static_cast<Real>(x) > most || x != x ? static_cast<Real>(x) : most; });
    most = std::isinf(most) ? Real(0) : most;
  }
  forEach<T>(reduce, index, [&](Value x) {
    Real real = static_cast<Real>(x);
    sum += reduce.kind == ReduceKind::l2 ? real * real : reduce.kind == ReduceKind::logOfSum ? real : exponential(real - most);
  });
  Real result = reduce.kind == ReduceKind::l2 ? std::sqrt(sum) : logarithm(sum) + most;
  if constexpr (std::is_integral_v<Value>)
    return convertToInteger<Value>(result);
  else
    return result;
}

template <typename T> typename Element<T>::Value reduceElement(const Reduce &reduce, int64_t index) {
  using Value = typename Element<T>::Value;
  switch (reduce.kind) {
  case ReduceKind::sum:
    return sumOf<T>(reduce, index, [](Value x) { return x; });
  case ReduceKind::mean:
    return mean<T>(reduce, index);
  case ReduceKind::product:
    return product<T>(reduce, index);
  case ReduceKind::maximum:
    return largest<T>(reduce, index);
  case ReduceKind::minimum:
    return smallest<T>(reduce, index);
  case ReduceKind::l1:
    return sumOf<T>(reduce, index, [](Value x) {
      using Sum = typename Wrapping<Value>::Type;
      return x < Value(0) ? static_cast<Value>(Sum(0) - static_cast<Sum>(x)) : x;
    });
  case ReduceKind::sumOfSquares:
    return sumOf<T>(reduce, index, [](Value x) {
      using Product = typename Wrapping<Value>::Type;
      return static_cast<Value>(static_cast<Product>(x) * static_cast<Product>(x));
    });
  case ReduceKind::l2:
  case ReduceKind::logOfSum:
  case ReduceKind::logOfSumOfExponentials:
    return irrational<T>(reduce, index);
  }
  return {};
}

/// Of bool there are the largest and the smallest alone.
template <typename T> Status run(const Call &call, const Reduce &reduce) {
  bool ordered = reduce.kind == ReduceKind::maximum || reduce.kind == ReduceKind::minimum;
  if (std::is_same_v<T, bool> && !ordered)
    return fail(call, Status::badShape, "bool has no reduction of kind %d", static_cast<int>(reduce.kind));
  parallelFor(call, reduce.outCount, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) {
      if constexpr (std::is_same_v<T, bool>)
        storeElement<T>(*reduce.out, i, reduce.kind == ReduceKind::maximum ? largest<T>(reduce, i) : smallest<T>(reduce, i));
      else
        storeElement<T>(*reduce.out, i, reduceElement<T>(reduce, i));
    }
  });
  return Status::ok;
}

}  // namespace

Status reference_reduce(const Call &call) {
  Reduce reduce;
  SWITCHYARD_CHECK(readReduce(call, reduce));
  return dispatch(call, reduce.x->type, [&]<typename T>() { return run<T>(call, reduce); });
}

// Scattered elements: nothing to vectorise.
Status fast_reduce(const Call &call) { return reference_reduce(call); }

}  // namespace switchyard::kernels
