#include "runtime/exec/machine_memory.h"

#include "llvm/ADT/StringRef.h"

#include <algorithm>
#include <fstream>
#include <string>

#include <unistd.h>

namespace switchyard::exec {

uint64_t machineMemory() {
  uint64_t bytes = static_cast<uint64_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  // The limit of the control group as a container sees it; "max" is none.
  for (const char *path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::ifstream file(path);
    std::string text;
    uint64_t limit = 0;
    if (std::getline(file, text) && !llvm::StringRef(text).getAsInteger(10, limit))
      bytes = std::min(bytes, limit);
  }
  return bytes;
}

Status checkMemory(uint64_t arenaBytes, int64_t ranks, uint64_t weightBytes, uint64_t memory) {
  const double mebi = 1 << 20;
  const double needed = (static_cast<double>(arenaBytes) * static_cast<double>(ranks) + static_cast<double>(weightBytes)) / mebi;
  if (needed <= static_cast<double>(memory) / mebi)
    return Status();
  const auto text = [](double mebibytes) { return std::to_string(static_cast<uint64_t>(mebibytes)) + " MiB"; };
  return resourceError("at its limits the job needs " + text(needed) + " of memory (" + llvm::Twine(ranks) + " ranks with buffers of " +
                       text(static_cast<double>(arenaBytes) / mebi) + " each, and weights of " +
                       text(static_cast<double>(weightBytes) / mebi) + "), and this machine has " +
                       text(static_cast<double>(memory) / mebi) + "; lower --max-batch or --max-seq");
}

}  // namespace switchyard::exec
