// What the recurrent layers share: their operands, seen step by step.
#ifndef SWITCHYARD_KERNELS_RECURRENT_H
#define SWITCHYARD_KERNELS_RECURRENT_H

#include "kernels/common/elements.h"
#include "kernels/common/indices.h"
#include "kernels/recurrent/activation.h"

namespace switchyard::kernels {

struct Recurrent {
  const Tensor *x = nullptr, *weight = nullptr, *recurrence = nullptr, *bias = nullptr, *lengths = nullptr, *initialHidden = nullptr,
               *initialCell = nullptr, *peephole = nullptr, *activations = nullptr, *y = nullptr, *hidden = nullptr, *cell = nullptr, *workspace = nullptr;
  RecurrentKind kind = RecurrentKind::plain;
  int64_t steps = 0, batches = 0, inputs = 0, units = 0, directions = 1, gates = 1;
  bool backwards = false, batchFirst = false, linearBeforeReset = false, coupled = false;
  double clip = 0;  // none where 0

  /// Dimensions of x and y that count steps and batches.
  int stepAxis() const { return batchFirst ? 1 : 0; }
  int batchAxis() const { return batchFirst ? 0 : 1; }
  RecurrentActivation activation(int64_t direction, int64_t which) const {
    return static_cast<RecurrentActivation>(activations->as<int64_t>()[direction * 3 + which]);
  }
  /// The offset of a state of one direction and batch.
  int64_t stateOffset(const Tensor &state, int64_t direction, int64_t batch) const {
    return direction * state.strides[batchFirst ? 1 : 0] + batch * state.strides[batchFirst ? 0 : 1];
  }
};

Status readRecurrent(const Call &call, Recurrent &layer);

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_RECURRENT_H
