#include "runtime/artifact/plan.h"

#include "runtime/base/checked.h"
#include "runtime/base/escape.h"

#include <numeric>
#include <set>

namespace switchyard::artifact {
namespace {

constexpr llvm::StringLiteral phaseKindNames[] = {"exchange_counts", "exchange_rows", "return_rows", "all_gather_tokens"};

using RankLists = std::vector<std::vector<int32_t>>;

std::vector<int32_t> allRanks(int64_t ranks) {
  std::vector<int32_t> all(ranks);
  std::iota(all.begin(), all.end(), 0);
  return all;
}

/// Who talks to whom when every rank has rows for every owner.
Peers ownerPeers(const LayerPlacement &placement, int64_t ranks, bool toOwners) {
  std::set<int32_t> owners;
  for (const std::vector<int32_t> &of : placement.owners)
    owners.insert(of.begin(), of.end());
  RankLists ofSources(ranks, std::vector<int32_t>(owners.begin(), owners.end())), ofOwners(ranks);
  for (int32_t owner : owners)
    if (owner >= 0 && owner < ranks)
      ofOwners[owner] = allRanks(ranks);
  return toOwners ? Peers{ofSources, ofOwners} : Peers{ofOwners, ofSources};
}

}  // namespace

llvm::StringRef phaseKindName(PhaseKind kind) { return phaseKindNames[static_cast<int>(kind)]; }

std::optional<PhaseKind> phaseKindOfKernel(llvm::StringRef kernel) {
  if (!kernel.consume_front("collective."))
    return std::nullopt;
  for (int i = 0; i < 4; ++i)
    if (kernel == phaseKindNames[i])
      return static_cast<PhaseKind>(i);
  return std::nullopt;
}

size_t tensorCount(PhaseKind kind) { return kind == PhaseKind::exchangeRows || kind == PhaseKind::returnRows ? 4 : 2; }

std::string Plan::phaseName(size_t index) const {
  return ("phase " + llvm::Twine(index) + " (" + phaseKindName(phases[index].kind) + " of layer " + llvm::Twine(phases[index].layer) + ")")
      .str();
}

RowBounds worstRows(PhaseKind kind, int64_t tokens, int64_t slots, int64_t ranks) {
  int64_t share = tokens / ranks + (tokens % ranks != 0);
  switch (kind) {
  case PhaseKind::exchangeCounts:
    return {};
  case PhaseKind::exchangeRows:
  case PhaseKind::returnRows:
    return {share * slots, tokens * slots};
  case PhaseKind::allGatherTokens:
    return {share, tokens};
  }
  return {};
}

Result<Plan> planOfOwners(const Manifest &manifest, int64_t ranks, std::vector<LayerPlacement> layers) {
  if (ranks < 1 || ranks > maxRanks)
    return usageError(llvm::Twine(ranks) + " ranks; a plan is for 1 to " + llvm::Twine(maxRanks));
  Plan plan{ranks, std::move(layers), {}};
  ExpressionScope limits = manifest.limits(ranks, 1);
  for (const Site &site : manifest.sites) {
    std::optional<PhaseKind> kind = phaseKindOfKernel(site.kernel);
    if (!kind)
      continue;
    if (site.layer < 0 || site.layer >= int64_t(manifest.layers.size()) || site.layer >= int64_t(plan.layers.size()))
      return invalidError("site " + quote(site.name) + ": no layer " + llvm::Twine(site.layer));
    const Layer &layer = manifest.layers[site.layer];
    SWITCHYARD_ASSIGN_OR_RETURN(uint64_t tokens, layer.tokens.upperBoundSize(limits));
    if (!checkedMultiply(int64_t(tokens), layer.slots))
      return invalidError("layer " + llvm::Twine(layer.index) + ": " + llvm::Twine(tokens) + " tokens of " + llvm::Twine(layer.slots) +
                          " slots overflow 64 bits");
    RankLists everyone(ranks, allRanks(ranks));
    Peers peers = *kind == PhaseKind::allGatherTokens ? Peers{everyone, everyone}
                                                      : ownerPeers(plan.layers[site.layer], ranks, *kind != PhaseKind::returnRows);
    plan.phases.push_back({*kind, site.layer, site.op, std::move(peers), worstRows(*kind, tokens, layer.slots, ranks)});
  }
  return plan;
}

Result<Plan> defaultPlan(const Manifest &manifest, int64_t ranks) {
  std::vector<LayerPlacement> layers;
  for (const Layer &layer : manifest.layers) {
    LayerPlacement &placement = layers.emplace_back();
    placement.layer = layer.index;
    for (int64_t expert = 0; expert < layer.experts; ++expert)
      placement.owners.push_back({int32_t(expert * ranks / layer.experts)});
  }
  return planOfOwners(manifest, ranks, std::move(layers));
}

}  // namespace switchyard::artifact
