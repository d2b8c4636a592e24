// Carries out the recipe of a weight, a box at a time: nothing of the size of a weight is ever held.
#ifndef SWITCHYARD_COMPILER_TARGET_RECIPEREADER_H
#define SWITCHYARD_COMPILER_TARGET_RECIPEREADER_H

#include "dialects/rt/RtDialect.h"
#include "runtime/base/model_folder.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"

namespace switchyard::target {

/// A box of a tensor: [offset, offset + size) of every dimension.
struct Box {
  mlir::SmallVector<int64_t> offsets, sizes;
  int64_t elements() const;
};

/// Where the elements of a box go: strides in bytes, one for each dimension.
struct Destination {
  char *data;
  mlir::SmallVector<int64_t> strides;
  Destination at(mlir::ArrayRef<int64_t> position) const;
};

/// The largest buffer between two steps, in elements.
inline constexpr int64_t bufferLimit = int64_t(1) << 22;

/// Bytes of one stored element; what is smaller than a byte has one of its own.
int64_t storedBytes(mlir::Type elementType);

class RecipeReader {
public:
  explicit RecipeReader(const ModelFolder &folder) : folder(folder) {}

  /// Writes the elements of `box` of the recipe's tensor to `to`.
  Status read(mlir::Attribute recipe, const Box &box, const Destination &to);
  /// Writes them row by row, without gaps.
  Status readContiguous(mlir::Attribute recipe, const Box &box, char *to);

private:
  Status readSource(rt::SourceAttr source, const Box &box, const Destination &to);
  Status readSpan(const File &file, rt::SourceAttr source, const Box &box, const Destination &to);
  Status readVarints(rt::SourceAttr source, const Box &box, const Destination &to);
  Status readStep(rt::StepAttr step, const Box &box, const Destination &to);
  Status readReshape(rt::StepAttr step, const Box &box, const Destination &to);
  Status readTranspose(rt::StepAttr step, const Box &box, const Destination &to);
  Status readSlice(rt::StepAttr step, const Box &box, const Destination &to);
  Status readConcat(rt::StepAttr step, const Box &box, const Destination &to);
  Status readStack(rt::StepAttr step, const Box &box, const Destination &to);
  Status readGather(rt::StepAttr step, const Box &box, const Destination &to);
  Status readBroadcast(rt::StepAttr step, const Box &box, const Destination &to);
  Status readCast(rt::StepAttr step, const Box &box, const Destination &to);
  Status readPanels(rt::StepAttr step, const Box &box, const Destination &to);
  Status readUnpacked(rt::StepAttr step, const Box &box, const Destination &to);
  Status readDequantised(rt::StepAttr step, const Box &box, const Destination &to);
  /// The elements of `box` as f32, row by row.
  Result<std::vector<float>> readFloats(mlir::Attribute recipe, const Box &box);
  Result<const File *> open(llvm::StringRef name);

  const ModelFolder &folder;
  llvm::StringMap<std::unique_ptr<File>> files;
  llvm::DenseMap<mlir::Attribute, std::vector<char>> decoded;  // of varint sources, which are small
  llvm::DenseMap<mlir::Type, std::vector<float>> byteValues;   // of types of a byte: the number that each byte stands for
};

/// Calls `body` for every position of a box of `sizes`; stops at the first fault.
Status forEachPosition(mlir::ArrayRef<int64_t> sizes, llvm::function_ref<Status(mlir::ArrayRef<int64_t>)> body);

/// Cuts a box into boxes of at most `limit` elements that follow one another in row-major order.
Status forEachBlock(const Box &box, int64_t limit, llvm::function_ref<Status(const Box &)> body);

/// Copies elements of `bytes` bytes from one place to another.
void copyBox(mlir::ArrayRef<int64_t> sizes, const char *from, mlir::ArrayRef<int64_t> fromStrides, char *to, mlir::ArrayRef<int64_t> toStrides, int64_t bytes);

/// Row-major strides in bytes.
mlir::SmallVector<int64_t> rowMajorStrides(mlir::ArrayRef<int64_t> sizes, int64_t bytes);

}  // namespace switchyard::target

#endif  // SWITCHYARD_COMPILER_TARGET_RECIPEREADER_H
