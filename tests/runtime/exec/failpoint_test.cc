// The grammar of MOE_FAILPOINT, and where it acts.
#include "runtime/exec/failpoint.h"

#include <gtest/gtest.h>

namespace switchyard::exec {
namespace {

TEST(Failpoint, ActsOnceWhereItIsMeant) {
  Result<Failpoint> failpoint = Failpoint::parse("collective.exchange_rows:rank=2,layer=1,step=3,action=fail");
  ASSERT_TRUE(failpoint.ok()) << failpoint.status().message();
  EXPECT_TRUE(failpoint->reach("collective.return_rows", 1, 2, 3).ok());
  EXPECT_TRUE(failpoint->reach("collective.exchange_rows", 0, 2, 3).ok());
  EXPECT_TRUE(failpoint->reach("collective.exchange_rows", 1, 1, 3).ok());
  EXPECT_TRUE(failpoint->reach("collective.exchange_rows", 1, 2, 2).ok());
  EXPECT_FALSE(failpoint->reach("collective.exchange_rows", 1, 2, 3).ok());
  EXPECT_TRUE(failpoint->reach("collective.exchange_rows", 1, 2, 3).ok());
}

TEST(Failpoint, StarMeansAnyCall) {
  Result<Failpoint> failpoint = Failpoint::parse("*:action=fail");
  ASSERT_TRUE(failpoint.ok());
  EXPECT_FALSE(failpoint->reach("gate_f32", 0, 0, 0).ok());
}

TEST(Failpoint, RefusesWhatItDoesNotKnow) {
  for (const char *text : {"gate_f32", "gate_f32:rank=1", "gate_f32:action=explode", "gate_f32:rank=x,action=fail", "gate_f32:action=delay",
                           "gate_f32:action=delay=soon", "gate_f32:color=red,action=fail"}) {
    Result<Failpoint> failpoint = Failpoint::parse(text);
    ASSERT_FALSE(failpoint.ok()) << text;
    EXPECT_EQ(failpoint.status().code(), ExitCode::usage);
  }
}

}  // namespace
}  // namespace switchyard::exec
