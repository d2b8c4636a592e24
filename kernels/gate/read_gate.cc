#include "kernels/gate/gate.h"

#include <cinttypes>

namespace switchyard::kernels {

static Status readAttributes(const Call &call, Gate &gate) {
  const int64_t *integers = call.integers;
  gate.score = static_cast<Score>(integers[0]);
  gate.order = static_cast<Order>(integers[1]);
  gate.groups = integers[2];
  gate.groupsKept = integers[3];
  gate.groupScore = static_cast<GroupScore>(integers[4]);
  gate.groupFill = static_cast<GroupFill>(integers[5]);
  gate.renormalize = integers[6] != 0;
  gate.sparseMixer = integers[7] != 0;
  gate.dropPriority = static_cast<DropPriority>(integers[8]);
  gate.dropRenormalize = integers[9] != 0;
  gate.scale = static_cast<float>(call.floats[0]);
  gate.renormalizeEpsilon = static_cast<float>(call.floats[1]);
  gate.mixerEpsilon = static_cast<float>(call.floats[2]);
  gate.dropEpsilon = static_cast<float>(call.floats[3]);
  if (integers[0] < 0 || integers[0] > 3 || integers[1] < 0 || integers[1] > 2 || integers[4] < 0 || integers[4] > 1 || integers[5] < 0 ||
      integers[5] > 1 || integers[8] < 0 || integers[8] > 1)
    return fail(call, Status::badShape,
                "an attribute of the gate is no enumerator: score %" PRId64 ", order %" PRId64 ", group_score %" PRId64
                ", group_fill %" PRId64 ", drop_priority %" PRId64,
                integers[0], integers[1], integers[4], integers[5], integers[8]);
  if (gate.groups < 1 || gate.groupsKept < 1 || gate.groupsKept > gate.groups || gate.experts % gate.groups != 0)
    return fail(call, Status::badShape, "cannot keep %" PRId64 " of %" PRId64 " groups of %" PRId64 " experts", gate.groupsKept,
                gate.groups, gate.experts);
  if (gate.groupScore == GroupScore::top2Sum && gate.groups > 1 && gate.experts / gate.groups < 2)
    return fail(call, Status::badShape, "groups of %" PRId64 " expert cannot be scored by their two best", gate.experts / gate.groups);
  if (gate.sparseMixer && (gate.slots != 2 || gate.groups != 1))
    return fail(call, Status::badShape, "the sparse mixer chooses 2 experts without groups, not %" PRId64 " in %" PRId64 " groups",
                gate.slots, gate.groups);
  if (gate.order == Order::mixThenSelect && (!gate.mix || gate.sparseMixer || gate.groups != 1))
    return fail(call, Status::badShape, "a first choice by mix needs that operand, no groups (there are %" PRId64 ") and no sparse mixer",
                gate.groups);
  return Status::ok;
}

static Status readOutputs(const Call &call, Gate &gate) {
  const Tensor &ids = call.tensors[4], &weights = call.tensors[5], &route = call.tensors[6];
  SWITCHYARD_CHECK(checkOperand(call, ids, "ids", ElementType::i32, 2));
  SWITCHYARD_CHECK(checkOperand(call, weights, "weights", ElementType::f32, 2));
  SWITCHYARD_CHECK(checkSameSizes(call, ids, "ids", weights, "weights", 2));
  SWITCHYARD_CHECK(checkOperand(call, route, "route", ElementType::i32, 1));
  gate.slots = ids.sizes[1];
  if (ids.sizes[0] != gate.tokens || gate.slots < 1 || gate.slots > gate.experts)
    return fail(call, Status::badShape, "ids are %" PRId64 " x %" PRId64 " for %" PRId64 " tokens and %" PRId64 " experts", ids.sizes[0],
                gate.slots, gate.tokens, gate.experts);
  if (gate.first < 0 || gate.count < 0 || gate.first > gate.tokens - gate.count || gate.count > INT32_MAX / gate.slots)
    return fail(call, Status::badShape, "tokens [%" PRId64 ", %" PRId64 " + %" PRId64 ") are not among the %" PRId64 " of the call",
                gate.first, gate.first, gate.count, gate.tokens);
  int64_t words = route::sourceWords(gate.experts, gate.slots, gate.count);
  if (route.sizes[0] < words)
    return fail(call, Status::overLimit, "the route has %" PRId64 " words, %" PRId64 " are needed for %" PRId64 " tokens", route.sizes[0],
                words, gate.count);
  gate.ids = ids.as<int32_t>();
  gate.weights = weights.as<float>();
  gate.idsStride = ids.strides[0];
  gate.weightsStride = weights.strides[0];
  gate.route.words = route.as<int32_t>();
  return Status::ok;
}

Status readGate(const Call &call, Gate &gate) {
  const Tensor &logits = call.tensors[0], &bias = call.tensors[1], &mix = call.tensors[2], &placement = call.tensors[3];
  SWITCHYARD_CHECK(checkOperand(call, logits, "logits", ElementType::f32, 2));
  gate.tokens = logits.sizes[0];
  gate.experts = logits.sizes[1];
  if (gate.experts < 1 || gate.experts > route::maxExperts)
    return fail(call, Status::badShape, "the gate chooses among 1 to %" PRId64 " experts, not %" PRId64, route::maxExperts, gate.experts);
  gate.logits = logits.as<float>();
  gate.logitsStride = logits.strides[0];
  gate.first = call.scalars[0];
  gate.count = call.scalars[1];
  gate.capacity = call.scalars[2];
  gate.group = call.scalars[3];
  if (gate.group >= 0 && (gate.group == 0 ? gate.tokens != 0 : gate.tokens % gate.group != 0))
    return fail(call, Status::badShape, "groups of %" PRId64 " do not divide the %" PRId64 " tokens of the call", gate.group, gate.tokens);
  if (!bias.absent()) {
    SWITCHYARD_CHECK(checkVector(call, bias, "selection_bias", gate.experts));
    gate.selectionBias = bias.as<float>();
  }
  if (!mix.absent()) {
    SWITCHYARD_CHECK(checkOperand(call, mix, "mix", ElementType::f32, 2));
    SWITCHYARD_CHECK(checkSameSizes(call, logits, "logits", mix, "mix", 2));
    gate.mix = mix.as<float>();
    gate.mixStride = mix.strides[0];
  }
  SWITCHYARD_CHECK(checkOperand(call, placement, "placement", ElementType::i32, 1));
  if (placement.sizes[0] != gate.experts)
    return fail(call, Status::badShape, "the placement has %" PRId64 " entries for %" PRId64 " experts", placement.sizes[0], gate.experts);
  gate.placement = placement.as<int32_t>();
  for (int64_t e = 0; e < gate.experts; ++e)
    if (gate.placement[e] < 0)
      return fail(call, Status::badShape, "expert %" PRId64 " is placed on rank %d", e, gate.placement[e]);
  SWITCHYARD_CHECK(readOutputs(call, gate));
  return readAttributes(call, gate);
}

}  // namespace switchyard::kernels
