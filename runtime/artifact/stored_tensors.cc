#include "runtime/artifact/stored_tensors.h"

#include "runtime/base/checked.h"
#include "runtime/base/escape.h"

#include "llvm/ADT/ArrayRef.h"

#include <set>

namespace switchyard::artifact {
namespace {

StoredTensor denseTensor(const Manifest &manifest, size_t index) {
  const Weight &weight = manifest.weights[index];
  uint64_t bytes = checkedProduct(weight.shape, elementBytes(weight.type)).value_or(0);
  return {weight.name, weight.type, weight.shape, bytes, tensorAlignment, index, -1};
}

StoredTensor expertTensor(const Manifest &manifest, size_t index, int64_t expert, bool first) {
  const Weight &weight = manifest.weights[index];
  std::vector<int64_t> shape(weight.shape.begin() + 1, weight.shape.end());
  uint64_t bytes = checkedProduct(shape, elementBytes(weight.type)).value_or(0);
  return {weight.name + "." + std::to_string(expert), weight.type, shape, bytes, first ? expertAlignment : tensorAlignment, index, expert};
}

}  // namespace

std::vector<std::string> weightFiles(const Manifest &manifest) {
  std::set<std::string> files;
  for (const Weight &weight : manifest.weights)
    files.insert(weight.file);
  return {files.begin(), files.end()};
}

Result<std::vector<StoredTensor>> storedTensors(const Manifest &manifest, llvm::StringRef file) {
  std::vector<StoredTensor> tensors;
  std::vector<size_t> perExpert;
  for (size_t i = 0; i < manifest.weights.size(); ++i) {
    const Weight &weight = manifest.weights[i];
    if (weight.file != file)
      continue;
    if (weight.expert < 0) {
      tensors.push_back(denseTensor(manifest, i));
      continue;
    }
    perExpert.push_back(i);
    if (manifest.weights[perExpert[0]].expert != weight.expert)
      return invalidError("weights " + quote(manifest.weights[perExpert[0]].name) + " and " + quote(weight.name) + " of layers " +
                          llvm::Twine(manifest.weights[perExpert[0]].expert) + " and " + llvm::Twine(weight.expert) +
                          " are in one file; each layer's experts have their own");
  }
  int64_t experts = perExpert.empty() ? 0 : manifest.weights[perExpert[0]].shape[0];
  if (experts > maxStoredTensors / int64_t(perExpert.size() + 1))
    return invalidError(llvm::Twine(perExpert.size()) + " weights of " + llvm::Twine(experts) + " experts; one file holds at most " +
                        llvm::Twine(maxStoredTensors) + " tensors");
  for (int64_t expert = 0; expert < experts; ++expert)
    for (size_t i : perExpert)
      tensors.push_back(expertTensor(manifest, i, expert, i == perExpert[0]));
  std::set<llvm::StringRef> names;
  for (const StoredTensor &tensor : tensors)
    if (!names.insert(tensor.name).second || llvm::StringRef(tensor.name).starts_with(padPrefix) || tensor.name == "__metadata__")
      return invalidError("tensor name " + quote(tensor.name) + " stands twice, or is reserved");
  return tensors;
}

}  // namespace switchyard::artifact
