// Runs of a sequence that occur more than once.
#ifndef SWITCHYARD_COMPILER_CODEGEN_REPEATEDRUNS_H
#define SWITCHYARD_COMPILER_CODEGEN_REPEATEDRUNS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <cstddef>

namespace switchyard::codegen {

struct RepeatedRun {
  size_t length;
  llvm::SmallVector<size_t> starts;  ///< ascending, at least two, at least `length` apart
};

/// The runs of at least `minLength` equal numbers that are worth to be kept once: the one that saves most elements first, then the best one
/// of what is left. No two occurrences overlap. `isClosed(first, end)` says whether an occurrence may be taken out of the sequence.
/// Time and memory are quadratic in the length of the sequence at worst.
llvm::SmallVector<RepeatedRun> findRepeatedRuns(llvm::ArrayRef<unsigned> sequence, size_t minLength,
                                                llvm::function_ref<bool(size_t first, size_t end)> isClosed);

}  // namespace switchyard::codegen

#endif  // SWITCHYARD_COMPILER_CODEGEN_REPEATEDRUNS_H
