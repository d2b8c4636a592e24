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

/// What a scattered element becomes of the element before and the update.
enum class ScatterKind : int64_t { replace, add, multiply, maximum, minimum };

enum class PoolKind : int64_t { average, norm };

/// How many elements are padded before a window's axis: as stated, or the smaller or the larger half of what the sizes leave.
enum class AutoPad : int64_t { stated, upper, lower };

enum class LossReduction : int64_t { none, sum, mean };

enum class ResizeMode : int64_t { nearest, linear, cubic };
enum class ResizeCoordinates : int64_t { halfPixel, halfPixelSymmetric, pytorchHalfPixel, alignCorners, asymmetric, cropAndResize };
/// bySize: up where the axis shrinks, down elsewhere.
enum class ResizeRounding : int64_t { preferFloor, preferCeil, floor, ceil, bySize };
enum class ResizePolicy : int64_t { stretch, notLarger, notSmaller };

enum class GridPadding : int64_t { zeros, border, reflection };

enum class WindowKind : int64_t { hann, hamming, blackman };

enum class UnaryKind : int64_t { exponential, logarithm, tanh, sigmoid, acos, acosh, asin, asinh, atan, atanh };

enum class RecurrentKind : int64_t { plain, gru, lstm };
enum class RecurrentDirection : int64_t { forward, backward, both };
enum class RecurrentActivation : int64_t { sigmoid, tanh, relu, leakyRelu, thresholdedRelu, hardSigmoid, elu, softsign, softplus };

/// To a power of two: away from zero, towards zero, or to the nearest, ties away from zero.
enum class RoundMode : int64_t { up, down, nearest };

enum class PadMode : int64_t { constant, reflect, edge, wrap };

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_LAYOUT_OPERATORS_H
