#include "runtime/launch/rendezvous.h"

#include "runtime/base/digest.h"

#include "llvm/ADT/StringRef.h"

#include <fstream>
#include <iterator>
#include <thread>

#include <unistd.h>

namespace switchyard::launch {
namespace {

constexpr std::chrono::milliseconds retryInterval(20);

std::string processFile(pid_t pid, const char *name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Field `number` of /proc/PID/stat, counted from 1 as in its manual; the second one, the name, may hold blanks and parentheses.
std::string statusField(pid_t pid, int number) {
  const std::string text = processFile(pid, "stat");
  const size_t nameEnd = text.rfind(')');
  llvm::StringRef rest = nameEnd == std::string::npos ? "" : llvm::StringRef(text).drop_front(nameEnd + 1);
  for (int field = 3; field < number; ++field)
    rest = rest.ltrim().split(' ').second;
  return rest.ltrim().split(' ').first.str();
}

/// Whether a process was started with the variable that makes it a rank; not where its environment cannot be read, as it is then
/// another user's, and no rank of ours.
bool isRank(pid_t pid, const std::string &rankVariable) {
  const std::string variables = '\0' + processFile(pid, "environ");
  return variables.find('\0' + rankVariable + "=") != std::string::npos;
}

/// The process that started the ranks, told apart from an older one of the same number by its start.
std::string launcherProcess(const std::string &rankVariable) {
  pid_t pid = ::getppid();
  while (pid > 1 && isRank(pid, rankVariable)) {
    pid_t parent;
    if (llvm::StringRef(statusField(pid, 4)).getAsInteger(10, parent))
      break;
    pid = parent;
  }
  return "process " + std::to_string(pid) + " " + statusField(pid, 22);
}

/// Repeats `attempt` until it succeeds, cannot succeed or the deadline is near: the last attempt must have the time to learn why it fails.
template <typename Attempt> auto retry(Attempt attempt, comm::Deadline deadline) {
  auto result = attempt();
  while (!result.ok() && result.status().code() != ExitCode::resources && comm::Clock::now() + 5 * retryInterval < deadline) {
    std::this_thread::sleep_for(retryInterval);
    result = attempt();
  }
  return result;
}

}  // namespace

std::string rendezvousName(const RankEnvironment &environment) {
  const std::string job = environment.job.empty() ? launcherProcess(environment.rankVariable) : environment.job;
  return "moe-run/" + std::to_string(::geteuid()) + "/" + digestOf(environment.launcher + "\n" + job).substr(0, 32);
}

Result<std::unique_ptr<comm::StoreServer>> hostStore(const std::string &name, int worldSize, comm::Deadline deadline) {
  return retry([&] { return comm::StoreServer::startNamed(worldSize, name); }, deadline);
}

Result<std::unique_ptr<comm::StoreClient>> joinStore(const std::string &name, int rank, int worldSize, comm::Deadline deadline,
                                                     const comm::StoreServer *hosted) {
  const auto attempt = [&]() -> Result<std::unique_ptr<comm::StoreClient>> {
    auto joined = comm::StoreClient::connect({"", 0, "", name}, rank, worldSize, deadline);
    if (!joined.ok() && hosted)
      SWITCHYARD_RETURN_IF_ERROR(hosted->fault());
    return joined;
  };
  return retry(attempt, deadline);
}

Status awaitRanks(const comm::StoreServer &server, int worldSize, comm::Deadline deadline) {
  std::set<int> joined = server.joined();
  for (; static_cast<int>(joined.size()) < worldSize && comm::Clock::now() < deadline; joined = server.joined()) {
    SWITCHYARD_RETURN_IF_ERROR(server.fault());
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  std::string missing;
  for (int rank = 0; rank < worldSize; ++rank)
    if (!joined.count(rank))
      missing += (missing.empty() ? "rank " : ", rank ") + std::to_string(rank);
  if (missing.empty())
    return Status();
  return Status(ExitCode::communication, llvm::Twine(static_cast<int>(joined.size())) + " of " + llvm::Twine(worldSize) +
                                             " ranks joined in time; not seen: " + missing);
}

}  // namespace switchyard::launch
