#include "runtime/launch/line_prefixer.h"

#include <cerrno>

#include <unistd.h>

namespace switchyard::launch {

LinePrefixer::Pumped LinePrefixer::pump() {
  char chunk[4096];
  ssize_t count;
  do
    count = ::read(source, chunk, sizeof(chunk));
  while (count < 0 && errno == EINTR);
  if (count <= 0)
    return count < 0 && errno == EAGAIN ? Pumped::nothing : Pumped::end;
  pending.append(chunk, count);
  for (size_t end; (end = pending.find('\n')) != std::string::npos || pending.size() > longestLine;) {
    const size_t length = end != std::string::npos ? end : longestLine;
    write(pending.substr(0, length));
    pending.erase(0, end != std::string::npos ? length + 1 : length);
  }
  return Pumped::data;
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
