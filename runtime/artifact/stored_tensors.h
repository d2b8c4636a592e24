// How the weights of a manifest lie in their files.
//
// A file holds its dense weights first, each as one tensor `<weight>`, in the order of the manifest; then, expert by
// expert, the weights per expert as tensors `<weight>.<expert>`. So everything of one expert is one range, which
// starts at a page and which a rank maps only if it owns the expert.
#ifndef SWITCHYARD_RUNTIME_ARTIFACT_STORED_TENSORS_H
#define SWITCHYARD_RUNTIME_ARTIFACT_STORED_TENSORS_H

#include "runtime/artifact/manifest.h"

namespace switchyard::artifact {

inline constexpr uint64_t tensorAlignment = 256;
inline constexpr uint64_t expertAlignment = 4096;
inline constexpr int64_t maxStoredTensors = 1 << 18;
inline constexpr llvm::StringLiteral padPrefix = "__pad.";

struct StoredTensor {
  std::string name;
  ElementType type = ElementType::f32;
  std::vector<int64_t> shape;
  uint64_t bytes = 0;
  uint64_t alignment = tensorAlignment;
  size_t weight = 0;    ///< position in Manifest::weights
  int64_t expert = -1;  ///< expert, or -1 for a dense weight
};

/// Paths of all weight files, ascending.
std::vector<std::string> weightFiles(const Manifest &manifest);

/// The tensors of `file` in the order in which they are stored. Fails where two have one name, or where the weights
/// per expert do not belong to one layer. The entries of the manifest itself must be valid.
Result<std::vector<StoredTensor>> storedTensors(const Manifest &manifest, llvm::StringRef file);

}  // namespace switchyard::artifact

#endif  // SWITCHYARD_RUNTIME_ARTIFACT_STORED_TENSORS_H
