#include "frontends/onnx/Operators.h"

#include "frontends/onnx/Attributes.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

#include <limits>

using namespace mlir;

namespace switchyard::onnx {

namespace {

struct Operator {
  int64_t firstVersion;
  int minInputs, maxInputs, minOutputs, maxOutputs;
  StringRef attributes;
};

const llvm::StringMap<Operator> &getOperators() {
  constexpr int many = std::numeric_limits<int>::max();
  static const llvm::StringMap<Operator> operators = {
#define OPERATOR(name, firstVersion, minInputs, maxInputs, minOutputs, maxOutputs, attributes)                                               \
  {name, Operator{firstVersion, minInputs, maxInputs, minOutputs, maxOutputs, attributes}},
#include "frontends/onnx/Operators.inc"
#undef OPERATOR
  };
  return operators;
}

/// The letter of an attribute type in Operators.inc, and its name in messages.
std::pair<char, StringRef> describeType(proto::AttributeProto::AttributeType type) {
  switch (type) {
  case proto::AttributeProto::FLOAT: return {'f', "a float"};
  case proto::AttributeProto::INT: return {'i', "an int"};
  case proto::AttributeProto::STRING: return {'s', "a string"};
  case proto::AttributeProto::TENSOR: return {'t', "a tensor"};
  case proto::AttributeProto::GRAPH: return {'g', "a graph"};
  case proto::AttributeProto::SPARSE_TENSOR: return {'p', "a sparse tensor"};
  case proto::AttributeProto::TYPE_PROTO: return {'y', "a type"};
  case proto::AttributeProto::FLOATS: return {'F', "floats"};
  case proto::AttributeProto::INTS: return {'I', "ints"};
  case proto::AttributeProto::STRINGS: return {'S', "strings"};
  case proto::AttributeProto::TENSORS: return {'T', "tensors"};
  case proto::AttributeProto::GRAPHS: return {'G', "graphs"};
  case proto::AttributeProto::TYPE_PROTOS: return {'Y', "types"};
  default: return {'?', "of no type"};
  }
}

std::string describeLetters(StringRef letters) {
  SmallVector<StringRef> names;
  for (int type = 1; type <= proto::AttributeProto::AttributeType_MAX; ++type)
    if (auto [letter, name] = describeType(static_cast<proto::AttributeProto::AttributeType>(type)); letters.contains(letter))
      names.push_back(name);
  return llvm::join(names, " or ");
}

/// The letters of attribute `name` in a row like "axis:i! epsilon:f", without the '!'; empty where it is not there.
StringRef findLetters(StringRef row, StringRef name) {
  for (StringRef entry : llvm::split(row, ' ')) {
    auto [key, letters] = entry.split(':');
    if (key == name)
      return letters.rtrim('!');
  }
  return {};
}

LogicalResult checkCount(StringRef what, int count, int least, int most, Location location) {
  if (count >= least && count <= most)
    return success();
  InFlightDiagnostic error = emitError(location) << "the operator takes ";
  if (least == most)
    error << least;
  else if (most == std::numeric_limits<int>::max())
    error << "at least " << least;
  else
    error << least << " to " << most;
  return error << " " << what << ", but the node has " << count;
}

LogicalResult checkAttributes(StringRef row, bool closed, ArrayRef<const proto::AttributeProto *> attributes, Location location) {
  for (const proto::AttributeProto *attribute : attributes) {
    StringRef letters = findLetters(row, attribute->name());
    auto [letter, type] = describeType(getAttributeType(*attribute));
    if (letters.empty() && closed)
      return emitError(location) << "the operator has no attribute '" << attribute->name() << "'";
    if (!letters.empty() && !letters.contains(letter))
      return emitError(location) << "attribute '" << attribute->name() << "' is " << type << ", but its type must be " << describeLetters(letters);
  }
  for (StringRef entry : llvm::split(row, ' ')) {
    StringRef name = entry.split(':').first;
    if (entry.ends_with("!") && llvm::none_of(attributes, [&](const proto::AttributeProto *attribute) { return name == attribute->name(); }))
      return emitError(location) << "attribute '" << name << "' is missing";
  }
  return success();
}

}  // namespace

LogicalResult checkOperator(const proto::NodeProto &node, StringRef operatorName, int64_t version,
                            ArrayRef<const proto::AttributeProto *> attributes, Location location) {
  auto found = getOperators().find(operatorName);
  if (found == getOperators().end())
    return success();
  const Operator &known = found->second;
  if (version < known.firstVersion)
    return emitError(location) << "the operator exists from version " << known.firstVersion << " of its operator set on, but the model imports version "
                               << version;
  if (failed(checkCount("inputs", node.input_size(), known.minInputs, known.maxInputs, location)) ||
      failed(checkCount("outputs", node.output_size(), known.minOutputs, known.maxOutputs, location)))
    return failure();
  // Contributed operators gain attributes without a new version; whether one can be ignored is for the raise phase to say.
  bool closed = operatorName.starts_with("ai.onnx");
  return checkAttributes(known.attributes, closed, attributes, location);
}

}  // namespace switchyard::onnx
