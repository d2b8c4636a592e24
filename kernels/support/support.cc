// The support object: all that generated code may call without asking the runtime. It is linked into every code library, so it
// is freestanding, has no undefined symbol and hides what it defines. The functions are those that kernels use, to the bit.
#include "kernels/support/elementary.h"
#include "kernels/support/half.h"
#include "kernels/support/power.h"
#include "kernels/support/trigonometry.h"

#include <stddef.h>
#include <stdint.h>

namespace elementary = switchyard::kernels::elementary;

namespace {

using Chunk [[gnu::may_alias, gnu::aligned(1)]] = uint64_t __attribute__((vector_size(32)));
constexpr size_t chunkSize = sizeof(Chunk);

void copyForward(char *to, const char *from, size_t size) {
  size_t i = 0;
  for (; i + chunkSize <= size; i += chunkSize)
    *reinterpret_cast<Chunk *>(to + i) = *reinterpret_cast<const Chunk *>(from + i);
  for (; i < size; ++i)
    to[i] = from[i];
}

void copyBackward(char *to, const char *from, size_t size) {
  size_t i = size;
  for (; i >= chunkSize; i -= chunkSize)
    *reinterpret_cast<Chunk *>(to + i - chunkSize) = *reinterpret_cast<const Chunk *>(from + i - chunkSize);
  for (; i > 0; --i)
    to[i - 1] = from[i - 1];
}

using Lanes = float __attribute__((vector_size(32)));

/// The compiler makes vector code of the loop: the functions have no branch.
template <float (*function)(float)>
Lanes onEachLane(Lanes lanes) {
  constexpr int count = sizeof(Lanes) / sizeof(float);
  float in[count], out[count];
  __builtin_memcpy(in, &lanes, sizeof(Lanes));
  for (int i = 0; i < count; ++i)
    out[i] = function(in[i]);
  __builtin_memcpy(&lanes, out, sizeof(Lanes));
  return lanes;
}

/// MLIR's ranked memref descriptor, as far as its parts before the sizes go.
struct MemRefHead {
  char *allocated;
  char *aligned;
  int64_t offset;
  const int64_t *numbers() const { return reinterpret_cast<const int64_t *>(this + 1); }
};

struct UnrankedMemRef {
  int64_t rank;
  const MemRefHead *head;
};

void copyStrided(int64_t rank, int64_t size, char *to, const int64_t *toStrides, const char *from, const int64_t *fromStrides,
                 const int64_t *sizes) {
  if (rank == 0 || (rank == 1 && toStrides[0] == 1 && fromStrides[0] == 1)) {
    copyForward(to, from, static_cast<size_t>(size * (rank == 0 ? 1 : sizes[0])));
    return;
  }
  for (int64_t i = 0; i < sizes[0]; ++i)
    copyStrided(rank - 1, size, to + i * toStrides[0] * size, toStrides + 1, from + i * fromStrides[0] * size, fromStrides + 1, sizes + 1);
}

}  // namespace

extern "C" {

float moe_expf(float x) { return elementary::exp(x); }
float moe_expm1f(float x) { return elementary::expm1(x); }
float moe_logf(float x) { return elementary::log(x); }
float moe_log1pf(float x) { return elementary::log1p(x); }
float moe_tanhf(float x) { return elementary::tanh(x); }
float moe_erff(float x) { return elementary::erf(x); }
float moe_sinf(float x) { return elementary::sin(x); }
float moe_cosf(float x) { return elementary::cos(x); }
float moe_powf(float x, float y) { return elementary::pow(x, y); }
float moe_sqrtf(float x) { return __builtin_sqrtf(x); }
float moe_floorf(float x) { return __builtin_floorf(x); }
float moe_ceilf(float x) { return __builtin_ceilf(x); }
float moe_truncf(float x) { return __builtin_truncf(x); }
float moe_roundf(float x) { return __builtin_roundf(x); }
float moe_roundevenf(float x) { return __builtin_roundevenf(x); }

#define SWITCHYARD_VECTOR_FUNCTION(name) \
  Lanes moe_##name##f_x8(Lanes x) { return onEachLane<elementary::name>(x); }
#include "kernels/support/vector_functions.inc"

// The list names no function that there is not.
#define SWITCHYARD_SUPPORT_FUNCTION(name) static_assert(sizeof(decltype(moe_##name##f) *) != 0);
#include "kernels/support/functions.inc"

// Names that LLVM's code generator calls by itself.
float fmodf(float x, float y) { return elementary::fmod(x, y); }
double fmod(double x, double y) { return elementary::fmod(x, y); }
float fmaf(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }

_Float16 __truncsfhf2(float x) { return __builtin_bit_cast(_Float16, elementary::truncateToF16(x)); }
_Float16 __truncdfhf2(double x) { return __builtin_bit_cast(_Float16, elementary::truncateToF16(elementary::roundToOdd(x))); }
float __extendhfsf2(_Float16 x) { return elementary::extendF16(__builtin_bit_cast(uint16_t, x)); }
__bf16 __truncsfbf2(float x) { return __builtin_bit_cast(__bf16, elementary::truncateToBf16(x)); }
__bf16 __truncdfbf2(double x) { return __builtin_bit_cast(__bf16, elementary::truncateToBf16(elementary::roundToOdd(x))); }
float __extendbfsf2(__bf16 x) { return elementary::extendBf16(__builtin_bit_cast(uint16_t, x)); }

void *memcpy(void *to, const void *from, size_t size) {
  copyForward(static_cast<char *>(to), static_cast<const char *>(from), size);
  return to;
}

void *memmove(void *to, const void *from, size_t size) {
  if (reinterpret_cast<uintptr_t>(to) <= reinterpret_cast<uintptr_t>(from))
    copyForward(static_cast<char *>(to), static_cast<const char *>(from), size);
  else
    copyBackward(static_cast<char *>(to), static_cast<const char *>(from), size);
  return to;
}

void *memset(void *to, int value, size_t size) {
  char *bytes = static_cast<char *>(to);
  uint64_t word = static_cast<unsigned char>(value) * 0x0101010101010101u;
  size_t i = 0;
  for (; i + chunkSize <= size; i += chunkSize)
    *reinterpret_cast<Chunk *>(bytes + i) = Chunk{word, word, word, word};
  for (; i < size; ++i)
    bytes[i] = static_cast<char>(value);
  return to;
}

int memcmp(const void *left, const void *right, size_t size) {
  const unsigned char *a = static_cast<const unsigned char *>(left), *b = static_cast<const unsigned char *>(right);
  for (size_t i = 0; i < size; ++i)
    if (a[i] != b[i])
      return a[i] < b[i] ? -1 : 1;
  return 0;
}

/// MLIR lowers a copy between strided memrefs to a call of this name.
void memrefCopy(int64_t elementSize, const UnrankedMemRef *from, const UnrankedMemRef *to) {
  int64_t rank = from->rank;
  const int64_t *sizes = from->head->numbers();
  for (int64_t i = 0; i < rank; ++i)
    if (sizes[i] == 0)
      return;
  copyStrided(rank, elementSize, to->head->aligned + to->head->offset * elementSize, to->head->numbers() + rank,
              from->head->aligned + from->head->offset * elementSize, sizes + rank, sizes);
}

}  // extern "C"
