#include "frontends/onnx/Strings.h"

#include "runtime/base/escape.h"

using namespace mlir;

namespace switchyard::onnx {

namespace {

class StringCheck {
public:
  explicit StringCheck(Location location) : location(location) {}

  LogicalResult checkModel(const proto::ModelProto &model) {
    check("the producer", model.producer_name());
    check("the producer's version", model.producer_version());
    for (const auto &opset : model.opset_import())
      check("the domain of an operator set", opset.domain());
    for (const auto &function : model.functions())
      checkFunction(function);
    checkGraph(model.graph());
    return success(isValid);
  }

private:
  void check(StringRef what, StringRef text) {
    if (!isValid || isUtf8(text))
      return;
    isValid = false;
    emitError(location) << what << " '" << text
                        << "' is not UTF-8, as all strings of an ONNX file must be; give it another name and export again";
  }

  template <typename Strings> void checkAll(StringRef what, const Strings &strings) {
    for (const std::string &text : strings)
      check(what, text);
  }

  void checkValue(StringRef what, const proto::ValueInfoProto &value) {
    check(what, value.name());
    if (value.type().has_tensor_type())
      for (const auto &dim : value.type().tensor_type().shape().dim())
        check("the named dimension", dim.dim_param());
  }

  void checkNode(const proto::NodeProto &node) {
    check("the node name", node.name());
    check("the operator type", node.op_type());
    check("the domain of a node", node.domain());
    check("the overload of a node", node.overload());
    checkAll("the node input", node.input());
    checkAll("the node output", node.output());
    checkAttributes(node.attribute());
  }

  template <typename Attributes> void checkAttributes(const Attributes &attributes) {
    for (const proto::AttributeProto &attribute : attributes) {
      check("the attribute name", attribute.name());
      check("the referenced attribute name", attribute.ref_attr_name());
      if (attribute.has_g())
        checkGraph(attribute.g());
      for (const auto &graph : attribute.graphs())
        checkGraph(graph);
    }
  }

  void checkFunction(const proto::FunctionProto &function) {
    check("the function name", function.name());
    check("the domain of a function", function.domain());
    check("the overload of a function", function.overload());
    checkAll("the function input", function.input());
    checkAll("the function output", function.output());
    checkAll("the function attribute", function.attribute());
    checkAttributes(function.attribute_proto());
    for (const auto &node : function.node())
      checkNode(node);
  }

  void checkGraph(const proto::GraphProto &graph) {
    for (const auto &input : graph.input())
      checkValue("the graph input", input);
    for (const auto &output : graph.output())
      checkValue("the graph output", output);
    for (const auto &value : graph.value_info())
      checkValue("the value", value);
    for (const auto &tensor : graph.initializer())
      check("the initializer", tensor.name());
    for (const auto &node : graph.node())
      checkNode(node);
  }

  Location location;
  bool isValid = true;
};

}  // namespace

LogicalResult checkStrings(const proto::ModelProto &model, Location location) { return StringCheck(location).checkModel(model); }

}  // namespace switchyard::onnx
