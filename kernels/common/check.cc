#include "kernels/common/check.h"

#include <cinttypes>
#include <cstdarg>
#include <cstdio>
#include <iterator>

namespace switchyard::kernels {

static const char *typeName(ElementType type) {
  static const char *const names[] = {"f32", "f16", "bf16", "f64", "i64", "i32", "i16", "i8", "u8", "bool", "u16", "u32", "u64"};
  int index = static_cast<int>(type);
  return index >= 0 && index < static_cast<int>(std::size(names)) ? names[index] : "unknown";
}

Status fail(const Call &call, Status status, const char *format, ...) {
  if (call.failure) {
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(call.failure->message, sizeof(call.failure->message), format, arguments);
    va_end(arguments);
  }
  return status;
}

static Status checkSizes(const Call &call, const Tensor &tensor, const char *name, int rank) {
  if (tensor.absent())
    return fail(call, Status::badShape, "operand '%s' is missing", name);
  if ((rank >= 0 && tensor.rank != rank) || tensor.rank > maxRank)
    return fail(call, Status::badShape, "operand '%s' has rank %d, expected %d", name, tensor.rank, rank >= 0 ? rank : maxRank);
  bool empty = false;
  for (int i = 0; i < tensor.rank; ++i) {
    if (tensor.sizes[i] < 0)
      return fail(call, Status::badShape, "operand '%s' has size %" PRId64 " in dimension %d", name, tensor.sizes[i], i);
    empty |= tensor.sizes[i] == 0;
  }
  if (!empty && !tensor.data)
    return fail(call, Status::badShape, "operand '%s' has no data", name);
  return Status::ok;
}

static Status checkType(const Call &call, const Tensor &tensor, const char *name, ElementType type) {
  if (tensor.type != type)
    return fail(call, Status::badShape, "operand '%s' has type %s, expected %s", name, typeName(tensor.type), typeName(type));
  return Status::ok;
}

Status checkLayout(const Call &call, const Tensor &tensor, const char *name, int rank) {
  SWITCHYARD_CHECK(checkSizes(call, tensor, name, rank));
  int last = tensor.rank - 1;
  if (last >= 0 && tensor.sizes[last] > 1 && tensor.strides[last] != 1)
    return fail(call, Status::badShape, "operand '%s' has innermost stride %" PRId64 ", expected 1", name, tensor.strides[last]);
  return Status::ok;
}

Status checkOperand(const Call &call, const Tensor &tensor, const char *name, ElementType type, int rank) {
  SWITCHYARD_CHECK(checkLayout(call, tensor, name, rank));
  return checkType(call, tensor, name, type);
}

Status checkStrided(const Call &call, const Tensor &tensor, const char *name, ElementType type, int rank) {
  SWITCHYARD_CHECK(checkSizes(call, tensor, name, rank));
  return checkType(call, tensor, name, type);
}

Status checkRows(const Call &call, const Tensor &tensor, const char *name) {
  SWITCHYARD_CHECK(checkOperand(call, tensor, name, ElementType::f32, -1));
  if (tensor.rank < 1)
    return fail(call, Status::badShape, "operand '%s' has rank 0, expected at least 1", name);
  return Status::ok;
}

Status checkIndices(const Call &call, const Tensor &tensor, const char *name, int rank) {
  SWITCHYARD_CHECK(checkLayout(call, tensor, name, rank));
  if (tensor.type != ElementType::i64 && tensor.type != ElementType::i32)
    return fail(call, Status::badShape, "operand '%s' has type %s, expected i64 or i32", name, typeName(tensor.type));
  return Status::ok;
}

Status checkSameSizes(const Call &call, const Tensor &left, const char *leftName, const Tensor &right, const char *rightName, int rank) {
  if (left.rank < rank || right.rank < rank)
    return fail(call, Status::badShape, "operands '%s' and '%s' have ranks %d and %d, expected at least %d", leftName, rightName, left.rank,
                right.rank, rank);
  for (int i = 0; i < rank; ++i)
    if (left.sizes[i] != right.sizes[i])
      return fail(call, Status::badShape, "operands '%s' and '%s' have sizes %" PRId64 " and %" PRId64 " in dimension %d", leftName,
                  rightName, left.sizes[i], right.sizes[i], i);
  return Status::ok;
}

Status checkVector(const Call &call, const Tensor &tensor, const char *name, int64_t size) {
  SWITCHYARD_CHECK(checkOperand(call, tensor, name, ElementType::f32, 1));
  if (tensor.sizes[0] != size)
    return fail(call, Status::badShape, "operand '%s' has %" PRId64 " elements, expected %" PRId64, name, tensor.sizes[0], size);
  return Status::ok;
}

}  // namespace switchyard::kernels
