#include "frontends/onnx/GraphImporter.h"

#include "dialects/onnx/OnnxDialect.h"
#include "dialects/support/Diagnostics.h"
#include "frontends/onnx/Attributes.h"
#include "frontends/onnx/Operators.h"
#include "frontends/onnx/Types.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace switchyard::onnx {

static constexpr StringRef mainName = "main";
// Calls of functions that call functions can make far more nodes than the file has.
static constexpr int64_t maxImportedNodes = 4 << 20;

static std::string getFunctionKey(StringRef domain, StringRef name, StringRef overload) {
  return (getDomainName(domain) + "::" + name + "::" + overload).str();
}

GraphImporter::GraphImporter(ModuleOp module, const proto::ModelProto &model, const TensorImporter &tensors, const OpsetVersions &versions,
                             Location fileLocation)
    : module(module), model(model), tensors(tensors), versions(versions), fileLocation(fileLocation), builder(module.getContext()) {
  symbols.try_emplace(mainName, 0);
}

LogicalResult GraphImporter::importMain() {
  for (const auto &function : model.functions())
    if (!functions.try_emplace(getFunctionKey(function.domain(), function.name(), function.overload()), &function).second)
      return emitError(fileLocation) << "function '" << function.name() << "' of domain '" << getDomainName(function.domain())
                                     << "' is defined twice";
  const proto::GraphProto &graph = model.graph();
  Frame frame{&versions};
  Scope scope{&frame};
  collectTypes(graph, scope);

  builder.setInsertionPointToEnd(module.getBody());
  auto function = func::FuncOp::create(builder, fileLocation, mainName, builder.getFunctionType({}, {}));
  mainBlock = function.addEntryBlock();
  SmallVector<DictionaryAttr> argumentAttributes, resultAttributes;
  if (failed(importMainArguments(graph, scope, argumentAttributes)) || failed(importInitializers(graph, scope)))
    return failure();
  builder.setInsertionPointToEnd(mainBlock);
  if (failed(importNodes(graph.node(), scope, fileLocation)))
    return failure();

  SmallVector<Value> results;
  llvm::StringSet<> outputs;
  for (const auto &output : graph.output()) {
    if (!outputs.insert(output.name()).second)
      return emitError(fileLocation) << "graph output '" << output.name() << "' is listed twice";
    Value value = lookup(output.name(), scope);
    if (!value)
      return emitError(fileLocation) << "graph output '" << output.name() << "' is produced by no node";
    results.push_back(value);
    resultAttributes.push_back(describeValue(output));
  }
  func::ReturnOp::create(builder, fileLocation, results);
  // Known only now: a result that no node makes (an input, a constant) has the type of its value.
  function.setType(builder.getFunctionType(mainBlock->getArgumentTypes(), ValueRange(results).getTypes()));
  function.setAllArgAttrs(argumentAttributes);
  function.setAllResultAttrs(resultAttributes);
  return success();
}

/// Exporters write -1 for a dimension of an input that they do not know; another negative number is an accident.
static LogicalResult checkDims(const proto::ValueInfoProto &input, Location location) {
  for (const auto &dim : input.type().tensor_type().shape().dim())
    if (dim.has_dim_value() && dim.dim_value() < -1)
      return emitError(location) << "graph input '" << input.name() << "' has the negative dimension " << dim.dim_value()
                                 << "; a dimension that varies has a name (dim_param)";
  return success();
}

LogicalResult GraphImporter::importMainArguments(const proto::GraphProto &graph, Scope &scope,
                                                 SmallVectorImpl<DictionaryAttr> &attributes) {
  llvm::StringSet<> constants;
  for (const auto &tensor : graph.initializer())
    constants.insert(tensor.name());
  for (const auto &input : graph.input()) {
    // Old IR versions list every initializer among the inputs; its value is a default that nobody overrides.
    if (constants.contains(input.name()))
      continue;
    FailureOr<Type> type = importType(input.type(), input.name(), fileLocation);
    if (failed(type) || failed(checkDims(input, fileLocation)))
      return failure();
    if (isa<UnknownType>(*type))
      return emitError(fileLocation) << "graph input '" << input.name() << "' has no type";
    if (failed(define(input.name(), mainBlock->addArgument(*type, fileLocation), scope, fileLocation)))
      return failure();
    attributes.push_back(describeValue(input));
  }
  return success();
}

DictionaryAttr GraphImporter::describeValue(const proto::ValueInfoProto &value) {
  NamedAttrList attributes;
  attributes.set("onnx.name", builder.getStringAttr(value.name()));
  if (ArrayAttr dims = importDims(value.type(), module.getContext()))
    attributes.set("onnx.dims", dims);
  return attributes.getDictionary(module.getContext());
}

void GraphImporter::collectTypes(const proto::GraphProto &graph, Scope &scope) {
  for (const auto &value : graph.value_info())
    scope.types[value.name()] = &value.type();
  for (const auto &value : graph.output())
    scope.types[value.name()] = &value.type();
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

LogicalResult GraphImporter::importNodes(const NodeList &nodes, Scope &scope, Location location) {
  FailureOr<SmallVector<int>> order = orderNodes(nodes, location);
  if (failed(order))
    return failure();
  for (int index : *order)
    if (failed(importNode(nodes[index], index, scope)))
      return failure();
  return success();
}

/// loc("node name"("domain::OpType")); a node without a name goes by its first result.
Location GraphImporter::getNodeLocation(const proto::NodeProto &node, int64_t index, const Frame &frame) {
  std::string name = node.name();
  for (int i = 0; name.empty() && i < node.output_size(); ++i)
    name = node.output(i);
  if (name.empty())
    name = "node " + std::to_string(index);
  std::string type = (getDomainName(node.domain()) + "::" + node.op_type()).str();
  return NameLoc::get(builder.getStringAttr(frame.prefix + name), NameLoc::get(builder.getStringAttr(type)));
}

LogicalResult GraphImporter::importNode(const proto::NodeProto &node, int64_t index, Scope &scope) {
  Location location = getNodeLocation(node, index, *scope.frame);
  if (node.op_type().empty())
    return emitError(location) << "the node has no operator type";
  if (++importedNodes > maxImportedNodes)
    return withExitCode(emitError(location), ExitCode::resources)
           << "the model has more than " << maxImportedNodes << " nodes with its functions inlined; the limit keeps memory bounded";
  auto attributes = resolveAttributes(node, *scope.frame, location);
  if (failed(attributes))
    return failure();
  auto function = functions.find(getFunctionKey(node.domain(), node.op_type(), node.overload()));
  if (function != functions.end())
    return importCall(node, *function->second, *attributes, scope, location);

  StringRef domain = getDomainName(node.domain());
  std::string operatorName = (domain + "::" + node.op_type()).str();
  auto version = scope.frame->versions->find(domain);
  if (version == scope.frame->versions->end())
    return emitError(location) << "the model imports no operator set for domain '" << domain << "'";
  if (failed(checkOperator(node, operatorName, version->second, *attributes, location)))
    return failure();
  auto inputs = importInputs(node, scope, location);
  auto types = failed(inputs) ? FailureOr<SmallVector<Type>>(failure()) : importResultTypes(node, scope, location);
  auto dictionary = failed(types) ? FailureOr<DictionaryAttr>(failure()) : importAttributes(node, *attributes, location);
  if (failed(dictionary))
    return failure();

  SmallVector<const proto::GraphProto *> graphs;
  SmallVector<StringRef> graphNames;
  for (const proto::AttributeProto *attribute : *attributes) {
    if (getAttributeType(*attribute) != proto::AttributeProto::GRAPH)
      continue;
    graphs.push_back(&attribute->g());
    graphNames.push_back(attribute->name());
  }
  auto op =
      NodeOp::create(builder, location, *types, *inputs, builder.getStringAttr(operatorName), builder.getI64IntegerAttr(version->second),
                     *dictionary, builder.getStringAttr(node.name().empty() ? "" : scope.frame->prefix + node.name()),
                     builder.getStrArrayAttr(graphNames), graphs.size());
  for (auto [graph, region] : llvm::zip(graphs, op.getGraphs()))
    if (failed(importBody(*graph, region, scope, location)))
      return failure();
  for (int i = 0; i < node.output_size(); ++i)
    if (!node.output(i).empty() && failed(define(node.output(i), op.getResult(i), scope, location)))
      return failure();
  return success();
}

FailureOr<SmallVector<Value>> GraphImporter::importInputs(const proto::NodeProto &node, Scope &scope, Location location) {
  SmallVector<Value> inputs;
  for (const auto &name : node.input()) {
    Value value = name.empty() ? getMissing() : lookup(name, scope);
    if (!value)
      return emitError(location) << "input '" << name << "' is produced by no node, initializer or graph input";
    inputs.push_back(value);
  }
  return inputs;
}

FailureOr<SmallVector<Type>> GraphImporter::importResultTypes(const proto::NodeProto &node, Scope &scope, Location location) {
  SmallVector<Type> types;
  for (const auto &name : node.output()) {
    if (name.empty()) {
      types.push_back(NoneType::get(module.getContext()));
      continue;
    }
    auto stated = scope.types.find(name);
    FailureOr<Type> type =
        stated == scope.types.end() ? Type(UnknownType::get(module.getContext())) : importType(*stated->second, name, location);
    if (failed(type))
      return failure();
    types.push_back(*type);
  }
  return types;
}

LogicalResult GraphImporter::importBody(const proto::GraphProto &graph, Region &region, Scope &parent, Location location) {
  OpBuilder::InsertionGuard guard(builder);
  Scope scope{parent.frame, &parent};
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
  if (failed(importNodes(graph.node(), scope, location)))
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
