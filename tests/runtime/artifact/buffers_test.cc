// The slots of collectives: too small, shared, dead or out of place, and what is said of it.
#include "runtime/artifact/buffers.h"
#include "runtime/artifact/verifier.h"

#include "tests/runtime/artifact/example_manifest.h"

#include <gtest/gtest.h>

#include <functional>

namespace switchyard::artifact {
namespace {

// Sites of the first layer of exampleProgram(); its slots are those of `Buffers` there, in order.
enum { counts = 1, dispatch = 2, giveBack = 4 };
enum { sourceRoute, receivedRoute, rows, there, done, back, own, tokens, secondLayer };

Expression parsed(llvm::StringRef text) {
  Result<Expression> expression = Expression::parse(text);
  EXPECT_TRUE(expression.ok()) << text.str();
  return expression.ok() ? *expression : Expression(-1);
}

/// 32 tokens at the limits, two slots each, rows of 64 bytes; 2 layers of 5 experts.
std::string messageAfter(const std::function<void(Manifest &)> &change, int64_t ranks = 4) {
  Manifest manifest = exampleProgram(2, 5, 2);
  change(manifest);
  EXPECT_TRUE(manifest.validate().ok()) << manifest.validate().message();
  Result<Plan> plan = defaultPlan(manifest, ranks);
  EXPECT_TRUE(plan.ok()) << plan.status().message();
  const Status status = verifySchedule(manifest, *plan);
  EXPECT_TRUE(status.ok() || status.code() == ExitCode::invalid);
  return status.message();
}

TEST(Buffers, SufficeForAllNumbersOfRanks) {
  for (int64_t ranks = 1; ranks <= maxRanks; ++ranks)
    EXPECT_EQ(messageAfter([](Manifest &) {}, ranks), "");
}

TEST(Buffers, OneByteLessIsRefused) {
  EXPECT_EQ(
      messageAfter([](Manifest &m) { m.slots[rows].size = 1023; }),
      "schedule: all ranks, phase 1 (exchange_rows of layer 0): slots[2] has 1023 bytes; the worst routing over 4 ranks has 16 rows of "
      "64 bytes at the source");
  EXPECT_EQ(
      messageAfter([](Manifest &m) { m.slots[there].size = 4095; }),
      "schedule: all ranks, phase 1 (exchange_rows of layer 0): slots[3] has 4095 bytes; the worst routing over 4 ranks has 64 rows of "
      "64 bytes at the owner");
  EXPECT_EQ(messageAfter([](Manifest &m) { m.slots[done].size = 4095; }),
            "schedule: all ranks, phase 2 (return_rows of layer 0): slots[4] has 4095 bytes; the worst routing over 4 ranks has 64 rows of "
            "64 bytes at the owner");
  EXPECT_EQ(messageAfter([](Manifest &m) { m.slots[back].size = 1023; }),
            "schedule: all ranks, phase 2 (return_rows of layer 0): slots[5] has 1023 bytes; the worst routing over 4 ranks has 16 rows of "
            "64 bytes at the source");
  EXPECT_EQ(
      messageAfter([](Manifest &m) { m.slots[own].size = 511; }),
      "schedule: all ranks, phase 3 (all_gather_tokens of layer 0): slots[6] has 511 bytes; the worst routing over 4 ranks has 8 rows "
      "of 64 bytes at the source");
  EXPECT_EQ(messageAfter([](Manifest &m) { m.slots[secondLayer + tokens].size = 2047; }),
            "schedule: all ranks, phase 7 (all_gather_tokens of layer 1): slots[15] has 2047 bytes; the worst routing over 4 ranks has 32 "
            "rows of 64 bytes at the owner");
}

// The share of 32 tokens is 11 on 3 ranks and 8 on 4: a size that is right for one number is not for another.
TEST(Buffers, RoomIsAskedForEachNumberOfRanks) {
  const auto floored = [](Manifest &m) { m.slots[rows].size = parsed("floordiv(batch * sequence, ranks) * 128"); };
  EXPECT_EQ(messageAfter(floored, 4), "");
  EXPECT_EQ(
      messageAfter(floored, 3),
      "schedule: all ranks, phase 1 (exchange_rows of layer 0): slots[2] has 1280 bytes; the worst routing over 3 ranks has 22 rows of "
      "64 bytes at the source");
}

TEST(Buffers, RowsAreAsWideAsTheLayer) {
  EXPECT_EQ(
      messageAfter([](Manifest &m) { m.layers[1].hidden = 17; }),
      "schedule: all ranks, phase 5 (exchange_rows of layer 1): slots[10] has 1024 bytes; the worst routing over 4 ranks has 16 rows of "
      "68 bytes at the source");
  EXPECT_EQ(
      messageAfter([](Manifest &m) { m.layers[0].hidden = INT64_MAX / 8; }),
      "schedule: all ranks, phase 1 (exchange_rows of layer 0): slots[2] has 1024 bytes; the worst routing over 4 ranks has 16 rows of "
      "4611686018427387900 bytes at the source");
}

TEST(Buffers, OneSlotForTwoTensorsIsRefused) {
  EXPECT_EQ(messageAfter([](Manifest &m) { m.sites[dispatch].buffers[0] = there; }),
            "schedule: all ranks, phase 1 (exchange_rows of layer 0): slots[3] is its tensor 0 and its tensor 3");
}

TEST(Buffers, RowsTravelByTheRoutesOfTheirCounts) {
  EXPECT_EQ(messageAfter([](Manifest &m) { m.sites[dispatch].buffers[2] = back; }),
            "schedule: all ranks, phase 1 (exchange_rows of layer 0): its received route is slots[5], but the layer exchanged counts by "
            "slots[1]");
  EXPECT_EQ(
      messageAfter([](Manifest &m) { m.sites[giveBack].buffers[2] = tokens; }),
      "schedule: all ranks, phase 2 (return_rows of layer 0): its source route is slots[7], but the layer exchanged counts by slots[0]");
}

TEST(Buffers, LiveWhenTheyAreUsed) {
  // Gone before the rows arrive.
  EXPECT_EQ(
      messageAfter([](Manifest &m) { m.slots[rows].last = 1; }),
      "schedule: all ranks, phase 1 (exchange_rows of layer 0): its buffers do not live together: the collective before is at step 1 or "
      "later, slots[2] lives to step 1");
  // The route that rows return by is overwritten after they were sent.
  EXPECT_EQ(messageAfter([](Manifest &m) { m.slots[sourceRoute].last = 2; }),
            "schedule: all ranks, phase 2 (return_rows of layer 0): its buffers do not live together: slots[5] lives from step 4, slots[0] "
            "lives to step 2");
  // Each collective alone could run, but not in this order.
  EXPECT_EQ(messageAfter([](Manifest &m) {
              for (int slot : {sourceRoute, receivedRoute, rows, there, done, back, own, tokens})
                m.slots[secondLayer + slot].first = 0, m.slots[secondLayer + slot].last = 5;
            }),
            "schedule: all ranks, phase 4 (exchange_counts of layer 1): its buffers do not live together: the collective before is at step "
            "5 or later, slots[8] lives to step 5");
}

TEST(Buffers, OneOfEachTensor) {
  Manifest manifest = exampleProgram(2, 5, 2);
  const Plan plan = *defaultPlan(manifest, 4);
  manifest.sites[counts].buffers.pop_back();
  EXPECT_EQ(
      verifySchedule(manifest, plan).message(),
      "schedule: all ranks, phase 0 (exchange_counts of layer 0): it names 1 buffers for its 2 tensors, or one that is not among the 16 "
      "slots");
  manifest.sites[counts].buffers.push_back(16);
  EXPECT_EQ(
      verifySchedule(manifest, plan).message(),
      "schedule: all ranks, phase 0 (exchange_counts of layer 0): it names 2 buffers for its 2 tensors, or one that is not among the 16 "
      "slots");
}

TEST(Buffers, WithoutNamesNothingIsProved) {
  EXPECT_EQ(messageAfter([](Manifest &m) { m.sites[dispatch].buffers.clear(); }),
            "schedule: all ranks, phase 1 (exchange_rows of layer 0): it names no buffers of the arena; compile the model again with the "
            "moe-opt of this release");
}

/// The first layout of the example on 4 ranks, changed.
std::string messageOfLayout(const std::function<void(ArenaLayout &)> &change) {
  Manifest manifest = exampleProgram(2, 5, 2);
  ArenaLayout layout = *layOutArena(manifest.slots, manifest.limits(4, 2));
  change(layout);
  return checkBuffers(manifest, *defaultPlan(manifest, 4), layout).message();
}

TEST(Buffers, ALayoutIsRightOrRefused) {
  EXPECT_EQ(messageOfLayout([](ArenaLayout &) {}), "");
  EXPECT_EQ(
      messageOfLayout([](ArenaLayout &layout) { layout.sizes[there] = 4095; }),
      "schedule: all ranks, phase 1 (exchange_rows of layer 0): slots[3] has 4095 bytes; the worst routing over 4 ranks has 64 rows of "
      "64 bytes at the owner");
  EXPECT_EQ(messageOfLayout([](ArenaLayout &layout) {
              layout.bytes = 40000;
              layout.offsets[there] = 30720;
              layout.offsets[rows] = 30720 - 1023;
            }),
            "schedule: all ranks, phase 1 (exchange_rows of layer 0): slots[2] at [29697, 30721) overlaps slots[3] at [30720, 34816)");
  EXPECT_EQ(messageOfLayout([](ArenaLayout &layout) {
              layout.bytes = 20000;
              layout.offsets[tokens] = 20000 - 2047;
            }),
            "schedule: all ranks, phase 3 (all_gather_tokens of layer 0): slots[7] at [17953, 20001) ends behind the arena of 20000 bytes");
}

// A slot may shrink with more threads: the layout of a run is asked, not that of the compiler.
TEST(Buffers, TheLayoutOfARunIsAsked) {
  Manifest manifest = exampleProgram(1, 5, 2);
  manifest.slots[there].size = parsed("floordiv(4096, threads)");
  const Plan plan = *defaultPlan(manifest, 4);
  EXPECT_TRUE(verifySchedule(manifest, plan).ok());
  EXPECT_TRUE(checkBuffers(manifest, plan, *layOutArena(manifest.slots, manifest.limits(4, 1))).ok());
  EXPECT_FALSE(checkBuffers(manifest, plan, *layOutArena(manifest.slots, manifest.limits(4, 2))).ok());
}

}  // namespace
}  // namespace switchyard::artifact
