// The one table of kernels: what kernels.inc declares, with its functions. Runtime, tests and benchmarks choose from here.
#ifndef SWITCHYARD_KERNELS_TABLE_H
#define SWITCHYARD_KERNELS_TABLE_H

#include "kernels/abi.h"
#include "kernels/layout/signature.h"

#include <string_view>
#include <vector>

namespace switchyard::kernels {

#define SWITCHYARD_KERNEL(name, inputs, outputs, scalars, integers, floats)                                                                \
  Status reference_##name(const Call &call);                                                                                               \
  Status fast_##name(const Call &call);
#include "kernels/kernels.inc"
#undef SWITCHYARD_KERNEL

struct Kernel {
  const Signature *signature;
  Function reference;  // plain, for any CPU
  Function fast;       // for x86-64-v3 (AVX2, FMA) and above; equal to the reference in every bit

  /// The fast function where this CPU can run it, else the reference.
  Function best() const;
};

/// All kernels, in the order of kernels.inc.
const std::vector<Kernel> &kernels();

/// The kernel of that name, or null.
const Kernel *find(std::string_view name);

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_TABLE_H
