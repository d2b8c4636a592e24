#include "tests/kernels/support_probe.h"

using Lanes = float __attribute__((vector_size(32)));

template <Lanes (*function)(Lanes)>
static void throughMemory(const float *in, float *out) {
  Lanes lanes;
  __builtin_memcpy(&lanes, in, sizeof(lanes));
  lanes = function(lanes);
  __builtin_memcpy(out, &lanes, sizeof(lanes));
}

extern "C" {
#define SWITCHYARD_VECTOR_FUNCTION(name) Lanes moe_##name##f_x8(Lanes);
#include "kernels/support/vector_functions.inc"

float moe_expf(float), moe_expm1f(float), moe_logf(float), moe_log1pf(float), moe_tanhf(float), moe_erff(float), moe_sinf(float),
    moe_cosf(float);
float moe_sqrtf(float), moe_floorf(float), moe_ceilf(float), moe_truncf(float), moe_roundf(float), moe_roundevenf(float);
float moe_powf(float, float), fmodf(float, float), fmaf(float, float, float);
_Float16 __truncsfhf2(float), __truncdfhf2(double);
__bf16 __truncsfbf2(float), __truncdfbf2(double);
float __extendhfsf2(_Float16);
void *memcpy(void *, const void *, size_t), *memmove(void *, const void *, size_t), *memset(void *, int, size_t);
int memcmp(const void *, const void *, size_t);
void memrefCopy(int64_t, const void *, const void *);

__attribute__((visibility("default"))) void query_support(SupportFunctions *functions) {
  *functions = {moe_expf,
                moe_expm1f,
                moe_logf,
                moe_log1pf,
                moe_tanhf,
                moe_erff,
                moe_sinf,
                moe_cosf,
                moe_sqrtf,
                moe_floorf,
                moe_ceilf,
                moe_truncf,
                moe_roundf,
                moe_roundevenf,
                moe_powf,
                fmodf,
                fmaf,
                [](float x) { return __builtin_bit_cast(uint16_t, __truncsfhf2(x)); },
                [](double x) { return __builtin_bit_cast(uint16_t, __truncdfhf2(x)); },
                [](float x) { return __builtin_bit_cast(uint16_t, __truncsfbf2(x)); },
                [](double x) { return __builtin_bit_cast(uint16_t, __truncdfbf2(x)); },
                [](uint16_t x) { return __extendhfsf2(__builtin_bit_cast(_Float16, x)); },
                memcpy,
                memmove,
                memset,
                memcmp,
                memrefCopy,
                {
#define SWITCHYARD_VECTOR_FUNCTION(name) throughMemory<moe_##name##f_x8>,
#include "kernels/support/vector_functions.inc"
                }};
}
}
