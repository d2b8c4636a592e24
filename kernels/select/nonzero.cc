// nonzero: ONNX NonZero: the positions of the elements that are not zero, in row-major order, one row a dimension.
#include "kernels/common/elements.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/table.h"

namespace switchyard::kernels {

Status reference_nonzero(const Call &call) {
  const Tensor &x = call.tensors[0], &out = call.tensors[1];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", ElementType::i64, 2));
  return dispatch(call, x.type, [&]<typename T>() {
    using Value = typename Element<T>::Value;
    int64_t count = elementCount(x, x.rank), found = 0, at[maxRank];
    for (int64_t i = 0; i < count; ++i)
      found += loadElement<T>(x, i) != Value(0);
    int64_t asked[] = {x.rank, found};
    SWITCHYARD_CHECK(checkAsked(call, out, 2, asked));
    int64_t column = 0;
    for (int64_t i = 0; i < count; ++i) {
      if (loadElement<T>(x, i) == Value(0))
        continue;
      positionOf(x.sizes, x.rank, i, at);
      for (int d = 0; d < x.rank; ++d)
        out.as<int64_t>()[d * out.strides[0] + column * out.strides[1]] = at[d];
      ++column;
    }
    return Status::ok;
  });
}

// A search in order: nothing to vectorise.
Status fast_nonzero(const Call &call) { return reference_nonzero(call); }

}  // namespace switchyard::kernels
