// Ranks as threads: the cause is told, and nobody waits for a rank that has failed.
#include "runtime/launch/in_process.h"

#include <gtest/gtest.h>

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

TEST(InProcess, EndsWellWhenAllDo) {
  const exec::Fault fault = runInProcess(8, 60, [](comm::Communicator &communicator, exec::Progress &) {
    comm::Outcome failure = communicator.barrier({}, comm::Clock::now() + std::chrono::seconds(60));
    return failure ? exec::faultOf(*failure) : exec::Fault{};
  });
  EXPECT_TRUE(fault.ok()) << fault.status.message();
}

}  // namespace
}  // namespace switchyard::launch
