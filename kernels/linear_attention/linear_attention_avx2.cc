// The loops of the reference, compiled for AVX2 and FMA: lanes lie along the columns of a state, never along a sum.
#include "kernels/linear_attention/linear_attention.h"
#include "kernels/table.h"

namespace switchyard::kernels {

Status fast_linear_attention_f32(const Call &call) { return runLinearAttention(call); }

}  // namespace switchyard::kernels
