// The values of a program's named dimensions: read off the inputs of a step, and bounded by the limits.
#ifndef SWITCHYARD_RUNTIME_EXEC_DIMS_H
#define SWITCHYARD_RUNTIME_EXEC_DIMS_H

#include "runtime/artifact/manifest.h"
#include "runtime/base/dim_role.h"
#include "runtime/base/element_type.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace switchyard::exec {

/// What is known of an input before its data is read.
struct InputType {
  ElementType type = ElementType::f32;
  std::vector<int64_t> shape;
};

/// "2x8x64xf32".
std::string describe(ElementType type, const std::vector<int64_t> &shape);
/// "[batch_size,sequence_length,64]xf32".
std::string describe(const artifact::Signature &signature);

/// Why there are no more positions, for messages.
std::string describePositions(int64_t positions);

/// Checks the inputs against the manifest's signature and gives every dimension its value. An input that does not fit
/// is a fault of usage; a value beyond its limit is ExitCode::limit and names the flag that raises it, or says that none can, and so is one that
/// breaks an equality.
Result<artifact::ExpressionScope> bindDims(const artifact::Manifest &manifest, const std::vector<InputType> &inputs, int64_t ranks,
                                           int64_t threads);

/// Evaluates a shape; a negative or overflowing extent is a fault.
Result<std::vector<int64_t>> evaluateShape(const std::vector<artifact::Expression> &shape, const artifact::ExpressionScope &scope);

/// The role of a named dimension of the inputs.
DimRole roleOf(const artifact::Manifest &manifest, const std::string &dim);

/// Replaces the limits of the manifest; both are optional. One that is not given counts as the largest limit of its role in the
/// manifest, or as the compiler's default where no dimension has the role; then the limit of tokens does not shrink, as the
/// manifest does not say of which factors it was made.
Status overrideLimits(artifact::Manifest &manifest, std::optional<int64_t> maxBatch, std::optional<int64_t> maxSequence);

}  // namespace switchyard::exec

#endif  // SWITCHYARD_RUNTIME_EXEC_DIMS_H
