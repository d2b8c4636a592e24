// The activation of an expert, over the columns of one row. Products are written, and rounded, in the order of docs/contracts.md.
#ifndef SWITCHYARD_KERNELS_EXPERT_MLP_ACTIVATION_H
#define SWITCHYARD_KERNELS_EXPERT_MLP_ACTIVATION_H

#include "kernels/layout/enums.h"
#include "kernels/support/elementary.h"

namespace switchyard::kernels {

/// low below it, high above it; NaN passes.
static inline float clamp(float x, float low, float high) {
  x = x < low ? low : x;
  return x > high ? high : x;
}

static inline float hardSigmoid(float x) { return clamp(x * 0x1.555556p-3f + 0.5f, 0.0f, 1.0f); }

template <Activation kind> static inline float activate(float x, float alpha) {
  switch (kind) {
  case Activation::identity:
    return x;
  case Activation::relu:
    return x < 0.0f ? 0.0f : x;
  case Activation::reluSquared: {
    float positive = x < 0.0f ? 0.0f : x;
    return positive * positive;
  }
  case Activation::gelu:
    return 0.5f * x * (1.0f + elementary::erf(x / 0x1.6a09e6p+0f));
  case Activation::geluTanh:
    return 0.5f * x * (1.0f + elementary::tanh(0x1.988454p-1f * (x + 0x1.6e4e26p-5f * (x * x * x))));
  case Activation::silu:
    return x * elementary::sigmoid(alpha * x);
  case Activation::leakyRelu:
    return x < 0.0f ? alpha * x : x;
  case Activation::elu:
    return x < 0.0f ? alpha * elementary::expm1(x) : x;
  case Activation::selu:
    return 0x1.0cfabep+0f * (x < 0.0f ? 0x1.ac5afap+0f * elementary::expm1(x) : x);
  case Activation::celu:
    return x < 0.0f ? alpha * elementary::expm1(x / alpha) : x;
  case Activation::tanh:
    return elementary::tanh(x);
  case Activation::sigmoid:
    return elementary::sigmoid(x);
  case Activation::hardSigmoid:
    return hardSigmoid(x);
  case Activation::hardSwish:
    return x * hardSigmoid(x);
  case Activation::softplus:
    return elementary::softplus(alpha * x) / alpha;
  case Activation::mish:
    return x * elementary::tanh(elementary::softplus(x));
  case Activation::relu6:
    return clamp(x, 0.0f, 6.0f);
  }
}

template <Activation kind>
static inline void activateColumns(const float *gate, const float *up, int64_t columns, float alpha, float beta, float limit, float *to) {
  if (!up) {
    for (int64_t j = 0; j < columns; ++j)
      to[j] = activate<kind>(gate[j], alpha);
    return;
  }
  // An infinite limit clamps nothing; NaN passes.
  for (int64_t j = 0; j < columns; ++j) {
    float g = gate[j] > limit ? limit : gate[j];
    float u = up[j] > limit ? limit : up[j];
    u = u < -limit ? -limit : u;
    to[j] = activate<kind>(g, alpha) * (u + beta);
  }
}

/// to[j] = f(gate[j]), or f(gate[j]) * (up[j] + beta) with both clamped by `limit`.
static inline void activateRow(Activation kind, const float *gate, const float *up, int64_t columns, float alpha, float beta, float limit,
                               float *to) {
  switch (kind) {
#define SWITCHYARD_ACTIVATION(name)                                                                                                        \
  case Activation::name:                                                                                                                   \
    return activateColumns<Activation::name>(gate, up, columns, alpha, beta, limit, to);
    SWITCHYARD_ACTIVATION(identity)
    SWITCHYARD_ACTIVATION(relu)
    SWITCHYARD_ACTIVATION(reluSquared)
    SWITCHYARD_ACTIVATION(gelu)
    SWITCHYARD_ACTIVATION(geluTanh)
    SWITCHYARD_ACTIVATION(silu)
    SWITCHYARD_ACTIVATION(leakyRelu)
    SWITCHYARD_ACTIVATION(elu)
    SWITCHYARD_ACTIVATION(selu)
    SWITCHYARD_ACTIVATION(celu)
    SWITCHYARD_ACTIVATION(tanh)
    SWITCHYARD_ACTIVATION(sigmoid)
    SWITCHYARD_ACTIVATION(hardSigmoid)
    SWITCHYARD_ACTIVATION(hardSwish)
    SWITCHYARD_ACTIVATION(softplus)
    SWITCHYARD_ACTIVATION(mish)
    SWITCHYARD_ACTIVATION(relu6)
#undef SWITCHYARD_ACTIVATION
  }
}

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_EXPERT_MLP_ACTIVATION_H
