// What a rank counts while it runs.
#ifndef SWITCHYARD_RUNTIME_EXEC_STATISTICS_H
#define SWITCHYARD_RUNTIME_EXEC_STATISTICS_H

#include "runtime/artifact/manifest.h"

#include <cstdint>
#include <vector>

namespace switchyard::exec {

/// One MoE layer on one rank, since the last reset.
struct LayerCounts {
  std::vector<int64_t> tokensPerExpert;  ///< by logical expert: routes of this rank's own tokens
  int64_t dropped = 0;                   ///< routes of this rank's own tokens that were dropped
  int64_t rowsSent = 0, rowsReceived = 0;
  int64_t bytesSent = 0, bytesReceived = 0;  ///< of all collectives of the layer
};

struct RankCounts {
  std::vector<LayerCounts> layers;
  double stepSeconds = 0;  ///< of the last step

  explicit RankCounts(const artifact::Manifest &manifest);
  /// Zeroes what is counted per case.
  void reset();
  /// The counts as numbers, in an order that depends on the manifest alone, so that ranks can gather them.
  std::vector<int64_t> flatten() const;
  static RankCounts unflatten(const artifact::Manifest &manifest, const int64_t *numbers);
};

}  // namespace switchyard::exec

#endif  // SWITCHYARD_RUNTIME_EXEC_STATISTICS_H
