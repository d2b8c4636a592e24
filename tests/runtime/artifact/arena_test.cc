#include "runtime/artifact/arena.h"

#include <gtest/gtest.h>

#include <random>

namespace switchyard::artifact {
namespace {

TEST(Arena, PlacesLargestFirstAtTheLowestGap) {
  std::vector<Slot> slots = {{100, 0, 1}, {300, 0, 3}, {64, 2, 3}, {200, 2, 3}, {0, 0, 3}};
  Result<ArenaLayout> layout = layOutArena(slots, {});
  ASSERT_TRUE(layout.ok()) << layout.status().message();
  // 300 at 0; 200 behind it at 320; 100 is dead when 200 lives and takes its place; 64 lives with both, so behind 200.
  EXPECT_EQ(layout->offsets, (std::vector<int64_t>{320, 0, 576, 320, 0}));
  EXPECT_EQ(layout->bytes, 640u);
}

TEST(Arena, FillsAGapThatALongerLifeLeaves) {
  // 0: [0, 512) early; 1: [512, 812) always; 2 comes when 0 is gone and fits below 1; 3 fits behind 2, still below 1.
  std::vector<Slot> slots = {{512, 0, 1}, {300, 0, 9}, {256, 5, 6}, {200, 5, 6}};
  Result<ArenaLayout> layout = layOutArena(slots, {});
  ASSERT_TRUE(layout.ok());
  EXPECT_EQ(layout->offsets, (std::vector<int64_t>{0, 512, 0, 256}));
}

TEST(Arena, SizesAreFormulas) {
  ExpressionScope scope{{{"tokens", 33}}, 4, 2};
  std::vector<Slot> slots = {{ceilDivide(Expression::dimension("tokens"), Expression::ranks()) * 8, 0, 0},
                             {Expression::threads() * 10, 0, 0}};
  Result<ArenaLayout> layout = layOutArena(slots, scope);
  ASSERT_TRUE(layout.ok());
  EXPECT_EQ(layout->offsets, (std::vector<int64_t>{0, 128}));
  EXPECT_EQ(layout->bytes, 148u);
}

TEST(Arena, ASizeThatGrowsWhileADimensionShrinksHasRoom) {
  const Expression rest = Expression::dimension("n") - Expression::dimension("m");
  const std::vector<Slot> slots = {{rest * 64, 0, 1}, {Expression::dimension("n") * 4, 0, 1}};
  const ArenaLayout layout = *layOutArena(slots, {{{"n", 40}, {"m", 40}}, 1, 1});
  EXPECT_EQ(layout.bytes, 40u * 64 + 40 * 4);
  for (int64_t n = 0; n <= 40; ++n)
    for (int64_t m = 0; m <= n; ++m)
      EXPECT_TRUE(checkArena(slots, layout, {{{"n", n}, {"m", m}}, 1, 1}).ok()) << n << " - " << m;
  const Status negative = checkArena(slots, layout, {{{"n", 3}, {"m", 4}}, 1, 1});
  EXPECT_EQ(negative.code(), ExitCode::limit);
  EXPECT_EQ(negative.message(), "slots[0]: expression '(n - m) * 64' is -64, but a size is not negative");
  EXPECT_EQ(checkArena(slots, layout, {{{"n", 41}, {"m", 0}}, 1, 1}).message(),
            "slots[0] needs 2624 bytes with m=0, n=41, ranks=1, threads=1, but only 2560 are laid out");
}

TEST(Arena, Faults) {
  EXPECT_EQ(layOutArena({{Expression::dimension("x"), 0, 0}}, {}).status().message(),
            "slots[0]: expression 'x': dimension 'x' is not known");
  EXPECT_EQ(layOutArena({{-8, 0, 0}}, {}).status().message(), "slots[0]: expression '-8' is -8, but a size is not negative");
  Status status = layOutArena({{1, 0, 0}, {INT64_MAX, 0, 0}}, {}).status();
  EXPECT_EQ(status.message(), "slots[1] of 9223372036854775807 bytes does not fit an arena; lower the limits");
  EXPECT_EQ(status.code(), ExitCode::limit);
}

TEST(Arena, NoTwoLivingSlotsOverlap) {
  std::mt19937 random(3);
  for (int round = 0; round < 50; ++round) {
    std::vector<Slot> slots;
    for (int i = 0; i < 40; ++i) {
      int64_t first = random() % 30;
      slots.push_back({int64_t(random() % 2000), first, first + int64_t(random() % 10)});
    }
    ArenaLayout layout = *layOutArena(slots, {});
    for (size_t a = 0; a < slots.size(); ++a) {
      int64_t sizeA = *slots[a].size.asConstant();
      EXPECT_EQ(layout.offsets[a] % 64, 0);
      EXPECT_LE(uint64_t(layout.offsets[a] + sizeA), layout.bytes);
      for (size_t b = 0; b < a; ++b) {
        bool together = slots[a].first <= slots[b].last && slots[b].first <= slots[a].last;
        bool overlap = layout.offsets[a] < layout.offsets[b] + *slots[b].size.asConstant() && layout.offsets[b] < layout.offsets[a] + sizeA;
        EXPECT_FALSE(together && overlap) << a << " and " << b;
      }
    }
  }
}

}  // namespace
}  // namespace switchyard::artifact
