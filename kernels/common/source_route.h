// Reading a source route (layout/route.h) as data: nothing in it is trusted before it is checked.
#ifndef SWITCHYARD_KERNELS_COMMON_SOURCE_ROUTE_H
#define SWITCHYARD_KERNELS_COMMON_SOURCE_ROUTE_H

#include "kernels/common/check.h"
#include "kernels/layout/route.h"

namespace switchyard::kernels {

/// Checks the header against the buffer, and that at most `rowLimit` rows are in use. The tables are not read.
Status readSourceRoute(const Call &call, const Tensor &tensor, int64_t rowLimit, route::Source &route);

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_COMMON_SOURCE_ROUTE_H
