#include "frontends/onnx/Attributes.h"

#include "dialects/support/Diagnostics.h"
#include "frontends/onnx/Types.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace switchyard::onnx {

using Proto = proto::AttributeProto;

Proto::AttributeType getAttributeType(const Proto &attribute) {
  if (attribute.type() != Proto::UNDEFINED)
    return attribute.type();
  if (attribute.has_f())
    return Proto::FLOAT;
  if (attribute.has_i())
    return Proto::INT;
  if (attribute.has_s())
    return Proto::STRING;
  if (attribute.has_t())
    return Proto::TENSOR;
  if (attribute.has_g())
    return Proto::GRAPH;
  if (attribute.floats_size())
    return Proto::FLOATS;
  if (attribute.ints_size())
    return Proto::INTS;
  if (attribute.strings_size())
    return Proto::STRINGS;
  return Proto::UNDEFINED;
}

static FailureOr<Attribute> importList(const Proto &attribute, TensorAttributeFn importTensor, Location location) {
  Builder builder(location.getContext());
  SmallVector<Attribute> values;
  for (const auto &tensor : attribute.tensors()) {
    FailureOr<Attribute> value = importTensor(tensor);
    if (failed(value))
      return failure();
    values.push_back(*value);
  }
  for (const auto &type : attribute.type_protos()) {
    FailureOr<Type> value = importType(type, attribute.name(), location);
    if (failed(value))
      return failure();
    values.push_back(TypeAttr::get(*value));
  }
  for (const auto &text : attribute.strings())
    values.push_back(builder.getStringAttr(text));
  return Attribute(builder.getArrayAttr(values));
}

FailureOr<Attribute> importAttribute(const Proto &attribute, TensorAttributeFn importTensor, Location location) {
  Builder builder(location.getContext());
  switch (getAttributeType(attribute)) {
  case Proto::FLOAT:
    return Attribute(builder.getF32FloatAttr(attribute.f()));
  case Proto::INT:
    return Attribute(builder.getI64IntegerAttr(attribute.i()));
  case Proto::STRING:
    return Attribute(builder.getStringAttr(attribute.s()));
  case Proto::TENSOR:
    return importTensor(attribute.t());
  case Proto::FLOATS:
    return Attribute(builder.getDenseF32ArrayAttr(SmallVector<float>(attribute.floats().begin(), attribute.floats().end())));
  case Proto::INTS:
    return Attribute(builder.getDenseI64ArrayAttr(SmallVector<int64_t>(attribute.ints().begin(), attribute.ints().end())));
  case Proto::TYPE_PROTO: {
    FailureOr<Type> type = importType(attribute.tp(), attribute.name(), location);
    return failed(type) ? FailureOr<Attribute>(failure()) : Attribute(TypeAttr::get(*type));
  }
  case Proto::STRINGS:
  case Proto::TENSORS:
  case Proto::TYPE_PROTOS:
    return importList(attribute, importTensor, location);
  case Proto::SPARSE_TENSOR:
  case Proto::SPARSE_TENSORS:
    return emitUnsupported(location) << "attribute '" << attribute.name() << "' is a sparse tensor, which is not supported";
  default:
    return emitError(location) << "attribute '" << attribute.name() << "' has no value of a known type";
  }
}

}  // namespace switchyard::onnx
