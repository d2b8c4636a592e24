#include "tools/support/exhaustion.h"

#include "runtime/base/status.h"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <system_error>

#include <unistd.h>

namespace switchyard {
namespace {

const char *programName = "";

[[noreturn]] void end(const char *what) {
  // No memory may be left, so that nothing here allocates any.
  std::fprintf(stderr, "%s: the system gives no more %s; see ulimit -a\n", programName, what);
  ::_exit(static_cast<int>(ExitCode::resources));
}

/// Exceptions are not used by the project itself: one that nobody catches is the standard library's.
[[noreturn]] void terminate() {
  try {
    if (const std::exception_ptr exception = std::current_exception())
      std::rethrow_exception(exception);
  } catch (const std::bad_alloc &) {
    end("memory");
  } catch (const std::system_error &error) {
    if (error.code() == std::errc::resource_unavailable_try_again)
      end("threads, or no memory for them");
    std::fprintf(stderr, "%s: internal error: %s\n", programName, error.what());
  } catch (const std::exception &error) {
    std::fprintf(stderr, "%s: internal error: %s\n", programName, error.what());
  } catch (...) {
  }
  std::abort();
}

}  // namespace

void reportExhaustion(const char *program) {
  programName = program;
  std::set_terminate(terminate);
}

}  // namespace switchyard
