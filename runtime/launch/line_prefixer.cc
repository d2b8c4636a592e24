#include "runtime/launch/line_prefixer.h"

#include <cerrno>

#include <unistd.h>

namespace switchyard::launch {

bool LinePrefixer::pump() {
  char chunk[4096];
  const ssize_t count = ::read(source, chunk, sizeof(chunk));
  if (count < 0)
    return errno == EAGAIN || errno == EINTR;
  if (count == 0)
    return false;
  pending.append(chunk, count);
  for (size_t end; (end = pending.find('\n')) != std::string::npos || pending.size() > longestLine;) {
    const size_t length = end != std::string::npos ? end : longestLine;
    write(pending.substr(0, length));
    pending.erase(0, end != std::string::npos ? length + 1 : length);
  }
  return true;
}

void LinePrefixer::finish() {
  if (!pending.empty())
    write(pending);
  pending.clear();
}

void LinePrefixer::write(const std::string &line) const {
  const std::string whole = prefix + line + "\n";
  // One write per line keeps lines whole; a log that cannot be written is no reason to stop.
  [[maybe_unused]] const ssize_t written = ::write(target, whole.data(), whole.size());
}

}  // namespace switchyard::launch
