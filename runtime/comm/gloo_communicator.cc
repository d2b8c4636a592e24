#include "runtime/comm/gloo_communicator.h"

#include "runtime/base/file.h"

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

#include <gloo/rendezvous/context.h>
#include <gloo/rendezvous/store.h>
#include <gloo/transport/tcp/device.h>
#include <unistd.h>

namespace switchyard::comm {
namespace {

using Buffer = gloo::transport::UnboundBuffer;

/// Gloo's slots match sends with receives between two ranks; within one slot order is kept.
enum Slot : uint64_t { headerSlot = 1, dataSlot = 2, watchSlot = 3 };

struct Header {
  OpTag tag;
  uint64_t bytes = 0;
};

std::chrono::milliseconds remaining(Deadline deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
  return std::max(left, std::chrono::milliseconds(1));  // Gloo reads 0 as "no limit"
}

/// Gloo's rendezvous through our store.
class RendezvousStore final : public gloo::rendezvous::Store {
public:
  RendezvousStore(StoreClient &client, Deadline deadline) : client(client), deadline(deadline) {}

  void set(const std::string &key, const std::vector<char> &data) override {
    check(client.set("gloo/" + key, std::string(data.begin(), data.end()), deadline));
  }
  std::vector<char> get(const std::string &key) override {
    Result<std::string> value = client.get("gloo/" + key, deadline);
    check(value.status());
    return {value->begin(), value->end()};
  }
  void wait(const std::vector<std::string> &keys) override {
    for (const std::string &key : keys)
      get(key);
  }
  void wait(const std::vector<std::string> &keys, const std::chrono::milliseconds &) override { wait(keys); }

private:
  static void check(const Status &status) {
    if (!status.ok())
      throw gloo::IoException(status.message());
  }
  StoreClient &client;
  const Deadline deadline;
};

/// One send or receive of an exchange. Gloo allows one pending operation per buffer, so each has a buffer of its own,
/// which also tells whose connection broke.
struct Operation {
  Buffer *buffer = nullptr;
  int peer = -1;
  bool receives = false;
  bool done = true;

  /// Blocks until done (true) or until `interrupt` (false). Throws when the connection breaks.
  bool wait() {
    // Gloo answers a time limit by closing every connection; so limits are kept by interrupting, not here.
    constexpr auto forever = std::chrono::hours(1000);
    done = receives ? buffer->waitRecv(nullptr, forever) : buffer->waitSend(nullptr, forever);
    return done;
  }
  void interrupt() { receives ? buffer->abortWaitRecv() : buffer->abortWaitSend(); }
  bool poll() {
    interrupt();
    return wait();
  }
};

class GlooCommunicator final : public Communicator {
public:
  explicit GlooCommunicator(std::shared_ptr<gloo::Context> context)
      : context(std::move(context)), ownRank(this->context->rank), ranks(this->context->size), headersOut(ranks), headersIn(ranks) {
    for (int peer = 0; peer < ranks; ++peer) {
      headerSends.push_back(this->context->createUnboundBuffer(&headersOut[peer], sizeof(Header)));
      headerReceives.push_back(this->context->createUnboundBuffer(&headersIn[peer], sizeof(Header)));
      watchBuffers.push_back(this->context->createUnboundBuffer(&watchByte, 1));
      if (peer == ownRank)
        continue;
      watches.push_back(Operation{watchBuffers[peer].get(), peer, true, false});
      watchBuffers[peer]->recv(peer, watchSlot, 0, 1);
    }
    ticker = std::thread([this] { tick(); });
  }

  ~GlooCommunicator() override {
    {
      std::lock_guard lock(mutex);
      ending = true;
    }
    end.notify_all();
    ticker.join();
    close();
  }

  int rank() const override { return ownRank; }
  int size() const override { return ranks; }
  std::string describe() const override { return "gloo over TCP, " + std::to_string(ranks) + " ranks"; }

  Outcome exchange(std::span<const ConstBytes> send, std::span<const MutableBytes> receive, const OpTag &tag, Deadline deadline) override;
  void abort(const std::string &why) noexcept override { stop(why); }

private:
  class Call;

  void stop(const std::string &why) noexcept {
    std::lock_guard lock(mutex);
    if (!broken)
      reason = why;
    broken = true;
    if (waited)
      waited->interrupt();
  }

  /// Interrupts a wait now and then, so that the waiting thread sees its deadline and peers that have gone.
  void tick() {
    std::unique_lock lock(mutex);
    while (!end.wait_for(lock, tickInterval, [&] { return ending; }))
      if (waited)
        waited->interrupt();
  }

  /// Hangs up, so that peers fail at once and not at their deadlines.
  void close() noexcept {
    try {
      context->closeConnections();
    } catch (const std::exception &) {
      // A pair that cannot be closed is closed already.
    }
  }

  static constexpr auto tickInterval = std::chrono::milliseconds(50);

  const std::shared_ptr<gloo::Context> context;
  const int ownRank, ranks;
  std::vector<Header> headersOut, headersIn;
  std::vector<std::unique_ptr<Buffer>> headerSends, headerReceives;

  // A receive from every peer that nobody ever answers: it fails when the peer hangs up, whatever else is under way.
  std::vector<Operation> watches;
  std::vector<std::unique_ptr<Buffer>> watchBuffers;
  std::byte watchByte{};

  std::mutex mutex;
  std::condition_variable end;
  bool ending = false;
  bool broken = false;
  std::string reason;
  Operation *waited = nullptr;  // what the rank's thread waits for
  std::thread ticker;
};

/// One exchange in progress.
class GlooCommunicator::Call {
public:
  Call(GlooCommunicator &self, std::span<const ConstBytes> send, std::span<const MutableBytes> receive, const OpTag &tag, Deadline deadline)
      : self(self), send(send), receive(receive), tag(tag), deadline(deadline), begin(Clock::now()), buffers(2 * self.ranks),
        operations(4 * self.ranks) {}

  Outcome run() {
    if (Outcome failure = stopped())
      return failure;
    if (Outcome failure = checkSize(self.ownRank, send[self.ownRank].size()))
      return failure;
    if (Outcome failure = forPeers([&](int peer) { return announce(peer); }))
      return failure;
    if (!receive[self.ownRank].empty())
      std::memcpy(receive[self.ownRank].data(), send[self.ownRank].data(), receive[self.ownRank].size());
    if (Outcome failure = forPeers([&](int peer) { return admit(peer); }))
      return failure;
    return forPeers([&](int peer) { return complete(peer); });
  }

private:
  enum Kind { headerReceive, headerSend, dataReceive, dataSend };
  Operation &operation(Kind kind, int peer) { return operations[kind * self.ranks + peer]; }

  void post(Kind kind, int peer, Buffer &buffer, size_t bytes) {
    const bool receives = kind == headerReceive || kind == dataReceive;
    const uint64_t slot = kind == headerReceive || kind == headerSend ? headerSlot : dataSlot;
    operation(kind, peer) = Operation{&buffer, peer, receives, false};
    receives ? buffer.recv(peer, slot, 0, bytes) : buffer.send(peer, slot, 0, bytes);
  }

  /// Sends the header and offers the data; the data waits for the peer's receive.
  Outcome announce(int peer) {
    self.headersOut[peer] = Header{tag, send[peer].size()};
    post(headerReceive, peer, *self.headerReceives[peer], sizeof(Header));
    post(headerSend, peer, *self.headerSends[peer], sizeof(Header));
    if (!send[peer].empty()) {
      buffers[peer] = self.context->createUnboundBuffer(const_cast<std::byte *>(send[peer].data()), send[peer].size());
      post(dataSend, peer, *buffers[peer], send[peer].size());
    }
    return std::nullopt;
  }

  /// Compares the peer's header with what is expected and lets its data in.
  Outcome admit(int peer) {
    if (Outcome failure = wait(operation(headerReceive, peer)))
      return failure;
    const Header &header = self.headersIn[peer];
    if (header.tag != tag)
      return fail(FailureKind::mismatch, peer, "rank " + std::to_string(peer) + " is in " + comm::describe(header.tag));
    if (Outcome failure = checkSize(peer, header.bytes))
      return failure;
    if (header.bytes != 0) {
      auto &buffer = buffers[self.ranks + peer];
      buffer = self.context->createUnboundBuffer(receive[peer].data(), receive[peer].size());
      post(dataReceive, peer, *buffer, receive[peer].size());
    }
    return std::nullopt;
  }

  Outcome checkSize(int peer, uint64_t bytes) const {
    if (bytes == receive[peer].size())
      return std::nullopt;
    return fail(FailureKind::mismatch, peer,
                "rank " + std::to_string(peer) + " sends " + std::to_string(bytes) + " bytes where " +
                    std::to_string(receive[peer].size()) + " are expected");
  }

  Outcome complete(int peer) {
    for (Kind kind : {dataReceive, dataSend, headerSend})
      if (Outcome failure = wait(operation(kind, peer)))
        return failure;
    return std::nullopt;
  }

  /// Applies `step` to every other rank, the next one first, so that not all ranks address rank 0 at once.
  template <typename Step> Outcome forPeers(Step step) {
    for (int distance = 1; distance < self.ranks; ++distance) {
      const int peer = (self.ownRank + distance) % self.ranks;
      try {
        if (Outcome failure = step(peer))
          return failure;
      } catch (const std::exception &error) {
        return lost(peer, error.what());
      }
    }
    return std::nullopt;
  }

  Outcome wait(Operation &awaited) {
    while (!awaited.done) {
      if (Outcome failure = enter(awaited))
        return failure;
      try {
        awaited.wait();
      } catch (...) {
        leave();
        throw;
      }
      leave();
      if (awaited.done)
        break;
      if (Outcome failure = pollOthers())
        return failure;
      if (Clock::now() >= deadline)
        return late();
    }
    return std::nullopt;
  }

  Outcome stopped() const {
    std::lock_guard lock(self.mutex);
    return self.broken ? Outcome(fail(FailureKind::aborted, -1, self.reason)) : std::nullopt;
  }

  Outcome enter(Operation &awaited) {
    if (Outcome failure = stopped())
      return failure;
    std::lock_guard lock(self.mutex);
    self.waited = &awaited;
    return std::nullopt;
  }

  void leave() {
    std::lock_guard lock(self.mutex);
    self.waited = nullptr;
  }

  /// A peer may break while another one is waited for.
  Outcome pollOthers() {
    for (std::vector<Operation> *group : {&operations, &self.watches}) {
      for (Operation &other : *group) {
        try {
          if (!other.done)
            other.poll();
        } catch (const std::exception &error) {
          return lost(other.peer, error.what());
        }
      }
    }
    return std::nullopt;
  }

  Failure late() const {
    // Whose header has not come is the one to name: what else is open with the others may only not have been looked at yet.
    std::vector<int> missing;
    for (Kind kind : {headerReceive, dataReceive, dataSend, headerSend}) {
      for (int peer = 0; peer < self.ranks; ++peer)
        if (!operations[kind * self.ranks + peer].done)
          missing.push_back(peer);
      if (!missing.empty())
        break;
    }
    std::string names;
    for (int peer : missing)
      names += (names.empty() ? "rank " : ", rank ") + std::to_string(peer);
    return fail(FailureKind::deadline, missing.empty() ? -1 : missing.front(), "not heard in time: " + names);
  }

  Failure lost(int peer, const std::string &what) const {
    return fail(FailureKind::peerLost, peer, "the connection to rank " + std::to_string(peer) + " broke: " + what);
  }

  Failure fail(FailureKind kind, int peer, std::string detail) const {
    return Failure{kind, self.ownRank, peer, tag, std::chrono::duration<double>(Clock::now() - begin).count(), std::move(detail)};
  }

  GlooCommunicator &self;
  const std::span<const ConstBytes> send;
  const std::span<const MutableBytes> receive;
  const OpTag &tag;
  const Deadline deadline;
  const Clock::time_point begin;
  std::vector<std::unique_ptr<Buffer>> buffers;  // of the data: sends by peer, then receives
  std::vector<Operation> operations;             // by kind, then peer
};

Outcome GlooCommunicator::exchange(std::span<const ConstBytes> send, std::span<const MutableBytes> receive, const OpTag &tag,
                                   Deadline deadline) {
  Outcome failure = Call(*this, send, receive, tag, deadline).run();
  if (failure) {
    stop(failure->detail);
    close();
  }
  return failure;
}

}  // namespace

Result<std::unique_ptr<Communicator>> makeGlooCommunicator(StoreClient &store, int rank, int size, Deadline deadline) {
  // Gloo writes to its sockets without MSG_NOSIGNAL: a lost peer must be an error, not the end of the process.
  ::signal(SIGPIPE, SIG_IGN);
  try {
    RendezvousStore rendezvous(store, deadline);
    std::shared_ptr<gloo::transport::Device> device = gloo::transport::tcp::CreateDevice(gloo::transport::tcp::attr("127.0.0.1"));
    auto context = std::make_shared<gloo::rendezvous::Context>(rank, size);
    context->setTimeout(remaining(deadline));
    context->connectFullMesh(rendezvous, device);
    return std::unique_ptr<Communicator>(std::make_unique<GlooCommunicator>(std::move(context)));
  } catch (const std::exception &error) {
    const std::string what = "rank " + std::to_string(rank) + " did not find its peers: " + error.what();
    if (tellsExhaustion(what))
      return resourceError(what);
    // Where no socket could be opened, Gloo says that no address was found.
    const int probe = ::dup(STDERR_FILENO);
    if (probe < 0)
      return resourceError(what + "; " + errorText(errno));
    ::close(probe);
    return Status(ExitCode::communication, what);
  }
}

}  // namespace switchyard::comm
