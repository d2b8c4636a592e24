#include "compiler/codegen/RepeatedRuns.h"

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/SuffixTree.h"

#include <queue>

namespace switchyard::codegen {

namespace {

/// Elements that are stored once instead of several times.
size_t saved(const RepeatedRun &run) { return run.starts.size() < 2 ? 0 : (run.starts.size() - 1) * run.length; }

/// The better run is greater: it saves more, is shorter, starts earlier.
struct Worse {
  bool operator()(const RepeatedRun &a, const RepeatedRun &b) const {
    return std::tuple(saved(a), b.length, b.starts.front()) < std::tuple(saved(b), a.length, a.starts.front());
  }
};

/// Drops the occurrences that overlap an earlier one or a covered element.
void dropOverlaps(RepeatedRun &run, const llvm::BitVector &covered) {
  size_t free = 0;
  llvm::erase_if(run.starts, [&](size_t start) {
    if (start < free || covered.find_first_in(start, start + run.length) != -1)
      return true;
    free = start + run.length;
    return false;
  });
}

}  // namespace

llvm::SmallVector<RepeatedRun> findRepeatedRuns(llvm::ArrayRef<unsigned> sequence, size_t minLength,
                                                llvm::function_ref<bool(size_t first, size_t end)> isClosed) {
  llvm::BitVector covered(sequence.size());
  std::priority_queue<RepeatedRun, std::vector<RepeatedRun>, Worse> queue;
  auto push = [&](RepeatedRun run) {
    dropOverlaps(run, covered);
    if (run.starts.size() >= 2)
      queue.push(std::move(run));
  };
  // The tree has a node for a run at the very end only where something follows it.
  std::vector<unsigned> terminated(sequence.begin(), sequence.end());
  terminated.push_back(sequence.empty() ? 0 : *llvm::max_element(sequence) + 1);
  llvm::SuffixTree tree(terminated, /*OutlinerLeafDescendants=*/true);
  for (const llvm::SuffixTree::RepeatedSubstring &repeated : tree) {
    if (repeated.Length < minLength)
      continue;
    RepeatedRun run{repeated.Length, {}};
    for (unsigned start : repeated.StartIndices)
      if (isClosed(start, start + repeated.Length))
        run.starts.push_back(start);
    llvm::sort(run.starts);
    push(std::move(run));
  }

  llvm::SmallVector<RepeatedRun> chosen;
  while (!queue.empty()) {
    RepeatedRun best = queue.top();
    queue.pop();
    size_t before = best.starts.size();
    dropOverlaps(best, covered);
    if (best.starts.size() != before) {
      push(std::move(best));
      continue;
    }
    for (size_t start : best.starts)
      covered.set(start, start + best.length);
    chosen.push_back(std::move(best));
  }
  llvm::sort(chosen, [](const RepeatedRun &a, const RepeatedRun &b) { return a.starts.front() < b.starts.front(); });
  return chosen;
}

}  // namespace switchyard::codegen
