// The loops of the reference, compiled for AVX2 and FMA: lanes lie along the columns of the result, never along a sum.
#include "kernels/conv/conv.h"
#include "kernels/table.h"

namespace switchyard::kernels {

Status fast_conv(const Call &call) { return runConv(call); }

}  // namespace switchyard::kernels
