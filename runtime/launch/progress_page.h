// The progress of all ranks of a job, in memory that supervisor and ranks share.
#ifndef SWITCHYARD_RUNTIME_LAUNCH_PROGRESS_PAGE_H
#define SWITCHYARD_RUNTIME_LAUNCH_PROGRESS_PAGE_H

#include "runtime/exec/fault.h"
#include "runtime/exec/progress.h"

namespace switchyard::launch {

class ProgressPage {
public:
  /// A fresh page whose descriptor children inherit.
  static Result<ProgressPage> create(int ranks);
  /// The page behind an inherited descriptor.
  static Result<ProgressPage> adopt(int descriptor, int ranks);
  ProgressPage(ProgressPage &&other) noexcept;
  ~ProgressPage();

  int descriptor() const { return fd; }
  exec::Progress &of(int rank) { return pages[rank]; }

private:
  ProgressPage() = default;
  int fd = -1;
  int ranks = 0;
  exec::Progress *pages = nullptr;
};

/// Leaves the fault where the supervisor finds it.
void record(exec::Progress &progress, const exec::Fault &fault);

/// "collective.exchange_rows in layer 3 (step 7)", or what the rank does outside of a step.
std::string whereabouts(const exec::Progress &progress);

}  // namespace switchyard::launch

#endif  // SWITCHYARD_RUNTIME_LAUNCH_PROGRESS_PAGE_H
