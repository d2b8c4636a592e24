// non_max_suppression: ONNX NonMaxSuppression: of each batch and class the boxes by descending score, equal ones by index, without those that
// overlap one chosen before by more than the threshold. The model states how many rows (batch, class, box) there are in all.
#include "kernels/common/check.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/table.h"

#include <algorithm>
#include <cinttypes>

namespace switchyard::kernels {
namespace {

struct Suppression {
  const Tensor *boxes = nullptr, *scores = nullptr, *out = nullptr;
  bool centred = false, hasThreshold = false;
  int64_t limit = 0;
  float overlap = 0, threshold = 0;
};

struct Box {
  float low[2], high[2];
};

Box boxOf(const Suppression &nms, int64_t batch, int64_t index) {
  const float *box = nms.boxes->as<float>() + batch * nms.boxes->strides[0] + index * nms.boxes->strides[1];
  auto number = [&](int i) { return box[i * nms.boxes->strides[2]]; };
  Box result;
  for (int d = 0; d < 2; ++d) {
    float a = nms.centred ? number(d) - number(d + 2) / 2 : number(d), b = nms.centred ? number(d) + number(d + 2) / 2 : number(d + 2);
    result.low[d] = nms.centred ? a : std::min(a, b);
    result.high[d] = nms.centred ? b : std::max(a, b);
  }
  return result;
}

bool overlaps(const Suppression &nms, const Box &a, const Box &b) {
  float shared = 1, areaA = 1, areaB = 1;
  for (int d = 0; d < 2; ++d) {
    float length = std::min(a.high[d], b.high[d]) - std::max(a.low[d], b.low[d]);
    if (!(length > 0))
      return false;
    shared *= length;
    areaA *= a.high[d] - a.low[d];
    areaB *= b.high[d] - b.low[d];
  }
  float joined = areaA + areaB - shared;
  return shared > 0 && areaA > 0 && areaB > 0 && joined > 0 && shared / joined > nms.overlap;
}

/// The best box that comes behind `previous`, or -1.
int64_t nextBox(const Suppression &nms, const float *scores, int64_t stride, int64_t previous) {
  int64_t best = -1;
  for (int64_t i = 0; i < nms.scores->sizes[2]; ++i) {
    float score = scores[i * stride];
    if (score != score || (nms.hasThreshold && !(score > nms.threshold)))
      continue;
    float before = previous < 0 ? 0 : scores[previous * stride];
    bool behind = previous < 0 || score < before || (score == before && i > previous);
    if (behind && (best < 0 || score > scores[best * stride]))
      best = i;
  }
  return best;
}

/// Appends the rows of one class; `rows` counts all of them.
Status selectClass(const Call &call, const Suppression &nms, int64_t batch, int64_t category, int64_t &rows) {
  const Tensor &out = *nms.out;
  const float *scores = nms.scores->as<float>() + batch * nms.scores->strides[0] + category * nms.scores->strides[1];
  int64_t first = rows, stride = nms.scores->strides[2];
  auto cell = [&](int64_t row, int column) -> int64_t & { return out.as<int64_t>()[row * out.strides[0] + column * out.strides[1]]; };
  for (int64_t box = nextBox(nms, scores, stride, -1); box >= 0 && rows - first < nms.limit; box = nextBox(nms, scores, stride, box)) {
    bool suppressed = false;
    for (int64_t row = first; row < rows && !suppressed; ++row)
      suppressed = overlaps(nms, boxOf(nms, batch, box), boxOf(nms, batch, cell(row, 2)));
    if (suppressed)
      continue;
    if (rows == out.sizes[0])
      return fail(call, Status::badData, "more boxes are selected than the %" PRId64 " that the model states", out.sizes[0]);
    cell(rows, 0) = batch;
    cell(rows, 1) = category;
    cell(rows++, 2) = box;
  }
  return Status::ok;
}

Status readNumber(const Call &call, const Tensor &tensor, const char *name, float &value) {
  if (tensor.absent())
    return Status::ok;
  SWITCHYARD_CHECK(checkStrided(call, tensor, name, ElementType::f32, -1));
  for (int d = 0; d < tensor.rank; ++d)
    if (tensor.sizes[d] != 1)
      return fail(call, Status::badData, "the %s is not one number", name);
  value = *tensor.as<float>();
  return Status::ok;
}

}  // namespace

Status reference_non_max_suppression(const Call &call) {
  const Tensor &boxes = call.tensors[0], &scores = call.tensors[1], &out = call.tensors[5];
  SWITCHYARD_CHECK(checkStrided(call, boxes, "boxes", ElementType::f32, 3));
  SWITCHYARD_CHECK(checkStrided(call, scores, "scores", ElementType::f32, 3));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", ElementType::i64, 2));
  if (boxes.sizes[2] != 4 || scores.sizes[0] != boxes.sizes[0] || scores.sizes[2] != boxes.sizes[1] || out.sizes[1] != 3)
    return fail(call, Status::badShape, "%" PRId64 " boxes of %" PRId64 " numbers do not fit %" PRId64 " scores", boxes.sizes[1], boxes.sizes[2],
                scores.sizes[2]);
  Suppression nms{&boxes, &scores, &out, call.integers[0] != 0, !call.tensors[4].absent()};
  if (!call.tensors[2].absent())
    SWITCHYARD_CHECK(readInteger(call, call.tensors[2], "the number of boxes of a class", nms.limit));
  SWITCHYARD_CHECK(readNumber(call, call.tensors[3], "overlap", nms.overlap));
  SWITCHYARD_CHECK(readNumber(call, call.tensors[4], "score", nms.threshold));
  int64_t rows = 0;
  for (int64_t batch = 0; batch < scores.sizes[0]; ++batch)
    for (int64_t category = 0; category < scores.sizes[1]; ++category)
      SWITCHYARD_CHECK(selectClass(call, nms, batch, category, rows));
  int64_t asked[] = {rows, 3};
  return checkAsked(call, out, 2, asked);
}

// Choices one after another: nothing to vectorise.
Status fast_non_max_suppression(const Call &call) { return reference_non_max_suppression(call); }

}  // namespace switchyard::kernels
