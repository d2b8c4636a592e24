#include "frontends/onnx/ExternalData.h"

#include "dialects/support/Diagnostics.h"
#include "runtime/base/checked.h"
#include "runtime/base/escape.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace switchyard::onnx {

/// A decimal number of at least 0, and nothing else.
static bool parseNumber(StringRef text, int64_t &value) {
  return !text.empty() && llvm::all_of(text, llvm::isDigit) && !text.getAsInteger(10, value);
}

FailureOr<ExternalData> ExternalData::open(const proto::TensorProto &tensor, int64_t bytes, const ModelFolder &folder, Location location) {
  std::string path;
  int64_t offset = 0, length = bytes;
  for (const auto &entry : tensor.external_data()) {
    bool valid = true;
    if (entry.key() == "location")
      path = entry.value();
    else if (entry.key() == "offset")
      valid = parseNumber(entry.value(), offset);
    else if (entry.key() == "length")
      valid = parseNumber(entry.value(), length);
    else
      valid = entry.key() == "checksum";
    if (!valid)
      return emitError(location) << "the external data of tensor '" << tensor.name() << "' has the invalid entry " << quote(entry.key()) << " = "
                                 << quote(entry.value());
  }
  Result<File> file = folder.open(path);
  if (!file)
    return emitStatus(location, file.status().within("the external data of tensor '" + tensor.name() + "'"));
  if (length != bytes)
    return emitError(location) << "size mismatch: tensor '" << tensor.name() << "' needs " << bytes << " bytes, but its external data has length "
                               << length;
  if (!checkedSlice(file->size(), offset, bytes))
    return emitError(location) << "the external data of tensor '" << tensor.name() << "' lies beyond the end of '" << path << "': it needs " << bytes
                               << " bytes at offset " << offset << ", but the size of the file is " << file->size();
  return ExternalData{std::move(path), offset, *std::move(file)};
}

}  // namespace switchyard::onnx
