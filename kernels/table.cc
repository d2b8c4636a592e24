#include "kernels/table.h"

namespace switchyard::kernels {

static bool hasFastLevel() {
#if defined(__x86_64__)
  static const bool supported = __builtin_cpu_supports("x86-64-v3");
  return supported;
#else
  return false;
#endif
}

Function Kernel::best() const { return hasFastLevel() ? fast : reference; }

const std::vector<Kernel> &kernels() {
  static const std::vector<Kernel> table = [] {
    std::vector<Kernel> rows;
    const Signature *signature = signatures().data();
#define SWITCHYARD_KERNEL(name, inputs, outputs, scalars, integers, floats) rows.push_back({signature++, reference_##name, fast_##name});
#include "kernels/kernels.inc"
#undef SWITCHYARD_KERNEL
    return rows;
  }();
  return table;
}

const Kernel *find(std::string_view name) {
  for (const Kernel &kernel : kernels())
    if (kernel.signature->name == name)
      return &kernel;
  return nullptr;
}

}  // namespace switchyard::kernels
