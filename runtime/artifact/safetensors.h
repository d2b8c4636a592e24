// Weights in safetensors files, written in one pass and checked in full before they are used.
//
// A file is an 8-byte length N, N bytes of JSON (name -> type, shape, offsets) and the data. Its tensors cover the data
// exactly: no hole, no overlap, no byte behind. We pad the JSON with spaces so that the data starts at a page, and fill
// the gaps between tensors by tensors named `__pad.N`, so that other readers open the file as well.
#ifndef SWITCHYARD_RUNTIME_ARTIFACT_SAFETENSORS_H
#define SWITCHYARD_RUNTIME_ARTIFACT_SAFETENSORS_H

#include "runtime/artifact/stored_tensors.h"
#include "runtime/base/output_file.h"

#include <cstdint>
#include <string>
#include <vector>

namespace switchyard::artifact {

inline constexpr uint64_t maxSafetensorsHeaderBytes = uint64_t(64) << 20;

/// Writes the declared tensors, whose data comes in pieces, in their order.
class SafetensorsWriter {
public:
  static Result<SafetensorsWriter> create(OutputFile file, std::vector<StoredTensor> tensors);

  const std::vector<StoredTensor> &tensors() const { return tensors_; }
  /// The next bytes of data. A piece may end anywhere, but not reach beyond the tensor in which it begins.
  Status append(const void *data, uint64_t bytes);
  /// All data has come: closes the file and gives it for its name, size and digest.
  Result<OutputFile> finish();

private:
  explicit SafetensorsWriter(OutputFile file, std::vector<StoredTensor> tensors) : file_(std::move(file)), tensors_(std::move(tensors)) {}
  Status writeHeader();
  /// Steps over finished tensors to one that lacks data, writing the gaps on the way.
  Status advance();

  OutputFile file_;
  std::vector<StoredTensor> tensors_;
  std::vector<uint64_t> gaps_;  ///< bytes before each tensor
  size_t current_ = 0;
  uint64_t missing_ = 0;  ///< bytes of the current tensor
  bool started_ = false;
};

/// A tensor of a file.
struct TensorEntry {
  std::string name;
  ElementType type = ElementType::f32;
  std::vector<int64_t> shape;
  uint64_t offset = 0;  ///< in the file
  uint64_t bytes = 0;
  bool isPad() const { return llvm::StringRef(name).starts_with(padPrefix); }
};

/// Reads and checks the header of `file`; the tensors come in order of their offsets.
Result<std::vector<TensorEntry>> readSafetensors(const File &file);

}  // namespace switchyard::artifact

#endif  // SWITCHYARD_RUNTIME_ARTIFACT_SAFETENSORS_H
