#include "tools/support/standard_streams.h"

#include "llvm/Support/raw_ostream.h"

#include <csignal>
#include <cstdlib>

#include <unistd.h>

namespace switchyard {
namespace {

const char *programName = "";

void checkAtExit(int code, void *) {
  const Status status = flushStandardOutput();
  if (!status.ok() && code == 0)
    llvm::errs() << programName << ": " << status.message() << "\n";
  // LLVM aborts a process that leaves a stream with an error; a log that cannot be written is no reason to fail.
  llvm::errs().clear_error();
  if (!status.ok() && code == 0)
    ::_exit(static_cast<int>(status.code()));
}

}  // namespace

void guardStandardStreams(const char *program) {
  programName = program;
  ::signal(SIGXFSZ, SIG_IGN);
  // Handlers run in reverse order: the streams must exist before, so that they still do in the handler.
  llvm::outs();
  llvm::errs();
  ::on_exit(checkAtExit, nullptr);
}

Status flushStandardOutput() {
  llvm::raw_fd_ostream &out = llvm::outs();
  out.flush();
  if (!out.has_error())
    return Status();
  const std::string reason = out.error().message();
  out.clear_error();
  return resourceError("standard output: cannot be written: " + reason);
}

}  // namespace switchyard
