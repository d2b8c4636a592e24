// The rows of a route, expert by expert, in blocks of at most expert::block rows.
#ifndef SWITCHYARD_KERNELS_EXPERT_MLP_ROW_BLOCKS_H
#define SWITCHYARD_KERNELS_EXPERT_MLP_ROW_BLOCKS_H

#include "kernels/expert_mlp/expert_mlp.h"

namespace switchyard::kernels {

/// Rows of one expert, from one or more sources.
struct RowBlock {
  int64_t expert = 0;
  int64_t ordinal = 0;  // rows of all blocks before this one
  int64_t count = 0;
  int32_t row[expert::block];
};

/// Walks the blocks in a fixed order; a copy walks on from the same place.
class RowBlocks {
public:
  explicit RowBlocks(const Segments &segments) : segments(&segments) {}

  /// Steps to the next block; false at the end.
  bool next(RowBlock &block) {
    for (; position < segments->positions; ++position, source = 0, taken = 0) {
      block.count = 0;
      for (; source < segments->sources; ++source, taken = 0) {
        int64_t first = segments->first(source, position) + taken, last = segments->last(source, position);
        for (; first < last && block.count < expert::block; ++first, ++taken)
          block.row[block.count++] = static_cast<int32_t>(first);
        if (block.count == expert::block)
          break;
      }
      if (block.count > 0) {
        block.expert = segments->expert[position];
        block.ordinal = ordinal;
        ordinal += block.count;
        return true;
      }
    }
    return false;
  }

private:
  const Segments *segments;
  int64_t position = 0, source = 0, taken = 0, ordinal = 0;
};

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_EXPERT_MLP_ROW_BLOCKS_H
