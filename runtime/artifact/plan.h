// A plan: which rank owns which expert, and who sends to whom in every phase of a step.
//
// A program is compiled once, for any number of ranks; the plan is data that it runs by. runtime/artifact/verifier.h
// says which plans are right.
#ifndef SWITCHYARD_RUNTIME_ARTIFACT_PLAN_H
#define SWITCHYARD_RUNTIME_ARTIFACT_PLAN_H

#include "runtime/artifact/manifest.h"

#include <cstdint>
#include <string>
#include <vector>

namespace switchyard::artifact {

inline constexpr int64_t maxRanks = 64;
inline constexpr int64_t planMajor = 1;

enum class PhaseKind { exchangeCounts, exchangeRows, returnRows, allGatherTokens };

/// `exchange_counts exchange_rows return_rows all_gather_tokens`.
llvm::StringRef phaseKindName(PhaseKind kind);
/// The kind that a site's kernel "collective.<kind>" names.
std::optional<PhaseKind> phaseKindOfKernel(llvm::StringRef kernel);
/// Tensors of a call, inputs and outputs.
size_t tensorCount(PhaseKind kind);

/// The ranks with which each rank exchanges messages, ascending, itself included where it has something for itself.
struct Peers {
  std::vector<std::vector<int32_t>> send;     ///< by sending rank
  std::vector<std::vector<int32_t>> receive;  ///< by receiving rank
  friend bool operator==(const Peers &, const Peers &) = default;
};

/// Rows of the buffers at both ends, for the worst routing of as many tokens as the manifest's limits allow.
struct RowBounds {
  int64_t source = 0;  ///< at the rank whose tokens the rows belong to
  int64_t owner = 0;   ///< at the rank that owns the experts; of a gather: all tokens
  friend bool operator==(const RowBounds &, const RowBounds &) = default;
};

/// One collective. All ranks issue all phases, in order; a rank without peers in a phase moves nothing.
struct Phase {
  PhaseKind kind = PhaseKind::exchangeCounts;
  int64_t layer = 0;
  std::string op;  ///< of the manifest's site, for messages
  Peers peers;
  RowBounds rows;
  friend bool operator==(const Phase &, const Phase &) = default;
};

struct LayerPlacement {
  int64_t layer = 0;
  std::vector<std::vector<int32_t>> owners;  ///< by expert: the ranks that hold it; one today
  friend bool operator==(const LayerPlacement &, const LayerPlacement &) = default;
};

struct Plan {
  int64_t ranks = 1;
  std::vector<LayerPlacement> layers;
  std::vector<Phase> phases;

  /// "phase 3 (exchange_rows of layer 0)".
  std::string phaseName(size_t index) const;
  /// The canonical text.
  std::string toJson() const;
  /// Reads a plan. Its form is checked here; verifySchedule() proves the rest.
  static Result<Plan> fromJson(llvm::StringRef text, llvm::StringRef name);
  friend bool operator==(const Plan &, const Plan &) = default;
};

/// Rows that the buffers of a phase must hold: for `tokens` tokens over `ranks` ranks, `slots` experts a token.
RowBounds worstRows(PhaseKind kind, int64_t tokens, int64_t slots, int64_t ranks);

/// Contiguous experts: expert e of E belongs to rank floor(e * ranks / E). Where ranks outnumber experts, some own none.
Result<Plan> defaultPlan(const Manifest &manifest, int64_t ranks);

/// A plan of the given owners (by layer, by expert), with the phases of the manifest's collectives.
Result<Plan> planOfOwners(const Manifest &manifest, int64_t ranks, std::vector<LayerPlacement> layers);

}  // namespace switchyard::artifact

#endif  // SWITCHYARD_RUNTIME_ARTIFACT_PLAN_H
