#include "runtime/artifact/buffers.h"

#include "runtime/base/checked.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <functional>
#include <limits>

namespace switchyard::artifact {
namespace {

/// The tensors of a collective by their meaning (docs/contracts.md, section 4); -1 where it has none.
struct Operands {
  int sourceRows, ownerRows, sourceRoute, receivedRoute;
};

Operands operandsOf(PhaseKind kind) {
  switch (kind) {
  case PhaseKind::exchangeCounts:
    return {-1, -1, 0, 1};
  case PhaseKind::exchangeRows:
    return {0, 3, 1, 2};
  case PhaseKind::returnRows:
    return {3, 0, 2, 1};
  case PhaseKind::allGatherTokens:
    return {0, 1, -1, -1};
  }
  return {-1, -1, -1, -1};
}

Status rejected(const Plan &plan, size_t phase, const llvm::Twine &message) {
  return invalidError("schedule: all ranks, " + plan.phaseName(phase) + ": " + message);
}

std::string slotName(int64_t slot) { return ("slots[" + llvm::Twine(slot) + "]").str(); }

/// Calls `check` with every collective and the number of its phase.
Status forEachCollective(const Manifest &manifest, const Plan &plan, const std::function<Status(const Site &, size_t)> &check) {
  size_t phase = 0;
  for (const Site &site : manifest.sites) {
    if (!site.isCollective())
      continue;
    const size_t number = phase++, tensors = tensorCount(plan.phases[number].kind);
    if (site.buffers.empty())
      return rejected(plan, number, "it names no buffers of the arena; compile the model again with the moe-opt of this release");
    // The compiler asks before it validates the manifest.
    const bool exist = llvm::all_of(site.buffers, [&](int64_t slot) { return slot >= 0 && slot < int64_t(manifest.slots.size()); });
    if (!exist || site.buffers.size() != tensors)
      return rejected(plan, number,
                      "it names " + llvm::Twine(site.buffers.size()) + " buffers for its " + llvm::Twine(tensors) +
                          " tensors, or one that is not among the " + llvm::Twine(manifest.slots.size()) + " slots");
    SWITCHYARD_RETURN_IF_ERROR(check(site, number));
  }
  return Status();
}

/// `bytesOf` gives the bytes of a slot.
Status checkRoom(const Manifest &manifest, const Plan &plan, const Site &site, size_t number,
                 const std::function<Result<uint64_t>(int64_t)> &bytesOf) {
  const Phase &phase = plan.phases[number];
  const Operands operands = operandsOf(phase.kind);
  const uint64_t rowBytes = elementBytes(ElementType::f32) * uint64_t(manifest.layers[phase.layer].hidden);
  const auto check = [&](int operand, int64_t rows, llvm::StringRef where) -> Status {
    if (operand < 0)
      return Status();
    const int64_t slot = site.buffers[operand];
    SWITCHYARD_ASSIGN_OR_RETURN(const uint64_t bytes, bytesOf(slot));
    const std::optional<uint64_t> need = checkedMultiply(uint64_t(rows), rowBytes);
    if (need && *need <= bytes)
      return Status();
    return rejected(plan, number,
                    slotName(slot) + " has " + llvm::Twine(bytes) + " bytes; the worst routing over " + llvm::Twine(plan.ranks) +
                        " ranks has " + llvm::Twine(rows) + " rows of " + llvm::Twine(rowBytes) + " bytes at the " + where);
  };
  SWITCHYARD_RETURN_IF_ERROR(check(operands.sourceRows, phase.rows.source, "source"));
  return check(operands.ownerRows, phase.rows.owner, "owner");
}

/// Remembers the routes of the counts exchange of each layer, and compares the later ones with them.
class Routes {
public:
  Routes(const Manifest &manifest, const Plan &plan) : plan(plan), known(manifest.layers.size()) {}

  Status check(const Site &site, size_t number) {
    const Operands operands = operandsOf(plan.phases[number].kind);
    Pair &layer = known[plan.phases[number].layer];
    SWITCHYARD_RETURN_IF_ERROR(check(site, number, operands.sourceRoute, layer.source, "source"));
    return check(site, number, operands.receivedRoute, layer.received, "received");
  }

private:
  struct Pair {
    int64_t source = -1, received = -1;
  };

  Status check(const Site &site, size_t number, int operand, int64_t &slot, llvm::StringRef what) {
    if (operand < 0)
      return Status();
    if (slot < 0)
      slot = site.buffers[operand];
    if (slot == site.buffers[operand])
      return Status();
    return rejected(plan, number,
                    "its " + what + " route is " + slotName(site.buffers[operand]) + ", but the layer exchanged counts by " +
                        slotName(slot));
  }

  const Plan &plan;
  std::vector<Pair> known;
};

/// Finds for each collective the first step behind the one before at which all its slots live.
class Lives {
public:
  Lives(const Manifest &manifest, const Plan &plan) : manifest(manifest), plan(plan) {}

  Status check(const Site &site, size_t number) {
    int64_t begin = step + 1, end = std::numeric_limits<int64_t>::max();
    std::string beginning = ("the collective before is at step " + llvm::Twine(step) + " or later").str(), ending;
    for (int64_t slot : site.buffers) {
      const Slot &life = manifest.slots[slot];
      if (life.first > begin) {
        begin = life.first;
        beginning = slotName(slot) + " lives from step " + std::to_string(life.first);
      }
      if (life.last < end) {
        end = life.last;
        ending = slotName(slot) + " lives to step " + std::to_string(life.last);
      }
    }
    if (begin > end)
      return rejected(plan, number, "its buffers do not live together: " + beginning + ", " + ending);
    step = begin;
    return Status();
  }

private:
  const Manifest &manifest;
  const Plan &plan;
  int64_t step = -1;
};

/// The slots of a collective lie in the arena, and no two of them share a byte.
Status checkApart(const Plan &plan, const Site &site, size_t number, const ArenaLayout &layout) {
  const auto range = [&](int64_t slot) {
    return (slotName(slot) + " at [" + llvm::Twine(layout.offsets[slot]) + ", " + llvm::Twine(layout.offsets[slot] + layout.sizes[slot]) +
            ")")
        .str();
  };
  for (int64_t slot : site.buffers) {
    const uint64_t begin = layout.offsets[slot], end = begin + layout.sizes[slot];
    if (!checkedSlice(layout.bytes, begin, layout.sizes[slot]))
      return rejected(plan, number, range(slot) + " ends behind the arena of " + llvm::Twine(layout.bytes) + " bytes");
    for (int64_t other : site.buffers) {
      const uint64_t otherBegin = layout.offsets[other], otherEnd = otherBegin + layout.sizes[other];
      if (other != slot && std::max(begin, otherBegin) < std::min(end, otherEnd))
        return rejected(plan, number, range(slot) + " overlaps " + range(other));
    }
  }
  return Status();
}

}  // namespace

Status checkBuffers(const Manifest &manifest, const Plan &plan) {
  const ExpressionScope limits = manifest.limits(plan.ranks, 1);
  Routes routes(manifest, plan);
  Lives lives(manifest, plan);
  return forEachCollective(manifest, plan, [&](const Site &site, size_t number) -> Status {
    for (size_t i = 0; i < site.buffers.size(); ++i)
      for (size_t j = 0; j < i; ++j)
        if (site.buffers[i] == site.buffers[j])
          return rejected(plan, number,
                          slotName(site.buffers[i]) + " is its tensor " + llvm::Twine(j) + " and its tensor " + llvm::Twine(i));
    SWITCHYARD_RETURN_IF_ERROR(checkRoom(manifest, plan, site, number, [&](int64_t slot) -> Result<uint64_t> {
      Result<uint64_t> bytes = manifest.slots[slot].size.upperBoundSize(limits);
      if (!bytes.ok())
        return bytes.status().within("schedule: " + slotName(slot));
      return bytes;
    }));
    SWITCHYARD_RETURN_IF_ERROR(routes.check(site, number));
    return lives.check(site, number);
  });
}

Status checkBuffers(const Manifest &manifest, const Plan &plan, const ArenaLayout &layout) {
  return forEachCollective(manifest, plan, [&](const Site &site, size_t number) -> Status {
    SWITCHYARD_RETURN_IF_ERROR(
        checkRoom(manifest, plan, site, number, [&](int64_t slot) -> Result<uint64_t> { return layout.sizes[slot]; }));
    return checkApart(plan, site, number, layout);
  });
}

}  // namespace switchyard::artifact
