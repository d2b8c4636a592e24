// Where the buffers of a program lie in a rank's arena.
#ifndef SWITCHYARD_RUNTIME_ARTIFACT_ARENA_H
#define SWITCHYARD_RUNTIME_ARTIFACT_ARENA_H

#include "runtime/artifact/manifest.h"

#include <cstdint>
#include <vector>

namespace switchyard::artifact {

inline constexpr uint64_t arenaAlignment = 64;

struct ArenaLayout {
  std::vector<int64_t> offsets;  ///< by slot, as MoeEnvironment.slots
  uint64_t bytes = 0;            ///< of the whole arena
  std::vector<uint64_t> sizes;   ///< by slot: the bytes that are laid out for it
};

/// Places all slots with the upper bounds of their sizes (a size may grow while its dimensions shrink): in order of decreasing
/// size, ties by index, each at the lowest aligned offset where it overlaps no placed slot that is alive at the same time.
Result<ArenaLayout> layOutArena(const std::vector<Slot> &slots, const ExpressionScope &limits);

/// Whether every slot has a size, and room in `layout`, at the values of `scope`. Values within the limits of the layout have the
/// room; this says so before generated code writes, whoever made the layout.
Status checkArena(const std::vector<Slot> &slots, const ArenaLayout &layout, const ExpressionScope &scope);

}  // namespace switchyard::artifact

#endif  // SWITCHYARD_RUNTIME_ARTIFACT_ARENA_H
