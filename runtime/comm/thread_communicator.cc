#include "runtime/comm/thread_communicator.h"

#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <mutex>

namespace switchyard::comm {
namespace {

/// What one rank has laid out for the others in the exchange in progress.
struct Post {
  std::span<const ConstBytes> send;
  OpTag tag;
  bool present = false;
};

/// The state that the ranks share: who has arrived, what they have laid out, who still copies.
class Group {
public:
  explicit Group(int size) : posts(size), arrived(size, false) {}

  int size() const { return static_cast<int>(posts.size()); }

  /// Lays out this rank's sends and waits for all ranks to do so.
  Outcome post(int rank, std::span<const ConstBytes> send, const OpTag &tag, Deadline deadline) {
    std::unique_lock lock(mutex);
    if (poison)
      return consequence(rank, tag);
    posts[rank] = Post{send, tag, true};
    return meet(lock, rank, tag, deadline);
  }

  /// Waits for all ranks to have copied what they were sent: until then the posted buffers must stay. Every rank whose
  /// `post` succeeded calls it once, whatever happened since. There is no deadline: copying waits for nobody, and to leave before
  /// its end would free memory under another rank.
  Outcome finish(int rank, const OpTag &tag) {
    std::unique_lock lock(mutex);
    if (--copying == 0)
      changed.notify_all();
    changed.wait(lock, [&] { return copying == 0; });
    return poison ? Outcome(consequence(rank, tag)) : std::nullopt;
  }

  /// Between `post` and `finish`, what `peer` has laid out.
  const Post &of(int peer) const { return posts[peer]; }

  /// Records the first cause and wakes everybody.
  void fail(const Failure &failure) {
    std::lock_guard lock(mutex);
    if (!poison)
      poison = failure;
    changed.notify_all();
  }

private:
  Outcome meet(std::unique_lock<std::mutex> &lock, int rank, const OpTag &tag, Deadline deadline) {
    const auto begin = Clock::now();
    const uint64_t entered = generation;
    arrived[rank] = true;
    if (++count == size()) {
      count = 0;
      copying = size();
      arrived.assign(arrived.size(), false);
      ++generation;
      changed.notify_all();
      return std::nullopt;
    }
    const bool inTime = changed.wait_until(lock, deadline, [&] { return generation != entered || poison; });
    if (generation != entered)
      return std::nullopt;
    if (!inTime && !poison) {
      poison = late(rank, tag, std::chrono::duration<double>(Clock::now() - begin).count());
      changed.notify_all();
      return poison;
    }
    return consequence(rank, tag);
  }

  Failure late(int rank, const OpTag &tag, double waited) const {
    Failure failure{FailureKind::deadline, rank, -1, tag, waited, ""};
    std::string missing;
    for (int peer = 0; peer < size(); ++peer) {
      if (arrived[peer])
        continue;
      if (failure.peer < 0)
        failure.peer = peer;
      missing += (missing.empty() ? "rank " : ", rank ") + std::to_string(peer);
      if (posts[peer].present)
        missing += " (last seen in " + comm::describe(posts[peer].tag) + ")";
    }
    failure.detail = "not heard in time: " + missing;
    return failure;
  }

  Failure consequence(int rank, const OpTag &tag) const {
    return Failure{FailureKind::aborted, rank, poison->rank, tag, 0, "stopped, because " + poison->message()};
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Post> posts;
  std::vector<bool> arrived;
  int count = 0;    // ranks in `post`
  int copying = 0;  // ranks between `post` and `finish`
  uint64_t generation = 0;
  std::optional<Failure> poison;
};

class ThreadCommunicator final : public Communicator {
public:
  ThreadCommunicator(std::shared_ptr<Group> group, int rank) : group(std::move(group)), ownRank(rank) {}

  int rank() const override { return ownRank; }
  int size() const override { return group->size(); }
  std::string describe() const override { return "threads, " + std::to_string(size()) + " ranks"; }

  Outcome exchange(std::span<const ConstBytes> send, std::span<const MutableBytes> receive, const OpTag &tag, Deadline deadline) override {
    if (Outcome failure = group->post(ownRank, send, tag, deadline))
      return failure;
    if (Outcome failure = check(receive, tag)) {
      group->fail(*failure);
      group->finish(ownRank, tag);
      return failure;
    }
    for (int peer = 0; peer < size(); ++peer)
      if (!receive[peer].empty())
        std::memcpy(receive[peer].data(), group->of(peer).send[ownRank].data(), receive[peer].size());
    return group->finish(ownRank, tag);
  }

  void abort(const std::string &reason) noexcept override { group->fail(Failure{FailureKind::aborted, ownRank, -1, OpTag{}, 0, reason}); }

private:
  Outcome check(std::span<const MutableBytes> receive, const OpTag &tag) const {
    for (int peer = 0; peer < size(); ++peer) {
      const Post &post = group->of(peer);
      if (post.tag != tag)
        return Failure{FailureKind::mismatch, ownRank, peer, tag, 0, "rank " + std::to_string(peer) + " is in " + comm::describe(post.tag)};
      if (post.send[ownRank].size() != receive[peer].size())
        return Failure{FailureKind::mismatch,
                       ownRank,
                       peer,
                       tag,
                       0,
                       "rank " + std::to_string(peer) + " sends " + std::to_string(post.send[ownRank].size()) + " bytes where " +
                           std::to_string(receive[peer].size()) + " are expected"};
    }
    return std::nullopt;
  }

  const std::shared_ptr<Group> group;
  const int ownRank;
};

}  // namespace

std::vector<std::unique_ptr<Communicator>> makeThreadCommunicators(int size) {
  auto group = std::make_shared<Group>(size);
  std::vector<std::unique_ptr<Communicator>> communicators;
  for (int rank = 0; rank < size; ++rank)
    communicators.push_back(std::make_unique<ThreadCommunicator>(group, rank));
  return communicators;
}

}  // namespace switchyard::comm
