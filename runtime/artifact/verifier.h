// The schedule verifier: a plan that is not right neither compiles nor loads.
#ifndef SWITCHYARD_RUNTIME_ARTIFACT_VERIFIER_H
#define SWITCHYARD_RUNTIME_ARTIFACT_VERIFIER_H

#include "runtime/artifact/plan.h"

namespace switchyard::artifact {

/// Proves that the program of `manifest`, run by `plan`, is right for every routing:
///
///  1. every expert has exactly one owner, a rank of the plan;
///  2. all ranks issue the same collectives, those of the manifest's sites in their order, and every layer exchanges
///     counts, then rows, returns rows and gathers tokens, each once;
///  3. in every phase rank a sends to rank b exactly where b receives from a, once, and in ascending order;
///  4. for every (source rank, expert), counts and rows have a way from the source to the expert's owner, and the rows
///     one way back; nothing goes to a rank that owns no expert of the layer; gathered tokens reach every rank from
///     every rank;
///  5. the row bounds are those of the worst routing of as many tokens as the limits allow;
///  6. the slots that the collectives name have room for these rows, and live when they are used (buffers.h).
///
/// Since (1), (3) and (4) hold for every pair and do not mention a token, they hold for whatever the gate chooses.
/// A rejection names rank, layer and phase, and prints the values.
Status verifySchedule(const Manifest &manifest, const Plan &plan);

}  // namespace switchyard::artifact

#endif  // SWITCHYARD_RUNTIME_ARTIFACT_VERIFIER_H
