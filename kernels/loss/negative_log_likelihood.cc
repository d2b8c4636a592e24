// negative_log_likelihood: ONNX NegativeLogLikelihoodLoss. Of the log-probabilities x[N, C, ...] those of the classes in target[N, ...], each
// negated and weighted: all of them, their sum, or their sum divided by that of the weights. One chain over the targets in row-major order.
#include "kernels/common/elements.h"
#include "kernels/common/indices.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/layout/operators.h"
#include "kernels/table.h"

#include <cinttypes>

namespace switchyard::kernels {
namespace {

struct Loss {
  const Tensor *x = nullptr, *target = nullptr, *weight = nullptr, *out = nullptr;
  bool hasIgnored = false;
  int64_t ignored = 0;
};

/// The loss of target `i` and its weight; both 0 where the class is ignored.
template <typename T> Status lossOf(const Call &call, const Loss &loss, int64_t i, typename Element<T>::Value &value, typename Element<T>::Value &weight) {
  const Tensor &x = *loss.x, &target = *loss.target;
  int64_t at[maxRank];
  positionOf(target.sizes, target.rank, i, at);
  int64_t index = readIndex(target, offsetAt(target.strides, target.rank, at));
  value = weight = 0;
  if (loss.hasIgnored && index == loss.ignored)
    return Status::ok;
  if (index < 0 || index >= x.sizes[1])
    return fail(call, Status::badData, "target %" PRId64 " at position %" PRId64 " is none of %" PRId64 " classes", index, i, x.sizes[1]);
  weight = loss.weight->absent() ? 1 : Element<T>::load(loss.weight->as<T>()[index * loss.weight->strides[0]]);
  int64_t offset = at[0] * x.strides[0] + index * x.strides[1] + offsetAt(x.strides + 2, x.rank - 2, at + 1);
  value = -Element<T>::load(x.as<T>()[offset]) * weight;
  return Status::ok;
}

Status readLoss(const Call &call, LossReduction reduction, Loss &loss) {
  const Tensor &x = call.tensors[0], &target = call.tensors[1], &weight = call.tensors[2], &out = call.tensors[3];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkIndices(call, target, "target", x.rank - 1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, reduction == LossReduction::none ? target.rank : 0));
  if (x.rank < 2 || x.sizes[0] != target.sizes[0])
    return fail(call, Status::badShape, "x of rank %d and the targets differ in their batches", x.rank);
  for (int d = 2; d < x.rank; ++d)
    if (x.sizes[d] != target.sizes[d - 1])
      return fail(call, Status::badShape, "x has size %" PRId64 " in dimension %d, the targets %" PRId64, x.sizes[d], d, target.sizes[d - 1]);
  if (!weight.absent()) {
    SWITCHYARD_CHECK(checkStrided(call, weight, "weight", x.type, 1));
    if (weight.sizes[0] != x.sizes[1])
      return fail(call, Status::badShape, "there are %" PRId64 " weights for %" PRId64 " classes", weight.sizes[0], x.sizes[1]);
  }
  if (reduction == LossReduction::none)
    SWITCHYARD_CHECK(checkSameSizes(call, target, "target", out, "out", target.rank));
  loss = {&x, &target, &weight, &out, call.integers[1] != 0, call.integers[2]};
  return Status::ok;
}

}  // namespace

Status reference_negative_log_likelihood(const Call &call) {
  auto reduction = static_cast<LossReduction>(call.integers[0]);
  Loss loss;
  SWITCHYARD_CHECK(readLoss(call, reduction, loss));
  return dispatchFloats(call, loss.x->type, [&]<typename T>() {
    using Value = typename Element<T>::Value;
    Value sum = 0, weights = 0;
    for (int64_t i = 0; i < elementCount(*loss.target, loss.target->rank); ++i) {
      Value value, weight;
      SWITCHYARD_CHECK(lossOf<T>(call, loss, i, value, weight));
      sum += value;
      weights += weight;
      if (reduction == LossReduction::none)
        storeElement<T>(*loss.out, i, value);
    }
    if (reduction != LossReduction::none)
      storeElement<T>(*loss.out, 0, reduction == LossReduction::mean ? sum / weights : sum);
    return Status::ok;
  });
}

// One chain: nothing to vectorise.
Status fast_negative_log_likelihood(const Call &call) { return reference_negative_log_likelihood(call); }

}  // namespace switchyard::kernels
