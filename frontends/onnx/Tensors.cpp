#include "frontends/onnx/Tensors.h"

#include "dialects/support/Diagnostics.h"
#include "frontends/onnx/ExternalData.h"
#include "frontends/onnx/Types.h"

#include "llvm/Support/MathExtras.h"

#include <bit>

using namespace mlir;

namespace switchyard::onnx {

/// What the dims and the data type of a tensor say about its bytes.
struct TensorImporter::Layout {
  RankedTensorType type;
  int64_t components;      // numbers: elements, or twice as many for complex types
  unsigned width;          // bits of a number in the raw form
  unsigned storage;        // bits that a number takes in the raw form: a bool takes a byte
  int64_t rawBytes;

  static FailureOr<Layout> get(const proto::TensorProto &tensor, Location location);
};

FailureOr<TensorImporter::Layout> TensorImporter::Layout::get(const proto::TensorProto &tensor, Location location) {
  Type element = getElementType(tensor.data_type(), location.getContext());
  if (!element)
    return emitError(location) << "tensor '" << tensor.name() << "' has the unknown element type " << tensor.data_type();
  Layout layout;
  int64_t elements = 1;
  for (int64_t dim : tensor.dims()) {
    if (dim < 0)
      return emitError(location) << "tensor '" << tensor.name() << "' has the negative dimension " << dim;
    if (llvm::MulOverflow(elements, dim, elements))
      return emitError(location) << "the size of tensor '" << tensor.name() << "' overflows: the product of its dimensions [" << tensor.dims() << "]";
  }
  layout.type = RankedTensorType::get(SmallVector<int64_t>(tensor.dims().begin(), tensor.dims().end()), element);
  auto complex = dyn_cast<ComplexType>(element);
  layout.width = (complex ? complex.getElementType() : element).getIntOrFloatBitWidth();
  layout.storage = layout.width == 1 ? 8 : layout.width;
  int64_t bits;
  if (llvm::MulOverflow<int64_t>(elements, complex ? 2 : 1, layout.components) ||
      llvm::MulOverflow<int64_t>(layout.components, layout.storage, bits) || bits > std::numeric_limits<int64_t>::max() - 7)
    return emitError(location) << "the size of tensor '" << tensor.name() << "' overflows: the product of its dimensions [" << tensor.dims() << "]";
  layout.rawBytes = (bits + 7) / 8;
  return layout;
}

/// Number `index` of a little-endian stream of `storage` bits each, the first in the lowest bits.
static uint64_t readBits(ArrayRef<char> bytes, int64_t index, unsigned storage) {
  uint64_t value = 0;
  int64_t first = index * storage;
  for (unsigned bit = 0; bit < storage;) {
    int64_t at = first + bit;
    unsigned shift = at % 8, count = std::min(8 - shift, storage - bit);
    uint64_t part = (static_cast<uint8_t>(bytes[at / 8]) >> shift) & ((1u << count) - 1);
    value |= part << bit;
    bit += count;
  }
  return value;
}

/// Dense elements from the bit patterns of the numbers.
static DenseElementsAttr buildDense(RankedTensorType type, ArrayRef<uint64_t> patterns, unsigned width) {
  Type element = type.getElementType();
  auto number = [&](uint64_t pattern) { return APInt(width, pattern, /*isSigned=*/false, /*implicitTrunc=*/true); };
  if (isa<IntegerType>(element)) {
    SmallVector<APInt> values;
    for (uint64_t pattern : patterns)
      values.push_back(width == 1 ? APInt(1, pattern != 0) : number(pattern));
    return DenseElementsAttr::get(type, values);
  }
  auto complex = dyn_cast<ComplexType>(element);
  auto semantics = [&]() -> const llvm::fltSemantics & {
    return cast<FloatType>(complex ? complex.getElementType() : element).getFloatSemantics();
  };
  if (complex) {
    SmallVector<std::complex<APFloat>> values;
    for (size_t i = 0; i + 1 < patterns.size(); i += 2)
      values.emplace_back(APFloat(semantics(), number(patterns[i])), APFloat(semantics(), number(patterns[i + 1])));
    return DenseElementsAttr::get(type, values);
  }
  SmallVector<APFloat> values;
  for (uint64_t pattern : patterns)
    values.emplace_back(semantics(), number(pattern));
  return DenseElementsAttr::get(type, values);
}

static DenseElementsAttr buildDenseFromRaw(RankedTensorType type, ArrayRef<char> bytes, int64_t components, unsigned width, unsigned storage) {
  SmallVector<uint64_t> patterns;
  for (int64_t i = 0; i < components; ++i)
    patterns.push_back(readBits(bytes, i, storage));
  return buildDense(type, patterns, width);
}

FailureOr<const DataSpan *> TensorImporter::getSpan(const proto::TensorProto &tensor, Location location) const {
  if (!tensor.has_segment())
    return static_cast<const DataSpan *>(nullptr);
  ArrayRef<DataSpan> own = spans.slice(tensor.segment().begin(), tensor.segment().end() - tensor.segment().begin());
  for (const DataSpan &span : own)
    if (span.field != own.front().field)
      return emitError(location) << "tensor '" << tensor.name() << "' has its data twice: in field " << own.front().field << " and in field "
                                 << span.field << " of TensorProto";
  if (own.size() > 1)
    return emitUnsupported(location) << "the data of tensor '" << tensor.name() << "' is stored in " << own.size()
                                     << " pieces; write it in one piece, as raw_data";
  return &own.front();
}

FailureOr<Attribute> TensorImporter::import(const proto::TensorProto &tensor, Location location) const {
  FailureOr<Layout> layout = Layout::get(tensor, location);
  if (failed(layout))
    return failure();
  if (tensor.data_location() == proto::TensorProto::EXTERNAL)
    return importExternal(tensor, *layout, location);
  FailureOr<const DataSpan *> span = getSpan(tensor, location);
  if (failed(span))
    return failure();
  bool raw = *span ? (*span)->field == proto::TensorProto::kRawDataFieldNumber : tensor.has_raw_data();
  return raw ? importRaw(tensor, *span, *layout, location) : importTyped(tensor, *span, *layout, location);
}

/// True for a vector that may be inline whatever its element type is, because all of its bytes are 0.
static bool isZeroVector(RankedTensorType type, ArrayRef<char> bytes) {
  return type.getRank() == 1 && type.getNumElements() <= maxZeroElements && llvm::all_of(bytes, [](char byte) { return byte == 0; });
}

FailureOr<Attribute> TensorImporter::importRaw(const proto::TensorProto &tensor, const DataSpan *span, const Layout &layout,
                                               Location location) const {
  bool isInline = !span || layout.type.getNumElements() <= maxInlineElements(layout.type.getElementType()) ||
                  (static_cast<int64_t>(tensor.raw_data().size()) == layout.rawBytes && isZeroVector(layout.type, tensor.raw_data()));
  // Two messages that parsers merge into one tensor can leave the bytes of one with the span of the other; the bytes of a long span are not kept.
  int64_t kept = static_cast<int64_t>(tensor.raw_data().size());
  int64_t length = isInline && (kept != layout.rawBytes || !span) ? kept : span->length;
  if (length != layout.rawBytes)
    return emitError(location) << "size mismatch: tensor '" << tensor.name() << "' of type " << layout.type << " needs " << layout.rawBytes
                               << " bytes, but its raw_data has " << length;
  if (isInline)
    return Attribute(buildDenseFromRaw(layout.type, tensor.raw_data(), layout.components, layout.width, layout.storage));
  return makeSource(*span, rt::Encoding::raw, layout.type);
}

Attribute TensorImporter::makeSource(const DataSpan &span, rt::Encoding encoding, RankedTensorType type) const {
  return rt::SourceAttr::get(type.getContext(), model.getName(), span.offset, span.length, encoding, type);
}

/// The pattern of bytes that fills `length` bytes of `file`, `width` of them at a time, without a read beyond the first one that differs; empty where none does.
static Result<SmallVector<char>> readFill(const File &file, int64_t offset, int64_t length, int64_t width) {
  SmallVector<char> pattern(width);
  std::vector<char> window(std::min<int64_t>(length, int64_t(1) << 16));  // whole elements
  for (int64_t done = 0; done < length;) {
    int64_t bytes = std::min<int64_t>(window.size(), length - done);
    if (Status status = file.read(offset + done, window.data(), bytes); !status.ok())
      return status;
    if (done == 0)
      pattern.assign(window.begin(), window.begin() + width);
    for (int64_t at = 0; at < bytes; at += width)
      if (!std::equal(pattern.begin(), pattern.end(), window.begin() + at))
        return SmallVector<char>();
    done += bytes;
  }
  return pattern;
}

FailureOr<Attribute> TensorImporter::importFilled(const proto::TensorProto &tensor, Location location) const {
  FailureOr<Attribute> value = import(tensor, location);
  auto source = succeeded(value) ? dyn_cast<rt::SourceAttr>(*value) : rt::SourceAttr();
  FailureOr<Layout> layout = Layout::get(tensor, location);
  if (!source || failed(layout) || source.getEncoding() != rt::Encoding::raw || layout->storage % 8 != 0 || layout->components != layout->type.getNumElements())
    return value;
  bool isExternal = tensor.data_location() == proto::TensorProto::EXTERNAL;
  FailureOr<ExternalData> data = isExternal ? ExternalData::open(tensor, layout->rawBytes, model.folder, location) : FailureOr<ExternalData>(failure());
  if (isExternal && failed(data))
    return failure();
  Result<SmallVector<char>> fill = readFill(isExternal ? data->file : model.file, source.getOffset(), layout->rawBytes, layout->storage / 8);
  if (!fill.ok())
    return emitStatus(location, fill.status());
  if (fill->empty())
    return value;
  auto single = RankedTensorType::get({1}, layout->type.getElementType());
  return Attribute(buildDenseFromRaw(single, *fill, 1, layout->width, layout->storage).resizeSplat(layout->type));
}

/// Bit patterns of the numbers in the typed field that belongs to the data type of `tensor`, and that field's number.
static SmallVector<uint64_t> readTypedField(const proto::TensorProto &tensor, int &field) {
  SmallVector<uint64_t> values;
  switch (tensor.data_type()) {
  case proto::TensorProto::FLOAT:
  case proto::TensorProto::COMPLEX64:
    field = proto::TensorProto::kFloatDataFieldNumber;
    for (float value : tensor.float_data())
      values.push_back(std::bit_cast<uint32_t>(value));
    return values;
  case proto::TensorProto::DOUBLE:
  case proto::TensorProto::COMPLEX128:
    field = proto::TensorProto::kDoubleDataFieldNumber;
    for (double value : tensor.double_data())
      values.push_back(std::bit_cast<uint64_t>(value));
    return values;
  case proto::TensorProto::INT64:
    field = proto::TensorProto::kInt64DataFieldNumber;
    values.append(tensor.int64_data().begin(), tensor.int64_data().end());
    return values;
  case proto::TensorProto::UINT32:
  case proto::TensorProto::UINT64:
    field = proto::TensorProto::kUint64DataFieldNumber;
    values.append(tensor.uint64_data().begin(), tensor.uint64_data().end());
    return values;
  default:
    field = proto::TensorProto::kInt32DataFieldNumber;
    for (int32_t value : tensor.int32_data())
      values.push_back(static_cast<uint32_t>(value));
    return values;
  }
}

FailureOr<Attribute> TensorImporter::importTyped(const proto::TensorProto &tensor, const DataSpan *span, const Layout &layout,
                                                 Location location) const {
  int field = 0;
  SmallVector<uint64_t> values = readTypedField(tensor, field);
  // Numbers of 4 and 2 bits share an entry of int32_data; those of 6 bits do not.
  int64_t perEntry = layout.width == 4 ? 2 : layout.width == 2 ? 4 : 1;
  int64_t entries = (layout.components + perEntry - 1) / perEntry;
  if (span && span->field != field)
    return emitError(location) << "tensor '" << tensor.name() << "' of type " << layout.type << " has its data in field " << span->field
                               << " of TensorProto, but this type belongs in field " << field;

  bool fixedWidth = field == proto::TensorProto::kFloatDataFieldNumber || field == proto::TensorProto::kDoubleDataFieldNumber;
  bool inFile = span && (span->length > keptDataSize || layout.type.getNumElements() > maxInlineElements(layout.type.getElementType()));
  if (inFile && fixedWidth) {
    if (span->length != layout.rawBytes)
      return emitError(location) << "size mismatch: tensor '" << tensor.name() << "' of type " << layout.type << " needs " << layout.rawBytes
                                 << " bytes, but its data has " << span->length;
    return makeSource(*span, rt::Encoding::raw, layout.type);
  }
  if (inFile && perEntry == 1) {
    if (failed(checkVarints(*span, entries, tensor.name(), location)))
      return failure();
    return makeSource(*span, rt::Encoding::varint, layout.type);
  }
  if (inFile && span->length > keptDataSize)
    return emitUnsupported(location) << "tensor '" << tensor.name() << "' packs elements of " << layout.width
                                     << " bits into int32_data; write it as raw_data";
  if (static_cast<int64_t>(values.size()) != entries)
    return emitError(location) << "size mismatch: tensor '" << tensor.name() << "' of type " << layout.type << " needs " << entries
                               << " entries in its data, but has " << values.size();
  SmallVector<uint64_t> patterns;
  for (int64_t i = 0; i < layout.components; ++i)
    patterns.push_back(perEntry == 1 ? values[i] : values[i / perEntry] >> (i % perEntry * layout.width));
  DenseElementsAttr dense = buildDense(layout.type, patterns, layout.width);
  if (layout.type.getNumElements() <= maxInlineElements(layout.type.getElementType()))
    return Attribute(dense);
  return Attribute(rt::InlineAttr::get(location.getContext(), dense));
}

/// Counts the packed varints of a span: each ends with a byte below 0x80.
LogicalResult TensorImporter::checkVarints(const DataSpan &span, int64_t expected, StringRef name, Location location) const {
  std::vector<char> window(1 << 16);
  int64_t count = 0;
  for (int64_t done = 0; done < span.length;) {
    int64_t bytes = std::min<int64_t>(window.size(), span.length - done);
    if (Status status = model.file.read(span.offset + done, window.data(), bytes); !status.ok())
      return emitStatus(location, status);
    count += llvm::count_if(ArrayRef<char>(window.data(), bytes), [](char byte) { return static_cast<uint8_t>(byte) < 0x80; });
    done += bytes;
  }
  if (count != expected)
    return emitError(location) << "size mismatch: tensor '" << name << "' needs " << expected << " entries in its data, but has " << count;
  return success();
}

FailureOr<Attribute> TensorImporter::importExternal(const proto::TensorProto &tensor, const Layout &layout, Location location) const {
  FailureOr<ExternalData> data = ExternalData::open(tensor, layout.rawBytes, model.folder, location);
  if (failed(data))
    return failure();
  bool isSmall = layout.type.getNumElements() <= maxInlineElements(layout.type.getElementType());
  bool isVector = layout.type.getRank() == 1 && layout.type.getNumElements() <= maxZeroElements;
  SmallVector<char> bytes(isSmall || isVector ? layout.rawBytes : 0);
  if (Status status = data->file.read(data->offset, bytes.data(), bytes.size()); !status.ok())
    return emitStatus(location, status);
  if (!isSmall && !(isVector && isZeroVector(layout.type, bytes)))
    return Attribute(rt::SourceAttr::get(location.getContext(), data->path, data->offset, layout.rawBytes, rt::Encoding::raw, layout.type));
  return Attribute(buildDenseFromRaw(layout.type, bytes, layout.components, layout.width, layout.storage));
}

}  // namespace switchyard::onnx
