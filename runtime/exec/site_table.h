// The call sites of a manifest, resolved once: names become functions and numbers.
#ifndef SWITCHYARD_RUNTIME_EXEC_SITE_TABLE_H
#define SWITCHYARD_RUNTIME_EXEC_SITE_TABLE_H

#include "kernels/table.h"
#include "runtime/artifact/plan.h"

#include <optional>
#include <vector>

namespace switchyard::exec {

struct BoundSite {
  const artifact::Site *site = nullptr;
  std::optional<artifact::PhaseKind> collective;  ///< or a kernel:
  kernels::Function function = nullptr;
  const kernels::Signature *signature = nullptr;
  std::vector<int64_t> integers;
  std::vector<double> floats;

  int tensorCount() const { return static_cast<int>(signature->inputs.size() + signature->outputs.size()); }
  /// "collective.exchange_rows 'moe.all_to_all' in layer 3".
  std::string describe() const;
};

/// Fails with ExitCode::mismatch where the artifact needs a kernel, or an attribute of one, that this runtime lacks.
Result<std::vector<BoundSite>> bindSites(const artifact::Manifest &manifest, bool referenceKernels);

}  // namespace switchyard::exec

#endif  // SWITCHYARD_RUNTIME_EXEC_SITE_TABLE_H
