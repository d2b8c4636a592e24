#include "compiler/raise/quantised/QuantisedWeights.h"

using namespace mlir;

namespace switchyard::raise {

Attribute unpackRecipe(Attribute bytes, Type element, int64_t last) {
  RankedTensorType type = rt::getRecipeType(bytes);
  SmallVector<int64_t> shape(type.getShape());
  int64_t bits = element.getIntOrFloatBitWidth(), stored = shape.back(), held = stored * 8 / bits;
  // Spare bits of the last byte alone are left out by the step itself.
  shape.back() = (last * bits + 7) / 8 == stored ? last : held;
  bytes = composeStep(rt::StepKind::unpack, {}, bytes, RankedTensorType::get(shape, element));
  return shape.back() == last ? bytes : sliceRecipe(bytes, shape.size() - 1, 0, 1, last);
}

Attribute unpackRecipe(Attribute bytes, int64_t bits, int64_t last) {
  if (bits < 8)
    return unpackRecipe(bytes, IntegerType::get(bytes.getContext(), bits, IntegerType::Unsigned), last);
  ArrayRef<int64_t> shape = rt::getRecipeType(bytes).getShape();
  return shape.back() == last ? bytes : sliceRecipe(bytes, shape.size() - 1, 0, 1, last);
}

Attribute reinterpretRecipe(Attribute bytes, Type element) {
  auto type = RankedTensorType::get(rt::getRecipeType(bytes).getShape(), element);
  if (auto source = dyn_cast<rt::SourceAttr>(bytes); source && source.getEncoding() == rt::Encoding::raw)
    return rt::SourceAttr::get(bytes.getContext(), source.getFile(), source.getOffset(), source.getLength(), source.getEncoding(), type);
  if (auto elements = dyn_cast<rt::InlineAttr>(bytes))
    return rt::InlineAttr::get(bytes.getContext(), elements.getValue().bitcast(element));
  return {};
}

Attribute dequantiseRecipe(Attribute elements, Attribute scales, Attribute zeroPoints, ArrayRef<int64_t> blocks) {
  SmallVector<Attribute> inputs{elements, scales};
  if (zeroPoints)
    inputs.push_back(zeroPoints);
  auto type = RankedTensorType::get(rt::getRecipeType(elements).getShape(), Float32Type::get(elements.getContext()));
  return composeStep(rt::StepKind::dequantise, blocks, inputs, type);
}

Attribute middleZeroPoints(Attribute scales, int64_t bits) {
  auto element = IntegerType::get(scales.getContext(), 8, IntegerType::Unsigned);
  auto middle = DenseElementsAttr::get(RankedTensorType::get({}, element), APInt(8, uint64_t(1) << (bits - 1)));
  Attribute one = rt::InlineAttr::get(scales.getContext(), middle);
  return composeStep(rt::StepKind::broadcast, {}, one, RankedTensorType::get(rt::getRecipeType(scales).getShape(), element));
}

}  // namespace switchyard::raise
