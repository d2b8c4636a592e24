// What every communicator must do, checked on every backend.
#include "tests/runtime/comm/backends.h"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>

namespace switchyard::comm::testing {
namespace {

using std::chrono::milliseconds;

struct Case {
  Backend backend;
  int size;
};

/// Every backend with every number of ranks from `least` on.
std::vector<Case> cases(int least) {
  std::vector<Case> all;
  for (int size : {1, 2, 3, 4, 8})
    all.push_back({{"threads", makeThreads}, size});
  all.push_back({{"threads", makeThreads}, 64});
#ifndef SWITCHYARD_THREADS_ONLY
  for (int size : {1, 2, 3, 4, 8})
    all.push_back({{"gloo", makeGloo}, size});
#endif
  std::erase_if(all, [&](const Case &one) { return one.size < least; });
  return all;
}

std::byte pattern(int source, int target, size_t index, int round) {
  return static_cast<std::byte>(source * 31 + target * 17 + index * 7 + round);
}

/// One exchange in which `bytes(source, target)` bytes travel, checked byte by byte.
Outcome exchangePattern(Communicator &rank, const std::function<size_t(int, int)> &bytes, int round) {
  const int own = rank.rank(), size = rank.size();
  std::vector<std::vector<std::byte>> out(size), in(size);
  std::vector<ConstBytes> send;
  std::vector<MutableBytes> receive;
  for (int peer = 0; peer < size; ++peer) {
    for (size_t index = 0; index < bytes(own, peer); ++index)
      out[peer].push_back(pattern(own, peer, index, round));
    in[peer].resize(bytes(peer, own));
    send.emplace_back(out[peer]);
    receive.emplace_back(in[peer]);
  }
  const OpTag tag{Collective::exchangeRows, 2, static_cast<uint32_t>(round)};
  if (Outcome failure = rank.exchange(send, receive, tag, generous()))
    return failure;
  for (int peer = 0; peer < size; ++peer)
    for (size_t index = 0; index < in[peer].size(); ++index)
      if (in[peer][index] != pattern(peer, own, index, round))
        return Failure{FailureKind::mismatch, own, peer, tag, 0, "wrong byte at " + std::to_string(index)};
  return std::nullopt;
}

void expectNoFailure(const std::vector<Outcome> &outcomes) {
  for (const Outcome &outcome : outcomes)
    EXPECT_FALSE(outcome.has_value()) << outcome->message();
}

class Conformance : public ::testing::TestWithParam<Case> {
protected:
  void SetUp() override {
    ranks = GetParam().backend.make(GetParam().size);
    ASSERT_EQ(static_cast<int>(ranks.size()), GetParam().size);
    for (const auto &rank : ranks)
      ASSERT_NE(rank, nullptr);
  }
  void expectExchange(const std::function<size_t(int, int)> &bytes, int rounds = 3) {
    expectNoFailure(onAllRanks(ranks, [&](Communicator &rank) -> Outcome {
      for (int round = 0; round < rounds; ++round)
        if (Outcome failure = exchangePattern(rank, bytes, round))
          return failure;
      return std::nullopt;
    }));
  }
  int size() const { return GetParam().size; }

  Communicators ranks;
};

/// What one rank alone cannot do: wait for another, differ from it, lose it.
class ConformanceOfPeers : public Conformance {};

TEST_P(Conformance, KnowsItsPlace) {
  for (int rank = 0; rank < size(); ++rank) {
    EXPECT_EQ(ranks[rank]->rank(), rank);
    EXPECT_EQ(ranks[rank]->size(), size());
    EXPECT_NE(ranks[rank]->describe().find(std::to_string(size()) + " ranks"), std::string::npos);
  }
}

TEST_P(Conformance, NoBytes) {
  expectExchange([](int, int) { return 0; });
}
TEST_P(Conformance, OneByte) {
  expectExchange([](int, int) { return 1; });
}
TEST_P(Conformance, Uneven) {
  expectExchange([](int source, int target) { return (source * 13 + target * 5) % 7 == 0 ? 0 : source * 1001 + target * 77 + 1; });
}
TEST_P(Conformance, AllToOne) {
  expectExchange([](int, int target) { return target == 0 ? 4097 : 0; });
}
TEST_P(Conformance, OneToAll) {
  expectExchange([&](int source, int) { return source == size() - 1 ? 70001 : 0; });
}
TEST_P(Conformance, ManyRounds) {
  expectExchange([](int source, int target) { return (source + target) * 3; }, 50);
}
TEST_P(Conformance, Large) {
  expectExchange([&](int source, int target) { return source != target ? (size_t(8) << 20) / (size() * size()) : 3; }, 1);
}

TEST_P(Conformance, AllGather) {
  expectNoFailure(onAllRanks(ranks, [&](Communicator &rank) -> Outcome {
    const int64_t own = 1000 + rank.rank();
    std::vector<int64_t> all(size());
    const OpTag tag{Collective::agree, -1, 0};
    if (Outcome failure = rank.allGather(std::as_bytes(std::span(&own, 1)), std::as_writable_bytes(std::span(all)), tag, generous()))
      return failure;
    for (int peer = 0; peer < size(); ++peer)
      if (all[peer] != 1000 + peer)
        return Failure{FailureKind::mismatch, rank.rank(), peer, tag, 0, "gathered " + std::to_string(all[peer])};
    return std::nullopt;
  }));
}

TEST_P(Conformance, AllGatherRefusesAWrongBuffer) {
  std::vector<std::byte> own(8), all(8 * size() + 1);
  const Outcome failure = ranks[0]->allGather(own, all, OpTag{}, generous());
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->kind, FailureKind::mismatch);
}

TEST_P(Conformance, BarrierHoldsEverybody) {
  std::atomic<int> entered = 0;
  expectNoFailure(onAllRanks(ranks, [&](Communicator &rank) -> Outcome {
    std::this_thread::sleep_for(milliseconds(rank.rank() % 4));
    ++entered;
    if (Outcome failure = rank.barrier(OpTag{}, generous()))
      return failure;
    if (entered != size())
      return Failure{FailureKind::mismatch, rank.rank(), -1, OpTag{}, 0, "left the barrier early"};
    return std::nullopt;
  }));
}

TEST_P(ConformanceOfPeers, AbortFromAnotherThread) {
  std::thread aborter([&] {
    std::this_thread::sleep_for(milliseconds(50));
    ranks[0]->abort("the user pressed a key");
  });
  const auto begin = Clock::now();
  // Rank 0 waits for the last rank, which never comes.
  const auto outcomes =
      onAllRanks(ranks, [&](Communicator &rank) { return rank.rank() == size() - 1 ? std::nullopt : rank.barrier(OpTag{}, generous()); });
  aborter.join();
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds(20));
  ASSERT_TRUE(outcomes[0].has_value());
  EXPECT_EQ(outcomes[0]->kind, FailureKind::aborted);
  EXPECT_NE(outcomes[0]->message().find("the user pressed a key"), std::string::npos) << outcomes[0]->message();
  for (int rank = 1; rank < size() - 1; ++rank)
    EXPECT_TRUE(outcomes[rank].has_value());
  EXPECT_TRUE(ranks[0]->barrier(OpTag{}, generous()).has_value()) << "a broken communicator works on";
}

TEST_P(ConformanceOfPeers, DeadlineNamesTheMissing) {
  const int missing = size() - 1;
  const OpTag tag{Collective::exchangeRows, 12, 17};
  const auto begin = Clock::now();
  const auto outcomes = onAllRanks(ranks, [&](Communicator &rank) -> Outcome {
    // The others come with time to spare, so that rank 0 is the first to give up.
    const Deadline deadline = rank.rank() == 0 ? after(milliseconds(300)) : generous();
    return rank.rank() == missing ? std::nullopt : rank.barrier(tag, deadline);
  });
  EXPECT_GE(Clock::now() - begin, milliseconds(290));
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds(20));
  ASSERT_TRUE(outcomes[0].has_value());
  EXPECT_EQ(outcomes[0]->kind, FailureKind::deadline);
  EXPECT_EQ(outcomes[0]->peer, missing);
  const std::string message = outcomes[0]->message();
  EXPECT_NE(message.find("collective.exchange_rows #17 in layer 12"), std::string::npos) << message;
  EXPECT_NE(message.find("rank " + std::to_string(missing)), std::string::npos) << message;
  EXPECT_NE(message.find("(waited "), std::string::npos) << message;
}

TEST_P(ConformanceOfPeers, ALateRankFailsAtOnce) {
  const int late = size() - 1;
  std::atomic<int> failed = 0;
  const auto outcomes = onAllRanks(ranks, [&](Communicator &rank) -> Outcome {
    if (rank.rank() != late) {
      Outcome failure = rank.barrier(OpTag{}, after(milliseconds(200)));
      ++failed;
      return failure;
    }
    while (failed < late)
      std::this_thread::sleep_for(milliseconds(5));
    const auto begin = Clock::now();
    Outcome failure = rank.barrier(OpTag{}, generous());
    EXPECT_LT(Clock::now() - begin, std::chrono::seconds(10));
    return failure;
  });
  for (const Outcome &outcome : outcomes)
    ASSERT_TRUE(outcome.has_value());
  // The deadline is the cause; whoever comes later is stopped by it.
  EXPECT_TRUE(outcomes[late]->kind == FailureKind::aborted || outcomes[late]->kind == FailureKind::peerLost) << outcomes[late]->message();
  for (const auto &rank : ranks)
    EXPECT_TRUE(rank->barrier(OpTag{}, generous()).has_value()) << "a broken communicator works on";
}

TEST_P(ConformanceOfPeers, DesyncNamesBothCollectives) {
  const auto outcomes = onAllRanks(ranks, [&](Communicator &rank) {
    const bool odd = rank.rank() == size() - 1;
    return rank.barrier(odd ? OpTag{Collective::returnRows, 4, 18} : OpTag{Collective::exchangeRows, 4, 17}, generous());
  });
  std::string named;
  for (const Outcome &outcome : outcomes) {
    ASSERT_TRUE(outcome.has_value());
    if (outcome->kind == FailureKind::mismatch)
      named += outcome->message() + "\n";
  }
  EXPECT_NE(named.find("collective.exchange_rows #17 in layer 4"), std::string::npos) << named;
  EXPECT_NE(named.find("collective.return_rows #18 in layer 4"), std::string::npos) << named;
}

TEST_P(ConformanceOfPeers, SizeMismatchIsAnErrorAndWritesNothing) {
  for (size_t sent : {size_t(3), size_t(9)}) {
    ranks = GetParam().backend.make(size());
    const auto outcomes = onAllRanks(ranks, [&](Communicator &rank) -> Outcome {
      std::vector<std::byte> out(rank.rank() == 0 ? sent : 5), in(5 * size(), std::byte{0xee});
      std::vector<ConstBytes> send(size(), out);
      std::vector<MutableBytes> receive;
      for (int peer = 0; peer < size(); ++peer)
        receive.push_back(std::span(in).subspan(peer * 5, 5));
      Outcome failure = rank.exchange(send, receive, OpTag{Collective::exchangeRows, 1, 2}, generous());
      EXPECT_EQ(in[0], std::byte{0xee});
      return failure;
    });
    std::string named;
    for (const Outcome &outcome : outcomes)
      named += outcome ? outcome->message() + "\n" : "";
    EXPECT_NE(named.find("rank 0 sends " + std::to_string(sent) + " bytes where 5 are expected"), std::string::npos) << named;
  }
}

TEST_P(ConformanceOfPeers, LostPeerIsNoticed) {
  const int lost = size() - 1;
  const auto begin = Clock::now();
  const auto outcomes = onAllRanks(ranks, [&](Communicator &rank) -> Outcome {
    if (rank.rank() != lost)
      return rank.barrier(OpTag{}, generous());
    std::this_thread::sleep_for(milliseconds(50));
    rank.abort("leaving");
    return rank.barrier(OpTag{}, generous());
  });
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds(20));
  for (const Outcome &outcome : outcomes)
    EXPECT_TRUE(outcome.has_value());
}

std::string caseName(const ::testing::TestParamInfo<Case> &info) { return info.param.backend.name + std::to_string(info.param.size); }

INSTANTIATE_TEST_SUITE_P(Backends, Conformance, ::testing::ValuesIn(cases(1)), caseName);
INSTANTIATE_TEST_SUITE_P(Backends, ConformanceOfPeers, ::testing::ValuesIn(cases(2)), caseName);

}  // namespace
}  // namespace switchyard::comm::testing
