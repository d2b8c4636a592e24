#include "compiler/raise/WeightStacking.h"

#include "compiler/raise/Part.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

Attribute step(rt::StepKind kind, ArrayRef<int64_t> numbers, ArrayRef<Attribute> inputs, ArrayRef<int64_t> shape) {
  return composeStep(kind, numbers, inputs, RankedTensorType::get(shape, rt::getRecipeType(inputs.front()).getElementType()));
}

/// The recipe of a part of a weight of `type`; null where `value` is none.
Attribute getPartRecipe(WeightRecipes &weights, Value value, RankedTensorType type) {
  std::optional<Part> part = readPart(value, [](Value index) -> std::optional<int64_t> {
    std::optional<double> number = getScalarConstant(index);
    return number ? std::optional(static_cast<int64_t>(*number)) : std::nullopt;
  });
  Attribute whole = part ? getConstantRecipe(weights, part->getWhole()) : Attribute();
  return whole ? reshapeRecipe(sliceRecipe(whole, part->axis, part->first, 1, part->size), type.getShape()) : Attribute();
}

}  // namespace

Attribute transposeRecipe(Attribute recipe, ArrayRef<int64_t> permutation) {
  RankedTensorType type = rt::getRecipeType(recipe);
  return step(rt::StepKind::transpose, permutation, recipe, llvm::map_to_vector(permutation, [&](int64_t axis) { return type.getDimSize(axis); }));
}

Attribute transposeMatrices(Attribute recipe) {
  auto permutation = llvm::to_vector(llvm::seq<int64_t>(0, rt::getRecipeType(recipe).getRank()));
  std::swap(permutation[permutation.size() - 2], permutation.back());
  return transposeRecipe(recipe, permutation);
}

Attribute reshapeRecipe(Attribute recipe, ArrayRef<int64_t> shape) { return step(rt::StepKind::reshape, {}, recipe, shape); }

Attribute sliceRecipe(Attribute recipe, int64_t dim, int64_t offset, int64_t stride, int64_t size) {
  SmallVector<int64_t> shape(rt::getRecipeType(recipe).getShape());
  SmallVector<int64_t> numbers(shape.size(), 0);
  numbers.append(shape.size(), 1);
  numbers[dim] = offset;
  numbers[shape.size() + dim] = stride;
  shape[dim] = size;
  return step(rt::StepKind::slice, numbers, recipe, shape);
}

Attribute gatherRecipe(Attribute recipe, ArrayRef<int64_t> indices) {
  SmallVector<int64_t> shape(rt::getRecipeType(recipe).getShape()), numbers{0};
  numbers.append(indices.begin(), indices.end());
  shape.front() = indices.size();
  return step(rt::StepKind::gather, numbers, recipe, shape);
}

Attribute castRecipe(Attribute recipe, Type elementType) {
  return recipe ? composeStep(rt::StepKind::cast, {}, recipe, RankedTensorType::get(rt::getRecipeType(recipe).getShape(), elementType)) : recipe;
}

Attribute stackRecipes(ArrayRef<Attribute> recipes) {
  SmallVector<int64_t> shape(rt::getRecipeType(recipes.front()).getShape());
  shape.insert(shape.begin(), recipes.size());
  return step(rt::StepKind::stack, {}, recipes, shape);
}

Attribute getConstantRecipe(WeightRecipes &weights, Value value) {
  if (!value)
    return {};
  if (Attribute recipe = weights.getRecipe(value))
    return recipe;
  DenseElementsAttr elements;
  if (matchPattern(value, m_Constant(&elements)) && isa<RankedTensorType>(elements.getType()))
    return rt::InlineAttr::get(value.getContext(), elements);
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.hasStaticShape())
    return {};
  if (isReshape(value.getDefiningOp())) {
    Attribute recipe = getConstantRecipe(weights, cast<onnx::NodeOp>(value.getDefiningOp()).getInputs()[0]);
    return recipe ? reshapeRecipe(recipe, type.getShape()) : Attribute();
  }
  if (onnx::NodeOp node = getDefiner(value, "Transpose")) {
    Attribute recipe = getConstantRecipe(weights, node.getInputs()[0]);
    if (!recipe)
      return {};
    auto permutation = dyn_cast_or_null<DenseI64ArrayAttr>(node.getNodeAttr("perm"));
    SmallVector<int64_t> reversed = llvm::to_vector(llvm::reverse(llvm::seq<int64_t>(0, type.getRank())));
    return transposeRecipe(recipe, permutation ? permutation.asArrayRef() : ArrayRef<int64_t>(reversed));
  }
  return getPartRecipe(weights, value, type);
}

}  // namespace switchyard::raise
