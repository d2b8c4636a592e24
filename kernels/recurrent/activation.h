// The activations of recurrent layers, with the parameters that ONNX gives them by default.
#ifndef SWITCHYARD_KERNELS_RECURRENT_ACTIVATION_H
#define SWITCHYARD_KERNELS_RECURRENT_ACTIVATION_H

#include "kernels/layout/operators.h"
#include "kernels/support/inverse.h"

#include <algorithm>
#include <cmath>

namespace switchyard::kernels {

static inline float tangent(float x) { return elementary::tanh(x); }
static inline double tangent(double x) { return elementary::tanhReal(x); }
static inline float sigmoid(float x) { return elementary::sigmoid(x); }
static inline double sigmoid(double x) { return elementary::sigmoidReal(x); }
static inline float exponentialLessOne(float x) { return elementary::expm1(x); }
static inline double exponentialLessOne(double x) { return elementary::expm1Real(x); }
static inline float softplus(float x) { return elementary::softplus(x); }
static inline double softplus(double x) { return (x > 0 ? x : 0) + elementary::log1pReal(elementary::expReal(-std::fabs(x))); }

template <typename Value> static inline Value activate(RecurrentActivation kind, Value x) {
  switch (kind) {
  case RecurrentActivation::sigmoid:
    return sigmoid(x);
  case RecurrentActivation::tanh:
    return tangent(x);
  case RecurrentActivation::relu:
    return x < 0 ? Value(0) : x;
  case RecurrentActivation::leakyRelu:
    return x < 0 ? Value(0.01) * x : x;
  case RecurrentActivation::thresholdedRelu:
    return x > 1 ? x : x != x ? x : Value(0);
  case RecurrentActivation::hardSigmoid:
    return std::max(Value(0), std::min(Value(1), Value(0.2) * x + Value(0.5)));
  case RecurrentActivation::elu:
    return x < 0 ? exponentialLessOne(x) : x;
  case RecurrentActivation::softsign:
    return x / (1 + std::fabs(x));
  case RecurrentActivation::softplus:
    return softplus(x);
  }
  return x;
}

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_RECURRENT_ACTIVATION_H
