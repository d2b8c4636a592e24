#include "tests/runtime/comm/backends.h"

#include "runtime/comm/gloo_communicator.h"
#include "runtime/comm/store.h"
#include "runtime/comm/thread_communicator.h"

#include <gtest/gtest.h>

#include <thread>

namespace switchyard::comm::testing {

Communicators makeThreads(int size) { return makeThreadCommunicators(size); }

Communicators makeGloo(int size) {
  auto server = StoreServer::start(size);
  if (!server.ok()) {
    ADD_FAILURE() << server.status().message();
    return {};
  }
  const StoreAddress address = (*server)->address();
  Communicators ranks(size);
  std::vector<std::thread> threads;
  for (int rank = 0; rank < size; ++rank)
    threads.emplace_back([&, rank] {
      auto client = StoreClient::connect(address, rank, size, generous());
      ASSERT_TRUE(client.ok()) << client.status().message();
      auto made = makeGlooCommunicator(**client, rank, size, generous());
      ASSERT_TRUE(made.ok()) << made.status().message();
      ranks[rank] = *std::move(made);
    });
  for (std::thread &thread : threads)
    thread.join();
  return ranks;
}

std::vector<Outcome> onAllRanks(Communicators &ranks, const std::function<Outcome(Communicator &)> &body) {
  std::vector<Outcome> outcomes(ranks.size());
  std::vector<std::thread> threads;
  for (size_t rank = 0; rank < ranks.size(); ++rank)
    threads.emplace_back([&, rank] { outcomes[rank] = body(*ranks[rank]); });
  for (std::thread &thread : threads)
    thread.join();
  return outcomes;
}

}  // namespace switchyard::comm::testing
