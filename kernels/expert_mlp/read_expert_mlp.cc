#include "kernels/expert_mlp/expert_mlp.h"

#include <cinttypes>
#include <initializer_list>

namespace switchyard::kernels {

static Status readSegments(const Call &call, const Tensor &tensor, int64_t experts, int64_t rowLimit, Segments &segments) {
  using route::headerWords;
  SWITCHYARD_CHECK(checkOperand(call, tensor, "route", ElementType::i32, 1));
  if (tensor.sizes[0] < headerWords)
    return fail(call, Status::badShape, "the route has %" PRId64 " words, its header alone has %d", tensor.sizes[0], headerWords);
  const int32_t *words = tensor.as<int32_t>();
  bool received = words[route::form] == route::receivedForm;
  if (!received && words[route::form] != route::sourceForm)
    return fail(call, Status::badData, "the route has form %d, neither source nor received", words[route::form]);
  segments.positions = words[route::experts];
  segments.sources = received ? words[route::sources] : 1;
  int64_t listed = received ? experts : segments.positions + 1;
  int64_t read = headerWords + (received ? experts + segments.sources * segments.positions + 1 : segments.positions * 2 + 1);
  if (segments.positions < 0 || segments.positions > experts || segments.sources < 0 || read > tensor.sizes[0] ||
      (!received && segments.positions != experts))
    return fail(call, Status::badData, "the route counts %" PRId64 " experts of %" PRId64 " and %" PRId64 " sources in %" PRId64 " words",
                segments.positions, experts, segments.sources, tensor.sizes[0]);
  const int32_t *tables = words + headerWords;
  segments.expert = received ? tables : tables + listed;
  segments.begin = received ? tables + listed : tables;
  int64_t count = segments.sources * segments.positions, used = words[route::rows];
  if (used < 0 || used > rowLimit)
    return fail(call, Status::overLimit, "the route has %" PRId64 " rows, the buffer of rows %" PRId64, used, rowLimit);
  if (segments.begin[0] != 0 || segments.begin[count] != used)
    return fail(call, Status::badData, "the segments of the route go from %d to %d, it has %" PRId64 " rows", segments.begin[0],
                segments.begin[count], used);
  for (int64_t i = 0; i < count; ++i)
    if (segments.begin[i] > segments.begin[i + 1])
      return fail(call, Status::badData, "segment %" PRId64 " of the route goes from %d to %d", i, segments.begin[i],
                  segments.begin[i + 1]);
  for (int64_t p = 0; p < segments.positions; ++p)
    if (segments.expert[p] < 0 || segments.expert[p] >= experts)
      return fail(call, Status::badData, "position %" PRId64 " of the route is expert %d of %" PRId64, p, segments.expert[p], experts);
  return Status::ok;
}

/// The six weight operands: tables of as many addresses as there are experts.
static Status readWeights(const Call &call, int64_t experts, ExpertWeights &weights) {
  struct {
    const char *name;
    const int64_t **table;
    bool optional;
  } operands[] = {{"gate", &weights.gate, false},     {"gate_bias", &weights.gateBias, true}, {"up", &weights.up, true},
                  {"up_bias", &weights.upBias, true}, {"down", &weights.down, false},         {"down_bias", &weights.downBias, true}};
  for (int i = 0; i < 6; ++i) {
    const Tensor &tensor = call.tensors[2 + i];
    if (operands[i].optional && tensor.absent())
      continue;
    SWITCHYARD_CHECK(checkOperand(call, tensor, operands[i].name, ElementType::i64, 1));
    if (tensor.sizes[0] != experts)
      return fail(call, Status::badShape, "'%s' has addresses for %" PRId64 " experts, 'gate' for %" PRId64, operands[i].name,
                  tensor.sizes[0], experts);
    *operands[i].table = tensor.as<int64_t>();
  }
  if (weights.upBias && !weights.up)
    return fail(call, Status::badShape, "operand 'up_bias' is given without 'up'");
  return Status::ok;
}

/// Every expert with rows must be here.
static Status checkOwned(const Call &call, const ExpertMlp &mlp) {
  const ExpertWeights &weights = mlp.weights;
  for (int64_t p = 0; p < mlp.segments.positions; ++p)
    for (int64_t s = 0; s < mlp.segments.sources; ++s) {
      if (mlp.segments.first(s, p) == mlp.segments.last(s, p))
        continue;
      int64_t e = mlp.segments.expert[p];
      for (const int64_t *table : {weights.gate, weights.gateBias, weights.up, weights.upBias, weights.down, weights.downBias})
        if (table && table[e] == 0)
          return fail(call, Status::badData, "expert %" PRId64 " has rows, but this rank holds no copy of its weights", e);
    }
  return Status::ok;
}

Status readExpertMlp(const Call &call, ExpertMlp &mlp) {
  const Tensor &rows = call.tensors[0], &out = call.tensors[8], &workspace = call.tensors[9];
  SWITCHYARD_CHECK(checkOperand(call, rows, "rows", ElementType::f32, 2));
  SWITCHYARD_CHECK(checkOperand(call, out, "out", ElementType::f32, 2));
  SWITCHYARD_CHECK(checkSameSizes(call, rows, "rows", out, "out", 2));
  SWITCHYARD_CHECK(checkOperand(call, workspace, "workspace", ElementType::f32, -1));
  mlp.inner = call.integers[0];
  mlp.activation = static_cast<Activation>(call.integers[1]);
  if (mlp.inner < 1 || call.integers[1] < 0 || call.integers[1] > static_cast<int64_t>(Activation::relu6))
    return fail(call, Status::badShape, "inner size %" PRId64 " or activation %" PRId64 " is not valid", call.integers[0],
                call.integers[1]);
  mlp.alpha = static_cast<float>(call.floats[0]);
  mlp.beta = static_cast<float>(call.floats[1]);
  mlp.limit = static_cast<float>(call.floats[2]);
  mlp.rows = Rows(rows);
  mlp.out = Rows(out);
  mlp.hidden = rows.sizes[1];
  SWITCHYARD_CHECK(checkOperand(call, call.tensors[2], "gate", ElementType::i64, 1));
  int64_t experts = call.tensors[2].sizes[0];
  SWITCHYARD_CHECK(readWeights(call, experts, mlp.weights));
  SWITCHYARD_CHECK(readSegments(call, call.tensors[1], experts, rows.sizes[0], mlp.segments));
  int64_t workers = call.parallel && call.parallel->workers > 1 ? call.parallel->workers : 1;
  int64_t have = elementCount(workspace, workspace.rank), need = expert::workspaceElements(workers, rows.sizes[0], mlp.inner);
  if (have < need || !collapses(workspace, workspace.rank))
    return fail(call, Status::badShape, "the workspace has %" PRId64 " elements, %" PRId64 " are needed for %" PRId64 " workers", have,
                need, workers);
  mlp.workspace = workspace.as<float>();
  mlp.workspaceRows = have / mlp.inner;
  return checkOwned(call, mlp);
}

}  // namespace switchyard::kernels
