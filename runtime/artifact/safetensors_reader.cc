#include "runtime/artifact/safetensors.h"
#include "runtime/artifact/safetensors_types.h"
#include "runtime/base/checked.h"
#include "runtime/base/escape.h"
#include "runtime/base/json_fields.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"

namespace switchyard::artifact {
namespace {

using llvm::json::Value;

/// The text of the header, without its padding, and the offset of the data.
Result<std::string> readHeaderText(const File &file, uint64_t &dataOffset) {
  auto refuse = [&](const llvm::Twine &why) { return invalidError(quote(file.name()) + " is not a safetensors file: " + why); };
  char prefix[8];
  if (file.size() < sizeof(prefix))
    return refuse("it has " + llvm::Twine(file.size()) + " bytes");
  SWITCHYARD_RETURN_IF_ERROR(file.read(0, prefix, sizeof(prefix)));
  uint64_t length = llvm::support::endian::read64le(prefix);
  if (length > maxSafetensorsHeaderBytes || !checkedSlice(file.size(), sizeof(prefix), length))
    return refuse("a header of " + llvm::Twine(length) + " bytes in a file of " + llvm::Twine(file.size()));
  std::string text(length, '\0');
  SWITCHYARD_RETURN_IF_ERROR(file.read(sizeof(prefix), text.data(), length));
  if (!llvm::StringRef(text).starts_with("{"))
    return refuse("its header does not start with '{'");
  dataOffset = sizeof(prefix) + length;
  return llvm::StringRef(text).rtrim(' ').str();
}

void readMetadata(const Value &value, const std::string &where, JsonReading &reading) {
  const llvm::json::Object *object = value.getAsObject();
  if (!object || llvm::any_of(*object, [](const auto &entry) { return !entry.second.getAsString(); }))
    reading.fail(invalidError(where + ": __metadata__ is not an object of strings"));
}

/// One tensor; its offset is still that of the header, relative to the data.
TensorEntry readEntry(llvm::StringRef name, const Value &value, const std::string &where, JsonReading &reading) {
  TensorEntry entry;
  entry.name = name.str();
  JsonFields fields(value, where, reading);
  std::string type = fields.string("dtype");
  std::optional<ElementType> known = parseSafetensorsType(type);
  if (!known)
    fields.fail("dtype " + quote(type) + " is not one that an artifact holds");
  entry.type = known.value_or(ElementType::u8);
  entry.shape = fields.integers("shape");
  std::vector<int64_t> offsets = fields.integers("data_offsets");
  fields.finish();
  if (offsets.size() != 2 || offsets[1] < offsets[0]) {
    fields.fail("data_offsets are not a begin and an end");
    return entry;
  }
  entry.offset = static_cast<uint64_t>(offsets[0]);
  entry.bytes = static_cast<uint64_t>(offsets[1] - offsets[0]);
  std::optional<uint64_t> needed = checkedProduct(entry.shape, elementBytes(entry.type));
  if (!needed)
    fields.fail("the bytes of its shape overflow 64 bits");
  else if (*needed != entry.bytes)
    fields.fail("its shape needs " + llvm::Twine(*needed) + " bytes, its offsets span " + llvm::Twine(entry.bytes));
  return entry;
}

/// The tensors stand end to end from the start of the data to the end of the file.
Status checkCover(const std::vector<TensorEntry> &entries, uint64_t dataOffset, const File &file) {
  uint64_t end = 0;
  for (const TensorEntry &entry : entries) {
    if (entry.offset != end)
      return invalidError(quote(file.name()) + ": tensor " + quote(entry.name) + " begins at " + llvm::Twine(entry.offset) +
                          " of the data, " + (entry.offset < end ? "inside of another, which ends at " : "behind a hole from ") +
                          llvm::Twine(end));
    end += entry.bytes;  // both below 2^53
  }
  if (end != file.size() - dataOffset)
    return invalidError(quote(file.name()) + ": its tensors have " + llvm::Twine(end) + " bytes, the file has " +
                        llvm::Twine(file.size() - dataOffset));
  return Status();
}

}  // namespace

Result<std::vector<TensorEntry>> readSafetensors(const File &file) {
  uint64_t dataOffset = 0;
  SWITCHYARD_ASSIGN_OR_RETURN(std::string text, readHeaderText(file, dataOffset));
  SWITCHYARD_ASSIGN_OR_RETURN(Value document, parseJson(text, file.name(), {maxSafetensorsHeaderBytes, 8}));
  const llvm::json::Object *object = document.getAsObject();
  if (!object)
    return invalidError(quote(file.name()) + ": its header is not a JSON object");
  JsonReading reading;
  std::vector<TensorEntry> entries;
  for (const auto &[key, value] : *object) {
    llvm::StringRef name = key;
    std::string where = quote(file.name()) + ": tensor " + quote(name);
    if (name == "__metadata__")
      readMetadata(value, where, reading);
    else
      entries.push_back(readEntry(name, value, where, reading));
  }
  SWITCHYARD_RETURN_IF_ERROR(reading.status);
  // An empty tensor may begin where another one does; it comes first.
  llvm::sort(entries, [](const TensorEntry &a, const TensorEntry &b) {
    return std::tie(a.offset, a.bytes, a.name) < std::tie(b.offset, b.bytes, b.name);
  });
  SWITCHYARD_RETURN_IF_ERROR(checkCover(entries, dataOffset, file));
  for (TensorEntry &entry : entries)
    entry.offset += dataOffset;
  return entries;
}

}  // namespace switchyard::artifact
