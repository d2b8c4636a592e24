#include "frontends/onnx/GraphImporter.h"

#include "dialects/onnx/OnnxDialect.h"
#include "dialects/rt/RtDialect.h"
#include "dialects/support/Diagnostics.h"
#include "frontends/onnx/Attributes.h"
#include "frontends/onnx/Types.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace switchyard::onnx {

static constexpr StringRef mainName = "main";

static StringRef getDomainName(StringRef domain) { return domain.empty() ? "ai.onnx" : domain; }

LogicalResult GraphImporter::importMain(const proto::GraphProto &graph) {
  Scope scope;
  collectTypes(graph, scope);
  symbols.insert(mainName);
  llvm::StringSet<> constants;
  for (const auto &tensor : graph.initializer())
    constants.insert(tensor.name());

  // The function's type is known at the end: a result that no node makes has the type of its value.
  builder.setInsertionPointToEnd(module.getBody());
  auto function = func::FuncOp::create(builder, fileLocation, mainName, builder.getFunctionType({}, {}));
  mainBlock = function.addEntryBlock();
  SmallVector<DictionaryAttr> argumentAttributes, resultAttributes;
  auto describeValue = [&](const proto::ValueInfoProto &value) {
    NamedAttrList attributes;
    attributes.set("onnx.name", builder.getStringAttr(value.name()));
    if (ArrayAttr dims = importDims(value.type(), module.getContext()))
      attributes.set("onnx.dims", dims);
    return attributes.getDictionary(module.getContext());
  };
  for (const auto &input : graph.input()) {
    // Old IR versions list every initializer among the inputs; its value is a default that nobody overrides.
    if (constants.contains(input.name()))
      continue;
    FailureOr<Type> type = importType(input.type(), input.name(), fileLocation);
    if (failed(type) || failed(define(input.name(), mainBlock->addArgument(*type, fileLocation), scope, fileLocation)))
      return failure();
    argumentAttributes.push_back(describeValue(input));
  }

  builder.setInsertionPointToEnd(mainBlock);
  if (failed(importInitializers(graph, scope)) || failed(importNodes(graph.node(), scope)))
    return failure();

  SmallVector<Value> results;
  for (const auto &output : graph.output()) {
    Value value = lookup(output.name(), scope);
    if (!value)
      return emitError(fileLocation) << "graph output '" << output.name() << "' is produced by no node";
    results.push_back(value);
    resultAttributes.push_back(describeValue(output));
  }
  builder.setInsertionPointToEnd(mainBlock);
  func::ReturnOp::create(builder, fileLocation, results);
  function.setType(builder.getFunctionType(mainBlock->getArgumentTypes(), ValueRange(results).getTypes()));
  function.setAllArgAttrs(argumentAttributes);
  function.setAllResultAttrs(resultAttributes);
  return success();
}

void GraphImporter::collectTypes(const proto::GraphProto &graph, Scope &scope) {
  for (const auto &value : graph.value_info())
    scope.types[value.name()] = &value.type();
  for (const auto &value : graph.output())
    scope.types[value.name()] = &value.type();
}

FailureOr<Type> GraphImporter::getStatedType(StringRef name, const Scope &scope, Location location) {
  auto found = scope.types.find(name);
  if (found == scope.types.end())
    return Type(UnknownType::get(module.getContext()));
  return importType(*found->second, name, location);
}

Value GraphImporter::lookup(StringRef name, const Scope &scope) {
  for (const Scope *at = &scope; at; at = at->parent)
    if (auto found = at->values.find(name); found != at->values.end())
      return found->second;
  return {};
}

LogicalResult GraphImporter::define(StringRef name, Value value, Scope &scope, Location location) {
  if (scope.values.try_emplace(name, value).second)
    return success();
  return emitError(location) << "value '" << name << "' is defined twice (duplicate name)";
}

Value GraphImporter::getMissing() {
  if (!missing) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(mainBlock);
    missing = MissingOp::create(builder, fileLocation, NoneType::get(module.getContext()));
    if (!lastConstant)
      lastConstant = missing.getDefiningOp();
  }
  return missing;
}

StringAttr GraphImporter::addWeight(StringRef name, Attribute recipe, Location location) {
  std::string symbol = name.empty() ? "weight" : name.str();
  for (int suffix = 1; !symbols.insert(symbol).second; ++suffix)
    symbol = name.str() + "_" + std::to_string(suffix);
  OpBuilder::InsertionGuard guard(builder);
  if (lastWeight)
    builder.setInsertionPointAfter(lastWeight);
  else
    builder.setInsertionPointToStart(module.getBody());
  auto weight = rt::WeightOp::create(builder, location, builder.getStringAttr(symbol), TypeAttr::get(rt::getRecipeType(recipe)), recipe,
                                     /*per_expert=*/UnitAttr(), /*sym_visibility=*/StringAttr());
  lastWeight = weight;
  return weight.getSymNameAttr();
}

LogicalResult GraphImporter::importInitializers(const proto::GraphProto &graph, Scope &scope) {
  if (graph.sparse_initializer_size() > 0)
    return emitUnsupported(fileLocation) << "initializer '" << graph.sparse_initializer(0).values().name()
                                         << "' is a sparse tensor, which is not supported";
  for (const auto &tensor : graph.initializer())
    if (failed(importInitializer(tensor, scope)))
      return failure();
  return success();
}

LogicalResult GraphImporter::importInitializer(const proto::TensorProto &tensor, Scope &scope) {
  Location location = tensor.name().empty() ? fileLocation : Location(NameLoc::get(builder.getStringAttr(tensor.name())));
  if (tensor.name().empty())
    return emitError(fileLocation) << "an initializer has no name";
  if (tensor.data_type() == proto::TensorProto::STRING)
    return importStrings(tensor, scope);
  FailureOr<Attribute> value = tensors.import(tensor, fileLocation);
  if (failed(value))
    return failure();

  OpBuilder::InsertionGuard guard(builder);
  if (lastConstant)
    builder.setInsertionPointAfter(lastConstant);
  else
    builder.setInsertionPointToStart(mainBlock);
  Value result;
  if (auto elements = dyn_cast<DenseElementsAttr>(*value)) {
    result = arith::ConstantOp::create(builder, location, elements);
  } else {
    StringAttr symbol = addWeight(tensor.name(), *value, location);
    result = rt::WeightRefOp::create(builder, location, rt::getRecipeType(*value), FlatSymbolRefAttr::get(symbol));
  }
  lastConstant = result.getDefiningOp();
  return define(tensor.name(), result, scope, fileLocation);
}

/// A string tensor has no MLIR type; it becomes the node that ONNX itself has for constants.
LogicalResult GraphImporter::importStrings(const proto::TensorProto &tensor, Scope &scope) {
  FailureOr<Attribute> value = importTensorAttribute(tensor, tensor.name(), fileLocation);
  if (failed(value))
    return failure();
  OpBuilder::InsertionGuard guard(builder);
  if (lastConstant)
    builder.setInsertionPointAfter(lastConstant);
  else
    builder.setInsertionPointToStart(mainBlock);
  Type type = OpaqueType::get(module.getContext(), "tensor(string)");
  auto attributes = builder.getDictionaryAttr(builder.getNamedAttr("value", *value));
  auto node = NodeOp::create(builder, fileLocation, TypeRange(type), ValueRange(), builder.getStringAttr("ai.onnx::Constant"),
                             builder.getI64IntegerAttr(getVersion("ai.onnx")), attributes, builder.getStringAttr(tensor.name()),
                             builder.getStrArrayAttr({}), 0);
  lastConstant = node;
  return define(tensor.name(), node.getResult(0), scope, fileLocation);
}

FailureOr<Attribute> GraphImporter::importTensorAttribute(const proto::TensorProto &tensor, StringRef hint, Location location) {
  if (tensor.data_type() == proto::TensorProto::STRING) {
    SmallVector<Attribute> strings;
    for (const auto &text : tensor.string_data())
      strings.push_back(builder.getStringAttr(text));
    return Attribute(builder.getDictionaryAttr(
        {builder.getNamedAttr("dims", builder.getDenseI64ArrayAttr(SmallVector<int64_t>(tensor.dims().begin(), tensor.dims().end()))),
         builder.getNamedAttr("strings", builder.getArrayAttr(strings))}));
  }
  FailureOr<Attribute> value = tensors.import(tensor, location);
  if (failed(value) || isa<DenseElementsAttr>(*value))
    return value;
  return Attribute(FlatSymbolRefAttr::get(addWeight(hint, *value, location)));
}

LogicalResult GraphImporter::importNodes(const google::protobuf::RepeatedPtrField<proto::NodeProto> &nodes, Scope &scope) {
  for (int index = 0; index < nodes.size(); ++index)
    if (failed(importNode(nodes[index], index, scope)))
      return failure();
  return success();
}

/// loc("node name"("domain::OpType")); a node without a name goes by its first result.
Location GraphImporter::getNodeLocation(const proto::NodeProto &node, int64_t index) {
  std::string name = node.name();
  for (int i = 0; name.empty() && i < node.output_size(); ++i)
    name = node.output(i);
  if (name.empty())
    name = "node " + std::to_string(index);
  std::string type = (getDomainName(node.domain()) + "::" + node.op_type()).str();
  return NameLoc::get(builder.getStringAttr(name), NameLoc::get(builder.getStringAttr(type)));
}

int64_t GraphImporter::getVersion(StringRef domain) {
  auto found = versions.find(domain);
  return found == versions.end() ? 0 : found->second;
}

LogicalResult GraphImporter::importNodeAttributes(const proto::NodeProto &node, Location location, NamedAttrList &attributes,
                                                  SmallVectorImpl<const proto::AttributeProto *> &graphs) {
  std::string hint = node.name().empty() && node.output_size() > 0 ? node.output(0) : node.name();
  for (const auto &attribute : node.attribute()) {
    if (attribute.name().empty())
      return emitError(location) << "an attribute has no name";
    if (attribute.type() == proto::AttributeProto::GRAPHS)
      return emitUnsupported(location) << "attribute '" << attribute.name() << "' is a list of graphs, which no operator of ONNX has";
    if (getAttributeType(attribute) == proto::AttributeProto::GRAPH) {
      graphs.push_back(&attribute);
      continue;
    }
    FailureOr<Attribute> value = importAttribute(
        attribute, [&](const proto::TensorProto &tensor) { return importTensorAttribute(tensor, hint, location); }, location);
    if (failed(value))
      return failure();
    if (attributes.set(attribute.name(), *value))
      return emitError(location) << "attribute '" << attribute.name() << "' is given twice (duplicate)";
  }
  return success();
}

LogicalResult GraphImporter::importNode(const proto::NodeProto &node, int64_t index, Scope &scope) {
  Location location = getNodeLocation(node, index);
  if (node.op_type().empty())
    return emitError(location) << "the node has no operator type";
  StringRef domain = getDomainName(node.domain());
  int64_t version = getVersion(domain);
  if (version == 0)
    return emitError(location) << "the model imports no operator set for domain '" << domain << "'";

  SmallVector<Value> inputs;
  for (const auto &name : node.input()) {
    Value value = name.empty() ? getMissing() : lookup(name, scope);
    if (!value)
      return emitError(location) << "input '" << name << "' is produced by no node, initializer or graph input before this node";
    inputs.push_back(value);
  }
  SmallVector<Type> types;
  for (const auto &name : node.output()) {
    FailureOr<Type> type = name.empty() ? Type(NoneType::get(module.getContext())) : getStatedType(name, scope, location);
    if (failed(type))
      return failure();
    types.push_back(*type);
  }
  NamedAttrList attributes;
  SmallVector<const proto::AttributeProto *> graphs;
  if (failed(importNodeAttributes(node, location, attributes, graphs)))
    return failure();
  SmallVector<StringRef> graphNames;
  for (const proto::AttributeProto *graph : graphs)
    graphNames.push_back(graph->name());

  auto op = NodeOp::create(builder, location, types, inputs, builder.getStringAttr((domain + "::" + node.op_type()).str()),
                           builder.getI64IntegerAttr(version), attributes.getDictionary(module.getContext()),
                           builder.getStringAttr(node.name()), builder.getStrArrayAttr(graphNames), graphs.size());
  for (auto [graph, region] : llvm::zip(graphs, op.getGraphs()))
    if (failed(importBody(graph->g(), region, scope, location)))
      return failure();
  for (int i = 0; i < node.output_size(); ++i)
    if (!node.output(i).empty() && failed(define(node.output(i), op.getResult(i), scope, location)))
      return failure();
  return success();
}

LogicalResult GraphImporter::importBody(const proto::GraphProto &graph, Region &region, Scope &parent, Location location) {
  OpBuilder::InsertionGuard guard(builder);
  Scope scope;
  scope.parent = &parent;
  collectTypes(graph, scope);
  Block *block = builder.createBlock(&region);
  for (const auto &input : graph.input()) {
    FailureOr<Type> type = importType(input.type(), input.name(), location);
    if (failed(type) || failed(define(input.name(), block->addArgument(*type, location), scope, location)))
      return failure();
  }
  if (failed(importInitializers(graph, scope)))
    return failure();
  builder.setInsertionPointToEnd(block);
  if (failed(importNodes(graph.node(), scope)))
    return failure();
  SmallVector<Value> results;
  for (const auto &output : graph.output()) {
    Value value = lookup(output.name(), scope);
    if (!value)
      return emitError(location) << "output '" << output.name() << "' of a nested graph is produced by no node";
    results.push_back(value);
  }
  YieldOp::create(builder, location, results);
  return success();
}

}  // namespace switchyard::onnx
