// Faults that a test injects at a call site, by the environment variable MOE_FAILPOINT:
//
//   MOE_FAILPOINT="collective.exchange_rows:rank=2,layer=1,step=3,action=kill9"
//
// The first field is a kernel or collective, or `*`; `rank`, `layer` and `step` narrow it down; `action` is one of
// kill9, abort, hang, exit3, exit0, fail, delay=SECONDS.
#ifndef SWITCHYARD_RUNTIME_EXEC_FAILPOINT_H
#define SWITCHYARD_RUNTIME_EXEC_FAILPOINT_H

#include "runtime/base/status.h"

#include <cstdint>
#include <optional>
#include <string>

namespace switchyard::exec {

class Failpoint {
public:
  /// The failpoint of the environment, if there is one.
  static Result<std::optional<Failpoint>> fromEnvironment();
  static Result<Failpoint> parse(const std::string &text);

  /// Acts, once, where the call is the one that is meant. `fail` returns a fault, the others act on the process.
  Status reach(const std::string &kernel, int64_t layer, int rank, uint64_t step);

  /// The actions and fields, for --list-failpoints.
  static std::string help();

private:
  enum class Action { kill9, abort, hang, exit3, exit0, fail, delay };
  Status act() const;
  Status parseField(const std::string &field);

  std::string kernel;
  std::optional<int64_t> rank, layer, step;
  Action action = Action::fail;
  double delaySeconds = 0;
  bool reached = false;
};

}  // namespace switchyard::exec

#endif  // SWITCHYARD_RUNTIME_EXEC_FAILPOINT_H
