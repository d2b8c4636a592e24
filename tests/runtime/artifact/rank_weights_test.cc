#include "runtime/artifact/rank_weights.h"
#include "tests/runtime/artifact/example_artifact.h"
#include "tests/runtime/artifact/example_manifest.h"

#include <gtest/gtest.h>

#include <cstring>

namespace switchyard::artifact {
namespace {

// Every rank sees the dense weights and its own experts, byte for byte, and nothing of the others.
TEST(RankWeights, MapsDenseWeightsAndOwnedExperts) {
  TemporaryFolder folder;
  ASSERT_TRUE(writeExample(folder / "x.moe").ok());
  Result<ArtifactReader> artifact = ArtifactReader::open(folder / "x.moe");
  ASSERT_TRUE(artifact.ok()) << artifact.status().message();
  for (int64_t ranks : {1, 2, 3, 4, 7}) {
    Plan plan = *artifact->plan(ranks);
    for (int64_t rank = 0; rank < ranks; ++rank) {
      Result<RankWeights> weights = RankWeights::map(*artifact, plan, rank);
      ASSERT_TRUE(weights.ok()) << weights.status().message();
      uint64_t bytes = 0;
      std::vector<std::vector<int64_t>> mapped(2);
      for (const std::string &file : weightFiles(artifact->manifest()))
        for (const StoredTensor &tensor : *storedTensors(artifact->manifest(), file)) {
          const void *data = weights->addresses()[tensor.weight];
          if (tensor.expert >= 0) {
            int64_t layer = artifact->manifest().weights[tensor.weight].expert;
            data = static_cast<const void *const *>(data)[tensor.expert];
            if (plan.layers[layer].owners[tensor.expert][0] != rank) {
              EXPECT_EQ(data, nullptr) << tensor.name;
              continue;
            }
            if (!llvm::is_contained(mapped[layer], tensor.expert))
              mapped[layer].push_back(tensor.expert);
          }
          ASSERT_NE(data, nullptr) << tensor.name;
          EXPECT_EQ(reinterpret_cast<uintptr_t>(data) % 256, 0u);
          EXPECT_EQ(std::memcmp(data, exampleData(tensor).data(), tensor.bytes), 0) << tensor.name;
          bytes += tensor.bytes;
        }
      EXPECT_EQ(weights->mappedBytes(), bytes);
      EXPECT_EQ(weights->mappedExperts(0), mapped[0]);
      EXPECT_EQ(weights->mappedExperts(1), mapped[1]);
    }
  }
}

TEST(RankWeights, EmptyWeightsHaveAnAddress) {
  TemporaryFolder folder;
  ExampleOptions options;
  options.manifest.weights[1].shape = {0};
  options.manifest.weights[3].shape = {4, 0};
  ASSERT_TRUE(writeExample(folder / "x.moe", options).ok());
  Result<ArtifactReader> artifact = ArtifactReader::open(folder / "x.moe", Verify::full);
  ASSERT_TRUE(artifact.ok()) << artifact.status().message();
  Result<RankWeights> weights = RankWeights::map(*artifact, *artifact->plan(2), 0);
  ASSERT_TRUE(weights.ok());
  EXPECT_NE(weights->addresses()[1], nullptr);
  const auto *table = static_cast<const void *const *>(weights->addresses()[3]);
  EXPECT_NE(table[0], nullptr);
  EXPECT_EQ(table[3], nullptr);
}

}  // namespace
}  // namespace switchyard::artifact
