// The code of a toy artifact: what the compiler would generate for two MoE layers, one after the other.
//
// tokens f32[T, H] -> out f32[T, H]. The sizes are those of toy_artifact.h.
#include "runtime/base/import_table.h"

#include "tests/runtime/exec/toy_sizes.h"

// The compiler of C calls these for the tensors below; the library may not need another one.
void *memcpy(void *to, const void *from, __SIZE_TYPE__ bytes) {
  for (__SIZE_TYPE__ i = 0; i < bytes; ++i)
    ((char *)to)[i] = ((const char *)from)[i];
  return to;
}

void *memset(void *to, int value, __SIZE_TYPE__ bytes) {
  for (__SIZE_TYPE__ i = 0; i < bytes; ++i)
    ((char *)to)[i] = (char)value;
  return to;
}

enum { f32 = 0, i64 = 4, i32 = 5 };

static MoeTensor vector(void *data, int32_t type, int64_t size) {
  MoeTensor tensor = {data, 1, type, {size}, {1}};
  return tensor;
}

static MoeTensor matrix(void *data, int32_t type, int64_t rows, int64_t columns) {
  MoeTensor tensor = {data, 2, type, {rows, columns}, {columns, 1}};
  return tensor;
}

/// A packed weight of less than 16 rows: one panel.
static MoeTensor panel(void *data, int64_t columns) {
  MoeTensor tensor = {data, 3, f32, {1, columns, 16}, {columns * 16, 16, 1}};
  return tensor;
}

static MoeTensor absent(void) {
  MoeTensor tensor = {0, -1, 0, {0}, {0}};
  return tensor;
}

static void *slot(const MoeEnvironment *environment, int layer, int number) {
  return environment->arena + environment->slots[layer * TOY_SLOTS + number];
}

/// One layer: its sites, slots and weights stand together in the manifest.
static int32_t runLayer(const MoeEnvironment *e, int layer, void *input, void *output) {
  const int64_t tokens = e->dims[0], ranks = e->ranks;
  const int64_t share = (tokens + ranks - 1) / ranks;
  const int64_t first = e->rank * share < tokens ? e->rank * share : tokens;
  const int64_t count = first + share < tokens ? share : tokens - first;
  const int site = layer * TOY_SITES;
  const void *const *weights = e->weights + layer * TOY_WEIGHTS;
  int32_t status;

  MoeTensor x = matrix(input, f32, tokens, TOY_HIDDEN);
  MoeTensor own = matrix((float *)input + first * TOY_HIDDEN, f32, count, TOY_HIDDEN);
  MoeTensor router = panel((void *)weights[0], TOY_HIDDEN);
  MoeTensor logits = matrix(slot(e, layer, 0), f32, tokens, TOY_EXPERTS);
  MoeTensor ids = matrix(slot(e, layer, 1), i32, tokens, TOY_CHOICES);
  MoeTensor shares = matrix(slot(e, layer, 2), f32, tokens, TOY_CHOICES);
  MoeTensor route = vector(slot(e, layer, 3), i32, 8 + 2 * TOY_EXPERTS + 1 + 2 * share * TOY_CHOICES);
  MoeTensor rows = matrix(slot(e, layer, 4), f32, share * TOY_CHOICES, TOY_HIDDEN);
  MoeTensor received = vector(slot(e, layer, 5), i32, 8 + TOY_EXPERTS + ranks * TOY_EXPERTS + 1);
  MoeTensor there = matrix(slot(e, layer, 6), f32, tokens * TOY_CHOICES, TOY_HIDDEN);
  MoeTensor done = matrix(slot(e, layer, 7), f32, tokens * TOY_CHOICES, TOY_HIDDEN);
  MoeTensor workspace = vector(slot(e, layer, 8), f32, e->threads * 32 * 2 * TOY_INNER);
  MoeTensor back = matrix(slot(e, layer, 9), f32, share * TOY_CHOICES, TOY_HIDDEN);
  MoeTensor combined = matrix(slot(e, layer, 10), f32, count, TOY_HIDDEN);
  MoeTensor out = matrix(output, f32, tokens, TOY_HIDDEN);
  MoeTensor ownShares = matrix((float *)shares.data + first * TOY_CHOICES, f32, count, TOY_CHOICES);
  MoeTensor up = vector((void *)weights[1], i64, TOY_EXPERTS);
  MoeTensor down = vector((void *)weights[2], i64, TOY_EXPERTS);
  MoeTensor placement = vector((void *)e->tables[layer], i32, TOY_EXPERTS);

  MoeTensor project[] = {x, router, absent(), logits};
  if ((status = e->invoke(e->self, site, project, 4, 0, 0)))
    return status;
  MoeTensor gate[] = {logits, absent(), absent(), placement, ids, shares, route};
  const int64_t scalars[] = {first, count, -1, -1};
  if ((status = e->invoke(e->self, site + 1, gate, 7, scalars, 4)))
    return status;
  MoeTensor permute[] = {own, route, absent(), rows};
  if ((status = e->invoke(e->self, site + 2, permute, 4, 0, 0)))
    return status;
  MoeTensor counts[] = {route, received};
  if ((status = e->invoke(e->self, site + 3, counts, 2, 0, 0)))
    return status;
  MoeTensor dispatch[] = {rows, route, received, there};
  if ((status = e->invoke(e->self, site + 4, dispatch, 4, 0, 0)))
    return status;
  MoeTensor experts[] = {there, received, up, absent(), absent(), absent(), down, absent(), done, workspace};
  if ((status = e->invoke(e->self, site + 5, experts, 10, 0, 0)))
    return status;
  MoeTensor giveBack[] = {done, received, route, back};
  if ((status = e->invoke(e->self, site + 6, giveBack, 4, 0, 0)))
    return status;
  MoeTensor combine[] = {back, route, ownShares, combined};
  if ((status = e->invoke(e->self, site + 7, combine, 4, 0, 0)))
    return status;
  MoeTensor gather[] = {combined, out};
  return e->invoke(e->self, site + 8, gather, 2, 0, 0);
}

static int32_t run(const MoeEnvironment *environment) {
  void *between = slot(environment, 0, TOY_SLOTS * TOY_LAYERS);
  int32_t status = runLayer(environment, 0, environment->inputs[0], between);
  if (!status)
    status = runLayer(environment, 1, between, between);  // read before it is gathered
  if (!status)
    memcpy(environment->outputs[0], between, environment->dims[0] * TOY_HIDDEN * sizeof(float));
  return status;
}

__attribute__((visibility("default"))) const MoeLibrary *moe_library_query(uint32_t version) {
  static const MoeLibrary library = {MOE_ABI_VERSION,        0,  1, 1, 1, TOY_LAYERS * TOY_WEIGHTS, TOY_LAYERS * TOY_SLOTS + 1,
                                     TOY_LAYERS * TOY_SITES, run};
  return version == MOE_ABI_VERSION ? &library : 0;
}
