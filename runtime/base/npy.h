// Arrays in NumPy's .npy files: little-endian, C order, of the element types of a manifest.
#ifndef SWITCHYARD_RUNTIME_BASE_NPY_H
#define SWITCHYARD_RUNTIME_BASE_NPY_H

#include "runtime/base/element_type.h"
#include "runtime/base/status.h"

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace switchyard {

/// A dense array that owns its data.
struct Array {
  ElementType type = ElementType::f32;
  std::vector<int64_t> shape;
  std::vector<char> data;
};

/// Reads format versions 1 to 3. `V2` elements are bf16, as NumPy writes them. `V1` ones are of `wanted`, the type that the model states, where
/// that is a narrow one: the file does not tell them apart. Everything that is wrong with the file is a fault of usage, since the user named it.
Result<Array> readNpy(const std::string &path, std::optional<ElementType> wanted = std::nullopt);

/// Writes format version 1. `data` holds the elements of `shape`, row-major.
Status writeNpy(const std::string &path, ElementType type, llvm::ArrayRef<int64_t> shape, const void *data);

}  // namespace switchyard

#endif  // SWITCHYARD_RUNTIME_BASE_NPY_H
