#include "runtime/launch/rendezvous_file.h"

#include "runtime/base/digest.h"
#include "runtime/base/escape.h"

#include <cerrno>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace switchyard::launch {

RendezvousFile::RendezvousFile(const RankEnvironment &environment) {
  const std::string key = environment.launcher + "\n" + environment.job + "\n" + std::to_string(::getppid());
  std::string folder = processEnvironment("XDG_RUNTIME_DIR");
  if (folder.empty() || ::access(folder.c_str(), W_OK) != 0)
    folder = "/tmp";
  path = folder + "/moe-run-" + std::to_string(::getuid()) + "-" + digestOf(key).substr(0, 16);
}

Status RendezvousFile::publish(const comm::StoreAddress &address) const {
  const std::string temporary = path + "." + std::to_string(::getpid()), text = address.text();
  ::unlink(temporary.c_str());
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  const bool written = fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int error = errno;
  if (fd >= 0)
    ::close(fd);
  if (written && ::rename(temporary.c_str(), path.c_str()) == 0)
    return Status();
  ::unlink(temporary.c_str());
  return resourceError("cannot write the rendezvous file " + quote(path) + ": " + std::strerror(error));
}

void RendezvousFile::remove() const { ::unlink(path.c_str()); }

std::optional<comm::StoreAddress> RendezvousFile::read() const {
  const int fd = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return std::nullopt;
  struct stat facts{};
  char text[256];
  ssize_t count = -1;
  // Somebody else's file could send this rank to a store of theirs.
  if (::fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_uid == ::getuid())
    count = ::read(fd, text, sizeof(text));
  ::close(fd);
  return count > 0 ? comm::StoreAddress::parse(std::string(text, count)) : std::nullopt;
}

Result<std::unique_ptr<comm::StoreClient>> RendezvousFile::connect(int rank, int worldSize, comm::Deadline deadline) const {
  Status last(ExitCode::communication, "rank 0 left no rendezvous file " + quote(path));
  while (comm::Clock::now() < deadline) {
    if (const std::optional<comm::StoreAddress> address = read()) {
      // An old file leads nowhere, or to another job: look again until rank 0 has written a new one.
      Result<std::unique_ptr<comm::StoreClient>> client = comm::StoreClient::connect(*address, rank, worldSize, deadline);
      if (client.ok())
        return client;
      last = client.status();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return last;
}

}  // namespace switchyard::launch
