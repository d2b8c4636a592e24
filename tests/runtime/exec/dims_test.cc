// Dimensions: bound by inputs, equal everywhere, within their limits.
#include "runtime/exec/dims.h"

#include <gtest/gtest.h>

namespace switchyard::exec {
namespace {

using artifact::Expression;

Expression parsed(const char *text) { return *Expression::parse(text); }

artifact::Manifest decoder() {
  artifact::Manifest manifest;
  manifest.dims = {{"batch", 4}, {"sequence", 16}, {"past", 32}};
  manifest.inputs = {{"ids", ElementType::i64, {parsed("batch"), parsed("sequence")}},
                     {"mask", ElementType::i64, {parsed("batch"), parsed("past + sequence")}},
                     {"cache", ElementType::f32, {parsed("batch"), 2, parsed("past"), 8}}};
  return manifest;
}

std::string fault(std::vector<InputType> inputs, ExitCode code) {
  Result<artifact::ExpressionScope> scope = bindDims(decoder(), inputs, 2, 1);
  EXPECT_FALSE(scope.ok());
  EXPECT_EQ(scope.status().code(), code);
  return scope.status().message();
}

TEST(Dims, AreReadOffTheInputs) {
  Result<artifact::ExpressionScope> scope =
      bindDims(decoder(), {{ElementType::i64, {2, 5}}, {ElementType::i64, {2, 8}}, {ElementType::f32, {2, 2, 3, 8}}}, 2, 1);
  ASSERT_TRUE(scope.ok()) << scope.status().message();
  EXPECT_EQ(scope->dims.at("batch"), 2);
  EXPECT_EQ(scope->dims.at("sequence"), 5);
  EXPECT_EQ(scope->dims.at("past"), 3);
}

TEST(Dims, MayBeZero) {
  EXPECT_TRUE(bindDims(decoder(), {{ElementType::i64, {2, 5}}, {ElementType::i64, {2, 5}}, {ElementType::f32, {2, 2, 0, 8}}}, 2, 1).ok());
}

TEST(Dims, MisfitsAreNamed) {
  EXPECT_EQ(fault({{ElementType::f32, {2, 5}}, {ElementType::i64, {2, 8}}, {ElementType::f32, {2, 2, 3, 8}}}, ExitCode::usage),
            "input 'ids' is 2x5xf32, the model wants [batch,sequence]xi64: the element type differs");
  EXPECT_EQ(fault({{ElementType::i64, {10}}, {ElementType::i64, {2, 8}}, {ElementType::f32, {2, 2, 3, 8}}}, ExitCode::usage),
            "input 'ids' is 10xi64, the model wants [batch,sequence]xi64: 1 dimensions instead of 2");
  EXPECT_EQ(fault({{ElementType::i64, {2, 5}}, {ElementType::i64, {3, 8}}, {ElementType::f32, {2, 2, 3, 8}}}, ExitCode::usage),
            "input 'mask' is 3x8xi64, the model wants [batch,past + sequence]xi64: dim 0 (batch) is 3, but dim 0 of input 'ids' is 2");
  EXPECT_EQ(fault({{ElementType::i64, {2, 5}}, {ElementType::i64, {2, 9}}, {ElementType::f32, {2, 2, 3, 8}}}, ExitCode::usage),
            "input 'mask' is 2x9xi64, the model wants [batch,past + sequence]xi64: dim 1: 9 instead of 8");
  EXPECT_EQ(fault({{ElementType::i64, {2, 5}}, {ElementType::i64, {2, 8}}, {ElementType::f32, {2, 2, 3, 9}}}, ExitCode::usage),
            "input 'cache' is 2x2x3x9xf32, the model wants [batch,2,past,8]xf32: dim 3: 9 instead of 8");
}

TEST(Dims, LimitsNameTheFlag) {
  EXPECT_EQ(fault({{ElementType::i64, {5, 5}}, {ElementType::i64, {5, 8}}, {ElementType::f32, {5, 2, 3, 8}}}, ExitCode::limit),
            "dimension 'batch' is 5, the limit is 4; raise it with --max-batch");
  EXPECT_EQ(fault({{ElementType::i64, {2, 17}}, {ElementType::i64, {2, 20}}, {ElementType::f32, {2, 2, 3, 8}}}, ExitCode::limit),
            "dimension 'sequence' is 17, the limit is 16; raise it with --max-seq");
}

TEST(Dims, OverridesFollowTheRole) {
  artifact::Manifest manifest = decoder();
  manifest.dims.push_back({"tokens", 64});
  manifest.inputs.push_back({"rows", ElementType::f32, {parsed("tokens"), 8}});
  overrideLimits(manifest, 6, 40);
  EXPECT_EQ(manifest.dims, (std::vector<artifact::Dim>{{"batch", 6}, {"sequence", 40}, {"past", 40}, {"tokens", 240}}));
}

}  // namespace
}  // namespace switchyard::exec
