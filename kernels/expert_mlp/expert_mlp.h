// expert_mlp_f32: the MLP of each expert over its rows, grouped.
//
// Row x of expert e becomes down[e] * f(gate[e] * x + gate_bias[e]) + down_bias[e], or, with `up`, down[e] * (f(g) * (u + beta)) +
// down_bias[e] (activation.h). Every product is one fma chain per element, k ascending from +0, then the bias. The rows stand in
// the segments of a received route, or, where nothing was exchanged, in those of a source route: `words[form]` decides.
#ifndef SWITCHYARD_KERNELS_EXPERT_MLP_H
#define SWITCHYARD_KERNELS_EXPERT_MLP_H

#include "kernels/common/check.h"
#include "kernels/common/panels.h"
#include "kernels/common/rows.h"
#include "kernels/layout/enums.h"
#include "kernels/layout/expert.h"
#include "kernels/layout/route.h"

namespace switchyard::kernels {

/// The rows of the experts of a route: row segment of (source s, position p) is [begin[s * positions + p], begin[s * positions + p + 1]).
/// A source route is one source.
struct Segments {
  int64_t positions = 0, sources = 0;
  const int32_t *expert = nullptr;  // logical expert of a position
  const int32_t *begin = nullptr;

  int64_t first(int64_t source, int64_t position) const { return begin[source * positions + position]; }
  int64_t last(int64_t source, int64_t position) const { return begin[source * positions + position + 1]; }
};

/// Addresses by expert, 0 where this rank holds no copy; null for an absent operand.
struct ExpertWeights {
  const int64_t *gate = nullptr, *gateBias = nullptr, *up = nullptr, *upBias = nullptr, *down = nullptr, *downBias = nullptr;

  static const float *at(const int64_t *table, int64_t expert) {
    return table ? reinterpret_cast<const float *>(static_cast<uintptr_t>(table[expert])) : nullptr;
  }
};

struct ExpertMlp {
  Rows rows, out;
  Segments segments;
  ExpertWeights weights;
  float *workspace = nullptr;
  int64_t workspaceRows = 0;  // rows of `inner` elements that the workspace holds
  int64_t hidden = 0, inner = 0;
  Activation activation{};
  float alpha = 1.0f, beta = 0.0f, limit = 0.0f;
};

/// Also checks the route and that every expert with rows has its weights.
Status readExpertMlp(const Call &call, ExpertMlp &mlp);

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_EXPERT_MLP_H
