// recurrent: ONNX RNN, GRU and LSTM, forwards, backwards or both. A gate's sum is one fma chain from +0: the inputs ascending, then the units
// of the state before, then the two biases. States are of the element type, rounded after each step; y behind a sequence's end is 0.
#include "kernels/common/parallel.h"
#include "kernels/recurrent/recurrent.h"
#include "kernels/table.h"

namespace switchyard::kernels {
namespace {

/// One direction of one batch; `state` and `cell` are what they were after the step before.
template <typename T> struct Lane {
  using Value = typename Element<T>::Value;
  const Recurrent &layer;
  int64_t direction, batch;
  T *state, *cell;
  int64_t stateStride, cellStride;
  Value *gates;

  Value load(const Tensor &tensor, int64_t offset) const { return Element<T>::load(tensor.as<T>()[offset]); }
  Value hidden(int64_t unit) const { return Element<T>::load(state[unit * stateStride]); }
  Value cellAt(int64_t unit) const { return Element<T>::load(cell[unit * cellStride]); }

  Value biasAt(int64_t row) const {
    return layer.bias->absent() ? Value(0) : load(*layer.bias, direction * layer.bias->strides[0] + row * layer.bias->strides[1]);
  }
  Value peepholeAt(int64_t which, int64_t unit) const {
    return layer.peephole->absent() ? Value(0)
                                    : load(*layer.peephole, direction * layer.peephole->strides[0] + (which * layer.units + unit) * layer.peephole->strides[1]);
  }
  Value activated(int64_t which, Value x) const {
    auto clip = static_cast<Value>(layer.clip);
    if (clip > 0)
      x = x > clip ? clip : x < -clip ? -clip : x;
    return activate(layer.activation(direction, which), x);
  }

  Value sumInputs(int64_t step, int64_t row) const {
    const Tensor &x = *layer.x, &weight = *layer.weight;
    int64_t from = step * x.strides[layer.stepAxis()] + batch * x.strides[layer.batchAxis()];
    int64_t at = direction * weight.strides[0] + row * weight.strides[1];
    Value sum = 0;
    for (int64_t k = 0; k < layer.inputs; ++k)
      sum = fuse(load(x, from + k * x.strides[2]), load(weight, at + k * weight.strides[2]), sum);
    return sum;
  }
  /// The state before, each unit times its reset gate where there is one.
  Value sumState(int64_t row, Value sum, const Value *reset) const {
    const Tensor &recurrence = *layer.recurrence;
    int64_t at = direction * recurrence.strides[0] + row * recurrence.strides[1];
    for (int64_t k = 0; k < layer.units; ++k)
      sum = fuse(reset ? reset[k] * hidden(k) : hidden(k), load(recurrence, at + k * recurrence.strides[2]), sum);
    return sum;
  }
  Value fullSum(int64_t step, int64_t row) const {
    return sumState(row, sumInputs(step, row), nullptr) + biasAt(row) + biasAt(layer.gates * layer.units + row);
  }

  void stepPlain(int64_t step) {
    for (int64_t row = 0; row < layer.units; ++row)
      gates[row] = activated(0, fullSum(step, row));
    for (int64_t unit = 0; unit < layer.units; ++unit)
      state[unit * stateStride] = Element<T>::store(gates[unit]);
  }

  void stepGru(int64_t step) {
    int64_t units = layer.units, rows = 3 * units;
    for (int64_t row = 0; row < 2 * units; ++row)
      gates[row] = activated(0, fullSum(step, row));
    for (int64_t unit = 0; unit < units; ++unit) {
      int64_t row = 2 * units + unit;
      Value sum;
      if (layer.linearBeforeReset)
        sum = sumInputs(step, row) + gates[units + unit] * (sumState(row, Value(0), nullptr) + biasAt(rows + row)) + biasAt(row);
      else
        sum = sumState(row, sumInputs(step, row), gates + units) + biasAt(row) + biasAt(rows + row);
      gates[row] = activated(1, sum);
    }
    for (int64_t unit = 0; unit < units; ++unit)
      state[unit * stateStride] = Element<T>::store((1 - gates[unit]) * gates[2 * units + unit] + gates[unit] * hidden(unit));
  }

  /// The gates in the order input, output, forget, cell.
  void stepLstm(int64_t step) {
    int64_t units = layer.units;
    for (int64_t row = 0; row < 4 * units; ++row)
      gates[row] = fullSum(step, row);
    for (int64_t unit = 0; unit < units; ++unit) {
      Value before = cellAt(unit), input = activated(0, gates[unit] + peepholeAt(0, unit) * before);
      Value forget = layer.coupled ? 1 - input : activated(0, gates[2 * units + unit] + peepholeAt(2, unit) * before);
      Value now = forget * before + input * activated(1, gates[3 * units + unit]);
      Value output = activated(0, gates[units + unit] + peepholeAt(1, unit) * now);
      cell[unit * cellStride] = Element<T>::store(now);
      state[unit * stateStride] = Element<T>::store(output * activate(layer.activation(direction, 2), now));
    }
  }

  void run() {
    int64_t length = layer.lengths->absent() ? layer.steps : readIndex(*layer.lengths, batch * layer.lengths->strides[0]);
    bool reversed = layer.backwards || direction == 1;
    const Tensor &y = *layer.y;
    int64_t stepStride = y.strides[layer.stepAxis()], base = batch * y.strides[layer.batchFirst ? 0 : 2] + direction * y.strides[layer.batchFirst ? 2 : 1];
    for (int64_t i = 0; i < layer.steps; ++i) {
      int64_t step = i >= length ? i : reversed ? length - 1 - i : i;
      if (i < length)
        layer.kind == RecurrentKind::lstm ? stepLstm(step) : layer.kind == RecurrentKind::gru ? stepGru(step) : stepPlain(step);
      for (int64_t unit = 0; unit < layer.units; ++unit)
        y.as<T>()[base + step * stepStride + unit * y.strides[3]] = i < length ? state[unit * stateStride] : Element<T>::store(Value(0));
    }
  }
};

/// What a state begins with.
template <typename T> T *begin(const Recurrent &layer, const Tensor &state, const Tensor &initial, int64_t direction, int64_t batch) {
  T *row = state.as<T>() + layer.stateOffset(state, direction, batch);
  for (int64_t unit = 0; unit < layer.units; ++unit)
    row[unit * state.strides[2]] = initial.absent() ? Element<T>::store(0)
                                                    : initial.as<T>()[layer.stateOffset(initial, direction, batch) + unit * initial.strides[2]];
  return row;
}

}  // namespace

Status reference_recurrent(const Call &call) {
  Recurrent layer;
  SWITCHYARD_CHECK(readRecurrent(call, layer));
  return dispatchFloats(call, layer.x->type, [&]<typename T>() {
    using Value = typename Element<T>::Value;
    parallelFor(call, layer.directions * layer.batches, [&](int64_t first, int64_t end, int) {
      for (int64_t i = first; i < end; ++i) {
        int64_t direction = i / layer.batches, batch = i % layer.batches;
        T *state = begin<T>(layer, *layer.hidden, *layer.initialHidden, direction, batch);
        T *cell = begin<T>(layer, *layer.cell, *layer.initialCell, direction, batch);
        Value *gates = layer.workspace->as<Value>() + i * layer.gates * layer.units;
        Lane<T>{layer, direction, batch, state, cell, layer.hidden->strides[2], layer.cell->strides[2], gates}.run();
      }
    });
    return Status::ok;
  });
}

// Steps depend on each other: not vectorised.
Status fast_recurrent(const Call &call) { return reference_recurrent(call); }

}  // namespace switchyard::kernels
