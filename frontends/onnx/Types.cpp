#include "frontends/onnx/Types.h"

#include "dialects/onnx/OnnxDialect.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace switchyard::onnx {

Type getElementType(int32_t dataType, MLIRContext *context) {
  auto integer = [&](unsigned width, IntegerType::SignednessSemantics sign = IntegerType::Signless) -> Type {
    return IntegerType::get(context, width, sign);
  };
  switch (dataType) {
  case proto::TensorProto::FLOAT:
    return Float32Type::get(context);
  case proto::TensorProto::UINT8:
    return integer(8, IntegerType::Unsigned);
  case proto::TensorProto::INT8:
    return integer(8);
  case proto::TensorProto::UINT16:
    return integer(16, IntegerType::Unsigned);
  case proto::TensorProto::INT16:
    return integer(16);
  case proto::TensorProto::INT32:
    return integer(32);
  case proto::TensorProto::INT64:
    return integer(64);
  case proto::TensorProto::BOOL:
    return integer(1);
  case proto::TensorProto::FLOAT16:
    return Float16Type::get(context);
  case proto::TensorProto::DOUBLE:
    return Float64Type::get(context);
  case proto::TensorProto::UINT32:
    return integer(32, IntegerType::Unsigned);
  case proto::TensorProto::UINT64:
    return integer(64, IntegerType::Unsigned);
  case proto::TensorProto::COMPLEX64:
    return ComplexType::get(Float32Type::get(context));
  case proto::TensorProto::COMPLEX128:
    return ComplexType::get(Float64Type::get(context));
  case proto::TensorProto::BFLOAT16:
    return BFloat16Type::get(context);
  case proto::TensorProto::FLOAT8E4M3FN:
    return Float8E4M3FNType::get(context);
  case proto::TensorProto::FLOAT8E4M3FNUZ:
    return Float8E4M3FNUZType::get(context);
  case proto::TensorProto::FLOAT8E5M2:
    return Float8E5M2Type::get(context);
  case proto::TensorProto::FLOAT8E5M2FNUZ:
    return Float8E5M2FNUZType::get(context);
  case proto::TensorProto::UINT4:
    return integer(4, IntegerType::Unsigned);
  case proto::TensorProto::INT4:
    return integer(4);
  case proto::TensorProto::FLOAT4E2M1:
    return Float4E2M1FNType::get(context);
  case proto::TensorProto::FLOAT8E8M0:
    return Float8E8M0FNUType::get(context);
  case proto::TensorProto::UINT2:
    return integer(2, IntegerType::Unsigned);
  case proto::TensorProto::INT2:
    return integer(2);
  case proto::TensorProto::FLOAT6E2M3:
    return Float6E2M3FNType::get(context);
  case proto::TensorProto::FLOAT6E3M2:
    return Float6E3M2FNType::get(context);
  default:
    return {};
  }
}

std::string getDataTypeName(int32_t dataType) {
  if (!proto::TensorProto::DataType_IsValid(dataType))
    return "data type " + std::to_string(dataType);
  static constexpr const char *names[] = {"undefined",      "float",      "uint8",          "int8",       "uint16",    "int16",
                                          "int32",          "int64",      "string",         "bool",       "float16",   "double",
                                          "uint32",         "uint64",     "complex64",      "complex128", "bfloat16",  "float8e4m3fn",
                                          "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "uint4",      "int4",      "float4e2m1",
                                          "float8e8m0",     "uint2",      "int2",           "float6e2m3", "float6e3m2"};
  return static_cast<size_t>(dataType) < std::size(names) ? names[dataType] : "data type " + std::to_string(dataType);
}

/// The text of a type that tensors cannot express, as ONNX writes it: seq(tensor(float)).
static std::string describe(const proto::TypeProto &type) {
  switch (type.value_case()) {
  case proto::TypeProto::kTensorType:
    return "tensor(" + getDataTypeName(type.tensor_type().elem_type()) + ")";
  case proto::TypeProto::kSparseTensorType:
    return "sparse_tensor(" + getDataTypeName(type.sparse_tensor_type().elem_type()) + ")";
  case proto::TypeProto::kSequenceType:
    return "seq(" + describe(type.sequence_type().elem_type()) + ")";
  case proto::TypeProto::kOptionalType:
    return "optional(" + describe(type.optional_type().elem_type()) + ")";
  case proto::TypeProto::kMapType:
    return "map(" + getDataTypeName(type.map_type().key_type()) + "," + describe(type.map_type().value_type()) + ")";
  case proto::TypeProto::kOpaqueType:
    return "opaque(" + type.opaque_type().domain() + "." + type.opaque_type().name() + ")";
  case proto::TypeProto::VALUE_NOT_SET:
    break;
  }
  return "undefined";
}

FailureOr<Type> importType(const proto::TypeProto &type, StringRef name, Location location) {
  MLIRContext *context = location.getContext();
  if (type.value_case() == proto::TypeProto::VALUE_NOT_SET)
    return Type(UnknownType::get(context));
  if (type.value_case() != proto::TypeProto::kTensorType || type.tensor_type().elem_type() == proto::TensorProto::STRING)
    return Type(OpaqueType::get(context, describe(type)));
  const auto &tensor = type.tensor_type();
  if (tensor.elem_type() == proto::TensorProto::UNDEFINED)
    return Type(UnknownType::get(context));
  Type element = getElementType(tensor.elem_type(), context);
  if (!element)
    return emitError(location) << "value '" << name << "' has the unknown element type " << tensor.elem_type();
  if (!tensor.has_shape())
    return Type(UnrankedTensorType::get(element));
  SmallVector<int64_t> shape;
  for (const auto &dim : tensor.shape().dim()) {
    // Exporters write -1 for a dimension that they do not know; inputs of the model are checked for other negative numbers.
    bool known = dim.has_dim_value() && dim.dim_value() >= 0;
    shape.push_back(known ? dim.dim_value() : ShapedType::kDynamic);
  }
  return Type(RankedTensorType::get(shape, element));
}

ArrayAttr importDims(const proto::TypeProto &type, MLIRContext *context) {
  if (!type.has_tensor_type() || !type.tensor_type().has_shape())
    return {};
  Builder builder(context);
  SmallVector<Attribute> dims;
  for (const auto &dim : type.tensor_type().shape().dim()) {
    if (dim.has_dim_value() && dim.dim_value() >= 0)
      dims.push_back(builder.getI64IntegerAttr(dim.dim_value()));
    else if (!dim.dim_param().empty())
      dims.push_back(builder.getStringAttr(dim.dim_param()));
    else
      dims.push_back(builder.getUnitAttr());
  }
  return builder.getArrayAttr(dims);
}

}  // namespace switchyard::onnx
