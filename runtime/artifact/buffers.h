// Whether the slots that collectives read and write have the room, the life and the place that a plan needs.
#ifndef SWITCHYARD_RUNTIME_ARTIFACT_BUFFERS_H
#define SWITCHYARD_RUNTIME_ARTIFACT_BUFFERS_H

#include "runtime/artifact/arena.h"
#include "runtime/artifact/plan.h"

namespace switchyard::artifact {

/// Proves, for a plan whose phases are the collectives of `manifest` and whose rows are the worst ones, that
///
///  1. every slot of rows has the bytes of the plan's rows, by upper bounds;
///  2. a layer sends rows, and returns them, by the routes of which it exchanged the counts;
///  3. the slots of a collective differ, and there are steps, in the order of the collectives, at which all of them live.
///     Every layout of living slots therefore keeps them apart, and keeps what a later collective reads.
///
/// Every collective must name its slots; those of version 1.0 do not.
Status checkBuffers(const Manifest &manifest, const Plan &plan);

/// The same for one layout, with its number of threads: (1) for the bytes that are laid out, and the slots of a collective do
/// not overlap and lie in the arena.
Status checkBuffers(const Manifest &manifest, const Plan &plan, const ArenaLayout &layout);

}  // namespace switchyard::artifact

#endif  // SWITCHYARD_RUNTIME_ARTIFACT_BUFFERS_H
