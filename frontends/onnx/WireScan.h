// The scan of an ONNX file on the level of the protobuf wire format: it finds the data of all tensors, records where
// they stand, and gives the rest of the file, which is small, to be parsed with the generated classes.
#ifndef SWITCHYARD_FRONTENDS_ONNX_WIRESCAN_H
#define SWITCHYARD_FRONTENDS_ONNX_WIRESCAN_H

#include "frontends/onnx/ModelFile.h"

#include "mlir/IR/Diagnostics.h"

#include <string>
#include <vector>

namespace switchyard::onnx {

/// Where the elements of a tensor stand in the model file. `field` is the number of the TensorProto field that holds
/// them: raw_data, or one of the packed typed fields.
struct DataSpan {
  int field;
  int64_t offset;
  int64_t length;
};

struct ScannedModel {
  /// The serialised ModelProto without the data that is longer than `keptDataSize`, and without documentation strings
  /// and node metadata. Each TensorProto with data carries a `segment` [begin, end): its spans below.
  std::string remainder;
  std::vector<DataSpan> spans;
};

/// Data of at most this many bytes also stays in the remainder.
constexpr int64_t keptDataSize = 16384;

/// Scans `file` in one pass with a fixed buffer, or reports where and why it is no ONNX file.
mlir::FailureOr<ScannedModel> scanModel(const ModelFile &file, mlir::Location location);

}  // namespace switchyard::onnx

#endif  // SWITCHYARD_FRONTENDS_ONNX_WIRESCAN_H
