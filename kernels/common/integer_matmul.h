// Matrix products of i8 and u8, summed in i32: sums wrap, so that their order does not matter.
#ifndef SWITCHYARD_KERNELS_COMMON_INTEGER_MATMUL_H
#define SWITCHYARD_KERNELS_COMMON_INTEGER_MATMUL_H

#include "kernels/common/parallel.h"
#include "kernels/common/quantization.h"

namespace switchyard::kernels {

/// numpy's matmul: vectors are a row on the left and a column on the right; leading dimensions broadcast.
class IntegerMatmul {
public:
  IntegerMatmul(const Tensor &a, const Tensor &b, const Tensor &out) : a(a), b(b), out(out) {}

  Status check(const Call &call) {
    auto isBytes = [](const Tensor &tensor) { return tensor.type == ElementType::i8 || tensor.type == ElementType::u8; };
    SWITCHYARD_CHECK(checkStrided(call, a, "a", a.type, -1));
    SWITCHYARD_CHECK(checkStrided(call, b, "b", b.type, -1));
    SWITCHYARD_CHECK(checkStrided(call, out, "out", out.type, -1));
    if (!isBytes(a) || !isBytes(b) || a.rank < 1 || b.rank < 1)
      return fail(call, Status::badShape, "a and b must be i8 or u8 of rank 1 or more");
    rows = a.rank > 1 ? a.sizes[a.rank - 2] : 1;
    columns = b.rank > 1 ? b.sizes[b.rank - 1] : 1;
    depth = a.sizes[a.rank - 1];
    batchRank = out.rank - (a.rank > 1) - (b.rank > 1);
    bool fits = batchRank >= 0 && a.rank - 2 <= batchRank && b.rank - 2 <= batchRank && depth == b.sizes[b.rank > 1 ? b.rank - 2 : 0] &&
                (a.rank == 1 || out.sizes[batchRank] == rows) && (b.rank == 1 || out.sizes[out.rank - 1] == columns);
    for (int d = 0; fits && d < batchRank; ++d)
      fits = leads(a, d) && leads(b, d);
    return fits ? Status::ok : fail(call, Status::badShape, "a, b and out are not a matrix product");
  }

  /// Zero points: one, one a row of a, or one a column of b.
  static Status checkParameter(const Call &call, const Tensor &tensor, const char *name, ElementType type, int64_t count) {
    if (tensor.absent())
      return Status::ok;
    SWITCHYARD_CHECK(checkStrided(call, tensor, name, type, -1));
    int64_t has = elementCount(tensor, tensor.rank);
    if (tensor.rank > 1 || (has != 1 && has != count))
      return fail(call, Status::badShape, "%s has %" PRId64 " elements of rank %d, expected 1 or %" PRId64, name, has, tensor.rank, count);
    return Status::ok;
  }
  /// The offset of element `index` in such a parameter.
  static int64_t parameterOffset(const Tensor &tensor, int64_t index) {
    return tensor.rank == 1 && tensor.sizes[0] > 1 ? index * tensor.strides[0] : 0;
  }

  /// Calls store(offset in out, row, column, sum) for every element.
  template <typename Store> void run(const Call &call, const Tensor &aZero, const Tensor &bZero, const Store &store) const {
    int64_t batches = elementCount(out, batchRank);
    parallelFor(call, batches * rows, [&](int64_t begin, int64_t end, int) {
      for (int64_t item = begin; item < end; ++item) {
        int64_t row = item % rows, batch = item / rows;
        int64_t fromA = batchOffset(a, batch) + (a.rank > 1 ? row * a.strides[a.rank - 2] : 0), fromB = batchOffset(b, batch);
        int64_t to = elementOffset(out, batchRank, batch) + (a.rank > 1 ? row * out.strides[batchRank] : 0);
        int32_t zeroA = zeroPointAt(aZero, row);
        for (int64_t column = 0; column < columns; ++column) {
          uint32_t sum = 0;
          int64_t stepB = b.strides[b.rank > 1 ? b.rank - 2 : 0], inB = fromB + (b.rank > 1 ? column * b.strides[b.rank - 1] : 0);
          int32_t zeroB = zeroPointAt(bZero, column);
          for (int64_t k = 0; k < depth; ++k)
            sum += static_cast<uint32_t>((load(a, fromA + k * a.strides[a.rank - 1]) - zeroA) * (load(b, inB + k * stepB) - zeroB));
          store(to + (b.rank > 1 ? column * out.strides[out.rank - 1] : 0), row, column, static_cast<int32_t>(sum));
        }
      }
    });
  }

  int64_t rows = 0, columns = 0, depth = 0;

private:
  static int32_t load(const Tensor &tensor, int64_t offset) {
    return tensor.type == ElementType::i8 ? int32_t(tensor.as<int8_t>()[offset]) : int32_t(tensor.as<uint8_t>()[offset]);
  }
  static int32_t zeroPointAt(const Tensor &tensor, int64_t index) {
    return tensor.absent() ? 0 : load(tensor, parameterOffset(tensor, index));
  }
  /// Whether leading dimension `d` of out is that of the operand, or is broadcast from it.
  bool leads(const Tensor &operand, int d) const {
    int own = d - (batchRank - (operand.rank - 2));
    return operand.rank < 2 || own < 0 || operand.sizes[own] == 1 || operand.sizes[own] == out.sizes[d];
  }
  int64_t batchOffset(const Tensor &operand, int64_t batch) const {
    int64_t offset = 0;
    for (int d = batchRank - 1; d >= 0; --d) {
      int own = d - (batchRank - (operand.rank - 2));
      if (operand.rank > 2 && own >= 0 && operand.sizes[own] != 1)
        offset += batch % out.sizes[d] * operand.strides[own];
      batch /= out.sizes[d];
    }
    return offset;
  }

  const Tensor &a, &b, &out;
  int batchRank = 0;
};

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_COMMON_INTEGER_MATMUL_H
