// One ONNX graph as MLIR: values by name, one op for every node.
#ifndef SWITCHYARD_FRONTENDS_ONNX_GRAPHIMPORTER_H
#define SWITCHYARD_FRONTENDS_ONNX_GRAPHIMPORTER_H

#include "frontends/onnx/OnnxProto.h"
#include "frontends/onnx/Tensors.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace switchyard::onnx {

/// The version of each operator set, by domain ("ai.onnx" for the default one).
using OpsetVersions = llvm::StringMap<int64_t>;

class GraphImporter {
public:
  GraphImporter(mlir::ModuleOp module, const TensorImporter &tensors, const OpsetVersions &versions, mlir::Location fileLocation)
      : module(module), tensors(tensors), versions(versions), fileLocation(fileLocation), builder(module.getContext()) {}

  /// Imports the main graph of a model as function `@main`.
  mlir::LogicalResult importMain(const proto::GraphProto &graph);

private:
  /// The values that the nodes of one graph can name; those of the graphs around it through `parent`.
  struct Scope {
    Scope *parent = nullptr;
    llvm::StringMap<mlir::Value> values;
    llvm::StringMap<const proto::TypeProto *> types;
  };

  mlir::LogicalResult importNodes(const google::protobuf::RepeatedPtrField<proto::NodeProto> &nodes, Scope &scope);
  mlir::LogicalResult importNode(const proto::NodeProto &node, int64_t index, Scope &scope);
  mlir::LogicalResult importNodeAttributes(const proto::NodeProto &node, mlir::Location location, mlir::NamedAttrList &attributes,
                                           llvm::SmallVectorImpl<const proto::AttributeProto *> &graphs);
  mlir::LogicalResult importBody(const proto::GraphProto &graph, mlir::Region &region, Scope &parent, mlir::Location location);
  mlir::LogicalResult importInitializers(const proto::GraphProto &graph, Scope &scope);
  mlir::LogicalResult importInitializer(const proto::TensorProto &tensor, Scope &scope);
  mlir::LogicalResult importStrings(const proto::TensorProto &tensor, Scope &scope);
  mlir::FailureOr<mlir::Attribute> importTensorAttribute(const proto::TensorProto &tensor, mlir::StringRef hint, mlir::Location location);

  void collectTypes(const proto::GraphProto &graph, Scope &scope);
  mlir::FailureOr<mlir::Type> getStatedType(mlir::StringRef name, const Scope &scope, mlir::Location location);
  mlir::Value lookup(mlir::StringRef name, const Scope &scope);
  mlir::LogicalResult define(mlir::StringRef name, mlir::Value value, Scope &scope, mlir::Location location);
  mlir::Value getMissing();
  mlir::StringAttr addWeight(mlir::StringRef name, mlir::Attribute recipe, mlir::Location location);
  mlir::Location getNodeLocation(const proto::NodeProto &node, int64_t index);
  int64_t getVersion(mlir::StringRef domain);

  mlir::ModuleOp module;
  const TensorImporter &tensors;
  const OpsetVersions &versions;
  mlir::Location fileLocation;
  mlir::OpBuilder builder;
  /// Constants and reads of weights, in file order, at the top of @main; the nodes follow.
  mlir::Block *mainBlock = nullptr;
  mlir::Operation *lastConstant = nullptr;
  mlir::Operation *lastWeight = nullptr;
  mlir::Value missing;
  llvm::StringSet<> symbols;
};

}  // namespace switchyard::onnx

#endif  // SWITCHYARD_FRONTENDS_ONNX_GRAPHIMPORTER_H
