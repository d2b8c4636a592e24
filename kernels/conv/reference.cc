#include "kernels/conv/conv.h"
#include "kernels/table.h"

#include <cinttypes>

namespace switchyard::kernels {

Status readConv(const Call &call, Conv &conv) {
  const Tensor &x = call.tensors[0], &weight = call.tensors[1], &bias = call.tensors[2], &out = call.tensors[4];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, weight, "weight", x.type, x.rank));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, x.rank));
  int64_t group = call.integers[0];
  if (x.rank < 3 || group < 1 || weight.sizes[0] % group != 0 || x.sizes[1] != weight.sizes[1] * group || out.sizes[0] != x.sizes[0] ||
      out.sizes[1] != weight.sizes[0])
    return fail(call, Status::badShape, "%" PRId64 " groups do not divide %" PRId64 " channels for %" PRId64 " filters of %" PRId64, group,
                x.rank < 3 ? 0 : x.sizes[1], x.rank < 3 ? 0 : weight.sizes[0], x.rank < 3 ? 0 : weight.sizes[1]);
  if (!bias.absent()) {
    SWITCHYARD_CHECK(checkStrided(call, bias, "bias", x.type, 1));
    if (bias.sizes[0] != weight.sizes[0])
      return fail(call, Status::badShape, "the bias has %" PRId64 " elements for %" PRId64 " filters", bias.sizes[0], weight.sizes[0]);
  }
  SWITCHYARD_CHECK(readWindow(call, call.tensors[3], static_cast<AutoPad>(call.integers[1]), x, out, conv.window));
  for (int d = 0; d < conv.window.rank; ++d)
    if (conv.window.kernel[d] != weight.sizes[d + 2])
      return fail(call, Status::badShape, "the kernel has size %" PRId64 " in spatial dimension %d, the weight %" PRId64, conv.window.kernel[d], d,
                  weight.sizes[d + 2]);
  conv.x = &x;
  conv.weight = &weight;
  conv.bias = &bias;
  conv.out = &out;
  conv.channels = weight.sizes[1];
  conv.filters = weight.sizes[0] / group;
  return Status::ok;
}

Status reference_conv(const Call &call) { return runConv(call); }

}  // namespace switchyard::kernels
