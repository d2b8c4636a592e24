// Tensors of the file that become constants of @main or weights of the module.
#include "frontends/onnx/GraphImporter.h"

#include "dialects/onnx/OnnxDialect.h"
#include "dialects/rt/RtDialect.h"
#include "dialects/support/Diagnostics.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace switchyard::onnx {

/// After the constants that stand at the top of @main already, whatever body is being imported.
void GraphImporter::setInsertionPointToConstants() {
  if (lastConstant)
    builder.setInsertionPointAfter(lastConstant);
  else
    builder.setInsertionPointToStart(mainBlock);
}

Value GraphImporter::getMissing() {
  if (!missing) {
    OpBuilder::InsertionGuard guard(builder);
    setInsertionPointToConstants();
    missing = MissingOp::create(builder, fileLocation, NoneType::get(module.getContext()));
    lastConstant = missing.getDefiningOp();
  }
  return missing;
}

StringAttr GraphImporter::addWeight(StringRef name, Attribute recipe, Location location) {
  std::string stem = name.empty() ? "weight" : name.str(), symbol = stem;
  while (!symbols.try_emplace(symbol, 0).second)
    symbol = stem + "_" + std::to_string(++symbols[stem]);
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

/// The names of what the nodes of `graph` scatter into.
static llvm::StringSet<> findScattersInto(const proto::GraphProto &graph) {
  llvm::StringSet<> names;
  for (const auto &node : graph.node())
    if (llvm::is_contained({"Scatter", "ScatterElements", "ScatterND"}, node.op_type()) && node.input_size() > 0)
      names.insert(node.input(0));
  return names;
}

LogicalResult GraphImporter::importInitializers(const proto::GraphProto &graph, Scope &scope) {
  if (graph.sparse_initializer_size() > 0)
    return emitUnsupported(fileLocation) << "initializer '" << graph.sparse_initializer(0).values().name()
                                         << "' is a sparse tensor, which is not supported";
  llvm::StringSet<> begins = findScattersInto(graph);
  for (const auto &tensor : graph.initializer()) {
    if (tensor.name().empty())
      return emitError(fileLocation) << "an initializer has no name";
    FailureOr<Value> value = importInitializer(tensor, scope, begins.contains(tensor.name()));
    if (failed(value) || failed(define(tensor.name(), *value, scope, fileLocation)))
      return failure();
  }
  return success();
}

FailureOr<Value> GraphImporter::importInitializer(const proto::TensorProto &tensor, const Scope &scope, bool mayBeFilled) {
  Location location = NameLoc::get(builder.getStringAttr(tensor.name()));
  OpBuilder::InsertionGuard guard(builder);
  Value result;
  if (tensor.data_type() == proto::TensorProto::STRING) {
    // A string tensor has no MLIR type; it becomes the node that ONNX itself has for constants.
    FailureOr<Attribute> value = importTensorAttribute(tensor, tensor.name(), fileLocation);
    if (failed(value))
      return failure();
    auto attributes = builder.getDictionaryAttr(builder.getNamedAttr("value", *value));
    auto version = scope.frame->versions->find("ai.onnx");
    setInsertionPointToConstants();
    result = NodeOp::create(builder, location, TypeRange(OpaqueType::get(module.getContext(), "tensor(string)")), ValueRange(),
                            builder.getStringAttr("ai.onnx::Constant"),
                            builder.getI64IntegerAttr(version == scope.frame->versions->end() ? 1 : version->second), attributes,
                            builder.getStringAttr(tensor.name()), builder.getStrArrayAttr({}), 0)
                 .getResult(0);
    lastConstant = result.getDefiningOp();
    return result;
  }
  FailureOr<Attribute> value = mayBeFilled ? tensors.importFilled(tensor, fileLocation) : tensors.import(tensor, fileLocation);
  if (failed(value))
    return failure();
  setInsertionPointToConstants();
  if (auto elements = dyn_cast<DenseElementsAttr>(*value)) {
    result = arith::ConstantOp::create(builder, location, elements);
  } else {
    StringAttr symbol = addWeight(tensor.name(), *value, location);
    result = rt::WeightRefOp::create(builder, location, rt::getRecipeType(*value), FlatSymbolRefAttr::get(symbol));
  }
  lastConstant = result.getDefiningOp();
  return result;
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
  FailureOr<Attribute> value = tensors.importFilled(tensor, location);
  if (failed(value) || isa<DenseElementsAttr>(*value))
    return value;
  return Attribute(FlatSymbolRefAttr::get(addWeight(hint, *value, location)));
}

}  // namespace switchyard::onnx
