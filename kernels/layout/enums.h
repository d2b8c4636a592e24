// Numbers of the enumerations that a gate or an expert passes to its kernel. The dialect `moe` prints the same names.
#ifndef SWITCHYARD_KERNELS_LAYOUT_ENUMS_H
#define SWITCHYARD_KERNELS_LAYOUT_ENUMS_H

#include <cstdint>

namespace switchyard::kernels {

enum class Score : int64_t { softmax = 0, sigmoid = 1, sqrtSoftplus = 2, identity = 3 };
/// scoreThenSelect: scores over all experts, then the k largest. selectThenScore: the k largest logits, then scores over those k.
/// mixThenSelect: the largest element of the mix operand, then the others as with scoreThenSelect.
enum class Order : int64_t { scoreThenSelect = 0, selectThenScore = 1, mixThenSelect = 2 };
enum class GroupScore : int64_t { max = 0, top2Sum = 1 };
/// What the selection key of an expert outside the kept groups becomes.
enum class GroupFill : int64_t { zero = 0, negativeInfinity = 1 };
/// Who gets a seat first. choiceMajor: all first choices in token order, then all second choices (DeepSpeed top-2, GShard).
/// tokenMajor: token by token, its slots in order.
enum class DropPriority : int64_t { choiceMajor = 0, tokenMajor = 1 };
enum class Activation : int64_t {
  identity = 0,
  relu = 1,
  reluSquared = 2,
  gelu = 3,
  geluTanh = 4,
  silu = 5,
  leakyRelu = 6,
  elu = 7,
  selu = 8,
  celu = 9,
  tanh = 10,
  sigmoid = 11,
  hardSigmoid = 12,
  hardSwish = 13,
  softplus = 14,
  mish = 15,
  relu6 = 16
};

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_LAYOUT_ENUMS_H
