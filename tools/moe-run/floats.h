// The elements of tensors of floats, whatever their width.
#ifndef SWITCHYARD_TOOLS_MOE_RUN_FLOATS_H
#define SWITCHYARD_TOOLS_MOE_RUN_FLOATS_H

#include "runtime/base/element_type.h"

#include <cstdint>

namespace switchyard::run {

bool isFloat(ElementType type);
/// Element `index` of `data`, which holds floats of `type`; every such value is a double.
double loadFloat(ElementType type, const char *data, int64_t index);

}  // namespace switchyard::run

#endif  // SWITCHYARD_TOOLS_MOE_RUN_FLOATS_H
