#include "dialects/nn/NnDialect.h"

#include "dialects/support/Shapes.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpImplementation.h"
#include "llvm/ADT/StringExtras.h"

#define GET_OP_CLASSES
#include "dialects/nn/NnOps.cpp.inc"

using namespace mlir;

namespace switchyard::nn {

namespace {

int64_t lastSize(RankedTensorType type) { return type.getShape().empty() ? 1 : type.getShape().back(); }

/// A shape as tensor types write it: "4x?".
std::string describe(ArrayRef<int64_t> shape) {
  auto size = [](int64_t dim) { return ShapedType::isDynamic(dim) ? std::string("?") : std::to_string(dim); };
  return shape.empty() ? "a scalar" : llvm::join(llvm::map_range(shape, size), "x");
}

/// The norm's scale or bias must span the last axis of x.
LogicalResult verifyLastAxis(Operation *op, llvm::StringRef name, Value vector, Value x) {
  if (vector && !compatible(tensorType(vector).getDimSize(0), lastSize(tensorType(x))))
    return op->emitOpError("expects ") << name << " of " << lastSize(tensorType(x)) << " elements, but got " << vector.getType();
  return success();
}

LogicalResult verifyAxis(Operation *op, int64_t axis, int64_t rank) {
  if (axis < 0 || axis >= rank)
    return op->emitOpError("expects an axis from 0 to ") << rank - 1 << ", but got " << axis;
  return success();
}

}  // namespace

LogicalResult MatmulOp::verify() {
  auto a = tensorType(getA()), weight = tensorType(getWeight()), result = tensorType(getResult());
  // matmul_c1
  if (!compatible(lastSize(a), weight.getDimSize(1)))
    return emitOpError("expects a weight with ") << lastSize(a) << " columns, but got " << weight;
  SmallVector<int64_t> expected(a.getShape());
  if (expected.empty())
    return emitOpError("expects rows of rank at least 1, but got ") << a;
  expected.back() = weight.getDimSize(0);
  if (!compatible(expected, result.getShape()))
    return emitOpError("expects a result of shape ") << describe(expected) << ", but got " << result;
  // matmul_c2
  if (getBias() && !compatible(tensorType(getBias()).getDimSize(0), weight.getDimSize(0)))
    return emitOpError("expects a bias of ") << weight.getDimSize(0) << " elements, but got " << getBias().getType();
  return success();
}

LogicalResult BatchMatmulOp::verify() {
  auto a = tensorType(getA()), b = tensorType(getB()), result = tensorType(getResult());
  // batch_matmul_c1
  if (a.getRank() < 2 || b.getRank() < 2)
    return emitOpError("expects operands of rank at least 2, but got ") << a << " and " << b;
  int64_t rank = std::max(a.getRank(), b.getRank());
  bool fits = compatible(a.getShape().back(), b.getShape()[b.getRank() - 2]) && result.getRank() == rank &&
              compatible(result.getShape()[rank - 2], a.getShape()[a.getRank() - 2]) && compatible(result.getShape().back(), b.getShape().back());
  // batch_matmul_c2
  for (int64_t d = 3; fits && d <= rank; ++d) {
    for (RankedTensorType side : {a, b})
      if (d <= side.getRank() && side.getShape()[side.getRank() - d] != 1)
        fits &= compatible(side.getShape()[side.getRank() - d], result.getShape()[rank - d]);
  }
  if (!fits)
    return emitOpError("expects m x k times k x n to give m x n, but got ") << a << " times " << b << " and " << result;
  return success();
}

LogicalResult EmbeddingOp::verify() {
  // embedding_c1
  SmallVector<int64_t> expected(tensorType(getIds()).getShape());
  expected.push_back(tensorType(getTable()).getDimSize(1));
  if (!compatible(expected, tensorType(getResult()).getShape()))
    return emitOpError("expects a result of shape ") << describe(expected) << ", but got " << getResult().getType();
  return success();
}

LogicalResult RmsNormOp::verify() {
  // rms_norm_c1
  return verifyLastAxis(*this, "a scale", getScale(), getX());
}

LogicalResult LayerNormOp::verify() {
  // layer_norm_c1
  if (failed(verifyLastAxis(*this, "a scale", getScale(), getX())))
    return failure();
  return verifyLastAxis(*this, "a bias", getBias(), getX());
}

LogicalResult RotaryOp::verify() {
  auto x = tensorType(getX()), positions = tensorType(getPositions()), cosine = tensorType(getCosine());
  // rotary_c1
  bool fits = x.getRank() == 3 && positions.getRank() == 2 && cosine.getRank() == 2 &&
              (x.isDynamicDim(2) || x.getDimSize(2) % static_cast<int64_t>(getHeads()) == 0);
  if (!fits)
    return emitOpError("expects x of B x S x ") << getHeads() << "*d, positions of B x S and cosine of P x r/2, but got " << x << ", " << positions << " and " << cosine;
  return success();
}

LogicalResult AttentionOp::verify() {
  auto query = tensorType(getQuery()), key = tensorType(getKey());
  int64_t heads = getHeads(), kvHeads = getKvHeads();
  // attention_c1
  if (heads < 1 || kvHeads < 1 || heads % kvHeads != 0)
    return emitOpError("expects heads to be a multiple of kv_heads, but got ") << heads << " and " << kvHeads;
  bool fits = query.getRank() == 3 && key.getRank() == 3 && getKey().getType() == getValue().getType() && !query.isDynamicDim(2) &&
              query.getDimSize(2) % heads == 0 && key.getDimSize(2) == query.getDimSize(2) / heads * kvHeads;
  if (!fits)
    return emitOpError("expects query of B x S x ") << heads << "*d and key and value of B x S x " << kvHeads << "*d, but got " << query << ", " << key << " and " << getValue().getType();
  // attention_c2
  if (!getPastKey() != !getPastValue())
    return emitOpError("expects past_key and past_value together");
  // attention_c3
  if (getResult().getType() != getQuery().getType())
    return emitOpError("expects a result of the type of the query ") << query << ", but got " << getResult().getType();
  // attention_c4
  int64_t headSize = query.getDimSize(2) / heads;
  Value caches[] = {getPastKey(), getPastValue(), getPresentKey(), getPresentValue()};
  for (Value cache : caches)
    if (cache && !compatible(tensorType(cache).getShape(), {query.getDimSize(0), kvHeads, ShapedType::kDynamic, headSize}))
      return emitOpError("expects caches of B x ") << kvHeads << " x keys x " << headSize << ", but got " << cache.getType();
  // attention_c5
  if (getSink() && !compatible(tensorType(getSink()).getDimSize(0), heads))
    return emitOpError("expects a sink of ") << heads << " elements, but got " << getSink().getType();
  return success();
}

LogicalResult ReshapeOp::verify() {
  auto x = tensorType(getX()), result = tensorType(getResult());
  // reshape_c1
  if (getSizes().size() != static_cast<size_t>(result.getNumDynamicDims()))
    return emitOpError("expects ") << result.getNumDynamicDims() << " sizes for " << result << ", but got " << getSizes().size();
  // reshape_c2
  bool differs = x.hasStaticShape() && result.hasStaticShape() && x.getNumElements() != result.getNumElements();
  if (differs || x.getElementType() != result.getElementType())
    return emitOpError("expects the same elements, but got ") << x << " and " << result;
  return success();
}

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  // One reshape after another is the last one; a static reshape to the same type is none.
  if (getX().getType() == getResult().getType() && tensorType(getX()).hasStaticShape())
    return getX();
  if (auto inner = getX().getDefiningOp<ReshapeOp>()) {
    getXMutable().assign(inner.getX());
    return getResult();
  }
  return {};
}

LogicalResult TopKOp::verify() {
  auto x = tensorType(getX()), values = tensorType(getValues()), indices = tensorType(getIndices());
  // topk_c1
  bool fits = x.getRank() >= 1 && values.getRank() == x.getRank() && compatible(values.getShape(), indices.getShape()) &&
              compatible(values.getShape().drop_back(), x.getShape().drop_back()) && !ShapedType::isDynamic(values.getShape().back());
  if (!fits)
    return emitOpError("expects values and indices of the shape of x but for a static last axis, but got ") << x << ", " << values << " and " << indices;
  return success();
}

LogicalResult GatherOp::verify() {
  auto data = tensorType(getData()), indices = tensorType(getIndices()), result = tensorType(getResult());
  int64_t axis = getAxis();
  // gather_c1
  if (failed(verifyAxis(*this, axis, data.getRank())))
    return failure();
  // gather_c2
  SmallVector<int64_t> expected(data.getShape().take_front(axis));
  expected.append(indices.getShape().begin(), indices.getShape().end());
  llvm::append_range(expected, data.getShape().drop_front(axis + 1));
  if (!compatible(expected, result.getShape()))
    return emitOpError("expects a result of shape ") << describe(expected) << ", but got " << result;
  return success();
}

LogicalResult GatherElementsOp::verify() {
  auto data = tensorType(getData()), indices = tensorType(getIndices()), result = tensorType(getResult());
  // gather_elements_c1
  if (failed(verifyAxis(*this, getAxis(), data.getRank())))
    return failure();
  if (indices.getRank() != data.getRank() || !compatible(indices.getShape(), result.getShape()))
    return emitOpError("expects data, indices and result of one rank, but got ") << data << ", " << indices << " and " << result;
  return success();
}

LogicalResult GatherNdOp::verify() {
  auto data = tensorType(getData()), indices = tensorType(getIndices());
  int64_t batch = getBatchDims(), tuple = indices.getRank() ? indices.getShape().back() : ShapedType::kDynamic;
  // gather_nd_c1
  bool fits = batch >= 0 && batch < std::min(data.getRank(), indices.getRank()) && !ShapedType::isDynamic(tuple) && batch + tuple <= data.getRank();
  if (!fits)
    return emitOpError("expects index tuples that fit data behind ") << batch << " batch dimensions, but got " << data << " and " << indices;
  // gather_nd_c2
  SmallVector<int64_t> expected(indices.getShape().drop_back());
  llvm::append_range(expected, data.getShape().drop_front(batch + tuple));
  if (!compatible(expected, tensorType(getResult()).getShape()))
    return emitOpError("expects a result of shape ") << describe(expected) << ", but got " << getResult().getType();
  return success();
}

LogicalResult OperatorOp::verify() {
  // operator_c1
  int64_t dynamic = 0;
  for (Type type : getResultTypes())
    dynamic += cast<RankedTensorType>(type).getNumDynamicDims();
  if (dynamic != static_cast<int64_t>(getSizes().size()))
    return emitOpError("has ") << getSizes().size() << " sizes for " << dynamic << " dynamic dimensions";
  // operator_c2
  if (llvm::count(getPresent(), true) != static_cast<int64_t>(getInputs().size()))
    return emitOpError("has ") << getInputs().size() << " inputs, but `present` says " << llvm::count(getPresent(), true);
  // operator_c3
  Builder builder(getContext());
  for (auto [attributes, type] : {std::pair<DictionaryAttr, Type>(getIntegers(), builder.getI64Type()), {getFloats(), builder.getF64Type()}})
    for (NamedAttribute attribute : attributes)
      if (auto typed = dyn_cast<TypedAttr>(attribute.getValue()); !typed || typed.getType() != type)
        return emitOpError("expects '") << attribute.getName().getValue() << "' of type " << type << ", but got " << attribute.getValue();
  return success();
}

LogicalResult CumSumOp::verify() {
  // cumsum_c1
  return verifyAxis(*this, getAxis(), tensorType(getX()).getRank());
}

}  // namespace switchyard::nn
