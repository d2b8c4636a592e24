// The levels of the x86-64 ABI that code is compiled for, and what this CPU has of them.
#ifndef SWITCHYARD_RUNTIME_BASE_CPU_LEVEL_H
#define SWITCHYARD_RUNTIME_BASE_CPU_LEVEL_H

#include "llvm/ADT/StringRef.h"

#include <functional>
#include <string>
#include <vector>

namespace switchyard {

/// The CPU levels that code may be compiled for, lowest first.
std::vector<std::string> cpuLevels();
/// Whether this CPU runs code of `level`.
bool cpuSupports(llvm::StringRef level);

/// Whether a CPU has a feature, by its name in GCC and LLVM.
using HasFeature = std::function<bool(llvm::StringRef feature)>;
/// Whether this CPU has the feature.
bool cpuHas(llvm::StringRef feature);
/// The features that code of `level` needs and a CPU lacks, those of the levels below included.
std::vector<std::string> missingFeatures(llvm::StringRef level, const HasFeature &has = cpuHas);

}  // namespace switchyard

#endif  // SWITCHYARD_RUNTIME_BASE_CPU_LEVEL_H
