// gate_f32: the fused gate. Router logits of all tokens to expert ids and weights, capacity over all tokens, and the source
// route of this rank's tokens. What the attributes mean is written with #moe.gating and #moe.drop (dialects/moe/MoeAttrs.td).
//
// Sums over the experts run in 16 lanes (common/lanes.h); sums over the slots ascend. Keys are compared as integers that order
// floats, -0 equal to +0 and NaN below everything, so that ids are always distinct and in range; a NaN reaches the weights.
#ifndef SWITCHYARD_KERNELS_GATE_H
#define SWITCHYARD_KERNELS_GATE_H

#include "kernels/common/check.h"
#include "kernels/layout/enums.h"
#include "kernels/layout/route.h"

namespace switchyard::kernels {

struct Gate {
  const float *logits = nullptr;
  const float *selectionBias = nullptr;  // or null
  const float *mix = nullptr;            // or null
  const int32_t *placement = nullptr;
  int32_t *ids = nullptr;
  float *weights = nullptr;
  route::Source route{nullptr};
  int64_t logitsStride = 0, mixStride = 0, idsStride = 0, weightsStride = 0;
  int64_t tokens = 0, experts = 0, slots = 0;
  int64_t first = 0, count = 0, capacity = -1, group = -1;

  Score score{};
  Order order{};
  int64_t groups = 1, groupsKept = 1;
  GroupScore groupScore{};
  GroupFill groupFill{};
  bool renormalize = false, sparseMixer = false;
  DropPriority dropPriority{};
  bool dropRenormalize = false;
  float scale = 1.0f, renormalizeEpsilon = 0.0f, mixerEpsilon = 0.0f, dropEpsilon = 0.0f;
};

Status readGate(const Call &call, Gate &gate);

/// Drops what exceeds the capacity, over all tokens in global order, or over those of each group.
void dropBeyondCapacity(const Gate &gate);

/// Writes the source route of the tokens [first, first + count).
void buildRoute(const Gate &gate);

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_GATE_H
