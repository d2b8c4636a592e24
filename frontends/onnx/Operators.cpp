#include "frontends/onnx/Operators.h"

#include "dialects/support/Diagnostics.h"
#include "frontends/onnx/Attributes.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

#include <limits>

using namespace mlir;

namespace switchyard::onnx {

namespace {

/// What holds of an operator from a version on.
struct Operator {
  int64_t version;
  int minInputs, maxInputs, minOutputs, maxOutputs;
  StringRef attributes;
};

/// By name; versions ascend.
const llvm::StringMap<SmallVector<Operator, 2>> &getOperators() {
  constexpr int many = std::numeric_limits<int>::max();
  static const llvm::StringMap<SmallVector<Operator, 2>> operators = [] {
    llvm::StringMap<SmallVector<Operator, 2>> all;
    static const std::pair<StringRef, Operator> rows[] = {
#define OPERATOR(name, version, minInputs, maxInputs, minOutputs, maxOutputs, attributes)                                                    \
  {name, Operator{version, minInputs, maxInputs, minOutputs, maxOutputs, attributes}},
#include "frontends/onnx/Operators.inc"
#undef OPERATOR
    };
    for (const auto &[name, row] : rows)
      all[name].push_back(row);
    return all;
  }();
  return operators;
}

/// Integers that are a yes or a no, of which runtimes read other numbers in different ways.
bool isFlag(StringRef attribute) {
  static const llvm::StringSet<> flags = {"allowzero", "ceil_mode", "count_include_pad", "exclusive",            "fmod",    "is_causal",         "keepdims", "largest",
                                          "new_axis",  "reverse",   "storage_order",     "noop_with_empty_axes", "sorted", "select_last_index", "upper",    "training_mode"};
  return flags.contains(attribute);
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

/// The letter of attribute `name` in a row like "axis:i! epsilon:f", without the '!'; empty where it is not there.
StringRef findLetters(StringRef row, StringRef name) {
  for (StringRef entry : llvm::split(row, ' ')) {
    auto [key, letters] = entry.split(':');
    if (key == name)
      return letters.rtrim('!');
  }
  return {};
}

std::string inVersion(int64_t version) { return " in version " + std::to_string(version) + " of its operator set"; }

LogicalResult checkCount(StringRef what, int count, int least, int most, int64_t version, Location location) {
  if (count >= least && count <= most)
    return success();
  InFlightDiagnostic error = emitError(location) << "the operator takes ";
  if (least == most)
    error << least;
  else if (most == std::numeric_limits<int>::max())
    error << "at least " << least;
  else
    error << least << " to " << most;
  return error << " " << what << inVersion(version) << ", but the node has " << count;
}

LogicalResult checkAttributes(StringRef row, bool closed, ArrayRef<const proto::AttributeProto *> attributes, int64_t version, Location location) {
  for (const proto::AttributeProto *attribute : attributes) {
    StringRef letters = findLetters(row, attribute->name());
    auto [letter, type] = describeType(getAttributeType(*attribute));
    if (letters.empty() && closed)
      return emitError(location) << "the operator has no attribute '" << attribute->name() << "'" << inVersion(version);
    if (!letters.empty() && !letters.contains(letter))
      return emitError(location) << "attribute '" << attribute->name() << "' is " << type << ", but its type must be " << describeLetters(letters);
    if (closed && isFlag(attribute->name()) && attribute->i() != 0 && attribute->i() != 1)
      return emitUnsupported(location) << "attribute '" << attribute->name() << "' is " << attribute->i() << ", neither 0 nor 1";
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
  ArrayRef<Operator> rows = found->second;
  if (version < rows.front().version)
    return emitError(location) << "the operator exists from version " << rows.front().version << " of its operator set on, but the model imports version "
                               << version;
  const Operator &known = *llvm::find_if(llvm::reverse(rows), [&](const Operator &row) { return row.version <= version; });
  if (known.maxOutputs == 0)
    return emitError(location) << "the operator has left its operator set in version " << known.version << ", but the model imports version " << version;
  if (failed(checkCount("inputs", node.input_size(), known.minInputs, known.maxInputs, version, location)) ||
      failed(checkCount("outputs", node.output_size(), known.minOutputs, known.maxOutputs, version, location)))
    return failure();
  // Contributed operators gain attributes without a new version; whether one can be ignored is for the raise phase to say.
  bool closed = operatorName.starts_with("ai.onnx");
  return checkAttributes(known.attributes, closed, attributes, version, location);
}

}  // namespace switchyard::onnx
