#include "tests/faults/job.h"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace switchyard::testing {
namespace {

std::string contents(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

pid_t start(std::vector<std::string> command, const std::map<std::string, std::string> &environment, const std::string &output,
            const std::string &errors) {
  const pid_t pid = ::fork();
  if (pid != 0)
    return pid;
  for (const auto &[name, value] : environment)
    ::setenv(name.c_str(), value.c_str(), 1);
  ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
  ::dup2(::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
  ::dup2(::open(errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
  std::vector<char *> words;
  for (std::string &word : command)
    words.push_back(word.data());
  words.push_back(nullptr);
  ::execv(words.front(), words.data());
  ::_exit(127);
}

JobResult runCommand(const std::vector<std::string> &command, const std::map<std::string, std::string> &environment,
                     const std::function<void(pid_t)> &during, double limitSeconds) {
  static std::atomic<int> number = 0;
  const std::string base =
      std::filesystem::temp_directory_path() / ("switchyard-job-" + std::to_string(::getpid()) + "-" + std::to_string(number++));
  const auto begin = std::chrono::steady_clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); };
  const pid_t pid = start(command, environment, base + ".out", base + ".err");
  if (during)
    during(pid);
  JobResult result;
  for (int status = 0; result.code < 0;) {
    if (::waitpid(pid, &status, WNOHANG) == pid) {
      result.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    } else if (elapsed() > limitSeconds) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, &status, 0);
      break;
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
  result.seconds = elapsed();
  result.output = contents(base + ".out");
  result.errors = contents(base + ".err");
  std::filesystem::remove(base + ".out");
  std::filesystem::remove(base + ".err");
  return result;
}

}  // namespace

JobResult runJob(std::vector<std::string> arguments, const std::map<std::string, std::string> &environment,
                 const std::function<void(pid_t)> &during, double limitSeconds) {
  arguments.insert(arguments.begin(), SWITCHYARD_MOE_RUN);
  return runCommand(arguments, environment, during, limitSeconds);
}

JobResult runScript(const std::string &script, std::map<std::string, std::string> environment) {
  environment["MOE_RUN"] = SWITCHYARD_MOE_RUN;
  return runCommand({"/bin/bash", "-c", script}, environment, {}, 60);
}

std::vector<pid_t> ranksMarked(const std::string &marker) {
  std::vector<pid_t> found;
  for (const auto &entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos)
      continue;
    const std::string environment = contents(entry.path() / "environ");
    if (environment.find("MOE_STORE=") != std::string::npos && environment.find(marker) != std::string::npos)
      found.push_back(std::stoi(name));
  }
  return found;
}

}  // namespace switchyard::testing
