// Ranks of a foreign launcher find the store of their rank 0.
#include "runtime/launch/rendezvous_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include <unistd.h>

namespace switchyard::launch {
namespace {

using comm::Clock;

std::string freshPath(const std::string &name) {
  return std::filesystem::temp_directory_path() / ("switchyard-rendezvous-" + std::to_string(::getpid()) + "-" + name);
}

TEST(RendezvousFile, LeadsToTheStore) {
  const RendezvousFile file(freshPath("store"));
  std::unique_ptr<comm::StoreServer> server;
  std::thread first([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    auto started = comm::StoreServer::start(2);
    ASSERT_TRUE(started.ok());
    server = *std::move(started);
    EXPECT_TRUE(file.publish(server->address()).ok());
  });
  const auto client = file.connect(1, 2, Clock::now() + std::chrono::seconds(30));
  first.join();
  EXPECT_TRUE(client.ok()) << client.status().message();
  file.remove();
}

TEST(RendezvousFile, AnOldFileIsNotTrusted) {
  const RendezvousFile file(freshPath("old"));
  ASSERT_TRUE(file.publish({"127.0.0.1", 9, "a job that has ended"}).ok());
  const auto client = file.connect(1, 2, Clock::now() + std::chrono::milliseconds(100));
  ASSERT_FALSE(client.ok());
  EXPECT_EQ(client.status().code(), ExitCode::communication);
  file.remove();
}

TEST(RendezvousFile, JobsHaveFilesOfTheirOwn) {
  const auto server = comm::StoreServer::start(1);
  ASSERT_TRUE(server.ok());
  const RendezvousFile one(RankEnvironment{"torchrun", 0, 2, "one"}), two(RankEnvironment{"torchrun", 0, 2, "two"});
  ASSERT_TRUE(one.publish((*server)->address()).ok());
  const auto client = two.connect(0, 1, Clock::now() + std::chrono::milliseconds(100));
  one.remove();
  ASSERT_FALSE(client.ok());
  EXPECT_NE(client.status().message().find("left no rendezvous file"), std::string::npos) << client.status().message();
}

}  // namespace
}  // namespace switchyard::launch
