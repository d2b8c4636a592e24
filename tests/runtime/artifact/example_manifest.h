// Small manifests for tests.
#ifndef SWITCHYARD_TESTS_RUNTIME_ARTIFACT_EXAMPLE_MANIFEST_H
#define SWITCHYARD_TESTS_RUNTIME_ARTIFACT_EXAMPLE_MANIFEST_H

#include "runtime/artifact/manifest.h"

namespace switchyard::artifact {

/// `layers` MoE layers of `experts` experts and `slots` slots with all their collectives, for up to 4 x 8 tokens.
/// No weight, no code, no file.
Manifest exampleProgram(int64_t layers, int64_t experts, int64_t slots);

/// exampleProgram(2, 4, 2) with every list of the manifest in use, and made-up digests.
Manifest exampleManifest();

}  // namespace switchyard::artifact

#endif  // SWITCHYARD_TESTS_RUNTIME_ARTIFACT_EXAMPLE_MANIFEST_H
