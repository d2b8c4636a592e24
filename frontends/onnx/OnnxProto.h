// The generated protobuf classes of ONNX, under a name that does not collide with the namespace of the dialect.
#ifndef SWITCHYARD_FRONTENDS_ONNX_ONNXPROTO_H
#define SWITCHYARD_FRONTENDS_ONNX_ONNXPROTO_H

#include "frontends/onnx/onnx-ml.pb.h"

namespace switchyard::onnx::proto {
using namespace ::onnx;  // NOLINT: the whole generated interface, renamed
}  // namespace switchyard::onnx::proto

#endif  // SWITCHYARD_FRONTENDS_ONNX_ONNXPROTO_H
