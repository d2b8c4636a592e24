#include "runtime/launch/supervisor.h"

#include "runtime/base/file.h"
#include "runtime/comm/store.h"
#include "runtime/launch/job_end.h"
#include "runtime/launch/line_prefixer.h"
#include "runtime/launch/progress_page.h"
#include "runtime/launch/rank_environment.h"
#include "runtime/launch/watchdog.h"

#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace switchyard::launch {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// How long the ranks may take to stop by themselves after a signal from outside.
constexpr milliseconds signalTime(2000);

/// Both ends of a pipe; closed when they go, unless they are taken.
struct Pipe {
  int reader = -1, writer = -1;
  bool open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
      return false;
    reader = ends[0];
    writer = ends[1];
    return true;
  }
  static void close(int &end) {
    if (end >= 0)
      ::close(std::exchange(end, -1));
  }
  ~Pipe() {
    close(reader);
    close(writer);
  }
};

/// What a child writes down its pipe before it gives up; 0 where exec has closed the pipe.
int errorOf(const Pipe &failure) {
  int error = 0;
  while (::read(failure.reader, &error, sizeof(error)) < 0 && errno == EINTR) {
  }
  return error;
}

class Supervisor {
public:
  Supervisor(const JobOptions &options, ProgressPage page) : options(options), page(std::move(page)) {}

  Status start();
  int watch();

private:
  struct Rank {
    pid_t pid = -1;
    bool running = false;
    bool silent = false;  ///< has closed its standard error
    LinePrefixer errors{-1, STDERR_FILENO, ""};
  };

  Status takeSignals();
  Status spawn(int rank);
  [[noreturn]] void becomeRank(int rank, int errors, int failure, char *const *arguments, char *const *environment) const;
  std::vector<std::string> rankEnvironment(int rank) const;
  void waitForEvents();
  void readSignals();
  void reap();
  void drain();
  void takeSignal(int signal);
  void takeTimeout();
  void stopBy(Clock::time_point when) { killTime = killTime ? std::min(*killTime, when) : when; }
  void signalAll(int signal);
  bool anyRunning() const {
    return std::any_of(ranks.begin(), ranks.end(), [](const Rank &rank) { return rank.running; });
  }

  const JobOptions &options;
  ProgressPage page;
  std::unique_ptr<comm::StoreServer> store;
  std::vector<Rank> ranks;
  int signals = -1;
  sigset_t previousMask{};
  Clock::time_point began = Clock::now();
  std::optional<Clock::time_point> killTime;
  bool killing = false;
  JobEnd end;
};

/// From here on signals are events. Before there is any other thread: one that did not block them would die of them.
Status Supervisor::takeSignals() {
  sigset_t mask;
  sigemptyset(&mask);
  for (int signal : {SIGCHLD, SIGINT, SIGTERM, SIGHUP})
    sigaddset(&mask, signal);
  ::sigprocmask(SIG_BLOCK, &mask, &previousMask);
  signals = ::signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals < 0)
    return resourceError(llvm::Twine("signalfd: ") + errorText(errno));
  return Status();
}

Status Supervisor::start() {
  SWITCHYARD_RETURN_IF_ERROR(takeSignals());
  SWITCHYARD_ASSIGN_OR_RETURN(store, comm::StoreServer::start(options.ranks));
  ranks.resize(options.ranks);
  for (int rank = 0; rank < options.ranks; ++rank)
    if (Status status = spawn(rank); !status.ok()) {
      signalAll(SIGKILL);
      for (Rank &started : ranks)
        if (started.running)
          ::waitpid(started.pid, nullptr, 0);
      drain();
      return status;
    }
  return Status();
}

std::vector<std::string> Supervisor::rankEnvironment(int rank) const {
  std::vector<std::string> variables;
  for (char **variable = environ; *variable; ++variable)
    variables.push_back(*variable);
  const std::string number = std::to_string(rank), size = std::to_string(options.ranks);
  for (const auto &[name, value] :
       {std::pair(rankVariable, number), std::pair(sizeVariable, size), std::pair(storeVariable, store->address().text()),
        std::pair(progressVariable, std::to_string(page.descriptor()))})
    variables.push_back(std::string(name) + "=" + value);
  return variables;
}

Status Supervisor::spawn(int rank) {
  Pipe errors, failure;
  if (!errors.open() || !failure.open())
    return resourceError("cannot start rank " + llvm::Twine(rank) + ": pipe: " + errorText(errno));
  // Everything that allocates happens before the fork: another thread may hold the allocator's lock in the child.
  std::vector<std::string> variables = rankEnvironment(rank), command = options.command;
  std::vector<char *> arguments, environment;
  for (std::string &argument : command)
    arguments.push_back(argument.data());
  for (std::string &variable : variables)
    environment.push_back(variable.data());
  arguments.push_back(nullptr);
  environment.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0)
    becomeRank(rank, errors.writer, failure.writer, arguments.data(), environment.data());
  int error = pid < 0 ? errno : 0;
  Pipe::close(failure.writer);
  if (pid > 0 && (error = errorOf(failure)) != 0)
    ::waitpid(pid, nullptr, 0);
  if (error != 0)
    return resourceError("cannot start rank " + llvm::Twine(rank) + ": " + errorText(error));
  ::fcntl(errors.reader, F_SETFL, O_NONBLOCK);
  LinePrefixer lines(std::exchange(errors.reader, -1), STDERR_FILENO, "[r" + std::to_string(rank) + "] ");
  ranks[rank] = Rank{pid, true, false, std::move(lines)};
  return Status();
}

/// Between fork and exec: async-signal-safe calls only.
void Supervisor::becomeRank(int rank, int errors, int failure, char *const *arguments, char *const *environment) const {
  const pid_t supervisor = ::getppid();
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != supervisor)
    ::_exit(1);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null >= 0 && ::dup2(null, STDIN_FILENO) >= 0 && (rank == 0 || ::dup2(null, STDOUT_FILENO) >= 0) &&
      ::dup2(errors, STDERR_FILENO) >= 0) {
    ::sigprocmask(SIG_SETMASK, &previousMask, nullptr);
    ::execve("/proc/self/exe", arguments, environment);
  }
  const int error = errno;
  [[maybe_unused]] const ssize_t written = ::write(failure, &error, sizeof(error));
  ::_exit(1);
}

int Supervisor::watch() {
  if (options.timeoutSeconds)
    end.deadline = began + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(*options.timeoutSeconds));
  while (anyRunning()) {
    waitForEvents();
    if (end.deadline && Clock::now() >= *end.deadline && !end.timedOut)
      takeTimeout();
    if (killTime && Clock::now() >= *killTime) {
      killing = true;
      signalAll(SIGKILL);
      killTime = Clock::now() + milliseconds(100);
    }
  }
  drain();
  // The ranks may have ended of it before its event was seen.
  end.own = store->fault();
  const std::string summary = end.summary(page, Clock::now());
  if (!summary.empty())
    llvm::errs() << "moe-run: " << summary << "\n";
  return end.exitCode(page);
}

/// Writes what ranks that have ended left in their pipes.
void Supervisor::drain() {
  for (Rank &rank : ranks) {
    while (rank.errors.input() >= 0 && rank.errors.pump() == LinePrefixer::Pumped::data) {
    }
    rank.errors.finish();
  }
}

void Supervisor::waitForEvents() {
  std::vector<pollfd> polled{{signals, POLLIN, 0}, {end.own.ok() ? store->faultEvent() : -1, POLLIN, 0}};
  for (const Rank &rank : ranks)
    polled.push_back({rank.running && !rank.silent ? rank.errors.input() : -1, POLLIN, 0});
  auto wait = milliseconds(60000);
  for (const auto &when : {killTime, end.timedOut ? std::nullopt : end.deadline})
    if (when)
      wait = std::min(wait, std::chrono::duration_cast<milliseconds>(*when - Clock::now()) + milliseconds(1));
  ::poll(polled.data(), polled.size(), static_cast<int>(std::max<int64_t>(wait.count(), 0)));
  for (size_t rank = 0; rank < ranks.size(); ++rank)
    if (polled[rank + 2].revents & (POLLIN | POLLHUP))
      ranks[rank].silent = ranks[rank].errors.pump() == LinePrefixer::Pumped::end;
  if (polled[1].revents & POLLIN) {
    end.own = store->fault();
    stopBy(Clock::now());
  }
  if (polled[0].revents & POLLIN)
    readSignals();
  reap();
}

void Supervisor::readSignals() {
  signalfd_siginfo info;
  while (::read(signals, &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info)))
    if (info.ssi_signo != SIGCHLD)
      takeSignal(static_cast<int>(info.ssi_signo));
}

void Supervisor::reap() {
  for (size_t index = 0; index < ranks.size(); ++index) {
    Rank &rank = ranks[index];
    int status;
    if (!rank.running || ::waitpid(rank.pid, &status, WNOHANG) != rank.pid)
      continue;
    rank.running = false;
    const bool killedByUs = killing && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    end.ended(static_cast<int>(index), rank.pid, status, Clock::now(), killedByUs || end.signal != 0);
    if (end.failed(page))
      stopBy(Clock::now() + stopTime);
  }
}

void Supervisor::takeSignal(int signal) {
  if (end.signal != 0)
    return stopBy(Clock::now());
  end.signal = signal;
  signalAll(signal);
  stopBy(Clock::now() + signalTime);
}

void Supervisor::takeTimeout() {
  end.timedOut = true;
  for (size_t rank = 0; rank < ranks.size(); ++rank)
    if (ranks[rank].running)
      end.late.push_back("rank " + std::to_string(rank) + " in " + whereabouts(page.of(rank)));
  stopBy(Clock::now());
}

void Supervisor::signalAll(int signal) {
  for (const Rank &rank : ranks)
    if (rank.running)
      // The rank and whatever it started; the group may not exist yet while the rank starts.
      if (::kill(-rank.pid, signal) != 0)
        ::kill(rank.pid, signal);
}

}  // namespace

int supervise(const JobOptions &options) {
  const auto fail = [](const Status &status) {
    llvm::errs() << "moe-run: " << status.message() << "\n";
    return static_cast<int>(status.code());
  };
  Result<ProgressPage> page = ProgressPage::create(options.ranks);
  if (!page.ok())
    return fail(page.status());
  Supervisor supervisor(options, *std::move(page));
  if (Status status = supervisor.start(); !status.ok())
    return fail(status);
  return supervisor.watch();
}

}  // namespace switchyard::launch
