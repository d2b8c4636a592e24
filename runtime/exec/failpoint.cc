#include "runtime/exec/failpoint.h"

#include "runtime/base/escape.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include <unistd.h>

namespace switchyard::exec {
namespace {

constexpr const char *actionNames[] = {"kill9", "abort", "hang", "exit3", "exit0", "fail", "delay"};

}  // namespace

Result<std::optional<Failpoint>> Failpoint::fromEnvironment() {
  const char *text = std::getenv("MOE_FAILPOINT");
  if (!text || !*text)
    return std::optional<Failpoint>();
  SWITCHYARD_ASSIGN_OR_RETURN(Failpoint failpoint, parse(text));
  return std::optional<Failpoint>(std::move(failpoint));
}

Result<Failpoint> Failpoint::parse(const std::string &text) {
  const auto [kernel, fields] = llvm::StringRef(text).split(':');
  Failpoint failpoint;
  failpoint.kernel = kernel.str();
  llvm::SmallVector<llvm::StringRef> parts;
  fields.split(parts, ',');
  if (fields.find("action=") == llvm::StringRef::npos)
    return usageError("MOE_FAILPOINT=" + quote(text) + " has no action; see moe-run --list-failpoints");
  for (llvm::StringRef part : parts)
    SWITCHYARD_RETURN_IF_ERROR(failpoint.parseField(part.str()).within("MOE_FAILPOINT"));
  return failpoint;
}

Status Failpoint::parseField(const std::string &field) {
  const auto [key, value] = llvm::StringRef(field).split('=');
  for (auto [name, number] : {std::pair("rank", &rank), std::pair("layer", &layer), std::pair("step", &step)}) {
    if (key != name)
      continue;
    int64_t parsed;
    if (value.getAsInteger(10, parsed))
      return usageError(quote(field) + " is not a number");
    *number = parsed;
    return Status();
  }
  const auto [verb, seconds] = value.split('=');
  for (int index = 0; key == "action" && index < static_cast<int>(std::size(actionNames)); ++index) {
    if (verb != actionNames[index])
      continue;
    action = static_cast<Action>(index);
    if (action == Action::delay && seconds.getAsDouble(delaySeconds))
      return usageError(quote(field) + " does not say how many seconds");
    return Status();
  }
  return usageError(quote(field) + " is not known; see moe-run --list-failpoints");
}

Status Failpoint::reach(const std::string &atKernel, int64_t atLayer, int atRank, uint64_t atStep) {
  if (reached || (kernel != "*" && kernel != atKernel) || (rank && *rank != atRank) || (layer && *layer != atLayer) ||
      (step && *step != static_cast<int64_t>(atStep)))
    return Status();
  reached = true;
  return act();
}

Status Failpoint::act() const {
  switch (action) {
  case Action::kill9:
    ::kill(::getpid(), SIGKILL);
    break;
  case Action::abort:
    std::abort();
  case Action::hang:
    for (;;)
      ::pause();
  case Action::exit3:
    ::_exit(3);
  case Action::exit0:
    ::_exit(0);
  case Action::fail:
    return failureError("failpoint");
  case Action::delay:
    std::this_thread::sleep_for(std::chrono::duration<double>(delaySeconds));
    break;
  }
  return Status();
}

std::string Failpoint::help() {
  return "MOE_FAILPOINT=\"KERNEL:[rank=R,][layer=L,][step=S,]action=ACTION\" injects a fault, once a process.\n"
         "KERNEL is a row of the kernel table, a collective, or * for any:\n"
         "  collective.exchange_counts collective.exchange_rows collective.return_rows collective.all_gather_tokens\n"
         "ACTION is one of:\n"
         "  kill9            the rank kills itself with SIGKILL\n"
         "  abort            the rank aborts\n"
         "  hang             the rank stops making progress\n"
         "  exit0, exit3     the rank leaves with this exit code\n"
         "  fail             the call fails\n"
         "  delay=SECONDS    the rank sleeps\n";
}

}  // namespace switchyard::exec
