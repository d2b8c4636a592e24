#include "frontends/onnx/ExternalData.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace switchyard::onnx {

/// A decimal number of at least 0, and nothing else.
static bool parseNumber(StringRef text, int64_t &value) {
  return !text.empty() && llvm::all_of(text, llvm::isDigit) && !text.getAsInteger(10, value);
}

static LogicalResult checkLocation(StringRef path, StringRef name, Location location) {
  auto refuse = [&](const char *why) {
    return emitError(location) << "the external data of tensor '" << name << "' is refused: its location '" << path << "' " << why;
  };
  if (path.empty())
    return refuse("is empty");
  if (path.contains('\0') || path.contains('\\'))
    return refuse("contains a character that no relative path of a model has");
  if (path.starts_with("/"))
    return refuse("is absolute; it must be inside the model's folder");
  for (StringRef component : llvm::split(path, '/'))
    if (component == "..")
      return refuse("leaves the model's folder by '..'");
  return success();
}

FailureOr<ExternalData> ExternalData::open(const proto::TensorProto &tensor, int64_t bytes, StringRef folder, Location location) {
  std::string path;
  int64_t offset = 0, length = bytes;
  for (const auto &entry : tensor.external_data()) {
    bool known = true;
    if (entry.key() == "location")
      path = entry.value();
    else if (entry.key() == "offset")
      known = parseNumber(entry.value(), offset);
    else if (entry.key() == "length")
      known = parseNumber(entry.value(), length);
    else
      known = entry.key() == "checksum";
    if (!known)
      return emitError(location) << "the external data of tensor '" << tensor.name() << "' has the invalid entry " << entry.key() << " = '"
                                 << entry.value() << "'";
  }
  if (failed(checkLocation(path, tensor.name(), location)))
    return failure();
  if (length != bytes)
    return emitError(location) << "size mismatch: tensor '" << tensor.name() << "' needs " << bytes << " bytes, but its external data has length "
                               << length;
  SmallString<256> full(folder);
  llvm::sys::path::append(full, path);
  std::string what = "the external data '" + path + "' of tensor '" + tensor.name() + "'";
  FailureOr<ModelFile> file = ModelFile::open(full, what, ExitCode::invalid, location);
  if (failed(file))
    return failure();
  if (offset > file->getSize() || bytes > file->getSize() - offset)
    return emitError(location) << "the external data of tensor '" << tensor.name() << "' lies beyond the end of '" << path << "': it needs "
                               << bytes << " bytes at offset " << offset << ", but the size of the file is " << file->getSize();
  return ExternalData{std::move(path), offset, std::move(*file)};
}

}  // namespace switchyard::onnx
