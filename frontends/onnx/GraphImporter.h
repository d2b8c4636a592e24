// One ONNX graph as MLIR: values by name, one op for every node, calls of model-local functions inlined.
#ifndef SWITCHYARD_FRONTENDS_ONNX_GRAPHIMPORTER_H
#define SWITCHYARD_FRONTENDS_ONNX_GRAPHIMPORTER_H

#include "frontends/onnx/NodeOrder.h"
#include "frontends/onnx/OnnxProto.h"
#include "frontends/onnx/Tensors.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace switchyard::onnx {

/// The version of each operator set, by domain ("ai.onnx" for the default one).
using OpsetVersions = llvm::StringMap<int64_t>;

/// "ai.onnx" for the default domain.
inline llvm::StringRef getDomainName(llvm::StringRef domain) { return domain.empty() ? "ai.onnx" : domain; }

class GraphImporter {
public:
  GraphImporter(mlir::ModuleOp module, const proto::ModelProto &model, const TensorImporter &tensors, const OpsetVersions &versions,
                mlir::Location fileLocation);

  /// Imports the main graph of the model as function `@main`.
  mlir::LogicalResult importMain();

private:
  using Attributes = llvm::ArrayRef<const proto::AttributeProto *>;

  /// What the nodes of one body mean by a domain or a referenced attribute: the model, or one call of a function.
  struct Frame {
    const OpsetVersions *versions;
    const Frame *caller = nullptr;
    const proto::FunctionProto *function = nullptr;
    std::string prefix = {};  // of the names of nodes
    llvm::StringMap<const proto::AttributeProto *> attributes = {};
  };

  /// The values that the nodes of one graph can name; those of the graphs around it through `parent`.
  struct Scope {
    const Frame *frame;
    Scope *parent = nullptr;
    llvm::StringMap<mlir::Value> values = {};
    llvm::StringMap<const proto::TypeProto *> types = {};
  };

  // GraphImporter.cpp: graphs and nodes.
  mlir::LogicalResult importMainArguments(const proto::GraphProto &graph, Scope &scope, llvm::SmallVectorImpl<mlir::DictionaryAttr> &attributes);
  mlir::LogicalResult importNodes(const NodeList &nodes, Scope &scope, mlir::Location location);
  mlir::LogicalResult importNode(const proto::NodeProto &node, int64_t index, Scope &scope);
  mlir::LogicalResult importBody(const proto::GraphProto &graph, mlir::Region &region, Scope &parent, mlir::Location location);
  mlir::FailureOr<llvm::SmallVector<mlir::Value>> importInputs(const proto::NodeProto &node, Scope &scope, mlir::Location location);
  mlir::FailureOr<llvm::SmallVector<mlir::Type>> importResultTypes(const proto::NodeProto &node, Scope &scope, mlir::Location location);
  mlir::DictionaryAttr describeValue(const proto::ValueInfoProto &value);
  void collectTypes(const proto::GraphProto &graph, Scope &scope);
  mlir::Value lookup(llvm::StringRef name, const Scope &scope);
  mlir::LogicalResult define(llvm::StringRef name, mlir::Value value, Scope &scope, mlir::Location location);
  mlir::Location getNodeLocation(const proto::NodeProto &node, int64_t index, const Frame &frame);

  // FunctionCalls.cpp: attributes, and calls of model-local functions.
  mlir::FailureOr<llvm::SmallVector<const proto::AttributeProto *>> resolveAttributes(const proto::NodeProto &node, const Frame &frame,
                                                                                    mlir::Location location);
  mlir::FailureOr<mlir::DictionaryAttr> importAttributes(const proto::NodeProto &node, Attributes attributes, mlir::Location location);
  mlir::LogicalResult importCall(const proto::NodeProto &node, const proto::FunctionProto &function, Attributes attributes, Scope &scope,
                                 mlir::Location location);
  mlir::LogicalResult checkCall(const proto::NodeProto &node, const proto::FunctionProto &function, const Frame &frame, mlir::Location location);
  mlir::LogicalResult bindAttributes(const proto::FunctionProto &function, Attributes attributes, Frame &frame, mlir::Location location);

  // Constants.cpp: tensors at the top of the module and of @main.
  mlir::LogicalResult importInitializers(const proto::GraphProto &graph, Scope &scope);
  mlir::FailureOr<mlir::Value> importInitializer(const proto::TensorProto &tensor, const Scope &scope, bool mayBeFilled);
  mlir::FailureOr<mlir::Attribute> importTensorAttribute(const proto::TensorProto &tensor, llvm::StringRef hint, mlir::Location location);
  mlir::StringAttr addWeight(llvm::StringRef name, mlir::Attribute recipe, mlir::Location location);
  mlir::Value getMissing();
  void setInsertionPointToConstants();

  mlir::ModuleOp module;
  const proto::ModelProto &model;
  const TensorImporter &tensors;
  const OpsetVersions &versions;
  mlir::Location fileLocation;
  mlir::OpBuilder builder;
  llvm::StringMap<const proto::FunctionProto *> functions;  // by "domain::name::overload"
  std::vector<std::unique_ptr<proto::AttributeProto>> renamedAttributes;  // of functions, under the names that their nodes use
  int64_t importedNodes = 0;
  /// Constants and reads of weights stand in file order at the top of @main; the nodes follow.
  mlir::Block *mainBlock = nullptr;
  mlir::Operation *lastConstant = nullptr;
  mlir::Operation *lastWeight = nullptr;
  mlir::Value missing;
  llvm::StringMap<int> symbols;  // names that are taken, each with the number of its copies
};

}  // namespace switchyard::onnx

#endif  // SWITCHYARD_FRONTENDS_ONNX_GRAPHIMPORTER_H
