#include "kernels/common/panels.h"

#include <cinttypes>

namespace switchyard::kernels {

Status readPanels(const Call &call, const Tensor &tensor, const char *name, int64_t columns, Panels &panels) {
  SWITCHYARD_CHECK(checkOperand(call, tensor, name, ElementType::f32, 3));
  if (columns < 0 || tensor.sizes[0] != panel::count(columns) || tensor.sizes[2] != panel::width)
    return fail(call, Status::badShape,
                "packed weight '%s' is %" PRId64 " x %" PRId64 " x %" PRId64 ", expected %" PRId64 " panels of %" PRId64, name,
                tensor.sizes[0], tensor.sizes[1], tensor.sizes[2], panel::count(columns), panel::width);
  if (tensor.sizes[1] > 1 && tensor.strides[1] != panel::width)
    return fail(call, Status::badShape, "packed weight '%s' has stride %" PRId64 " within a panel, expected %" PRId64, name,
                tensor.strides[1], panel::width);
  panels = {tensor.as<float>(), columns, tensor.sizes[1], tensor.strides[0]};
  return Status::ok;
}

}  // namespace switchyard::kernels
