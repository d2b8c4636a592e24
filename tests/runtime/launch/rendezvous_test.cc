// Ranks of a foreign launcher find the store of their rank 0.
#include "runtime/launch/rendezvous.h"

#include <gtest/gtest.h>

#include <thread>

#include <unistd.h>

namespace switchyard::launch {
namespace {

using comm::Clock;
using std::chrono::milliseconds;

RankEnvironment rankOf(const std::string &launcher, const std::string &job) { return {launcher, 0, 2, job, "SOME_RANK"}; }

std::string freshName(const std::string &test) { return "switchyard-test/" + std::to_string(::getpid()) + "/" + test; }

TEST(Rendezvous, NamesTellJobsApart) {
  const std::string one = rendezvousName(rankOf("torchrun", "one"));
  EXPECT_EQ(one, rendezvousName(rankOf("torchrun", "one")));
  EXPECT_NE(one, rendezvousName(rankOf("torchrun", "two")));
  EXPECT_NE(one, rendezvousName(rankOf("slurm", "one")));
  EXPECT_NE(one.find("/" + std::to_string(::geteuid()) + "/"), std::string::npos);
  EXPECT_EQ(rendezvousName(rankOf("hydra", "")), rendezvousName(rankOf("hydra", "")));
}

TEST(Rendezvous, LeadsToTheStore) {
  const std::string name = freshName("store");
  std::unique_ptr<comm::StoreServer> server;
  std::thread first([&] {
    std::this_thread::sleep_for(milliseconds(50));
    auto hosted = hostStore(name, 2, Clock::now() + std::chrono::seconds(30));
    ASSERT_TRUE(hosted.ok()) << hosted.status().message();
    server = *std::move(hosted);
  });
  const auto client = joinStore(name, 1, 2, Clock::now() + std::chrono::seconds(30));
  first.join();
  EXPECT_TRUE(client.ok()) << client.status().message();
  const Status waited = awaitRanks(*server, 2, Clock::now() + milliseconds(50));
  EXPECT_EQ(waited.message(), "1 of 2 ranks joined in time; not seen: rank 0");
  EXPECT_EQ(waited.code(), ExitCode::communication);
}

TEST(Rendezvous, WaitsForTheJobBefore) {
  const std::string name = freshName("before");
  auto before = hostStore(name, 1, Clock::now());
  ASSERT_TRUE(before.ok()) << before.status().message();
  const auto tooSoon = hostStore(name, 1, Clock::now() + milliseconds(50));
  ASSERT_FALSE(tooSoon.ok());
  EXPECT_EQ(tooSoon.status().code(), ExitCode::communication);
  std::thread ends([&] {
    std::this_thread::sleep_for(milliseconds(50));
    *before = nullptr;
  });
  const auto after = hostStore(name, 1, Clock::now() + std::chrono::seconds(30));
  ends.join();
  EXPECT_TRUE(after.ok()) << after.status().message();
}

TEST(Rendezvous, NobodyThereEndsAtTheDeadline) {
  const auto client = joinStore(freshName("nobody"), 1, 2, Clock::now() + milliseconds(50));
  ASSERT_FALSE(client.ok());
  EXPECT_EQ(client.status().code(), ExitCode::communication);
}

}  // namespace
}  // namespace switchyard::launch
