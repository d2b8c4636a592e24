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

TEST(Dims, EqualitiesAreChecked) {
  artifact::Manifest manifest = decoder();
  manifest.equalities = {{parsed("min(sequence, 4)"), parsed("sequence"), "node 'cut' (Slice)"}};
  const auto bind = [&](int64_t sequence) {
    return bindDims(manifest, {{ElementType::i64, {2, sequence}}, {ElementType::i64, {2, sequence + 3}}, {ElementType::f32, {2, 2, 3, 8}}},
                    2, 1)
        .status();
  };
  EXPECT_TRUE(bind(4).ok());
  EXPECT_EQ(bind(5).code(), ExitCode::limit);
  EXPECT_EQ(bind(5).message(),
            "node 'cut' (Slice): the sizes 'min(sequence, 4)' and 'sequence' must be equal, but are 4 and 5; the program is "
            "for a 'sequence' of 1 to 4 only");
}

TEST(Dims, LimitsNameTheFlag) {
  EXPECT_EQ(fault({{ElementType::i64, {5, 5}}, {ElementType::i64, {5, 8}}, {ElementType::f32, {5, 2, 3, 8}}}, ExitCode::limit),
            "dimension 'batch' is 5, the limit is 4; raise it with --max-batch");
  EXPECT_EQ(fault({{ElementType::i64, {2, 17}}, {ElementType::i64, {2, 20}}, {ElementType::f32, {2, 2, 3, 8}}}, ExitCode::limit),
            "dimension 'sequence' is 17, the limit is 16; raise it with --max-seq");
}

TEST(Dims, NoFlagGivesPositionsThatTheModelDoesNotHave) {
  artifact::Manifest manifest = decoder();
  manifest.positions = 20;
  auto message = [&](int64_t batch, int64_t tokens) {
    return bindDims(manifest,
                    {{ElementType::i64, {batch, tokens}}, {ElementType::i64, {batch, tokens}}, {ElementType::f32, {batch, 2, 0, 8}}}, 1, 1)
        .status()
        .message();
  };
  EXPECT_EQ(message(2, 20), "dimension 'sequence' is 20, the limit is 16; raise it with --max-seq");
  EXPECT_EQ(message(2, 21), "dimension 'sequence' is 21, the limit is 16; the model's rotary cache has 20 rows, so at most 20 positions");
  EXPECT_EQ(message(30, 5), "dimension 'batch' is 30, the limit is 4; raise it with --max-batch");
}

artifact::Manifest decoderWithTokens() {
  artifact::Manifest manifest = decoder();
  manifest.dims.push_back({"tokens", 64});
  manifest.inputs.push_back({"rows", ElementType::f32, {parsed("tokens"), 8}});
  return manifest;
}

/// The limits of batch, sequence, past and tokens after an override.
std::vector<int64_t> limits(artifact::Manifest manifest, std::optional<int64_t> maxBatch, std::optional<int64_t> maxSequence) {
  const Status status = overrideLimits(manifest, maxBatch, maxSequence);
  EXPECT_TRUE(status.ok()) << status.message();
  std::vector<int64_t> result;
  for (const artifact::Dim &dim : manifest.dims)
    result.push_back(dim.limit);
  return result;
}

TEST(Dims, OverridesFollowTheRole) { EXPECT_EQ(limits(decoderWithTokens(), 6, 40), (std::vector<int64_t>{6, 40, 40, 240})); }

TEST(Dims, OneOverrideTakesTheOtherFactorOfTheTokensFromTheManifest) {
  const std::vector<int64_t> none{4, 16, 32, 64}, batch{6, 16, 32, 192}, sequence{4, 40, 40, 160};
  EXPECT_EQ(limits(decoderWithTokens(), std::nullopt, std::nullopt), none);
  EXPECT_EQ(limits(decoderWithTokens(), 6, std::nullopt), batch);
  EXPECT_EQ(limits(decoderWithTokens(), std::nullopt, 40), sequence);
}

TEST(Dims, OneOverrideDoesNotLowerTheTokens) {
  const std::vector<int64_t> batch{1, 16, 32, 64}, sequence{4, 8, 8, 64};
  EXPECT_EQ(limits(decoderWithTokens(), 1, std::nullopt), batch);
  EXPECT_EQ(limits(decoderWithTokens(), std::nullopt, 8), sequence);
  artifact::Manifest rows;  // neither batch nor sequence is a dimension
  rows.dims = {{"tokens", 64}};
  rows.inputs = {{"rows", ElementType::f32, {parsed("tokens"), 8}}};
  EXPECT_EQ(limits(rows, std::nullopt, 4), std::vector<int64_t>{64});
}

TEST(Dims, TokensAloneHaveTheLimitThatTheCompilerWouldGive) {
  artifact::Manifest rows;
  rows.dims = {{"tokens", defaultMaxBatch * defaultMaxSequence}};
  rows.inputs = {{"rows", ElementType::f32, {parsed("tokens"), 8}}};
  EXPECT_EQ(limits(rows, 16, std::nullopt), std::vector<int64_t>{16 * defaultMaxSequence});
  EXPECT_EQ(limits(rows, std::nullopt, 1024), std::vector<int64_t>{defaultMaxBatch * 1024});
  EXPECT_EQ(limits(rows, 2, 3), std::vector<int64_t>{6});
  EXPECT_EQ(bindDims(rows, {{ElementType::f32, {10000, 8}}}, 1, 1).status().message(),
            "dimension 'tokens' is 10000, the limit is 8192; raise it with --max-batch or --max-seq, of which it is the product");
}

TEST(Dims, TheFirstRoleCounts) {
  artifact::Manifest manifest;
  manifest.dims = {{"n", 4}};
  const artifact::Signature list{"list", ElementType::f32, {parsed("n"), 8}}, line{"line", ElementType::f32, {3, parsed("n")}},
      batch{"batch", ElementType::f32, {parsed("n"), parsed("m")}};
  for (const std::vector<artifact::Signature> &inputs : {std::vector{list, line, batch}, std::vector{batch, line, list}}) {
    manifest.inputs = inputs;
    EXPECT_EQ(roleOf(manifest, "n"), DimRole::batch);
  }
  manifest.inputs = {line, list};
  EXPECT_EQ(roleOf(manifest, "n"), DimRole::tokens);
  manifest.inputs = {line};
  EXPECT_EQ(roleOf(manifest, "n"), DimRole::sequence);
}

TEST(Dims, TokensOfTheOverridesAreBounded) {
  artifact::Manifest manifest = decoderWithTokens();
  const Status status = overrideLimits(manifest, INT64_MAX, 2);
  EXPECT_EQ(status.code(), ExitCode::limit);
  EXPECT_EQ(status.message(),
            "dimension 'tokens': a batch of 9223372036854775807 times a sequence of 2 is above 2^53; lower --max-batch or "
            "--max-seq");
}

}  // namespace
}  // namespace switchyard::exec
