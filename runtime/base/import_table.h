// The boundary between generated code and the runtime: what a rank's program is given, and what it may call.
//
// Generated code is a shared object with no undefined symbol. It exports `moe_library_query` alone. The runtime calls
// `run(environment)` once per step. Everything outside (kernels, collectives) is reached through `invoke`.
// All structs are versioned by `version`; a different major version is refused at load (exit 5).
#ifndef SWITCHYARD_RUNTIME_BASE_IMPORT_TABLE_H
#define SWITCHYARD_RUNTIME_BASE_IMPORT_TABLE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MOE_ABI_VERSION 1
#define MOE_MAX_RANK 8

/// A strided view; field for field kernels::Tensor (kernels/abi.h), checked by a static_assert in runtime/exec.
typedef struct MoeTensor {
  void *data;
  int32_t rank;
  int32_t type;
  int64_t sizes[MOE_MAX_RANK];
  int64_t strides[MOE_MAX_RANK];
} MoeTensor;

/// What one rank's program sees of the world during one step. Owned by the runtime; read-only for the program.
typedef struct MoeEnvironment {
  uint32_t version;            // MOE_ABI_VERSION
  int32_t rank;                // [0, ranks)
  int32_t ranks;               // world size
  int32_t threads;             // kernel threads of this rank
  const int64_t *dims;         // values of the manifest's `dims`, in order
  void *const *inputs;         // contiguous row-major data of the manifest's `inputs`
  void *const *outputs;        // contiguous row-major room for the manifest's `outputs`
  const void *const *weights;  // data of the manifest's `weights`; for a weight per expert a table of E addresses, 0 where not owned
  const void *const *tables;   // plan tables by MoE layer: int32_t owner[E]
  char *arena;                 // one block, 64-byte aligned
  const int64_t *slots;        // byte offset in the arena of each of the manifest's `slots`
  void *self;                  // opaque, first argument of `invoke`
  /// Performs call site `site` of the manifest (a kernel or a collective). 0 = ok; anything else ends the step at once
  /// with that value, and the runtime holds the cause.
  int32_t (*invoke)(void *self, int32_t site, const MoeTensor *tensors, int32_t tensorCount, const int64_t *scalars, int32_t scalarCount);
} MoeEnvironment;

typedef struct MoeLibrary {
  uint32_t version;    // MOE_ABI_VERSION
  uint32_t sanitizer;  // 0 = none
  uint32_t dims, inputs, outputs, weights, slots, sites;  // counts, checked against the manifest
  /// One step of one rank. Returns 0 or the first non-zero result of `invoke`.
  int32_t (*run)(const MoeEnvironment *);
} MoeLibrary;

/// The one exported symbol, `moe_library_query`. Returns NULL when the library cannot serve `version`.
typedef const MoeLibrary *(*MoeLibraryQuery)(uint32_t version);

#ifdef __cplusplus
}
#endif

#endif  // SWITCHYARD_RUNTIME_BASE_IMPORT_TABLE_H
