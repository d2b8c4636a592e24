#include "kernels/common/indices.h"
#include "kernels/common/parallel.h"
#include "kernels/embedding/embedding.h"
#include "kernels/table.h"

#include <cinttypes>

namespace switchyard::kernels {

Status readEmbedding(const Call &call, Embedding &embedding) {
  const Tensor &ids = call.tensors[0], &table = call.tensors[1], &out = call.tensors[2];
  SWITCHYARD_CHECK(checkIndices(call, ids, "ids", -1));
  SWITCHYARD_CHECK(checkOperand(call, out, "out", ElementType::f32, ids.rank + 1));
  SWITCHYARD_CHECK(checkSameSizes(call, ids, "ids", out, "out", ids.rank));
  SWITCHYARD_CHECK(readPanels(call, table, "table", call.integers[0], embedding.table));
  embedding.ids = &ids;
  embedding.out = Rows(out);
  if (embedding.out.width != embedding.table.depth)
    return fail(call, Status::badShape, "out has %" PRId64 " columns, the table %" PRId64, embedding.out.width, embedding.table.depth);
  int64_t vocabulary = embedding.table.columns;
  for (int64_t i = 0; i < embedding.out.count; ++i) {
    int64_t id = readIndex(ids, elementOffset(ids, ids.rank, i));
    if (id < -vocabulary || id >= vocabulary)
      return fail(call, Status::badData, "index %" PRId64 " at position %" PRId64 " is outside the table of %" PRId64 " rows", id, i,
                  vocabulary);
  }
  return Status::ok;
}

Status reference_embedding_f32(const Call &call) {
  Embedding embedding;
  SWITCHYARD_CHECK(readEmbedding(call, embedding));
  const Tensor &ids = *embedding.ids;
  parallelFor(call, embedding.out.count, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) {
      int64_t id = wrapIndex(readIndex(ids, elementOffset(ids, ids.rank, i)), embedding.table.columns);
      const float *row = embedding.table.panel(id / panel::width) + id % panel::width;
      float *out = embedding.out.row(i);
      for (int64_t h = 0; h < embedding.out.width; ++h)
        out[h] = row[h * panel::width];
    }
  });
  return Status::ok;
}

// A copy with stride 16: nothing to vectorise.
Status fast_embedding_f32(const Call &call) { return reference_embedding_f32(call); }

}  // namespace switchyard::kernels
