#include "runtime/artifact/safetensors.h"
#include "runtime/artifact/safetensors_types.h"
#include "runtime/base/checked.h"
#include "runtime/base/escape.h"
#include "runtime/base/json.h"

#include "llvm/Support/Endian.h"
#include "llvm/Support/raw_ostream.h"

namespace switchyard::artifact {
namespace {

void writeEntry(llvm::json::OStream &out, llvm::StringRef name, ElementType type, llvm::ArrayRef<int64_t> shape, uint64_t begin,
                uint64_t end) {
  out.attributeObject(name, [&] {
    out.attribute("dtype", safetensorsTypeName(type));
    out.attributeBegin("shape");
    writeInline(out, shape);
    out.attributeEnd();
    out.attributeBegin("data_offsets");
    writeInline(out, {static_cast<int64_t>(begin), static_cast<int64_t>(end)});
    out.attributeEnd();
  });
}

}  // namespace

Result<SafetensorsWriter> SafetensorsWriter::create(OutputFile file, std::vector<StoredTensor> tensors) {
  SafetensorsWriter writer(std::move(file), std::move(tensors));
  SWITCHYARD_RETURN_IF_ERROR(writer.writeHeader());
  return writer;
}

Status SafetensorsWriter::writeHeader() {
  std::string text(8, '\0');
  {
    llvm::raw_string_ostream stream(text);
    llvm::json::OStream out(stream);
    out.objectBegin();
    uint64_t offset = 0;
    int64_t pads = 0;
    for (const StoredTensor &tensor : tensors_) {
      std::optional<uint64_t> begin = checkedAlign(offset, tensor.alignment);
      std::optional<uint64_t> end = begin ? checkedAdd(*begin, tensor.bytes) : std::nullopt;
      if (!end || *end > uint64_t(maxJsonInteger))
        return invalidError(quote(file_.name()) + ": the bytes of its tensors exceed 2^53");
      gaps_.push_back(*begin - offset);
      if (gaps_.back() > 0)
        writeEntry(out, (padPrefix + llvm::Twine(pads++)).str(), ElementType::u8, {int64_t(gaps_.back())}, offset, *begin);
      writeEntry(out, tensor.name, tensor.type, tensor.shape, *begin, *end);
      offset = *end;
    }
    out.objectEnd();
  }
  // The data starts at a page, whatever the header.
  text.append(*checkedAlign(text.size(), expertAlignment) - text.size(), ' ');
  if (text.size() > maxSafetensorsHeaderBytes)
    return invalidError(quote(file_.name()) + ": a header of " + llvm::Twine(text.size()) + " bytes, at most " +
                        llvm::Twine(maxSafetensorsHeaderBytes) + " are read");
  llvm::support::endian::write64le(text.data(), text.size() - 8);
  return file_.append(text);
}

Status SafetensorsWriter::advance() {
  while (missing_ == 0 && (!started_ || current_ < tensors_.size())) {
    current_ += started_ ? 1 : 0;
    started_ = true;
    if (current_ == tensors_.size())
      break;
    SWITCHYARD_RETURN_IF_ERROR(file_.appendZeros(gaps_[current_]));
    missing_ = tensors_[current_].bytes;
  }
  return Status();
}

Status SafetensorsWriter::append(const void *data, uint64_t bytes) {
  if (bytes == 0)
    return Status();
  SWITCHYARD_RETURN_IF_ERROR(advance());
  if (bytes > missing_)
    return internalError(quote(file_.name()) + ": " + llvm::Twine(bytes) + " bytes of data where " + llvm::Twine(missing_) +
                         " are missing of " +
                         (current_ < tensors_.size() ? "tensor " + quote(tensors_[current_].name) : std::string("the last tensor")));
  missing_ -= bytes;
  return file_.append(data, bytes);
}

Result<OutputFile> SafetensorsWriter::finish() {
  SWITCHYARD_RETURN_IF_ERROR(advance());
  if (missing_ > 0)
    return internalError(quote(file_.name()) + ": " + llvm::Twine(missing_) + " bytes of tensor " + quote(tensors_[current_].name) +
                         " were not written");
  SWITCHYARD_RETURN_IF_ERROR(file_.finishDurably());
  return std::move(file_);
}

}  // namespace switchyard::artifact
