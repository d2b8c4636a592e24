// What the probe library shows of the support object, which hides everything.
#ifndef SWITCHYARD_TESTS_KERNELS_SUPPORT_PROBE_H
#define SWITCHYARD_TESTS_KERNELS_SUPPORT_PROBE_H

#include <stddef.h>
#include <stdint.h>

struct SupportFunctions {
  float (*exp)(float), (*expm1)(float), (*log)(float), (*log1p)(float), (*tanh)(float), (*erf)(float), (*sin)(float), (*cos)(float);
  float (*sqrt)(float), (*floor)(float), (*ceil)(float), (*trunc)(float), (*round)(float), (*roundeven)(float);
  float (*pow)(float, float), (*fmod)(float, float), (*fma)(float, float, float);
  uint16_t (*truncateF32ToF16)(float), (*truncateF64ToF16)(double), (*truncateF32ToBf16)(float), (*truncateF64ToBf16)(double);
  float (*extendF16)(uint16_t);
  void *(*memcpy)(void *, const void *, size_t), *(*memmove)(void *, const void *, size_t), *(*memset)(void *, int, size_t);
  int (*memcmp)(const void *, const void *, size_t);
  void (*memrefCopy)(int64_t, const void *, const void *);
  /// On eight lanes, in the order of kernels/support/vector_functions.inc; the last entry is null.
  void (*onLanes[16])(const float *in, float *out);
};

#endif  // SWITCHYARD_TESTS_KERNELS_SUPPORT_PROBE_H
