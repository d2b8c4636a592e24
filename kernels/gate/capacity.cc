#include "kernels/gate/gate.h"

#include <algorithm>

namespace switchyard::kernels {

/// Takes a seat of the expert of (token, slot), or drops the route.
static void seat(const Gate &gate, int64_t token, int64_t slot, int64_t *taken) {
  int32_t &id = gate.ids[token * gate.idsStride + slot];
  if (taken[id]++ < gate.capacity)
    return;
  id = -1;
  gate.weights[token * gate.weightsStride + slot] = 0.0f;
}

static void renormalizeKept(const Gate &gate, int64_t token) {
  float *weights = gate.weights + token * gate.weightsStride;
  float sum = 0.0f;
  for (int64_t slot = 0; slot < gate.slots; ++slot)
    sum = sum + weights[slot];
  float divisor = sum < gate.dropEpsilon ? gate.dropEpsilon : sum;
  for (int64_t slot = 0; slot < gate.slots; ++slot)
    if (gate.ids[token * gate.idsStride + slot] >= 0)
      weights[slot] = weights[slot] / divisor;
}

/// Seats of the tokens [begin, end), which share nothing with other tokens.
static void seatGroup(const Gate &gate, int64_t begin, int64_t end) {
  int64_t taken[route::maxExperts];
  std::fill_n(taken, gate.experts, 0);
  if (gate.dropPriority == DropPriority::choiceMajor) {
    for (int64_t slot = 0; slot < gate.slots; ++slot)
      for (int64_t token = begin; token < end; ++token)
        seat(gate, token, slot, taken);
  } else {
    for (int64_t token = begin; token < end; ++token)
      for (int64_t slot = 0; slot < gate.slots; ++slot)
        seat(gate, token, slot, taken);
  }
}

void dropBeyondCapacity(const Gate &gate) {
  if (gate.capacity < 0)
    return;
  int64_t group = gate.group < 0 ? gate.tokens : gate.group;
  for (int64_t begin = 0; begin < gate.tokens; begin += group)
    seatGroup(gate, begin, begin + group);
  if (gate.dropRenormalize)
    for (int64_t token = 0; token < gate.tokens; ++token)
      renormalizeKept(gate, token);
}

}  // namespace switchyard::kernels
