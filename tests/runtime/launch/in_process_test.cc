// Ranks as threads: the cause is told, and nobody waits for a rank that has failed.
#include "runtime/launch/in_process.h"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>

namespace switchyard::launch {
namespace {

TEST(InProcess, TellsTheCauseAndNotTheConsequence) {
  const exec::Fault fault = runInProcess(4, std::nullopt, [](comm::Communicator &communicator, exec::Progress &) {
    if (communicator.rank() == 2)
      return exec::Fault{limitError("rank 2: too much")};
    if (comm::Outcome failure = communicator.barrier({}, comm::Clock::now() + std::chrono::seconds(60)))
      return exec::faultOf(*failure);
    return exec::Fault{};
  });
  EXPECT_EQ(fault.status.code(), ExitCode::limit);
  EXPECT_EQ(fault.status.message(), "rank 2: too much");
}

/// Rank 1 hangs outside of every collective; the others wait for it in one.
exec::Fault hangOne(comm::Communicator &communicator, exec::Progress &progress) {
  progress.stage = static_cast<int32_t>(exec::Stage::running);
  progress.site.write("expert_mlp_f32");
  while (communicator.rank() == 1)
    std::this_thread::sleep_for(std::chrono::seconds(1));
  comm::Outcome failure = communicator.barrier({comm::Collective::exchangeRows, 3, 7}, comm::Clock::now() + std::chrono::milliseconds(200));
  return failure ? exec::faultOf(*failure) : exec::Fault{};
}

TEST(InProcess, AHangingRankEndsTheProcess) {
  EXPECT_EXIT(runInProcess(4, std::nullopt, hangOne), ::testing::ExitedWithCode(6),
              "rank [023], collective.exchange_rows #7 in layer 3: not heard in time: rank 1 \\(waited [0-9.]+ s\\); "
              "rank 1 in expert_mlp_f32 \\(step 0\\) did not stop");
}

TEST(InProcess, EndsWellWhenAllDo) {
  const exec::Fault fault = runInProcess(8, 60, [](comm::Communicator &communicator, exec::Progress &) {
    comm::Outcome failure = communicator.barrier({}, comm::Clock::now() + std::chrono::seconds(60));
    return failure ? exec::faultOf(*failure) : exec::Fault{};
  });
  EXPECT_TRUE(fault.ok()) << fault.status.message();
}

}  // namespace
}  // namespace switchyard::launch
