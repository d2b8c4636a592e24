// The weights of one rank: mapped from the artifact, and of the experts only those that the rank owns.
#ifndef SWITCHYARD_RUNTIME_ARTIFACT_RANK_WEIGHTS_H
#define SWITCHYARD_RUNTIME_ARTIFACT_RANK_WEIGHTS_H

#include "runtime/artifact/artifact_reader.h"

#include <cstdint>
#include <vector>

namespace switchyard::artifact {

class RankWeights {
public:
  /// `artifact` may go before the result does.
  static Result<RankWeights> map(const ArtifactReader &artifact, const Plan &plan, int64_t rank);

  /// MoeEnvironment.weights: the data of each dense weight; of each weight per expert a table of E addresses, null where
  /// the rank does not own the expert. An empty weight has some address that is not null.
  const void *const *addresses() const { return addresses_.data(); }
  /// The experts of a MoE layer whose weights are mapped, ascending.
  std::vector<int64_t> mappedExperts(int64_t layer) const;
  /// Bytes of all mapped weights.
  uint64_t mappedBytes() const { return mappedBytes_; }

private:
  RankWeights() = default;
  Status mapFile(const ArtifactReader &artifact, const Plan &plan, int64_t rank, const std::string &file);

  std::vector<const void *> addresses_;
  std::vector<std::vector<const void *>> tables_;  ///< by weight; empty for a dense one
  std::vector<std::vector<int64_t>> mappedExperts_;
  std::vector<Mapping> mappings_;
  uint64_t mappedBytes_ = 0;
};

}  // namespace switchyard::artifact

#endif  // SWITCHYARD_RUNTIME_ARTIFACT_RANK_WEIGHTS_H
