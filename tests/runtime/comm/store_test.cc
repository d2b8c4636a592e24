// The rendezvous store: who is let in, what is kept, how waiting ends.
#include "runtime/comm/store.h"
#include "runtime/comm/store_wire.h"
#include "tests/runtime/comm/backends.h"

#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace switchyard::comm::testing {
namespace {

using std::chrono::milliseconds;

class Store : public ::testing::Test {
protected:
  void SetUp() override {
    auto started = StoreServer::start(3);
    ASSERT_TRUE(started.ok()) << started.status().message();
    server = *std::move(started);
  }
  auto connect(int rank) { return StoreClient::connect(server->address(), rank, 3, generous()); }
  std::string refusal(const StoreAddress &address, int rank, int size) {
    auto client = StoreClient::connect(address, rank, size, generous());
    return client.ok() ? "let in" : client.status().message();
  }

  std::unique_ptr<StoreServer> server;
};

TEST_F(Store, KeepsTheFirstValue) {
  auto one = connect(0), two = connect(1);
  ASSERT_TRUE(one.ok());
  ASSERT_TRUE(two.ok());
  EXPECT_TRUE((*one)->set("key", "first", generous()).ok());
  EXPECT_TRUE((*two)->set("key", "second", generous()).ok());
  const auto value = (*two)->get("key", generous());
  ASSERT_TRUE(value.ok()) << value.status().message();
  EXPECT_EQ(*value, "first");
}

TEST_F(Store, GetWaitsForSet) {
  auto one = connect(0), two = connect(1);
  std::thread writer([&] {
    std::this_thread::sleep_for(milliseconds(50));
    EXPECT_TRUE((*two)->set("late", std::string(100000, 'x'), generous()).ok());
  });
  const auto value = (*one)->get("late", generous());
  writer.join();
  ASSERT_TRUE(value.ok()) << value.status().message();
  EXPECT_EQ(value->size(), 100000u);
}

TEST_F(Store, GetEndsAtItsDeadline) {
  auto one = connect(0);
  const auto value = (*one)->get("never", after(milliseconds(50)));
  ASSERT_FALSE(value.ok());
  EXPECT_EQ(value.status().code(), ExitCode::communication);
  EXPECT_EQ(value.status().message(), "no 'never' in the rendezvous store in time");
}

TEST_F(Store, RefusesStrangers) {
  StoreAddress wrong = server->address();
  wrong.token = makeJobToken();
  EXPECT_NE(refusal(wrong, 0, 3).find("another job"), std::string::npos);
  EXPECT_NE(refusal(server->address(), 0, 4).find("does not fit this job of 3 ranks"), std::string::npos);
  EXPECT_NE(refusal(server->address(), 3, 3).find("does not fit"), std::string::npos);
  auto one = connect(1);
  EXPECT_NE(refusal(server->address(), 1, 3).find("rank 1 has joined already"), std::string::npos);
  EXPECT_EQ(server->joined(), std::set<int>{1});
}

TEST_F(Store, IsFoundByItsName) {
  const std::string name = "switchyard-test/" + makeJobToken();
  const auto refused = StoreClient::connect({"", 0, "", name}, 0, 2, generous());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().message(), "cannot connect to the rendezvous store at @" + name + ": Connection refused");
  auto named = StoreServer::startNamed(2, name);
  ASSERT_TRUE(named.ok()) << named.status().message();
  auto client = StoreClient::connect((*named)->address(), 0, 2, generous());
  ASSERT_TRUE(client.ok()) << client.status().message();
  EXPECT_TRUE((*client)->set("key", "value", generous()).ok());
  const auto taken = StoreServer::startNamed(2, name);
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.status().message(), "the rendezvous store cannot listen at @" + name + ": Address already in use");
  *named = nullptr;
  EXPECT_TRUE(StoreServer::startNamed(2, name).ok()) << "a name outlives its store";
}

/// A connection that does as it likes. It takes its descriptor before it connects.
class RawClient {
public:
  explicit RawClient(const StoreAddress &address) : address(address) {
    socket = ::socket(address.isNamed() ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int small = 4096;
    ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
  }
  ~RawClient() { ::close(socket); }
  bool connect() const {
    sockaddr_un named{};
    named.sun_family = AF_UNIX;
    std::memcpy(named.sun_path + 1, address.name.data(), address.name.size());
    if (address.isNamed())
      return ::connect(socket, reinterpret_cast<sockaddr *>(&named), offsetof(sockaddr_un, sun_path) + 1 + address.name.size()) == 0;
    sockaddr_in loopback{};
    loopback.sin_family = AF_INET;
    loopback.sin_port = htons(address.port);
    loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::connect(socket, reinterpret_cast<sockaddr *>(&loopback), sizeof(loopback)) == 0;
  }
  bool send(const wire::Message &message) const {
    const std::string bytes = wire::encode(message);
    return ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }
  bool isTurnedAway() const {
    char byte;
    pollfd polled{socket, POLLIN, 0};
    return ::poll(&polled, 1, 5000) == 1 && ::recv(socket, &byte, 1, 0) <= 0;
  }

private:
  const StoreAddress address;
  int socket;
};

/// While it lives, this process cannot open another descriptor.
struct NoDescriptors {
  NoDescriptors() {
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    limit = ::dup(STDIN_FILENO);
    ::close(limit);
    const rlimit none{static_cast<rlim_t>(limit), before.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before); }
  rlimit before{};
  int limit;
};

TEST_F(Store, APeerThatTakesNothingHoldsUpNobody) {
  auto one = connect(0);
  ASSERT_TRUE((*one)->set("large", std::string(1000000, 'x'), generous()).ok());
  RawClient stopped(server->address());
  ASSERT_TRUE(stopped.connect());
  ASSERT_TRUE(stopped.send({wire::hello, server->address().token, "1/3"}));
  for (int request = 0; request < 20 && stopped.send({wire::get, "large", ""}); ++request)
    std::this_thread::sleep_for(milliseconds(10));
  EXPECT_TRUE((*one)->set("key", "value", after(milliseconds(5000))).ok());
  EXPECT_EQ((*one)->get("large", after(milliseconds(5000)))->size(), 1000000u);
}

TEST_F(Store, ItEndsWhereItCannotLetARankIn) {
  const auto named = *StoreServer::startNamed(2, "switchyard-test/" + makeJobToken());
  for (const StoreServer *store : {server.get(), named.get()}) {
    const RawClient client(store->address());
    std::optional<NoDescriptors> none(std::in_place);
    EXPECT_TRUE(client.connect());
    pollfd fault{store->faultEvent(), POLLIN, 0};
    EXPECT_EQ(::poll(&fault, 1, 5000), 1);
    EXPECT_EQ(store->fault().code(), ExitCode::resources);
    EXPECT_EQ(store->fault().message(), "the rendezvous store cannot let in another rank: Too many open files (the limit is " +
                                            std::to_string(none->limit) + "; raise it with ulimit -n)");
    EXPECT_TRUE(client.isTurnedAway());
  }
}

TEST_F(Store, AStrangerAtTheDescriptorLimitChangesNothing) {
  std::vector<std::unique_ptr<StoreClient>> all;
  for (int rank = 0; rank < 3; ++rank)
    all.push_back(*connect(rank));
  const RawClient stranger(server->address());
  std::optional<NoDescriptors> none(std::in_place);
  EXPECT_TRUE(stranger.connect());
  EXPECT_TRUE(stranger.isTurnedAway());
  none.reset();
  EXPECT_TRUE(all[0]->set("key", "value", generous()).ok());
  EXPECT_EQ(*all[1]->get("key", generous()), "value");
  EXPECT_TRUE(server->fault().ok());
}

TEST_F(Store, AddressRoundTrips) {
  const auto parsed = StoreAddress::parse(server->address().text());
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->text(), server->address().text());
  for (const char *bad : {"", "127.0.0.1", "127.0.0.1:0/x", "127.0.0.1:99999/x", "127.0.0.1:12a/x", "127.0.0.1:/x", "127.0.0.1:12"})
    EXPECT_FALSE(StoreAddress::parse(bad).has_value()) << bad;
}

TEST_F(Store, TokensDiffer) {
  EXPECT_EQ(makeJobToken().size(), 32u);
  EXPECT_NE(makeJobToken(), makeJobToken());
}

TEST_F(Store, GoneServerIsReported) {
  auto one = connect(0);
  server.reset();
  const auto value = (*one)->get("key", generous());
  ASSERT_FALSE(value.ok());
  EXPECT_NE(value.status().message().find("the rendezvous store has gone"), std::string::npos) << value.status().message();
}

}  // namespace
}  // namespace switchyard::comm::testing
