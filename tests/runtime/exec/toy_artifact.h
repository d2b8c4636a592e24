// A small artifact with two MoE layers, written by hand, for tests of whatever runs artifacts.
#ifndef SWITCHYARD_TESTS_RUNTIME_EXEC_TOY_ARTIFACT_H
#define SWITCHYARD_TESTS_RUNTIME_EXEC_TOY_ARTIFACT_H

#include "runtime/artifact/manifest.h"
#include "runtime/base/npy.h"

#include <string>

namespace switchyard::testing {

artifact::Manifest toyManifest();

/// Writes the artifact to the folder `path`. `seed` decides the weights; `manifest` is the toy's, or one with other sizes.
Status writeToyArtifact(const std::string &path, unsigned seed = 1, const artifact::Manifest &manifest = toyManifest());

/// Random tokens; with `alike`, the same token again and again, so that all go to the same experts.
Array toyTokens(int64_t tokens, unsigned seed, bool alike = false);

/// The output of the toy model, computed in the plainest way, with sums in the order of the numerics rule.
std::vector<float> toyReference(const Array &tokens, unsigned seed = 1);

}  // namespace switchyard::testing

#endif  // SWITCHYARD_TESTS_RUNTIME_EXEC_TOY_ARTIFACT_H
