// Calls of model-local functions are inlined, so that no later phase knows of them.
#include "frontends/onnx/GraphImporter.h"

#include "dialects/onnx/OnnxDialect.h"
#include "dialects/support/Diagnostics.h"
#include "frontends/onnx/Attributes.h"

using namespace mlir;

namespace switchyard::onnx {

// Each level takes stack.
static constexpr int maxCallDepth = 1000;

/// The attributes of `node`; one that refers to an attribute of the function around it is that attribute, under the
/// name that the node gives it, and is left out where the call does not set it.
FailureOr<SmallVector<const proto::AttributeProto *>> GraphImporter::resolveAttributes(const proto::NodeProto &node, const Frame &frame,
                                                                                     Location location) {
  SmallVector<const proto::AttributeProto *> resolved;
  llvm::StringSet<> names;
  for (const auto &attribute : node.attribute()) {
    if (attribute.name().empty())
      return emitError(location) << "an attribute has no name";
    if (!names.insert(attribute.name()).second)
      return emitError(location) << "attribute '" << attribute.name() << "' is given twice (duplicate)";
    if (attribute.ref_attr_name().empty()) {
      resolved.push_back(&attribute);
      continue;
    }
    if (!frame.function)
      return emitError(location) << "attribute '" << attribute.name() << "' refers to attribute '" << attribute.ref_attr_name()
                                 << "' of a function, but stands in none";
    if (const proto::AttributeProto *actual = frame.attributes.lookup(attribute.ref_attr_name())) {
      auto renamed = std::make_unique<proto::AttributeProto>(*actual);
      renamed->set_name(attribute.name());
      resolved.push_back(renamed.get());
      renamedAttributes.push_back(std::move(renamed));
    }
  }
  return resolved;
}

FailureOr<DictionaryAttr> GraphImporter::importAttributes(const proto::NodeProto &node, Attributes attributes, Location location) {
  std::string hint = node.name().empty() && node.output_size() > 0 ? node.output(0) : node.name();
  NamedAttrList dictionary;
  for (const proto::AttributeProto *attribute : attributes) {
    proto::AttributeProto::AttributeType type = getAttributeType(*attribute);
    if (type == proto::AttributeProto::GRAPH)
      continue;
    if (type == proto::AttributeProto::GRAPHS)
      return emitUnsupported(location) << "attribute '" << attribute->name() << "' is a list of graphs, which no operator of ONNX has";
    FailureOr<Attribute> value = importAttribute(
        *attribute, [&](const proto::TensorProto &tensor) { return importTensorAttribute(tensor, hint, location); }, location);
    if (failed(value))
      return failure();
    dictionary.set(attribute->name(), *value);
  }
  return dictionary.getDictionary(module.getContext());
}

LogicalResult GraphImporter::checkCall(const proto::NodeProto &node, const proto::FunctionProto &function, const Frame &frame,
                                       Location location) {
  int depth = 0;
  for (const Frame *at = &frame; at && at->function; at = at->caller, ++depth)
    if (at->function == &function)
      return emitError(location) << "function '" << function.name() << "' calls itself, directly or through others (a cycle of calls)";
  if (depth >= maxCallDepth)
    return emitError(location) << "functions call each other more than " << maxCallDepth << " levels deep";
  if (node.input_size() > function.input_size() || node.output_size() > function.output_size())
    return emitError(location) << "function '" << function.name() << "' has " << function.input_size() << " inputs and " << function.output_size()
                               << " outputs, but the call has " << node.input_size() << " and " << node.output_size();
  return success();
}

LogicalResult GraphImporter::bindAttributes(const proto::FunctionProto &function, Attributes attributes, Frame &frame, Location location) {
  llvm::StringSet<> formals;
  for (const auto &name : function.attribute())
    formals.insert(name);
  for (const auto &fallback : function.attribute_proto()) {
    formals.insert(fallback.name());
    frame.attributes[fallback.name()] = &fallback;
  }
  for (const proto::AttributeProto *attribute : attributes) {
    if (!formals.contains(attribute->name()))
      return emitError(location) << "function '" << function.name() << "' has no attribute '" << attribute->name() << "'";
    // Its graph would read values of the caller, not of the function.
    if (getAttributeType(*attribute) == proto::AttributeProto::GRAPH)
      return emitUnsupported(location) << "attribute '" << attribute->name() << "' passes a graph to a function, which is not supported";
    frame.attributes[attribute->name()] = attribute;
  }
  return success();
}

LogicalResult GraphImporter::importCall(const proto::NodeProto &node, const proto::FunctionProto &function, Attributes attributes, Scope &scope,
                                        Location location) {
  OpsetVersions functionVersions = versions;
  for (const auto &opset : function.opset_import())
    functionVersions[getDomainName(opset.domain())] = opset.version();
  std::string name = node.name().empty() && node.output_size() > 0 ? node.output(0) : node.name();
  Frame frame{&functionVersions, scope.frame, &function, scope.frame->prefix + name + "/"};
  Scope body{&frame};
  if (failed(checkCall(node, function, *scope.frame, location)) || failed(bindAttributes(function, attributes, frame, location)))
    return failure();
  auto inputs = importInputs(node, scope, location);
  if (failed(inputs))
    return failure();
  for (int i = 0; i < function.input_size(); ++i) {
    Value value = i < static_cast<int>(inputs->size()) ? (*inputs)[i] : getMissing();
    if (failed(define(function.input(i), value, body, location)))
      return failure();
  }
  for (const auto &value : function.value_info())
    body.types[value.name()] = &value.type();
  // What the caller states of a result holds inside, too.
  for (int i = 0; i < node.output_size(); ++i)
    if (auto stated = scope.types.find(node.output(i)); stated != scope.types.end())
      body.types[function.output(i)] = stated->second;
  if (failed(importNodes(function.node(), body, location)))
    return failure();
  for (int i = 0; i < node.output_size(); ++i) {
    Value value = lookup(function.output(i), body);
    if (!value)
      return emitError(location) << "output '" << function.output(i) << "' of function '" << function.name() << "' is produced by no node";
    if (!node.output(i).empty() && failed(define(node.output(i), value, scope, location)))
      return failure();
  }
  return success();
}

}  // namespace switchyard::onnx
