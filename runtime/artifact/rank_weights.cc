#include "runtime/artifact/rank_weights.h"

#include "llvm/ADT/STLExtras.h"

namespace switchyard::artifact {
namespace {

/// What an address of no bytes points to.
alignas(64) constexpr char nothing[64] = {};

bool owns(const Plan &plan, int64_t layer, int64_t expert, int64_t rank) {
  return llvm::is_contained(plan.layers[layer].owners[expert], static_cast<int32_t>(rank));
}

}  // namespace

Result<RankWeights> RankWeights::map(const ArtifactReader &artifact, const Plan &plan, int64_t rank) {
  const Manifest &manifest = artifact.manifest();
  RankWeights weights;
  weights.addresses_.resize(manifest.weights.size(), nullptr);
  weights.tables_.resize(manifest.weights.size());
  weights.mappedExperts_.resize(manifest.layers.size());
  for (size_t i = 0; i < manifest.weights.size(); ++i) {
    const Weight &weight = manifest.weights[i];
    if (weight.expert < 0)
      continue;
    weights.tables_[i].resize(static_cast<size_t>(weight.shape[0]), nullptr);
    weights.addresses_[i] = weights.tables_[i].data();
  }
  for (const std::string &file : weightFiles(manifest))
    SWITCHYARD_RETURN_IF_ERROR(weights.mapFile(artifact, plan, rank, file));
  for (std::vector<int64_t> &experts : weights.mappedExperts_) {
    llvm::sort(experts);
    experts.erase(llvm::unique(experts), experts.end());
  }
  return weights;
}

Status RankWeights::mapFile(const ArtifactReader &artifact, const Plan &plan, int64_t rank, const std::string &path) {
  const Manifest &manifest = artifact.manifest();
  const File &file = *artifact.file(path);
  SWITCHYARD_ASSIGN_OR_RETURN(std::vector<StoredTensor> stored, storedTensors(manifest, path));
  const std::vector<TensorEntry> &entries = artifact.tensors(path);
  // Neighbours that are both wanted share one mapping: the dense weights, and each run of owned experts.
  for (size_t begin = 0, end = 0; begin < stored.size(); begin = std::max(end, begin + 1)) {
    auto wanted = [&](size_t i) {
      const StoredTensor &tensor = stored[i];
      return tensor.expert < 0 || owns(plan, manifest.weights[tensor.weight].expert, tensor.expert, rank);
    };
    uint64_t first = UINT64_MAX, last = 0;
    for (end = begin; end < stored.size() && wanted(end); ++end) {
      if (entries[end].bytes == 0)
        continue;
      first = std::min(first, entries[end].offset);
      last = std::max(last, entries[end].offset + entries[end].bytes);
    }
    Mapping mapping;
    if (last > 0) {
      SWITCHYARD_ASSIGN_OR_RETURN(mapping, file.map(first, last - first));
    }
    for (size_t i = begin; i < end; ++i) {
      const void *data = entries[i].bytes == 0 ? nothing : mapping.data() + (entries[i].offset - first);
      int64_t layer = manifest.weights[stored[i].weight].expert;
      if (stored[i].expert < 0) {
        addresses_[stored[i].weight] = data;
      } else {
        tables_[stored[i].weight][static_cast<size_t>(stored[i].expert)] = data;
        mappedExperts_[static_cast<size_t>(layer)].push_back(stored[i].expert);
      }
      mappedBytes_ += entries[i].bytes;
    }
    mappings_.push_back(std::move(mapping));
  }
  return file.checkUnchanged();
}

std::vector<int64_t> RankWeights::mappedExperts(int64_t layer) const { return mappedExperts_[static_cast<size_t>(layer)]; }

}  // namespace switchyard::artifact
