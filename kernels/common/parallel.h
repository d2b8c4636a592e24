// Loops over independent items, on the caller's threads.
#ifndef SWITCHYARD_KERNELS_COMMON_PARALLEL_H
#define SWITCHYARD_KERNELS_COMMON_PARALLEL_H

#include "kernels/abi.h"

namespace switchyard::kernels {

/// Calls body(begin, end, worker) over disjoint ranges that cover [0, count). `Body` is a local lambda, so that each
/// translation unit has its own instance for its own CPU level.
template <typename Body> static inline void parallelFor(const Call &call, int64_t count, const Body &body) {
  if (count <= 0)
    return;
  if (!call.parallel || call.parallel->workers <= 1 || count == 1) {
    body(int64_t{0}, count, 0);
    return;
  }
  call.parallel->run(
      call.parallel->self, count,
      [](void *context, int64_t begin, int64_t end, int worker) { (*static_cast<const Body *>(context))(begin, end, worker); },
      const_cast<Body *>(&body));
}

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_COMMON_PARALLEL_H
