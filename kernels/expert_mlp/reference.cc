#include "kernels/common/parallel.h"
#include "kernels/expert_mlp/activation.h"
#include "kernels/expert_mlp/expert_mlp.h"
#include "kernels/table.h"

namespace switchyard::kernels {

/// Column n of a packed weight times x, then the bias.
static float contract(const float *x, const float *weight, const float *bias, int64_t n, int64_t depth) {
  float acc = 0.0f;
  for (int64_t k = 0; k < depth; ++k)
    acc = __builtin_fmaf(x[k], weight[panel::offset(n, k, depth)], acc);
  return bias ? acc + bias[n] : acc;
}

static void computeRow(const ExpertMlp &mlp, int64_t e, const float *x, float *inner, float *out) {
  const ExpertWeights &weights = mlp.weights;
  for (int64_t i = 0; i < mlp.inner; ++i) {
    float gate = contract(x, weights.at(weights.gate, e), weights.at(weights.gateBias, e), i, mlp.hidden);
    float up = weights.up ? contract(x, weights.at(weights.up, e), weights.at(weights.upBias, e), i, mlp.hidden) : 0.0f;
    activateRow(mlp.activation, &gate, weights.up ? &up : nullptr, 1, mlp.alpha, mlp.beta, mlp.limit, inner + i);
  }
  for (int64_t h = 0; h < mlp.hidden; ++h)
    out[h] = contract(inner, weights.at(weights.down, e), weights.at(weights.downBias, e), h, mlp.inner);
}

Status reference_expert_mlp_f32(const Call &call) {
  ExpertMlp mlp;
  SWITCHYARD_CHECK(readExpertMlp(call, mlp));
  parallelFor(call, mlp.segments.positions, [&](int64_t begin, int64_t end, int worker) {
    float *inner = mlp.workspace + worker * mlp.inner;
    for (int64_t p = begin; p < end; ++p)
      for (int64_t s = 0; s < mlp.segments.sources; ++s)
        for (int64_t row = mlp.segments.first(s, p); row < mlp.segments.last(s, p); ++row)
          computeRow(mlp, mlp.segments.expert[p], mlp.rows.row(row), inner, mlp.out.row(row));
  });
  return Status::ok;
}

}  // namespace switchyard::kernels
