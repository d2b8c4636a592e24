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
  if (!std::holds_alternative<std::unique_ptr<StoreServer>>(server)) {
    ADD_FAILURE() << std::get<std::string>(server);
    return {};
  }
  const StoreAddress address = std::get<0>(server)->address();
  Communicators ranks(size);
  std::vector<std::thread> threads;
  for (int rank = 0; rank < size; ++rank)
    threads.emplace_back([&, rank] {
      auto client = StoreClient::connect(address, rank, size, generous());
      ASSERT_EQ(client.index(), 0u) << std::get<std::string>(client);
      auto made = makeGlooCommunicator(*std::get<0>(client), rank, size, generous());
      ASSERT_EQ(made.index(), 0u) << std::get<Failure>(made).message();
      ranks[rank] = std::move(std::get<0>(made));
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
