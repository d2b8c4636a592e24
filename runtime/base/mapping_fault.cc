#include "runtime/base/mapping_fault.h"

#include "runtime/base/status.h"

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

// Everything that the handler calls must be safe in a signal handler: system calls and arithmetic, no heap, no stdio.

namespace switchyard {
namespace {

const char *programName = "";

void print(const char *text, size_t length) {
  while (length > 0) {
    ssize_t written = ::write(STDERR_FILENO, text, length);
    if (written <= 0)
      return;
    text += written;
    length -= static_cast<size_t>(written);
  }
}

uintptr_t parseHex(const char *&text) {
  uintptr_t value = 0;
  for (; (*text >= '0' && *text <= '9') || (*text >= 'a' && *text <= 'f'); ++text)
    value = value * 16 + static_cast<uintptr_t>(*text <= '9' ? *text - '0' : *text - 'a' + 10);
  return value;
}

/// Lines of /proc/self/maps: "begin-end rights offset device inode   path".
class MapsReader {
public:
  MapsReader() : descriptor_(::open("/proc/self/maps", O_RDONLY | O_CLOEXEC)) {}
  ~MapsReader() { ::close(descriptor_); }

  /// The next line in `line`, cut to its size and ended by NUL.
  bool next(char *line, size_t size) {
    size_t length = 0;
    char c;
    while (::read(descriptor_, &c, 1) == 1) {
      if (c == '\n') {
        line[length] = '\0';
        return true;
      }
      if (length + 1 < size)
        line[length++] = c;
    }
    return false;
  }

private:
  int descriptor_;
};

void handle(int signal, siginfo_t *info, void *) {
  uintptr_t address = reinterpret_cast<uintptr_t>(info->si_addr);
  char line[512];
  for (MapsReader maps; maps.next(line, sizeof(line));) {
    const char *text = line;
    uintptr_t begin = parseHex(text);
    if (*text++ != '-' || address < begin || address >= parseHex(text))
      continue;
    const char *path = std::strchr(line, '/');
    if (!path)
      break;
    print(programName, std::strlen(programName));
    print(": ", 2);
    print(path, std::strlen(path));
    print(" shrank while in use\n", 21);
    ::_exit(static_cast<int>(ExitCode::invalid));
  }
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

}  // namespace

void installMappingFaultHandler(const char *program) {
  programName = program;
  struct sigaction action = {};
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO | SA_RESETHAND;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGBUS, &action, nullptr);
}

}  // namespace switchyard
