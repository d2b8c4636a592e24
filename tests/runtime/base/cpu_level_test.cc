// CPU levels include those below, and agree with the features that they are made of.
#include "runtime/base/cpu_level.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

TEST(CpuLevel, LevelsGrow) {
  bool higher = true;
  for (const std::string &level : cpuLevels()) {
    EXPECT_TRUE(higher || !cpuSupports(level)) << level;
    higher = cpuSupports(level);
  }
}

TEST(CpuLevel, FeaturesAgreeWithTheLevel) {
  for (const std::string &level : cpuLevels())
    EXPECT_TRUE(!cpuSupports(level) || missingFeatures(level).empty()) << level;
  const auto none = [](llvm::StringRef) { return false; };
  size_t features = 0;
  for (const std::string &level : cpuLevels()) {
    EXPECT_GE(missingFeatures(level, none).size(), features) << level;
    features = missingFeatures(level, none).size();
  }
  EXPECT_EQ(missingFeatures("x86-64", none), std::vector<std::string>{});
}

}  // namespace
}  // namespace switchyard
