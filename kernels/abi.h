// The calling convention of a kernel: plain data in, a status out. No framework, no runtime header.
//
// A kernel reads and writes buffers that the caller owns; it allocates nothing. Tensors are passed in the order of
// the kernel's row in kernels/kernels.inc: inputs, then outputs. Sizes and strides are in elements. An absent
// optional operand has `rank == -1` and `data == nullptr`. Unless a kernel says otherwise the innermost dimension of
// every operand is contiguous (stride 1).
#ifndef SWITCHYARD_KERNELS_ABI_H
#define SWITCHYARD_KERNELS_ABI_H

#include <cstddef>
#include <cstdint>

namespace switchyard::kernels {

inline constexpr int maxRank = 8;

/// From f8E4M3FN on the narrow ones: a number a byte, in its low bits, the other bits zero (common/narrow.h).
enum class ElementType : int32_t {
  f32 = 0, f16 = 1, bf16 = 2, f64 = 3, i64 = 4, i32 = 5, i16 = 6, i8 = 7, u8 = 8, boolean = 9, u16 = 10, u32 = 11, u64 = 12,
  f8E4M3FN = 13, f8E4M3FNUZ = 14, f8E5M2 = 15, f8E5M2FNUZ = 16, f8E8M0 = 17, f6E2M3 = 18, f6E3M2 = 19, f4E2M1 = 20,
  i4 = 21, u4 = 22, i2 = 23, u2 = 24
};

inline constexpr int elementTypeCount = 25;
inline constexpr bool isNarrow(ElementType type) { return type >= ElementType::f8E4M3FN; }

/// Bytes of one element.
inline constexpr size_t elementSize(ElementType type) {
  switch (type) {
  case ElementType::f64:
  case ElementType::i64:
  case ElementType::u64:
    return 8;
  case ElementType::f32:
  case ElementType::i32:
  case ElementType::u32:
    return 4;
  case ElementType::f16:
  case ElementType::bf16:
  case ElementType::i16:
  case ElementType::u16:
    return 2;
  default:
    return 1;
  }
}

/// A borrowed view of a strided tensor. This struct is part of the ABI of generated code (runtime/base/import_table.h).
struct Tensor {
  void *data;
  int32_t rank;
  ElementType type;
  int64_t sizes[maxRank];
  int64_t strides[maxRank];

  template <typename T> T *as() const { return static_cast<T *>(data); }
  bool absent() const { return rank < 0; }
};

/// What went wrong, beside the status. `message` is filled by the kernel, NUL-terminated.
struct Failure {
  char message[256];
};

enum class Status : int32_t {
  ok = 0,
  badShape = 1,   // operands do not fit each other: a fault of the compiler
  badData = 2,    // a value of the input is out of range (token id, index): exit 8
  overLimit = 3,  // a bounded buffer would overflow: exit 8
};

/// Splits `count` independent items over the caller's threads. The result must not depend on the split.
struct Parallel {
  void *self;
  void (*run)(void *self, int64_t count, void (*body)(void *context, int64_t begin, int64_t end, int worker), void *context);
  int workers;  // threads that may call `body` at once; `worker` is in [0, workers)
};

/// One call. `integers` and `floats` are the attributes, in the order of the kernel's row in kernels.inc;
/// `scalars` are run-time index operands, in the same way.
struct Call {
  const Tensor *tensors;
  int32_t tensorCount;
  int32_t scalarCount;
  const int64_t *scalars;
  const int64_t *integers;
  const double *floats;
  const Parallel *parallel;
  Failure *failure;
};

using Function = Status (*)(const Call &);

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_ABI_H
