// What the kernels of whole operators (kernels.inc) compute: the numbers of their `kind`.
#ifndef SWITCHYARD_KERNELS_LAYOUT_OPERATORS_H
#define SWITCHYARD_KERNELS_LAYOUT_OPERATORS_H

#include <cstdint>

namespace switchyard::kernels {

enum class ReduceKind : int64_t { sum, mean, product, maximum, minimum, l1, l2, sumOfSquares, logOfSum, logOfSumOfExponentials };

enum class BinaryKind : int64_t {
  add,
  subtract,
  multiply,
  divide,
  remainder,  // of the sign of the dividend
  modulo,     // of the sign of the divisor
  power,
  maximum,
  minimum,
  equal,
  less,
  lessOrEqual,
  greater,
  greaterOrEqual,
  bitAnd,
  bitOr,
  bitXor,
  shiftLeft,
  shiftRight
};

enum class ReshapeKind : int64_t { reshape, squeeze, unsqueeze };

/// To a power of two: away from zero, towards zero, or to the nearest, ties away from zero.
enum class RoundMode : int64_t { up, down, nearest };

enum class PadMode : int64_t { constant, reflect, edge, wrap };

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_LAYOUT_OPERATORS_H
