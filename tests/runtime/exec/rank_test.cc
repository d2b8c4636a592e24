// The toy artifact on many ranks: right, equal in every bit, and really distributed.
#include "runtime/exec/rank.h"
#include "runtime/launch/in_process.h"
#include "tests/runtime/exec/toy_artifact.h"
#include "tests/runtime/exec/toy_sizes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <mutex>

#include <unistd.h>

namespace switchyard::exec {
namespace {

struct RankResult {
  std::vector<std::vector<char>> outputs;  ///< by input set
  std::vector<RankCounts> counts;          ///< by input set
  std::vector<std::vector<int64_t>> mappedExperts;
  uint64_t writtenBytes = 0;  ///< of the arena
};

class RankTest : public ::testing::Test {
protected:
  static void SetUpTestSuite() {
    folder = std::filesystem::temp_directory_path() / ("switchyard-rank-test-" + std::to_string(::getpid()));
    const Status written = testing::writeToyArtifact(folder);
    ASSERT_TRUE(written.ok()) << written.message();
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder); }

  /// Runs the input sets on `ranks` ranks; the results by rank.
  std::vector<RankResult> run(int ranks, int threads, const std::vector<Array> &sets, bool reference = false) {
    LoadOptions options;
    options.path = folder;
    options.ranks = ranks;
    options.threads = threads;
    options.referenceKernels = reference;
    Result<std::unique_ptr<LoadedProgram>> program = LoadedProgram::load(options);
    EXPECT_TRUE(program.ok()) << program.status().message();
    std::vector<RankResult> results(ranks);
    if (!program.ok())
      return results;
    const Fault fault = launch::runInProcess(ranks, std::nullopt, [&](comm::Communicator &communicator, Progress &progress) {
      return runRank(**program, communicator, threads, sets, progress, results[communicator.rank()]);
    });
    EXPECT_TRUE(fault.ok()) << fault.status.message();
    for (RankResult &result : results) {
      result.outputs.resize(sets.size());
      result.counts.resize(sets.size(), RankCounts((*program)->manifest()));
      result.mappedExperts.resize(TOY_LAYERS);
    }
    arenaBytes = (*program)->arena().bytes;
    return results;
  }

  static Fault runRank(const LoadedProgram &program, comm::Communicator &communicator, int threads, const std::vector<Array> &sets,
                       Progress &progress, RankResult &result) {
    std::unique_ptr<Rank> rank;
    if (Fault fault = Rank::create(program, communicator, RankOptions{threads, true}, progress, rank); !fault.ok())
      return fault;
    // One set of outputs: the room of a step serves the next one, be it larger or smaller.
    std::vector<Output> outputs;
    for (const Array &set : sets) {
      std::vector<Array> inputs{set};
      if (Status status = rank->prepare(InputView::of(inputs), outputs); !status.ok())
        return Fault{status};
      rank->program().counts().reset();
      if (Fault fault = rank->step(); !fault.ok())
        return fault;
      result.outputs.emplace_back(outputs[0].data.data(), outputs[0].data.data() + outputs[0].bytes);
      result.counts.push_back(rank->program().counts());
    }
    for (int layer = 0; layer < TOY_LAYERS; ++layer)
      result.mappedExperts.push_back(rank->program().weights().mappedExperts(layer));
    const Result<uint64_t> written = rank->program().writtenArenaBytes();
    result.writtenBytes = written.ok() ? *written : 0;
    return Fault{written.status()};
  }

  static std::string folder;
  uint64_t arenaBytes = 0;
};

std::string RankTest::folder;

std::vector<Array> inputSets() {
  return {testing::toyTokens(13, 7), testing::toyTokens(1, 8), testing::toyTokens(0, 9), testing::toyTokens(TOY_TOKENS, 10, true),
          testing::toyTokens(TOY_TOKENS, 11)};
}

TEST_F(RankTest, EqualsThePlainModel) {
  const std::vector<Array> sets = inputSets();
  const std::vector<RankResult> results = run(1, 1, sets);
  for (size_t set = 0; set < sets.size(); ++set) {
    const std::vector<float> want = testing::toyReference(sets[set]);
    std::vector<float> got(want.size());
    ASSERT_EQ(results[0].outputs[set].size(), want.size() * sizeof(float));
    std::copy_n(results[0].outputs[set].data(), results[0].outputs[set].size(), reinterpret_cast<char *>(got.data()));
    for (size_t index = 0; index < want.size(); ++index)
      ASSERT_NEAR(got[index], want[index], 1e-3 * std::max(1.0f, std::fabs(want[index]))) << "set " << set << ", element " << index;
  }
}

TEST_F(RankTest, BitsDoNotDependOnRanksThreadsOrKernels) {
  const std::vector<Array> sets = inputSets();
  const std::vector<RankResult> one = run(1, 1, sets);
  for (int ranks : {1, 2, 3, 4, 5, 7, 8, 16})
    for (int threads : {1, 2}) {
      const std::vector<RankResult> many = run(ranks, threads, sets, threads == 2);
      for (int rank = 0; rank < ranks; ++rank)
        EXPECT_EQ(many[rank].outputs, one[0].outputs) << "rank " << rank << " of " << ranks << ", " << threads << " threads";
    }
}

TEST_F(RankTest, WorkIsDistributed) {
  const std::vector<Array> sets = inputSets();
  for (int ranks : {1, 2, 3, 8}) {
    const std::vector<RankResult> results = run(ranks, 1, sets);
    for (int layer = 0; layer < TOY_LAYERS; ++layer) {
      std::vector<int> owners(TOY_EXPERTS);
      for (const RankResult &result : results)
        for (int64_t expert : result.mappedExperts[layer])
          ++owners[expert];
      EXPECT_EQ(owners, std::vector<int>(TOY_EXPERTS, 1));
      for (size_t set = 0; set < sets.size(); ++set) {
        std::vector<int64_t> routes(TOY_EXPERTS);
        int64_t sent = 0;
        for (const RankResult &result : results) {
          sent += result.counts[set].layers[layer].rowsSent;
          for (int expert = 0; expert < TOY_EXPERTS; ++expert)
            routes[expert] += result.counts[set].layers[layer].tokensPerExpert[expert];
        }
        EXPECT_EQ(sent, sets[set].shape[0] * TOY_CHOICES);
        for (const RankResult &result : results) {
          int64_t owned = 0;
          for (int64_t expert : result.mappedExperts[layer])
            owned += routes[expert];
          EXPECT_EQ(result.counts[set].layers[layer].rowsReceived, owned);
        }
      }
    }
  }
}

TEST_F(RankTest, HighWaterMarkIsWithinTheBoundAndReachesItInTheWorstCase) {
  for (int ranks : {1, 2, 4}) {
    const std::vector<RankResult> few = run(ranks, 1, {testing::toyTokens(3, 5)});
    EXPECT_GT(few[0].writtenBytes, 0u);
    EXPECT_LT(few[0].writtenBytes, arenaBytes / 4) << "of " << arenaBytes << " on " << ranks << " ranks";
    // Tokens that are alike choose the same experts; with some seeds these belong to one rank.
    bool found = false;
    for (unsigned seed = 0; seed < 100 && !found; ++seed) {
      const std::vector<RankResult> worst = run(ranks, 1, {testing::toyTokens(TOY_TOKENS, seed, true)});
      for (const RankResult &result : worst) {
        EXPECT_LE(result.writtenBytes, arenaBytes);
        if (result.counts[0].layers[0].rowsReceived < TOY_TOKENS * TOY_CHOICES)
          continue;
        found = true;
        EXPECT_GE(result.writtenBytes, arenaBytes * 85 / 100) << "of " << arenaBytes << " on " << ranks << " ranks, seed " << seed;
      }
    }
    EXPECT_TRUE(found) << ranks << " ranks";
  }
}

TEST_F(RankTest, TooManyTokensAreRefused) {
  LoadOptions options;
  options.path = folder;
  Result<std::unique_ptr<LoadedProgram>> program = LoadedProgram::load(options);
  ASSERT_TRUE(program.ok()) << program.status().message();
  RankResult result;
  const Fault fault = launch::runInProcess(1, std::nullopt, [&](comm::Communicator &communicator, Progress &progress) {
    return runRank(**program, communicator, 1, {testing::toyTokens(TOY_TOKENS + 1, 1)}, progress, result);
  });
  EXPECT_EQ(fault.status.code(), ExitCode::limit);
  EXPECT_EQ(fault.status.message(),
            "dimension 'tokens' is 33, the limit is 32; raise it with --max-batch or --max-seq, of which it is the product");
}

/// What the loader says of the toy artifact when the size of the slot in which layer 0 receives rows is `size`.
Status loadWithReceivedRowsOf(const std::string &folder, const std::string &size, int threads) {
  artifact::Manifest manifest = testing::toyManifest();
  Result<artifact::Expression> expression = artifact::Expression::parse(size);
  EXPECT_TRUE(expression.ok()) << expression.status().message();
  manifest.slots[6].size = *expression;
  LoadOptions options;
  options.path = folder + "-small";
  options.ranks = 2;
  options.threads = threads;
  const Status written = testing::writeToyArtifact(options.path, 1, manifest);
  EXPECT_TRUE(written.ok()) << written.message();
  const Status status = LoadedProgram::load(options).status();
  std::filesystem::remove_all(options.path);
  return status;
}

TEST_F(RankTest, BuffersThatAreTooSmallAreRefused) {
  EXPECT_TRUE(loadWithReceivedRowsOf(folder, "tokens * 2 * 96", 1).ok());
  const Status small = loadWithReceivedRowsOf(folder, "tokens * 2 * 96 - 1", 1);
  EXPECT_EQ(small.code(), ExitCode::invalid);
  EXPECT_EQ(small.message(),
            "default plan for 2 ranks: schedule: all ranks, phase 1 (exchange_rows of layer 0): slots[6] has 6143 bytes; the worst routing "
            "over 2 ranks has 64 rows of 96 bytes at the owner");
  // Large enough with one thread, too small with the two of this run.
  EXPECT_TRUE(loadWithReceivedRowsOf(folder, "tokens * 2 * 96 - 8 * (threads - 1)", 1).ok());
  EXPECT_EQ(
      loadWithReceivedRowsOf(folder, "tokens * 2 * 96 - 8 * (threads - 1)", 2).message(),
      "schedule: all ranks, phase 1 (exchange_rows of layer 0): slots[6] has 6136 bytes; the worst routing over 2 ranks has 64 rows of "
      "96 bytes at the owner");
}

TEST_F(RankTest, StepsWhoseBuffersGrowWithFewerTokensRun) {
  // Of 3072 bytes at the limit of 32 tokens, and larger with fewer.
  artifact::Manifest manifest = testing::toyManifest();
  const size_t slot = manifest.slots.size() - 1;
  Result<artifact::Expression> size = artifact::Expression::parse("(64 - tokens) * 96");
  ASSERT_TRUE(size.ok()) << size.status().message();
  manifest.slots[slot].size = *size;
  LoadOptions options;
  options.path = folder + "-growing";
  const Status written = testing::writeToyArtifact(options.path, 1, manifest);
  ASSERT_TRUE(written.ok()) << written.message();
  Result<std::unique_ptr<LoadedProgram>> program = LoadedProgram::load(options);
  ASSERT_TRUE(program.ok()) << program.status().message();
  RankResult result;
  const Fault fault = launch::runInProcess(1, std::nullopt, [&](comm::Communicator &communicator, Progress &progress) {
    return runRank(**program, communicator, 1, {testing::toyTokens(TOY_TOKENS, 1), testing::toyTokens(13, 1)}, progress, result);
  });
  std::filesystem::remove_all(options.path);
  EXPECT_TRUE(fault.ok()) << fault.status.message();
  EXPECT_EQ(result.outputs.size(), 2u);
  EXPECT_EQ((*program)->arena().sizes[slot], 64u * 96);
}

}  // namespace
}  // namespace switchyard::exec
