#include "runtime/launch/progress_page.h"

#include "runtime/base/escape.h"
#include "runtime/base/file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include <sys/mman.h>
#include <unistd.h>

namespace switchyard::launch {

static size_t pageBytes(int ranks) { return ranks * sizeof(exec::Progress); }

Result<ProgressPage> ProgressPage::create(int ranks) {
  const int fd = ::memfd_create("moe-run-progress", 0);
  if (fd < 0 || ::ftruncate(fd, pageBytes(ranks)) != 0)
    return resourceError(llvm::Twine("no shared memory for the progress of the ranks: ") + errorText(errno));
  SWITCHYARD_ASSIGN_OR_RETURN(ProgressPage page, adopt(fd, ranks));
  for (int rank = 0; rank < ranks; ++rank)
    new (&page.of(rank)) exec::Progress;
  return page;
}

Result<ProgressPage> ProgressPage::adopt(int descriptor, int ranks) {
  void *memory = ::mmap(nullptr, pageBytes(ranks), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (memory == MAP_FAILED)
    return resourceError(llvm::Twine("cannot map the progress of the ranks: ") + errorText(errno));
  ProgressPage page;
  page.fd = descriptor;
  page.ranks = ranks;
  page.pages = static_cast<exec::Progress *>(memory);
  return page;
}

ProgressPage::ProgressPage(ProgressPage &&other) noexcept
    : fd(std::exchange(other.fd, -1)), ranks(other.ranks), pages(std::exchange(other.pages, nullptr)) {}

ProgressPage::~ProgressPage() {
  if (pages)
    ::munmap(pages, pageBytes(ranks));
  if (fd >= 0)
    ::close(fd);
}

void record(exec::Progress &progress, const exec::Fault &fault) {
  const std::string &message = fault.status.message();
  const size_t length = std::min(message.size(), sizeof(progress.message) - 1);
  std::memcpy(progress.message, message.data(), length);
  progress.message[length] = '\0';
  progress.exitCode = static_cast<int32_t>(fault.status.code());
  progress.consequence = fault.consequence;
  progress.failed.store(1, std::memory_order_release);
}

std::string whereabouts(const exec::Progress &progress) {
  switch (static_cast<exec::Stage>(progress.stage.load())) {
  case exec::Stage::starting:
    return "its start";
  case exec::Stage::loading:
    return "loading the artifact";
  case exec::Stage::meeting:
    return "meeting the other ranks";
  case exec::Stage::finishing:
    return "the end of the job";
  case exec::Stage::running:
    break;
  }
  std::string text = escaped(progress.site.read());
  if (text.empty())
    text = "generated code before the first call";
  if (progress.layer >= 0)
    text += " in layer " + std::to_string(progress.layer);
  return text + " (step " + std::to_string(progress.step) + ")";
}

}  // namespace switchyard::launch
