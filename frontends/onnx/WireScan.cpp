#include "frontends/onnx/WireScan.h"

#include "dialects/support/Diagnostics.h"

#include <cstring>
#include <limits>

using namespace mlir;

namespace switchyard::onnx {

namespace {

// A file can hold far more messages than bytes suggest once they are parsed (an empty node takes 2 bytes in the file and
// some 150 in memory), so the scan counts before anything is parsed.
constexpr int64_t maxNodes = 4 << 20;
constexpr int64_t maxRemainder = int64_t(1) << 30;
// The generated parser stops at 100 nested messages; a graph inside a node takes three.
constexpr int maxMessageDepth = 100;
constexpr size_t windowSize = 1 << 18;

enum class Message { Model, Graph, Node, Attribute, Tensor, SparseTensor, Function, Leaf };
enum WireType { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

/// What the scan does with a field of wire type Bytes.
enum class Treatment { Copy, Drop, Descend, Data, Segment };
struct FieldRule {
  Treatment treatment;
  Message child = Message::Leaf;
};

FieldRule getModelRule(int64_t field) {
  switch (field) {
  case 7:
    return {Treatment::Descend, Message::Graph};
  case 20:  // training_info
    return {Treatment::Drop};
  case 25:
    return {Treatment::Descend, Message::Function};
  default:
    return {Treatment::Copy};
  }
}

FieldRule getGraphRule(int64_t field) {
  switch (field) {
  case 1:
    return {Treatment::Descend, Message::Node};
  case 5:
    return {Treatment::Descend, Message::Tensor};
  case 15:
    return {Treatment::Descend, Message::SparseTensor};
  case 10:
  case 16:  // doc_string, metadata_props
    return {Treatment::Drop};
  default:
    return {Treatment::Copy};
  }
}

FieldRule getAttributeRule(int64_t field) {
  switch (field) {
  case 5:
  case 10:  // t, tensors
    return {Treatment::Descend, Message::Tensor};
  case 6:
  case 11:  // g, graphs
    return {Treatment::Descend, Message::Graph};
  case 22:
  case 23:  // sparse_tensor, sparse_tensors
    return {Treatment::Descend, Message::SparseTensor};
  case 13:  // doc_string
    return {Treatment::Drop};
  default:
    return {Treatment::Copy};
  }
}

FieldRule getTensorRule(int64_t field) {
  switch (field) {
  case 3:
    return {Treatment::Segment};
  case 4:
  case 5:
  case 7:
  case 9:
  case 10:
  case 11:
    return {Treatment::Data};
  case 12:
  case 16:  // doc_string, metadata_props
    return {Treatment::Drop};
  default:
    return {Treatment::Copy};
  }
}

FieldRule getRule(Message message, int64_t field) {
  switch (message) {
  case Message::Model:
    return getModelRule(field);
  case Message::Graph:
    return getGraphRule(field);
  case Message::Node:
    if (field == 5)
      return {Treatment::Descend, Message::Attribute};
    return {field == 6 || field == 9 ? Treatment::Drop : Treatment::Copy};  // doc_string, metadata_props
  case Message::Attribute:
    return getAttributeRule(field);
  case Message::Tensor:
    return getTensorRule(field);
  case Message::SparseTensor:
    if (field == 1 || field == 2)
      return {Treatment::Descend, Message::Tensor};
    return {Treatment::Copy};
  case Message::Function:
    if (field == 7)
      return {Treatment::Descend, Message::Node};
    if (field == 11)
      return {Treatment::Descend, Message::Attribute};
    return {field == 8 || field == 14 ? Treatment::Drop : Treatment::Copy};  // doc_string, metadata_props
  case Message::Leaf:
    break;
  }
  return {Treatment::Copy};
}

class Scanner {
public:
  Scanner(const ModelFile &file, Location location) : file(file), location(location), window(windowSize) {}

  FailureOr<ScannedModel> run() {
    if (failed(scanMessage(Message::Model, file.getSize(), 0)))
      return failure();
    return std::move(result);
  }

private:
  LogicalResult scanMessage(Message message, int64_t end, int depth);
  LogicalResult scanBytesField(Message message, int64_t field, uint64_t key, int64_t end, int depth);
  LogicalResult scanChild(Message child, uint64_t key, int64_t length, int depth);
  LogicalResult recordData(int64_t field, uint64_t key, int64_t length);

  LogicalResult fill();
  LogicalResult readVarint(uint64_t &value, int64_t end);
  LogicalResult copy(int64_t length);
  void appendVarint(uint64_t value);
  void appendSegment(size_t begin, size_t end);

  InFlightDiagnostic malformed() {
    return emitError(location) << "this is not an ONNX file: parse error of the protobuf message at byte " << position << ": ";
  }
  InFlightDiagnostic truncated(int64_t needed) {
    return emitError(location) << "the file is truncated: the protobuf field at byte " << position << " needs " << needed
                               << " bytes, but the file ends at byte " << file.getSize();
  }

  const ModelFile &file;
  Location location;
  ScannedModel result;
  std::vector<char> window;
  int64_t windowStart = 0;
  int64_t windowLength = 0;
  int64_t position = 0;
  int64_t nodes = 0;
};

LogicalResult Scanner::fill() {
  if (position >= windowStart && position < windowStart + windowLength)
    return success();
  if (position >= file.getSize())
    return truncated(1);
  windowStart = position;
  windowLength = std::min<int64_t>(window.size(), file.getSize() - position);
  if (Status status = file.file.read(position, window.data(), windowLength); !status.ok())
    return emitStatus(location, status);
  return success();
}

LogicalResult Scanner::readVarint(uint64_t &value, int64_t end) {
  value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    if (position >= end && end < file.getSize())
      return malformed() << "a number leaves its message";
    if (failed(fill()))
      return failure();
    uint64_t byte = static_cast<uint8_t>(window[position++ - windowStart]);
    if (shift < 64)
      value |= (byte & 0x7f) << shift;
    if (byte < 0x80)
      return success();
  }
  return malformed() << "a number has more than 10 bytes";
}

LogicalResult Scanner::copy(int64_t length) {
  if (static_cast<int64_t>(result.remainder.size()) + length > maxRemainder)
    return withExitCode(emitError(location), ExitCode::resources)
           << "the graph without its tensors takes more than " << maxRemainder << " bytes; the limit keeps memory bounded";
  while (length > 0) {
    if (failed(fill()))
      return failure();
    int64_t count = std::min(length, windowStart + windowLength - position);
    result.remainder.append(window.data() + (position - windowStart), count);
    position += count;
    length -= count;
  }
  return success();
}

void Scanner::appendVarint(uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    result.remainder.push_back(static_cast<char>(value | 0x80));
  result.remainder.push_back(static_cast<char>(value));
}

LogicalResult Scanner::scanMessage(Message message, int64_t end, int depth) {
  if (depth > maxMessageDepth)
    return emitError(location) << "graphs are nested too deep: at most " << (maxMessageDepth - 1) / 3
                               << " levels of If, Loop and Scan bodies can be parsed";
  size_t firstSpan = result.spans.size();
  while (position < end) {
    uint64_t key;
    if (failed(readVarint(key, end)))
      return failure();
    int64_t field = static_cast<int64_t>(key >> 3);
    if (field == 0 || field > (1 << 29) - 1)
      return malformed() << "there is no field number " << field;
    switch (key & 7) {
    case Varint: {
      uint64_t value;
      if (failed(readVarint(value, end)))
        return failure();
      appendVarint(key);
      appendVarint(value);
      break;
    }
    case Fixed64:
    case Fixed32: {
      int64_t length = (key & 7) == Fixed64 ? 8 : 4;
      if (length > end - position)
        return truncated(length);
      appendVarint(key);
      if (failed(copy(length)))
        return failure();
      break;
    }
    case Bytes:
      if (failed(scanBytesField(message, field, key, end, depth)))
        return failure();
      break;
    default:
      return malformed() << "there is no wire type " << static_cast<int64_t>(key & 7);
    }
  }
  // Only tensors record spans of their own; those of nested messages were written by them.
  if (message == Message::Tensor && result.spans.size() != firstSpan)
    appendSegment(firstSpan, result.spans.size());
  return success();
}

LogicalResult Scanner::scanBytesField(Message message, int64_t field, uint64_t key, int64_t end, int depth) {
  uint64_t length;
  if (failed(readVarint(length, end)))
    return failure();
  if (length > static_cast<uint64_t>(end - position)) {
    if (length > static_cast<uint64_t>(file.getSize() - position))
      return truncated(static_cast<int64_t>(std::min<uint64_t>(length, std::numeric_limits<int64_t>::max())));
    return malformed() << "a field of " << length << " bytes leaves its message";
  }
  FieldRule rule = getRule(message, field);
  switch (rule.treatment) {
  case Treatment::Drop:
    position += length;
    return success();
  case Treatment::Segment:
    return emitUnsupported(location) << "a tensor stored in segments is not supported";
  case Treatment::Data:
    return recordData(field, key, length);
  case Treatment::Descend:
    return scanChild(rule.child, key, length, depth);
  case Treatment::Copy:
    break;
  }
  appendVarint(key);
  appendVarint(length);
  return copy(length);
}

LogicalResult Scanner::scanChild(Message child, uint64_t key, int64_t length, int depth) {
  if (child == Message::Node && ++nodes > maxNodes)
    return withExitCode(emitError(location), ExitCode::resources)
           << "the model has more than " << maxNodes << " nodes; the limit keeps memory bounded";
  appendVarint(key);
  // The length is known only afterwards, so that it gets room for the longest form, which parsers accept as well.
  constexpr int lengthBytes = 5;
  size_t lengthAt = result.remainder.size();
  result.remainder.append(lengthBytes, '\0');
  if (failed(scanMessage(child, position + length, depth + 1)))
    return failure();
  uint64_t written = result.remainder.size() - lengthAt - lengthBytes;
  for (int i = 0; i < lengthBytes; ++i, written >>= 7)
    result.remainder[lengthAt + i] = static_cast<char>((written & 0x7f) | (i + 1 < lengthBytes ? 0x80 : 0));
  return success();
}

LogicalResult Scanner::recordData(int64_t field, uint64_t key, int64_t length) {
  result.spans.push_back({static_cast<int>(field), position, length});
  if (length > keptDataSize) {
    position += length;
    return success();
  }
  appendVarint(key);
  appendVarint(length);
  return copy(length);
}

/// TensorProto.segment {begin, end}: no valid file has it (see Treatment::Segment), so that it is free for the spans.
void Scanner::appendSegment(size_t begin, size_t end) {
  std::string outer;
  std::swap(outer, result.remainder);
  appendVarint(1 << 3 | Varint);
  appendVarint(begin);
  appendVarint(2 << 3 | Varint);
  appendVarint(end);
  std::swap(outer, result.remainder);
  appendVarint(3 << 3 | Bytes);
  appendVarint(outer.size());
  result.remainder += outer;
}

}  // namespace

FailureOr<ScannedModel> scanModel(const ModelFile &file, Location location) { return Scanner(file, location).run(); }

}  // namespace switchyard::onnx
