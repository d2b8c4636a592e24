#include "runtime/exec/dims.h"

#include "runtime/base/checked.h"
#include "runtime/base/escape.h"
#include "runtime/base/json.h"

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

/// The largest limit of the dimensions of a role; 1 where there are none.
int64_t largestLimit(const Manifest &manifest, DimRole role) {
  int64_t largest = 1;
  for (const artifact::Dim &dim : manifest.dims)
    if (roleOf(manifest, dim.name) == role)
      largest = std::max(largest, dim.limit);
  return largest;
}

}  // namespace

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
                        "; raise it with " + (roleOf(manifest, dim.name) == DimRole::batch ? "--max-batch" : "--max-seq"));
  }
  SWITCHYARD_RETURN_IF_ERROR(checkFormulas(manifest, inputs, scope));
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
  for (const Signature &input : manifest.inputs) {
    if (input.shape.empty() || asDimension(input.shape[0]) != dim)
      continue;
    if (input.shape.size() > 1 && !input.shape[1].asConstant())
      return DimRole::batch;
    if (input.shape.size() == 2)
      return DimRole::tokens;
  }
  return DimRole::sequence;
}

Status overrideLimits(Manifest &manifest, std::optional<int64_t> maxBatch, std::optional<int64_t> maxSequence) {
  const int64_t batch = maxBatch ? *maxBatch : largestLimit(manifest, DimRole::batch);
  const int64_t sequence = maxSequence ? *maxSequence : largestLimit(manifest, DimRole::sequence);
  const std::optional<int64_t> tokens = checkedMultiply(batch, sequence);
  for (artifact::Dim &dim : manifest.dims) {
    const DimRole role = roleOf(manifest, dim.name);
    if (role == DimRole::batch && maxBatch)
      dim.limit = batch;
    if (role == DimRole::sequence && maxSequence)
      dim.limit = sequence;
    if (role != DimRole::tokens || (!maxBatch && !maxSequence))
      continue;
    if (!tokens || *tokens > maxJsonInteger)
      return limitError("dimension " + quote(dim.name) + ": a batch of " + llvm::Twine(batch) + " times a sequence of " +
                        llvm::Twine(sequence) + " is above 2^53; lower --max-batch or --max-seq");
    dim.limit = maxBatch && maxSequence ? *tokens : std::max(dim.limit, *tokens);
  }
  return Status();
}

}  // namespace switchyard::exec
