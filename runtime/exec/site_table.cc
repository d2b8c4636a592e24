#include "runtime/exec/site_table.h"

#include "runtime/base/escape.h"

namespace switchyard::exec {
namespace {

/// The values of `names` in `given`, which must hold these and no others.
template <typename Value>
Status bindValues(const std::vector<std::string_view> &names, const std::map<std::string, Value> &given, const std::string &where,
                  std::vector<Value> &values) {
  for (std::string_view name : names) {
    const auto found = given.find(std::string(name));
    if (found == given.end())
      return mismatchError(where + " lacks the attribute '" + std::string(name) + "'; compile the model with the moe-opt of this release");
    values.push_back(found->second);
  }
  if (given.size() != names.size())
    return mismatchError(where + " has " + llvm::Twine(given.size()) + " attributes where this runtime knows " + llvm::Twine(names.size()) +
                         "; compile the model with the moe-opt of this release");
  return Status();
}

Status bindSite(const artifact::Site &site, size_t number, bool referenceKernels, BoundSite &bound) {
  bound.site = &site;
  bound.collective = artifact::phaseKindOfKernel(site.kernel);
  if (bound.collective)
    return Status();
  const std::string where = ("site " + llvm::Twine(number) + ": kernel " + quote(site.kernel)).str();
  const kernels::Kernel *kernel = kernels::find(site.kernel);
  if (!kernel)
    return mismatchError(where + " is not known to this runtime; compile the model with the moe-opt of this release");
  bound.signature = kernel->signature;
  bound.function = referenceKernels ? kernel->reference : kernel->best();
  SWITCHYARD_RETURN_IF_ERROR(bindValues(kernel->signature->integers, site.integers, where, bound.integers));
  SWITCHYARD_RETURN_IF_ERROR(bindValues(kernel->signature->floats, site.floats, where, bound.floats));
  return Status();
}

}  // namespace

std::string BoundSite::describe() const {
  std::string text = escaped(site->kernel);
  if (!site->name.empty())
    text += " (" + escaped(site->name) + ")";
  if (site->layer >= 0)
    text += " in layer " + std::to_string(site->layer);
  return text;
}

Result<std::vector<BoundSite>> bindSites(const artifact::Manifest &manifest, bool referenceKernels) {
  std::vector<BoundSite> sites(manifest.sites.size());
  for (size_t number = 0; number < sites.size(); ++number)
    SWITCHYARD_RETURN_IF_ERROR(bindSite(manifest.sites[number], number, referenceKernels, sites[number]));
  return sites;
}

}  // namespace switchyard::exec
