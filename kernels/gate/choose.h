// The choice of one token's experts, compiled once for each CPU level.
#ifndef SWITCHYARD_KERNELS_GATE_CHOOSE_H
#define SWITCHYARD_KERNELS_GATE_CHOOSE_H

#include "kernels/common/lanes.h"
#include "kernels/common/largest.h"
#include "kernels/common/sort_key.h"
#include "kernels/gate/gate.h"
#include "kernels/support/elementary.h"

namespace switchyard::kernels::gating {

/// Scores that need one logit each, which may stand in place; softmax needs the row and is written where its sum is.
static inline void scoreEach(Score score, const float *logits, int64_t n, float *scores) {
  if (score == Score::sigmoid)
    for (int64_t e = 0; e < n; ++e)
      scores[e] = elementary::sigmoid(logits[e]);
  else if (score == Score::sqrtSoftplus)
    for (int64_t e = 0; e < n; ++e)
      scores[e] = __builtin_sqrtf(elementary::softplus(logits[e]));
  else
    for (int64_t e = 0; e < n; ++e)
      scores[e] = logits[e];
}

/// Scores of all experts from their logits; the softmax sum runs in 16 lanes.
static inline void scoreAll(Score score, const float *logits, int64_t n, float *scores) {
  if (score != Score::softmax)
    return scoreEach(score, logits, n, scores);
  float largest = largestOf(logits, n);
  for (int64_t e = 0; e < n; ++e)
    scores[e] = elementary::exp(logits[e] - largest);
  float sum = sumLanes(scores, n);
  for (int64_t e = 0; e < n; ++e)
    scores[e] = scores[e] / sum;
}

/// Scores of the chosen experts alone, in place; the softmax sum ascends over the slots.
static inline void scoreChosen(Score score, float *x, int64_t k) {
  if (score != Score::softmax)
    return scoreEach(score, x, k, x);
  float largest = largestOf(x, k);
  float sum = 0.0f;
  for (int64_t slot = 0; slot < k; ++slot) {
    x[slot] = elementary::exp(x[slot] - largest);
    sum = sum + x[slot];
  }
  for (int64_t slot = 0; slot < k; ++slot)
    x[slot] = x[slot] / sum;
}

/// The `k` largest of keys[0..n) in descending order, ties to the lowest index.
static inline void selectLargest(const int32_t *keys, int64_t n, int64_t k, int32_t *chosen) {
  int64_t held = 0;
  for (int64_t i = 0; i < n; ++i) {
    if (held == k && keys[i] <= keys[chosen[k - 1]])
      continue;
    int64_t at = held < k ? held++ : k - 1;
    for (; at > 0 && keys[chosen[at - 1]] < keys[i]; --at)
      chosen[at] = chosen[at - 1];
    chosen[at] = static_cast<int32_t>(i);
  }
}

/// The first of the largest elements.
static inline int64_t largestIndex(const float *x, int64_t n) {
  int64_t best = 0;
  for (int64_t i = 1; i < n; ++i)
    best = sortKey(x[i]) > sortKey(x[best]) ? i : best;
  return best;
}

/// The score of one group: its largest key, or the sum of its two largest.
static inline float scoreGroup(GroupScore kind, const float *keys, int64_t size) {
  int64_t best = largestIndex(keys, size);
  if (kind == GroupScore::max)
    return keys[best];
  int64_t second = best == 0 ? 1 : 0;
  for (int64_t i = second + 1; i < size; ++i)
    second = i != best && sortKey(keys[i]) > sortKey(keys[second]) ? i : second;
  return keys[best] + keys[second];
}

/// Replaces the keys of the experts outside the kept groups.
static inline void limitGroups(const Gate &gate, float *keys) {
  int64_t size = gate.experts / gate.groups;
  int32_t groupKeys[route::maxExperts], kept[route::maxExperts];
  bool keep[route::maxExperts] = {};
  for (int64_t g = 0; g < gate.groups; ++g)
    groupKeys[g] = sortKey(scoreGroup(gate.groupScore, keys + g * size, size));
  selectLargest(groupKeys, gate.groups, gate.groupsKept, kept);
  for (int64_t i = 0; i < gate.groupsKept; ++i)
    keep[kept[i]] = true;
  float fill = gate.groupFill == GroupFill::zero ? 0.0f : -__builtin_inff();
  for (int64_t e = 0; e < gate.experts; ++e)
    keys[e] = keep[e / size] ? keys[e] : fill;
}

/// One pick of the sparse mixer: the largest logit among those not `excluded` (-1: none), and its softmax weight over the logits
/// that stand within 2 * epsilon of it, relatively.
static inline int32_t pickSparse(const float *logits, int64_t n, int64_t excluded, float epsilon, float *scratch, float &weight) {
  int64_t best = excluded == 0 ? 1 : 0;
  for (int64_t e = best + 1; e < n; ++e)
    best = e != excluded && sortKey(logits[e]) > sortKey(logits[best]) ? e : best;
  float largest = logits[best];
  for (int64_t e = 0; e < n; ++e) {
    float magnitude = elementary::abs(logits[e]);
    float factor = magnitude > largest ? magnitude : largest;
    bool masked = e == excluded || largest - logits[e] > 2.0f * epsilon * factor;
    scratch[e] = masked ? 0.0f : elementary::exp(logits[e] - largest);
  }
  weight = scratch[best] / sumLanes(scratch, n);
  return static_cast<int32_t>(best);
}

static inline void finishWeights(const Gate &gate, float *weights) {
  if (gate.renormalize) {
    float sum = 0.0f;
    for (int64_t slot = 0; slot < gate.slots; ++slot)
      sum = sum + weights[slot];
    float divisor = sum + gate.renormalizeEpsilon;
    for (int64_t slot = 0; slot < gate.slots; ++slot)
      weights[slot] = weights[slot] / divisor;
  }
  for (int64_t slot = 0; slot < gate.slots; ++slot)
    weights[slot] = weights[slot] * gate.scale;
}

/// Ids and weights of one token, before the capacity.
static inline void chooseExperts(const Gate &gate, int64_t token) {
  const float *logits = gate.logits + token * gate.logitsStride;
  int32_t *ids = gate.ids + token * gate.idsStride;
  float *weights = gate.weights + token * gate.weightsStride;
  float scores[route::maxExperts], keys[route::maxExperts];
  int32_t sortKeys[route::maxExperts];
  int64_t n = gate.experts, k = gate.slots;
  if (gate.sparseMixer) {
    ids[0] = pickSparse(logits, n, -1, gate.mixerEpsilon, scores, weights[0]);
    ids[1] = pickSparse(logits, n, ids[0], gate.mixerEpsilon, scores, weights[1]);
    return finishWeights(gate, weights);
  }
  bool scoreFirst = gate.order != Order::selectThenScore;
  if (scoreFirst)
    scoreAll(gate.score, logits, n, scores);
  const float *selected = scoreFirst ? scores : logits;
  for (int64_t e = 0; e < n; ++e)
    keys[e] = gate.selectionBias ? selected[e] + gate.selectionBias[e] : selected[e];
  if (gate.groups > 1)
    limitGroups(gate, keys);
  for (int64_t e = 0; e < n; ++e)
    sortKeys[e] = sortKey(keys[e]);
  if (gate.order == Order::mixThenSelect)
    sortKeys[largestIndex(gate.mix + token * gate.mixStride, n)] = INT32_MAX;  // above the key of any float
  selectLargest(sortKeys, n, k, ids);
  for (int64_t slot = 0; slot < k; ++slot)
    weights[slot] = selected[ids[slot]];
  if (!scoreFirst)
    scoreChosen(gate.score, weights, k);
  if (gate.mix)
    for (int64_t slot = 0; slot < k; ++slot)
      weights[slot] = gate.mix[token * gate.mixStride + ids[slot]];
  finishWeights(gate, weights);
}

}  // namespace switchyard::kernels::gating

#endif  // SWITCHYARD_KERNELS_GATE_CHOOSE_H
