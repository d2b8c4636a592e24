// Which of many ends is the cause.
#include "runtime/launch/job_end.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstring>

namespace switchyard::launch {
namespace {

constexpr int exitedWith(int code) { return code << 8; }
constexpr int killedBy(int signal) { return signal; }

class JobEndTest : public ::testing::Test {
protected:
  JobEndTest() : page(*ProgressPage::create(3)) {}
  void fail(int rank, ExitCode code, const char *message, bool consequence) {
    record(page.of(rank), exec::Fault{Status(code, message), consequence});
    end.ended(rank, 100 + rank, exitedWith(static_cast<int>(code)), JobEnd::Clock::now(), false);
  }
  std::string summary() { return end.summary(page, JobEnd::Clock::now()); }

  ProgressPage page;
  JobEnd end;
};

TEST_F(JobEndTest, GoodEndsAreSilent) {
  for (int rank = 0; rank < 3; ++rank) {
    page.of(rank).stage = static_cast<int32_t>(exec::Stage::finishing);
    end.ended(rank, 100 + rank, exitedWith(0), JobEnd::Clock::now(), false);
  }
  EXPECT_FALSE(end.failed(page));
  EXPECT_EQ(end.exitCode(page), 0);
  EXPECT_EQ(summary(), "");
}

TEST_F(JobEndTest, TheDeadRankIsTheCauseEvenIfSeenLater) {
  fail(0, ExitCode::communication, "rank 0: the connection to rank 2 broke", true);
  page.of(2).stage = static_cast<int32_t>(exec::Stage::running);
  page.of(2).layer = 7;
  page.of(2).site.write("expert_mlp_f32");
  end.ended(2, 102, killedBy(SIGSEGV), JobEnd::Clock::now(), false);
  EXPECT_EQ(end.exitCode(page), 128 + SIGSEGV);
  EXPECT_EQ(summary().find("rank 2 (pid 102) was killed by SIGSEGV during expert_mlp_f32 in layer 7 (step 0); all ranks stopped after"), 0u)
      << summary();
}

TEST_F(JobEndTest, ADeathBeforeTheFirstCallIsSaidToBeOne) {
  page.of(2).stage = static_cast<int32_t>(exec::Stage::running);
  end.ended(2, 102, killedBy(SIGSEGV), JobEnd::Clock::now(), false);
  EXPECT_EQ(summary().find("rank 2 (pid 102) was killed by SIGSEGV during generated code before the first call (step 0)"), 0u)
      << summary();
}

TEST_F(JobEndTest, TheFirstOfTwoCausesWins) {
  fail(1, ExitCode::limit, "rank 1: an id is out of range", false);
  end.ended(2, 102, killedBy(SIGKILL), JobEnd::Clock::now(), false);
  EXPECT_EQ(end.exitCode(page), 8);
}

TEST_F(JobEndTest, WhomTheSupervisorKilledIsNoCause) {
  fail(0, ExitCode::communication, "rank 0: not heard in time: rank 1", false);
  end.ended(1, 101, killedBy(SIGKILL), JobEnd::Clock::now(), true);
  EXPECT_EQ(end.exitCode(page), 6);
  EXPECT_EQ(summary().find("rank 0: not heard in time: rank 1; rank 1 was last in its start; all ranks stopped"), 0u) << summary();
}

TEST_F(JobEndTest, ManyStoppedRanksAreCounted) {
  ProgressPage many = *ProgressPage::create(34);
  record(many.of(0), exec::Fault{Status(ExitCode::communication, "rank 0: not heard in time: rank 1"), false});
  end.ended(0, 100, exitedWith(6), JobEnd::Clock::now(), false);
  for (int rank = 1; rank < 34; ++rank)
    end.ended(rank, 100 + rank, killedBy(SIGKILL), JobEnd::Clock::now(), true);
  const std::string text = end.summary(many, JobEnd::Clock::now());
  EXPECT_NE(text.find("; rank 8 was last in its start; and 25 more; all ranks stopped after "), std::string::npos) << text;
}

TEST_F(JobEndTest, ManyLateRanksAreCounted) {
  end.timedOut = true;
  for (int rank = 0; rank < 10; ++rank)
    end.late.push_back("rank " + std::to_string(rank) + " in its start");
  EXPECT_NE(summary().find(", rank 7 in its start, and 2 more"), std::string::npos) << summary();
  EXPECT_EQ(summary().find("--timeout reached; rank 0 in its start, rank 1 "), 0u) << summary();
}

TEST_F(JobEndTest, AFaultOfTheSupervisorIsTheCause) {
  fail(0, ExitCode::communication, "the rendezvous store has gone", false);
  end.own = resourceError("the rendezvous store cannot take in a rank: Too many open files");
  EXPECT_EQ(end.exitCode(page), 7);
  EXPECT_EQ(summary(), "the rendezvous store cannot take in a rank: Too many open files");
}

TEST_F(JobEndTest, WhatAllRanksSayIsSaidOnce) {
  for (int rank = 0; rank < 3; ++rank)
    fail(rank, ExitCode::usage, "input 'x' is missing", false);
  EXPECT_EQ(summary(), "input 'x' is missing");
  EXPECT_EQ(end.exitCode(page), 2);
}

TEST_F(JobEndTest, AnEarlyGoodEndIsAFault) {
  end.ended(1, 101, exitedWith(0), JobEnd::Clock::now(), false);
  EXPECT_TRUE(end.failed(page));
  EXPECT_EQ(end.exitCode(page), 6);
}

TEST_F(JobEndTest, ASignalFromOutsideIsTheCause) {
  end.signal = SIGTERM;
  end.ended(1, 101, killedBy(SIGTERM), JobEnd::Clock::now(), true);
  EXPECT_EQ(end.exitCode(page), 143);
  EXPECT_EQ(summary(), "stopped by SIGTERM");
}

}  // namespace
}  // namespace switchyard::launch
