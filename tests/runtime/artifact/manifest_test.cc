#include "tests/runtime/artifact/example_manifest.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace switchyard::artifact {
namespace {

TEST(Manifest, RoundTrips) {
  Manifest manifest = exampleManifest();
  ASSERT_TRUE(manifest.validate().ok()) << manifest.validate().message();
  std::string text = manifest.toJson();
  Result<Manifest> read = Manifest::fromJson(text);
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_TRUE(*read == manifest);
  EXPECT_EQ(read->toJson(), text);
}

// llvm::json ends the process on other bytes.
TEST(Manifest, NamesAreUtf8) {
  const std::string bytes = "a\xff\xc3(";
  const std::vector<std::function<void(Manifest &)>> changes = {
      [&](Manifest &m) { m.dims[0].name = bytes; },    [&](Manifest &m) { m.inputs[0].name = bytes; },
      [&](Manifest &m) { m.outputs[0].name = bytes; }, [&](Manifest &m) { m.weights[0].name = bytes; },
      [&](Manifest &m) { m.layers[0].name = bytes; },  [&](Manifest &m) { m.sites[0].name = bytes; },
  };
  EXPECT_TRUE(exampleManifest().checkNames().ok());
  for (const auto &change : changes) {
    Manifest manifest = exampleManifest();
    change(manifest);
    EXPECT_EQ(manifest.checkNames().code(), ExitCode::invalid);
    EXPECT_NE(manifest.checkNames().message().find("'a\\xff\\xc3('"), std::string::npos);
    EXPECT_NE(manifest.toJson().find("a\xef\xbf\xbd"), std::string::npos);
  }
}

TEST(Manifest, FloatsKeepTheirBits) {
  Manifest manifest = exampleProgram(1, 2, 1);
  std::map<std::string, double> floats = {{"a", 0.1},    {"b", 1e16}, {"c", -0.0}, {"d", 5e-324}, {"e", 1.7976931348623157e308},
                                          {"f", 1 / 3.0}};
  manifest.sites[0].floats = floats;
  Result<Manifest> read = Manifest::fromJson(manifest.toJson());
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->sites[0].floats, floats);
  EXPECT_TRUE(std::signbit(read->sites[0].floats["c"]));
}

TEST(Manifest, StatesMayBeReplacedWhole) {
  Manifest manifest = exampleManifest();
  manifest.states[0].axis = -1;
  Result<Manifest> read = Manifest::fromJson(manifest.toJson());
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->states[0].axis, -1);
}

TEST(Manifest, PositionsMayBeKnown) {
  Manifest manifest = exampleManifest();
  EXPECT_EQ(manifest.toJson().find("positions"), std::string::npos);
  manifest.positions = 32;
  Result<Manifest> read = Manifest::fromJson(manifest.toJson());
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->positions, 32);
}

/// Replaces the first `from` of the example's text.
std::string changed(llvm::StringRef from, llvm::StringRef to) {
  std::string text = exampleManifest().toJson();
  size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from.str();
  return text.replace(at, from.size(), to);
}

TEST(Manifest, BadText) {
  auto message = [](const std::string &text) { return Manifest::fromJson(text, "m.json").status().message(); };
  EXPECT_NE(message("").find("'m.json': not JSON"), std::string::npos);
  EXPECT_NE(message("\xef\xbb\xbf" + exampleManifest().toJson()).find("'m.json': not JSON"), std::string::npos);
  EXPECT_NE(message(exampleManifest().toJson() + "{}").find("'m.json': not JSON"), std::string::npos);
  EXPECT_EQ(message("[]"), "m.json: not a JSON object");
  EXPECT_NE(message(std::string(40, '[')).find("nested deeper than 32 levels"), std::string::npos);
  EXPECT_NE(message(std::string(17 << 20, ' ')).find("JSON of 17825792 bytes, at most 16777216 are read"), std::string::npos);
  EXPECT_NE(message(changed("\"tool\"", "\"tool\": \"x\", \"tool\"")).find("JSON key 'tool' stands twice"), std::string::npos);
  EXPECT_EQ(message(changed("\"limit\": 4", "\"limit\": 4.5")), "m.json: dims[0]: field 'limit' is not an integer");
  EXPECT_EQ(message(changed("\"limit\": 4", "\"limit\": -4")), "m.json: dims[0]: field 'limit' is -4, not within [0, 9007199254740992]");
  EXPECT_EQ(message(changed("\"limit\": 4", "\"limits\": 4")), "m.json: dims[0]: field 'limit' is missing");
  EXPECT_EQ(message(changed("\"limit\": 4", "\"limit\": 4, \"extra\": 1")), "m.json: dims[0]: unknown field 'extra'");
  EXPECT_EQ(message(changed("\"buffers\": [0, 1]", "\"buffers\": [0, -1]")),
            "m.json: sites[1]: buffers[1] is -1, not within [0, 9007199254740992]");
  EXPECT_EQ(message(changed("\"i64\"", "\"i63\"")), "m.json: inputs[0]: unknown element type 'i63'");
  EXPECT_EQ(message(changed("\"batch * sequence\"", "\"batch *\"")),
            "m.json: layers[0]: field 'tokens': expression 'batch *': a number, a name or '(' expected at the end");
}

TEST(Manifest, FormatAndVersion) {
  auto status = [](const std::string &text) { return Manifest::fromJson(text, "m.json").status(); };
  Status other = status(changed("moe-artifact", "some-other"));
  EXPECT_EQ(other.code(), ExitCode::invalid);
  EXPECT_EQ(other.message(), "m.json: format is 'some-other', not 'moe-artifact'");
  Status major = status(changed("\"major\": 1", "\"major\": 2"));
  EXPECT_EQ(major.code(), ExitCode::mismatch);
  EXPECT_EQ(major.message(), "m.json: artifact format version 2.2 (written by moe-opt 0.1.0), this program reads version 1.x; "
                             "compile the model again with the matching moe-opt");
  Status feature = status(changed("\"required_features\": []", "\"required_features\": [\"warp\"]"));
  EXPECT_EQ(feature.code(), ExitCode::mismatch);
  EXPECT_EQ(feature.message(),
            "m.json: artifact needs the feature 'warp' (written by moe-opt 0.1.0), which this program does not know; use a newer moe-run");
  EXPECT_TRUE(status(changed("\"minor\": 2", "\"minor\": 0")).ok());
  EXPECT_TRUE(status(changed("\"minor\": 2", "\"minor\": 3")).ok());
  std::string newer = changed("\"minor\": 2", "\"minor\": 3");
  EXPECT_TRUE(status(newer.replace(newer.find("\"dims\""), 0, "\"something_new\": 3, ")).ok());
}

TEST(Manifest, EqualitiesAreAFeature) {
  Manifest manifest = exampleManifest();
  manifest.equalities = {{*Expression::parse("min(sequence, 4)"), *Expression::parse("sequence"), "node 'x' (Add)"}};
  EXPECT_EQ(manifest.validate().message(), "equalities, but 'equalities' is not in required_features");
  manifest.requiredFeatures = {"equalities"};
  Result<Manifest> again = Manifest::fromJson(manifest.toJson());
  ASSERT_TRUE(again.ok()) << again.status().message();
  EXPECT_EQ(*again, manifest);
  manifest.equalities[0].right = *Expression::parse("nobody");
  EXPECT_EQ(manifest.validate().message(), "equalities[0]: expression 'nobody': dimension 'nobody' is not known");
  EXPECT_EQ(exampleManifest().toJson().find("\"equalities\""), std::string::npos);
}

TEST(Manifest, RulesOfValidation) {
  struct Case {
    std::function<void(Manifest &)> change;
    const char *message;
  };
  const Case cases[] = {
      {[](Manifest &m) { m.files[0].path = "../x"; },
       "files[0] '../x': path '../x' holds '..'; only paths inside the model's folder are read"},
      {[](Manifest &m) { m.files[0].path = "/x"; }, "files[0] '/x': path '/x' is absolute; only paths inside the model's folder are read"},
      {[](Manifest &m) { m.files[0].path = "a:b"; },
       "files[0] 'a:b': path 'a:b' starts with a drive letter; only paths inside the model's folder are read"},
      {[](Manifest &m) { m.files[0].path = "ab:c"; }, "files[0] 'ab:c': a path of an artifact has no ':', no '.' part and no empty part"},
      {[](Manifest &m) { m.files[0].path = "a//b"; }, "files[0] 'a//b': a path of an artifact has no ':', no '.' part and no empty part"},
      {[](Manifest &m) { m.files[0].path = "manifest.json"; }, "files[0] 'manifest.json': the manifest does not list itself"},
      {[](Manifest &m) { m.files[1].path = "code/host-x86-64-v3.so"; },
       "files[1] 'code/host-x86-64-v3.so' does not come after 'code/host-x86-64-v3.so'; files are listed once, in order"},
      {[](Manifest &m) { m.files[0].blake3 = "00"; },
       "files[0] 'code/host-x86-64-v3.so': blake3 '00' is not 64 lower-case hexadecimal digits"},
      {[](Manifest &m) { m.files[0].size = m.files[1].size = int64_t(1) << 52 | 1; },
       "files[1] 'report.json': size 4503599627370497 or the sum of sizes is too large"},
      {[](Manifest &m) { m.positions = -1; }, "positions is -1, below 0"},
      {[](Manifest &m) { m.dims[1].name = "batch"; }, "dims[1]: name 'batch' is empty or stands twice"},
      {[](Manifest &m) { m.inputs[1].name = "ids"; }, "inputs[1] 'ids': name is empty or stands twice"},
      {[](Manifest &m) { m.inputs[0].shape[0] = Expression::dimension("nobody"); },
       "inputs[0] 'ids': shape: expression 'nobody': dimension 'nobody' is not known"},
      {[](Manifest &m) { m.inputs[0].shape = {Expression(-1)}; },
       "inputs[0] 'ids': shape: expression '-1' is -1, but a size is not negative"},
      {[](Manifest &m) { m.inputs[0].shape = {Expression(1LL << 40), Expression(1LL << 40)}; },
       "inputs[0] 'ids': its bytes at the limits overflow 64 bits"},
      {[](Manifest &m) { m.states[0].input = "x"; }, "states[0]: no input has the name 'x'"},
      {[](Manifest &m) { m.states[0].axis = 4; }, "states[0]: axis 4 is not an axis of rank 4"},
      {[](Manifest &m) { m.states.push_back(m.states[0]); }, "states[1]: 'past' or 'present' belongs to another state already"},
      {[](Manifest &m) { m.layers[1].index = 2; }, "layers[1]: index is 2; layers are numbered in order from 0"},
      {[](Manifest &m) { m.layers[0].slots = 5; }, "layers[0]: 5 slots of 4 experts"},
      {[](Manifest &m) { m.layers[0].experts = 1000000000; }, "layers[0]: 1000000000 experts, not within [1, 65536]"},
      {[](Manifest &m) { m.weights[1].name = "embedding"; }, "weights[1] 'embedding': name is empty or stands twice"},
      {[](Manifest &m) { m.weights[1].file = "weights/none"; }, "weights[1] 'mask': its file 'weights/none' is not in files"},
      {[](Manifest &m) { m.weights[0].shape = {1LL << 40, 1LL << 40}; }, "weights[0] 'embedding': its bytes overflow 64 bits"},
      {[](Manifest &m) { m.weights[2].expert = 2; }, "weights[2] 'up': expert 2 is not one of 2 layers"},
      {[](Manifest &m) { m.weights[2].shape[0] = 3; }, "weights[2] 'up': first size 3 is not the 4 experts of layer 0"},
      {[](Manifest &m) { m.weights[4].file = m.weights[2].file; },
       "weights/experts-L000.safetensors: weights 'up' and 'up.1' of layers 0 and 1 are in one file; each layer's experts have their own"},
      {[](Manifest &m) { m.weights[1] = {"up.1", m.weights[2].file, ElementType::f32, {1}, -1}, m.weights[4].name = "x"; },
       "weights/experts-L000.safetensors: tensor name 'up.1' stands twice, or is reserved"},
      {[](Manifest &m) { m.weights[0].name = "__pad.0"; }, "weights/dense.safetensors: tensor name '__pad.0' stands twice, or is reserved"},
      {[](Manifest &m) { m.sites[0].layer = 7; }, "sites[0] 'layers.0.moe': layer 7 is not one of 2 layers"},
      {[](Manifest &m) { m.sites[1].kernel = "collective.shout"; }, "sites[1] 'layers.0.moe': unknown collective 'collective.shout'"},
      {[](Manifest &m) { m.sites[1].layer = -1; },
       "sites[1] 'layers.0.moe': collective 'collective.exchange_counts' belongs to no MoE layer"},
      {[](Manifest &m) { m.sites[0].integers["n"] = INT64_MAX; }, "sites[0] 'layers.0.moe': n = 9223372036854775807 is not within +-2^53"},
      {[](Manifest &m) { m.slots[0].first = 5; }, "slots[0]: live interval [5, 4] is not one"},
      {[](Manifest &m) { m.sites[0].buffers = {0}; }, "sites[0] 'layers.0.moe': buffers of 'gate_f32', which is no collective"},
      {[](Manifest &m) { m.sites[2].buffers.pop_back(); },
       "sites[2] 'layers.0.moe': 3 buffers of 'collective.exchange_rows', which has 4 tensors"},
      {[](Manifest &m) { m.sites[1].buffers.push_back(0); },
       "sites[1] 'layers.0.moe': 3 buffers of 'collective.exchange_counts', which has 2 tensors"},
      {[](Manifest &m) { m.sites[2].buffers[3] = 16; }, "sites[2] 'layers.0.moe': buffer 16 is not one of 16 slots"},
      {[](Manifest &m) { m.code[0].file = "x.so"; }, "code[0] 'x.so': the file is not in files"},
      {[](Manifest &m) { m.code.push_back(m.code[0]); }, "code[1] 'code/host-x86-64-v3.so': level 'x86-64-v3' is empty or stands twice"},
  };
  for (const Case &c : cases) {
    Manifest manifest = exampleManifest();
    c.change(manifest);
    EXPECT_EQ(manifest.validate().message(), c.message);
    EXPECT_EQ(manifest.validate().code(), ExitCode::invalid);
    EXPECT_FALSE(Manifest::fromJson(manifest.toJson()).ok());
  }
}

}  // namespace
}  // namespace switchyard::artifact
