// Thousands of damaged models through the importer, in one process: each imports or is refused with an error, and the
// sanitizers watch. The model holds one of everything that the importer treats in a way of its own.
#include "frontends/onnx/Importer.h"
#include "frontends/onnx/OnnxProto.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

#include <filesystem>
#include <fstream>
#include <random>
#include <unistd.h>

namespace proto = ::onnx;

namespace {

void describe(proto::ValueInfoProto *value, const char *name) {
  value->set_name(name);
  auto *tensor = value->mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(proto::TensorProto::FLOAT);
  tensor->mutable_shape()->add_dim()->set_dim_param("n");
  tensor->mutable_shape()->add_dim()->set_dim_value(4);
}

proto::NodeProto *addNode(google::protobuf::RepeatedPtrField<proto::NodeProto> *nodes, const char *type, const char *input, const char *output) {
  proto::NodeProto *node = nodes->Add();
  node->set_op_type(type);
  node->add_input(input);
  node->add_output(output);
  return node;
}

void addTensors(proto::GraphProto *graph) {
  auto add = [&](const char *name, int type, int64_t size) {
    proto::TensorProto *tensor = graph->add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(type);
    tensor->add_dims(size);
    return tensor;
  };
  add("small", proto::TensorProto::FLOAT, 2)->set_raw_data(std::string(8, '\1'));
  add("large", proto::TensorProto::FLOAT, 300)->set_raw_data(std::string(1200, '\2'));
  add("nibbles", proto::TensorProto::INT4, 3)->set_raw_data(std::string(2, '\3'));
  add("text", proto::TensorProto::STRING, 1)->add_string_data("text");
  proto::TensorProto *varints = add("varints", proto::TensorProto::INT64, 70);
  for (int i = 0; i < 70; ++i)
    varints->add_int64_data(i * 1000);
  proto::TensorProto *external = add("external", proto::TensorProto::FLOAT, 1);
  external->set_data_location(proto::TensorProto::EXTERNAL);
  auto *location = external->add_external_data();
  location->set_key("location");
  location->set_value("model.onnx");
}

std::string makeModel() {
  proto::ModelProto model;
  model.set_ir_version(10);
  model.add_opset_import()->set_version(21);
  proto::GraphProto *graph = model.mutable_graph();
  describe(graph->add_input(), "x");
  describe(graph->add_output(), "y");
  addTensors(graph);

  proto::NodeProto *call = addNode(graph->mutable_node(), "Slope", "x", "a");
  call->set_domain("local");
  proto::AttributeProto *slope = call->add_attribute();
  slope->set_name("slope");
  slope->set_type(proto::AttributeProto::FLOAT);
  slope->set_f(0.5f);
  proto::NodeProto *choice = addNode(graph->mutable_node(), "If", "a", "y");
  for (const char *name : {"then_branch", "else_branch"}) {
    proto::AttributeProto *branch = choice->add_attribute();
    branch->set_name(name);
    branch->set_type(proto::AttributeProto::GRAPH);
    addNode(branch->mutable_g()->mutable_node(), "Relu", "a", "r");
    branch->mutable_g()->add_output()->set_name("r");
  }

  model.add_opset_import()->set_domain("local");
  model.mutable_opset_import(1)->set_version(1);
  proto::FunctionProto *function = model.add_functions();
  function->set_name("Slope");
  function->set_domain("local");
  function->add_input("i");
  function->add_output("o");
  function->add_attribute("slope");
  proto::AttributeProto *reference = addNode(function->mutable_node(), "LeakyRelu", "i", "o")->add_attribute();
  reference->set_name("alpha");
  reference->set_type(proto::AttributeProto::FLOAT);
  reference->set_ref_attr_name("slope");
  return model.SerializeAsString();
}

class DamagedModels : public testing::Test {
protected:
  DamagedModels() : folder(std::filesystem::temp_directory_path() / ("damaged-models-" + std::to_string(::getpid()))), model(makeModel()) {
    std::filesystem::create_directories(folder);
    context.printOpOnDiagnostic(false);
  }
  ~DamagedModels() override { std::filesystem::remove_all(folder); }

  /// Imports `data`: whether it succeeded. A failure without an error is a fault of the importer.
  bool import(const std::string &data) {
    std::string path = folder / "model.onnx";
    std::ofstream(path, std::ios::binary).write(data.data(), data.size());
    int errors = 0;
    mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &) {
      ++errors;
      return mlir::success();
    });
    bool done = static_cast<bool>(switchyard::onnx::importModel(path, &context));
    EXPECT_EQ(errors == 0, done);
    return done;
  }

  std::filesystem::path folder;
  std::string model;
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
};

TEST_F(DamagedModels, WholeModelImports) { EXPECT_TRUE(import(model)); }

TEST_F(DamagedModels, EveryTruncationIsRefused) {
  for (size_t length = 0; length < model.size(); ++length) {
    // A cut between two fields of the model itself leaves a smaller model, which can be whole.
    if (import(model.substr(0, length)))
      EXPECT_GT(length, model.size() / 2) << "cut after " << length << " bytes";
  }
}

TEST_F(DamagedModels, EveryFlippedBitIsSurvived) {
  for (size_t at = 0; at < model.size(); ++at) {
    std::string damaged = model;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << at % 8));
    import(damaged);
  }
}

TEST_F(DamagedModels, RandomDamageIsSurvived) {
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    std::string damaged = model;
    for (unsigned changes = 1 + random() % 4; changes > 0; --changes) {
      size_t at = random() % damaged.size();
      switch (random() % 3) {
      case 0:
        damaged[at] = static_cast<char>(random());
        break;
      case 1:
        damaged.erase(at, 1 + random() % 8);
        break;
      default:
        damaged.insert(at, damaged.substr(random() % damaged.size(), 1 + random() % 16));
        break;
      }
    }
    import(damaged);
  }
}

}  // namespace
