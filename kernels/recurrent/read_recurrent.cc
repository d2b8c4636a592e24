#include "kernels/recurrent/recurrent.h"

#include <cinttypes>
#include <utility>

namespace switchyard::kernels {
namespace {

/// An optional operand of `rank` dimensions of these sizes.
Status checkSizes(const Call &call, const Tensor &tensor, const char *name, ElementType type, int rank, const int64_t *sizes) {
  if (tensor.absent())
    return Status::ok;
  SWITCHYARD_CHECK(checkStrided(call, tensor, name, type, rank));
  for (int d = 0; d < rank; ++d)
    if (tensor.sizes[d] != sizes[d])
      return fail(call, Status::badShape, "operand '%s' has size %" PRId64 " in dimension %d, expected %" PRId64, name, tensor.sizes[d], d, sizes[d]);
  return Status::ok;
}

Status checkStates(const Call &call, const Recurrent &layer) {
  int64_t state[] = {layer.directions, layer.batches, layer.units};
  if (layer.batchFirst)
    std::swap(state[0], state[1]);
  const Tensor *const tensors[] = {layer.initialHidden, layer.initialCell, layer.hidden, layer.cell};
  const char *const names[] = {"initial_h", "initial_c", "y_h", "y_c"};
  for (int i = 0; i < 4; ++i)
    SWITCHYARD_CHECK(checkSizes(call, *tensors[i], names[i], layer.x->type, 3, state));
  int64_t all[] = {layer.steps, layer.directions, layer.batches, layer.units}, first[] = {layer.batches, layer.steps, layer.directions, layer.units};
  return checkSizes(call, *layer.y, "y", layer.x->type, 4, layer.batchFirst ? first : all);
}

Status checkLengths(const Call &call, const Recurrent &layer) {
  if (layer.lengths->absent())
    return Status::ok;
  SWITCHYARD_CHECK(checkIndices(call, *layer.lengths, "lengths", 1));
  if (layer.lengths->sizes[0] != layer.batches)
    return fail(call, Status::badShape, "there are %" PRId64 " lengths for %" PRId64 " batches", layer.lengths->sizes[0], layer.batches);
  for (int64_t b = 0; b < layer.batches; ++b)
    if (int64_t length = readIndex(*layer.lengths, b * layer.lengths->strides[0]); length < 0 || length > layer.steps)
      return fail(call, Status::badData, "length %" PRId64 " of batch %" PRId64 " is outside the %" PRId64 " steps", length, b, layer.steps);
  return Status::ok;
}

}  // namespace

Status readRecurrent(const Call &call, Recurrent &layer) {
  const Tensor *t = call.tensors;
  layer.x = t, layer.weight = t + 1, layer.recurrence = t + 2, layer.bias = t + 3, layer.lengths = t + 4, layer.initialHidden = t + 5;
  layer.initialCell = t + 6, layer.peephole = t + 7, layer.activations = t + 8, layer.y = t + 9, layer.hidden = t + 10, layer.cell = t + 11;
  layer.workspace = t + 12;
  layer.kind = static_cast<RecurrentKind>(call.integers[0]);
  layer.backwards = static_cast<RecurrentDirection>(call.integers[1]) == RecurrentDirection::backward;
  layer.batchFirst = call.integers[2] != 0;
  layer.linearBeforeReset = call.integers[3] != 0;
  layer.coupled = call.integers[4] != 0;
  layer.clip = call.floats[0];
  const Tensor &x = *layer.x;
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, 3));
  SWITCHYARD_CHECK(checkStrided(call, *layer.recurrence, "recurrence", x.type, 3));
  layer.steps = x.sizes[layer.stepAxis()];
  layer.batches = x.sizes[layer.batchAxis()];
  layer.inputs = x.sizes[2];
  layer.directions = static_cast<RecurrentDirection>(call.integers[1]) == RecurrentDirection::both ? 2 : 1;
  layer.gates = layer.kind == RecurrentKind::lstm ? 4 : layer.kind == RecurrentKind::gru ? 3 : 1;
  layer.units = layer.recurrence->sizes[2];
  int64_t rows = layer.gates * layer.units, weight[] = {layer.directions, rows, layer.inputs}, recurrence[] = {layer.directions, rows, layer.units};
  int64_t bias[] = {layer.directions, 2 * rows}, peephole[] = {layer.directions, 3 * layer.units}, workspace[] = {layer.directions, layer.batches, rows};
  SWITCHYARD_CHECK(checkSizes(call, *layer.weight, "weight", x.type, 3, weight));
  SWITCHYARD_CHECK(checkSizes(call, *layer.recurrence, "recurrence", x.type, 3, recurrence));
  SWITCHYARD_CHECK(checkSizes(call, *layer.bias, "bias", x.type, 2, bias));
  SWITCHYARD_CHECK(checkSizes(call, *layer.peephole, "peephole", x.type, 2, peephole));
  SWITCHYARD_CHECK(checkSizes(call, *layer.workspace, "workspace", x.type == ElementType::f64 ? ElementType::f64 : ElementType::f32, 3, workspace));
  SWITCHYARD_CHECK(checkOperand(call, *layer.activations, "activations", ElementType::i64, 1));
  if (layer.activations->sizes[0] != 3 * layer.directions || !collapses(*layer.workspace, 3))
    return fail(call, Status::badShape, "there are %" PRId64 " activations for %" PRId64 " directions", layer.activations->sizes[0], layer.directions);
  SWITCHYARD_CHECK(checkLengths(call, layer));
  return checkStates(call, layer);
}

}  // namespace switchyard::kernels
