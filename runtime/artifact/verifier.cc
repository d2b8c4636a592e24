#include "runtime/artifact/verifier.h"

#include "runtime/artifact/buffers.h"
#include "runtime/base/checked.h"
#include "runtime/base/escape.h"

#include "llvm/ADT/STLExtras.h"

namespace switchyard::artifact {
namespace {

using RankLists = std::vector<std::vector<int32_t>>;

bool contains(const std::vector<int32_t> &sorted, int32_t rank) { return std::binary_search(sorted.begin(), sorted.end(), rank); }

Status rejected(const llvm::Twine &message) { return invalidError("schedule: " + message); }

Status checkOwners(const Manifest &manifest, const Plan &plan) {
  if (plan.layers.size() != manifest.layers.size())
    return rejected("the plan places " + llvm::Twine(plan.layers.size()) + " layers, the program has " +
                    llvm::Twine(manifest.layers.size()));
  for (size_t i = 0; i < plan.layers.size(); ++i) {
    const LayerPlacement &placement = plan.layers[i];
    std::string where = ("layer " + llvm::Twine(i)).str();
    if (placement.layer != int64_t(i))
      return rejected(where + ": the plan's entry is for layer " + llvm::Twine(placement.layer));
    if (int64_t(placement.owners.size()) != manifest.layers[i].experts)
      return rejected(where + ": owners of " + llvm::Twine(placement.owners.size()) + " experts, the layer has " +
                      llvm::Twine(manifest.layers[i].experts));
    for (size_t expert = 0; expert < placement.owners.size(); ++expert) {
      const std::vector<int32_t> &owners = placement.owners[expert];
      if (owners.size() != 1)
        return rejected(where + ": expert " + llvm::Twine(expert) + " has " + llvm::Twine(owners.size()) + " owners, not one");
      if (owners[0] < 0 || owners[0] >= plan.ranks)
        return rejected(where + ": expert " + llvm::Twine(expert) + " belongs to rank " + llvm::Twine(owners[0]) + " of " +
                        llvm::Twine(plan.ranks) + " ranks");
    }
  }
  return Status();
}

/// The phases are the manifest's collectives, in order.
Status checkSequence(const Manifest &manifest, const Plan &plan) {
  size_t next = 0;
  for (const Site &site : manifest.sites) {
    if (!site.isCollective())
      continue;
    std::string what = (site.kernel + " of layer " + llvm::Twine(site.layer) + " (op " + quote(site.op) + ")").str();
    if (site.layer < 0 || site.layer >= int64_t(plan.layers.size()))
      return rejected("the program issues " + what + ", but has " + llvm::Twine(plan.layers.size()) + " layers");
    if (next == plan.phases.size())
      return rejected("all ranks: the program issues " + what + " after the plan's last phase " + llvm::Twine(next));
    const Phase &phase = plan.phases[next];
    if (phaseKindOfKernel(site.kernel) != phase.kind || site.layer != phase.layer || site.op != phase.op)
      return rejected("all ranks: " + plan.phaseName(next) + " (op " + quote(phase.op) + ") stands where the program issues " + what);
    ++next;
  }
  if (next != plan.phases.size())
    return rejected("all ranks: " + plan.phaseName(next) + " is never issued; the program has " + llvm::Twine(next) + " collectives");
  return Status();
}

/// Every layer has its four phases, each once, in the order in which rows can move.
Status checkPhasesOfLayers(const Manifest &manifest, const Plan &plan) {
  constexpr int kinds = 4;
  std::vector<int> done(manifest.layers.size(), 0);
  for (size_t i = 0; i < plan.phases.size(); ++i) {
    int kind = static_cast<int>(plan.phases[i].kind);
    int &expected = done[plan.phases[i].layer];
    if (kind != expected)
      return rejected(plan.phaseName(i) + ": expected " +
                      (expected == kinds ? llvm::StringRef("nothing more") : phaseKindName(static_cast<PhaseKind>(expected))) +
                      " of this layer");
    ++expected;
  }
  for (size_t layer = 0; layer < done.size(); ++layer)
    if (done[layer] != kinds)
      return rejected("layer " + llvm::Twine(layer) + ": its " + phaseKindName(static_cast<PhaseKind>(done[layer])) + " is missing");
  return Status();
}

Status checkRankLists(const RankLists &lists, int64_t ranks, llvm::StringRef verb, const std::string &phase) {
  if (int64_t(lists.size()) != ranks)
    return rejected(phase + ": " + verb + " lists of " + llvm::Twine(lists.size()) + " ranks, the plan is for " + llvm::Twine(ranks));
  for (size_t rank = 0; rank < lists.size(); ++rank)
    for (size_t i = 0; i < lists[rank].size(); ++i) {
      int32_t peer = lists[rank][i];
      if (peer < 0 || peer >= ranks)
        return rejected("rank " + llvm::Twine(rank) + ", " + phase + ": " + verb + " names rank " + llvm::Twine(peer) + " of " +
                        llvm::Twine(ranks) + " ranks");
      if (i > 0 && peer <= lists[rank][i - 1])
        return rejected("rank " + llvm::Twine(rank) + ", " + phase + ": " + verb + " names rank " + llvm::Twine(peer) + " after rank " +
                        llvm::Twine(lists[rank][i - 1]) + "; peers are ascending, each once");
    }
  return Status();
}

/// Sends and receives are the same set of (sender, receiver).
Status checkMatching(const Phase &phase, int64_t ranks, const std::string &name) {
  SWITCHYARD_RETURN_IF_ERROR(checkRankLists(phase.peers.send, ranks, "send", name));
  SWITCHYARD_RETURN_IF_ERROR(checkRankLists(phase.peers.receive, ranks, "receive", name));
  for (int32_t sender = 0; sender < ranks; ++sender)
    for (int32_t receiver = 0; receiver < ranks; ++receiver) {
      bool sends = contains(phase.peers.send[sender], receiver), receives = contains(phase.peers.receive[receiver], sender);
      if (sends != receives)
        return rejected("rank " + llvm::Twine(sends ? sender : receiver) + ", " + name + ": " +
                        (sends ? "sends to rank " + llvm::Twine(receiver) + ", which does not receive from it"
                               : "waits for rank " + llvm::Twine(sender) + ", which does not send to it"));
    }
  return Status();
}

/// Rows of every (source rank, expert) have exactly one way, and no rank gets a message that cannot concern it.
Status checkDelivery(const Plan &plan, const Phase &phase, const std::string &name) {
  const RankLists &owners = plan.layers[phase.layer].owners;
  bool back = phase.kind == PhaseKind::returnRows;
  std::vector<bool> owns(plan.ranks, phase.kind == PhaseKind::allGatherTokens);
  for (const std::vector<int32_t> &of : owners)
    owns[of[0]] = true;
  for (int32_t source = 0; source < plan.ranks; ++source) {
    if (phase.kind != PhaseKind::allGatherTokens)
      for (size_t expert = 0; expert < owners.size(); ++expert) {
        int32_t owner = owners[expert][0];
        if (!contains(phase.peers.send[back ? owner : source], back ? source : owner))
          return rejected("rank " + llvm::Twine(back ? owner : source) + ", " + name + ": rows of source rank " + llvm::Twine(source) +
                          " for expert " + llvm::Twine(expert) + " (owner rank " + llvm::Twine(owner) + ") have no way to rank " +
                          llvm::Twine(back ? source : owner));
      }
    for (int32_t peer = 0; peer < plan.ranks; ++peer) {
      bool sends = contains(phase.peers.send[back ? peer : source], back ? source : peer);
      if (sends != owns[peer])
        return rejected("rank " + llvm::Twine(back ? peer : source) + ", " + name + ": " + (sends ? "sends to" : "does not send to") +
                        " rank " + llvm::Twine(back ? source : peer) + ", while rank " + llvm::Twine(peer) +
                        (owns[peer] ? " takes part in this phase" : " owns no expert of the layer"));
    }
  }
  return Status();
}

Status checkRows(const Manifest &manifest, const Plan &plan, const Phase &phase, const std::string &name) {
  const Layer &layer = manifest.layers[phase.layer];
  Result<uint64_t> tokens = layer.tokens.upperBoundSize(manifest.limits(plan.ranks, 1));
  if (!tokens)
    return tokens.status().within("schedule: " + name);
  if (!checkedMultiply(int64_t(*tokens), layer.slots))
    return rejected(name + ": " + llvm::Twine(*tokens) + " tokens of " + llvm::Twine(layer.slots) + " slots overflow 64 bits");
  RowBounds worst = worstRows(phase.kind, int64_t(*tokens), layer.slots, plan.ranks);
  if (phase.rows == worst)
    return Status();
  return rejected("all ranks, " + name + ": buffers of " + llvm::Twine(phase.rows.source) + " rows at the source and " +
                  llvm::Twine(phase.rows.owner) + " at the owner; the worst routing of " + llvm::Twine(*tokens) + " tokens with " +
                  llvm::Twine(layer.slots) + " slots over " + llvm::Twine(plan.ranks) + " ranks has " + llvm::Twine(worst.source) +
                  " and " + llvm::Twine(worst.owner));
}

}  // namespace

Status verifySchedule(const Manifest &manifest, const Plan &plan) {
  if (plan.ranks < 1 || plan.ranks > maxRanks)
    return rejected("a plan for " + llvm::Twine(plan.ranks) + " ranks; 1 to " + llvm::Twine(maxRanks) + " are possible");
  SWITCHYARD_RETURN_IF_ERROR(checkOwners(manifest, plan));
  SWITCHYARD_RETURN_IF_ERROR(checkSequence(manifest, plan));
  SWITCHYARD_RETURN_IF_ERROR(checkPhasesOfLayers(manifest, plan));
  for (size_t i = 0; i < plan.phases.size(); ++i) {
    const Phase &phase = plan.phases[i];
    std::string name = plan.phaseName(i);
    SWITCHYARD_RETURN_IF_ERROR(checkMatching(phase, plan.ranks, name));
    SWITCHYARD_RETURN_IF_ERROR(checkDelivery(plan, phase, name));
    SWITCHYARD_RETURN_IF_ERROR(checkRows(manifest, plan, phase, name));
  }
  return checkBuffers(manifest, plan);
}

}  // namespace switchyard::artifact
