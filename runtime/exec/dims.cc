#include "runtime/exec/dims.h"

#include "runtime/base/checked.h"
#include "runtime/base/escape.h"

#include <algorithm>

namespace switchyard::exec {
namespace {

using artifact::Expression;
using artifact::ExpressionScope;
using artifact::Manifest;
using artifact::Signature;

/// The dimension that `expression` is, where it is one and nothing more.
std::optional<std::string> asDimension(const Expression &expression) {
  const std::vector<std::string> names = expression.dimensions();
  if (expression.size() != 1 || names.size() != 1)
    return std::nullopt;
  return names.front();
}

Status misfit(const Signature &wanted, const InputType &given, const llvm::Twine &why) {
  return usageError("input " + quote(wanted.name) + " is " + describe(given.type, given.shape) + ", the model wants " + describe(wanted) +
                    ": " + why);
}

/// Where a dimension got its value, for messages.
struct Source {
  const Signature *input;
  size_t axis;
};

Status bindPlainDims(const Manifest &manifest, const std::vector<InputType> &inputs, ExpressionScope &scope) {
  std::map<std::string, Source> sources;
  for (size_t index = 0; index < inputs.size(); ++index) {
    const Signature &wanted = manifest.inputs[index];
    const InputType &given = inputs[index];
    if (given.type != wanted.type)
      return misfit(wanted, given, "the element type differs");
    if (given.shape.size() != wanted.shape.size())
      return misfit(wanted, given, llvm::Twine(given.shape.size()) + " dimensions instead of " + llvm::Twine(wanted.shape.size()));
    for (size_t axis = 0; axis < wanted.shape.size(); ++axis) {
      const std::optional<std::string> name = asDimension(wanted.shape[axis]);
      if (!name)
        continue;
      const auto [known, isNew] = scope.dims.emplace(*name, given.shape[axis]);
      if (isNew)
        sources.emplace(*name, Source{&wanted, axis});
      else if (known->second != given.shape[axis])
        return misfit(wanted, given,
                      "dim " + llvm::Twine(axis) + " (" + escaped(*name) + ") is " + llvm::Twine(given.shape[axis]) + ", but dim " +
                          llvm::Twine(sources.at(*name).axis) + " of input " + quote(sources.at(*name).input->name) + " is " +
                          llvm::Twine(known->second));
    }
  }
  return Status();
}

/// Extents that are numbers or formulas.
Status checkFormulas(const Manifest &manifest, const std::vector<InputType> &inputs, const ExpressionScope &scope) {
  for (size_t index = 0; index < inputs.size(); ++index) {
    const Signature &wanted = manifest.inputs[index];
    for (size_t axis = 0; axis < wanted.shape.size(); ++axis) {
      SWITCHYARD_ASSIGN_OR_RETURN(const int64_t extent, wanted.shape[axis].evaluate(scope));
      if (extent != inputs[index].shape[axis])
        return misfit(wanted, inputs[index],
                      "dim " + llvm::Twine(axis) + ": " + llvm::Twine(inputs[index].shape[axis]) + " instead of " + llvm::Twine(extent));
    }
  }
  return Status();
}

/// The largest limit of the dimensions of a role, or `otherwise` where there are none.
int64_t largestLimit(const Manifest &manifest, DimRole role, int64_t otherwise) {
  std::optional<int64_t> largest;
  for (const artifact::Dim &dim : manifest.dims)
    if (roleOf(manifest, dim.name) == role)
      largest = std::max(largest.value_or(dim.limit), dim.limit);
  return largest.value_or(otherwise);
}

/// The flag that raises the limit of a dimension.
const char *flagOf(DimRole role) {
  switch (role) {
  case DimRole::batch:
    return "--max-batch";
  case DimRole::tokens:
    return "--max-batch or --max-seq, of which it is the product";
  case DimRole::sequence:
    break;
  }
  return "--max-seq";
}

/// What to do about a dimension beyond its limit. Positions that the model does not have no flag can give.
std::string adviceOf(const Manifest &manifest, DimRole role, int64_t extent) {
  if (role == DimRole::sequence && manifest.positions && extent > *manifest.positions)
    return describePositions(*manifest.positions);
  return std::string("raise it with ") + flagOf(role);
}

}  // namespace

std::string describePositions(int64_t positions) {
  const std::string count = std::to_string(positions);
  return "the model's rotary cache has " + count + " rows, so at most " + count + " positions";
}

std::string describe(ElementType type, const std::vector<int64_t> &shape) {
  std::string text;
  for (int64_t extent : shape)
    text += std::to_string(extent) + "x";
  return text + elementTypeName(type).str();
}

std::string describe(const Signature &signature) {
  std::string text = "[";
  for (const Expression &extent : signature.shape)
    text += (text.size() > 1 ? "," : "") + escaped(extent.print());
  return text + "]x" + elementTypeName(signature.type).str();
}

Result<ExpressionScope> bindDims(const Manifest &manifest, const std::vector<InputType> &inputs, int64_t ranks, int64_t threads) {
  ExpressionScope scope{{}, ranks, threads};
  SWITCHYARD_RETURN_IF_ERROR(bindPlainDims(manifest, inputs, scope));
  for (const artifact::Dim &dim : manifest.dims) {
    const auto found = scope.dims.find(dim.name);
    if (found == scope.dims.end())
      return invalidError("dimension " + quote(dim.name) + " is not the extent of any input");
    if (found->second > dim.limit)
      return limitError("dimension " + quote(dim.name) + " is " + llvm::Twine(found->second) + ", the limit is " + llvm::Twine(dim.limit) +
                        "; " + adviceOf(manifest, roleOf(manifest, dim.name), found->second));
  }
  SWITCHYARD_RETURN_IF_ERROR(checkFormulas(manifest, inputs, scope));
  SWITCHYARD_RETURN_IF_ERROR(checkEqualities(manifest.equalities, scope, manifest.limits(ranks, threads)));
  return scope;
}

Result<std::vector<int64_t>> evaluateShape(const std::vector<Expression> &shape, const ExpressionScope &scope) {
  std::vector<int64_t> extents;
  for (const Expression &extent : shape) {
    SWITCHYARD_ASSIGN_OR_RETURN(const uint64_t value, extent.evaluateSize(scope));
    extents.push_back(static_cast<int64_t>(value));
  }
  return extents;
}

DimRole roleOf(const Manifest &manifest, const std::string &dim) {
  DimRole role = DimRole::sequence;
  for (const Signature &input : manifest.inputs)
    for (size_t axis = 0; axis < input.shape.size(); ++axis)
      if (asDimension(input.shape[axis]) == dim)
        role = std::min(role, roleOfAxis(axis, input.shape.size(), input.shape.size() > 1 && input.shape[1].asConstant()));
  return role;
}

Status overrideLimits(Manifest &manifest, std::optional<int64_t> maxBatch, std::optional<int64_t> maxSequence) {
  const int64_t batch = maxBatch ? *maxBatch : largestLimit(manifest, DimRole::batch, defaultMaxBatch);
  const int64_t sequence = maxSequence ? *maxSequence : largestLimit(manifest, DimRole::sequence, defaultMaxSequence);
  std::vector<int64_t> limits;
  for (const artifact::Dim &dim : manifest.dims) {
    const DimRole role = roleOf(manifest, dim.name);
    const bool given = role == DimRole::batch      ? maxBatch.has_value()
                       : role == DimRole::sequence ? maxSequence.has_value()
                                                   : maxBatch || maxSequence;
    limits.push_back(dim.limit);
    if (!given)
      continue;
    const Result<int64_t> limit = limitOfRole(role, batch, sequence);
    if (!limit.ok())
      return limit.status().within("dimension " + quote(dim.name));
    const bool guessed = role == DimRole::tokens && !(maxBatch && maxSequence);
    limits.back() = guessed ? std::max(dim.limit, *limit) : *limit;
  }
  for (size_t index = 0; index < limits.size(); ++index)
    manifest.dims[index].limit = limits[index];
  return Status();
}

}  // namespace switchyard::exec
