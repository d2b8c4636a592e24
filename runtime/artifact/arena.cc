#include "runtime/artifact/arena.h"

#include "runtime/base/checked.h"
#include "runtime/base/escape.h"

#include "llvm/ADT/STLExtras.h"

#include <numeric>

namespace switchyard::artifact {
namespace {

/// The largest end of a slot: offsets are int64_t, and an end may still be rounded up.
constexpr uint64_t maxArenaBytes = uint64_t(1) << 62;

/// "batch=2, tokens=13, ranks=4, threads=1".
std::string describe(const ExpressionScope &scope) {
  std::string text;
  for (const auto &[name, value] : scope.dims)
    text += escaped(name) + "=" + std::to_string(value) + ", ";
  return text + "ranks=" + std::to_string(scope.ranks) + ", threads=" + std::to_string(scope.threads);
}

}  // namespace

Result<ArenaLayout> layOutArena(const std::vector<Slot> &slots, const ExpressionScope &limits) {
  std::vector<uint64_t> sizes;
  for (size_t i = 0; i < slots.size(); ++i) {
    Result<uint64_t> size = slots[i].size.upperBoundSize(limits);
    if (!size)
      return size.status().within("slots[" + llvm::Twine(i) + "]");
    sizes.push_back(*size);
  }
  std::vector<size_t> order(slots.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](size_t a, size_t b) { return sizes[a] != sizes[b] ? sizes[a] > sizes[b] : a < b; });

  ArenaLayout layout{std::vector<int64_t>(slots.size(), 0), 0, sizes};
  std::vector<size_t> placed;  // by ascending offset
  for (size_t slot : order) {
    uint64_t offset = 0;
    for (size_t other : placed) {
      uint64_t begin = static_cast<uint64_t>(layout.offsets[other]);
      if (slots[other].last < slots[slot].first || slots[slot].last < slots[other].first || sizes[other] == 0)
        continue;
      if (offset + sizes[slot] <= begin)
        break;  // the gap before `other` is large enough
      offset = std::max(offset, *checkedAlign(begin + sizes[other], arenaAlignment));
    }
    if (!checkedSlice(maxArenaBytes, offset, sizes[slot]))
      return limitError("slots[" + llvm::Twine(slot) + "] of " + llvm::Twine(sizes[slot]) +
                        " bytes does not fit an arena; lower the limits");
    layout.offsets[slot] = static_cast<int64_t>(offset);
    layout.bytes = std::max(layout.bytes, offset + sizes[slot]);
    auto after = llvm::upper_bound(placed, slot, [&](size_t a, size_t b) { return layout.offsets[a] < layout.offsets[b]; });
    placed.insert(after, slot);
  }
  return layout;
}

Status checkArena(const std::vector<Slot> &slots, const ArenaLayout &layout, const ExpressionScope &scope) {
  for (size_t i = 0; i < slots.size(); ++i) {
    Result<uint64_t> size = slots[i].size.evaluateSize(scope);
    if (!size)
      return size.status().within("slots[" + llvm::Twine(i) + "]");
    if (*size > layout.sizes[i])
      return limitError("slots[" + llvm::Twine(i) + "] needs " + llvm::Twine(*size) + " bytes with " + describe(scope) + ", but only " +
                        llvm::Twine(layout.sizes[i]) + " are laid out");
  }
  return Status();
}

}  // namespace switchyard::artifact
