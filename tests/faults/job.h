// A run of moe-run as a user starts it: command, environment, what it printed, how and when it ended.
#ifndef SWITCHYARD_TESTS_FAULTS_JOB_H
#define SWITCHYARD_TESTS_FAULTS_JOB_H

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace switchyard::testing {

struct JobResult {
  int code = -1;  ///< exit code, or 128 + the signal
  double seconds = 0;
  std::string output, errors;
};

/// Runs moe-run to its end; `during` is called once with its pid. A run of more than `limitSeconds` is killed and has code -1.
JobResult runJob(std::vector<std::string> arguments, const std::map<std::string, std::string> &environment = {},
                 const std::function<void(pid_t)> &during = {}, double limitSeconds = 60);

/// Runs a script of bash, in which "$MOE_RUN" is the tool.
JobResult runScript(const std::string &script, std::map<std::string, std::string> environment = {});

/// The processes whose environment holds MOE_STORE and `marker`: ranks of a job that was given it.
std::vector<pid_t> ranksMarked(const std::string &marker);

}  // namespace switchyard::testing

#endif  // SWITCHYARD_TESTS_FAULTS_JOB_H
