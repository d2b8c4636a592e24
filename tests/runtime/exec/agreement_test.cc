// Ranks that would run different things say so before they run anything.
#include "runtime/comm/thread_communicator.h"
#include "runtime/exec/agreement.h"

#include <gtest/gtest.h>

#include <thread>

namespace switchyard::exec {
namespace {

/// Runs the agreement of four ranks, of which one is odd; the message of rank 0.
Fault agreeWith(int odd, const Identity &other) {
  const Identity common{"aaaaaaaaaaaaaaaa", "bbbbbbbb", "cccccccc", "x86-64-v3", 1};
  auto communicators = comm::makeThreadCommunicators(4);
  std::vector<Fault> faults(4);
  std::vector<std::thread> threads;
  const artifact::Plan plan{4, {}, {}};
  for (int rank = 0; rank < 4; ++rank)
    threads.emplace_back([&, rank] {
      Collectives collectives(*communicators[rank], plan, std::chrono::seconds(60));
      faults[rank] = agree(collectives, rank == odd ? other : common);
    });
  for (std::thread &thread : threads)
    thread.join();
  for (const Fault &fault : faults)
    EXPECT_EQ(fault.status.message(), faults[0].status.message());
  return faults[0];
}

TEST(Agreement, EqualRanksAgree) { EXPECT_TRUE(agreeWith(-1, {}).ok()); }

TEST(Agreement, TheOddRankIsNamed) {
  Fault fault = agreeWith(2, {"dddd", "bbbbbbbb", "cccccccc", "x86-64-v3", 1});
  EXPECT_EQ(fault.status.code(), ExitCode::mismatch);
  EXPECT_EQ(fault.status.message(), "rank 2 has artifact dddd…, the others aaaaaaaaaaaaaaaa…: give every rank the same artifact");
  fault = agreeWith(0, {"aaaaaaaaaaaaaaaa", "bbbbbbbb", "cccccccc", "x86-64-v4", 1});
  EXPECT_EQ(fault.status.message(), "rank 0 runs code for x86-64-v4, the others for x86-64-v3: the processors of the ranks differ");
}

}  // namespace
}  // namespace switchyard::exec
