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

/// Evaluates the sizes of all slots and places them: in order of decreasing size, ties by index, each at the lowest
/// aligned offset where it overlaps no placed slot that is alive at the same time.
Result<ArenaLayout> layOutArena(const std::vector<Slot> &slots, const ExpressionScope &scope);

/// Whether every slot has room in `layout` at the values of `scope`. A size may grow while its dimensions shrink, so a layout
/// for the limits does not answer this for the dimensions of a step.
Status checkArena(const std::vector<Slot> &slots, const ArenaLayout &layout, const ExpressionScope &scope);

}  // namespace switchyard::artifact

#endif  // SWITCHYARD_RUNTIME_ARTIFACT_ARENA_H
