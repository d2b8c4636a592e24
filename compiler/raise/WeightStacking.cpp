#include "compiler/raise/WeightStacking.h"

#include "compiler/raise/Graph.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

Attribute step(rt::StepKind kind, ArrayRef<int64_t> numbers, ArrayRef<Attribute> inputs, ArrayRef<int64_t> shape) {
  return composeStep(kind, numbers, inputs, RankedTensorType::get(shape, rt::getRecipeType(inputs.front()).getElementType()));
}

/// What Gather by one constant, Slice of one axis, or a part of Split takes of a weight: its axis and its first index. The result's type
/// tells how many. Nothing for other nodes.
std::optional<std::pair<int64_t, int64_t>> readPart(Value value, RankedTensorType whole) {
  auto node = value.getDefiningOp<onnx::NodeOp>();
  auto isType = [&](llvm::StringRef type) { return node.getDomain() == "ai.onnx" && node.getType() == type; };
  auto single = [&](unsigned operand) -> std::optional<int64_t> {
    std::optional<double> number = getScalarConstant(node.getInput(operand));
    return number ? std::optional(static_cast<int64_t>(*number)) : std::nullopt;
  };
  std::optional<int64_t> axis, first;
  if (isType("Gather")) {
    axis = node.getInt("axis", 0);
    first = single(1);
  } else if (isType("Slice") && (!node.getInput(4) || single(4) == 1)) {
    axis = single(3);
    first = single(1);
  } else if (isType("Split")) {
    axis = node.getInt("axis", 0);
    first = 0;
  }
  axis = axis && *axis < 0 ? *axis + whole.getRank() : axis;
  if (!axis || *axis < 0 || *axis >= whole.getRank() || !first)
    return std::nullopt;
  if (isType("Split"))
    for (unsigned before = 0; before < cast<OpResult>(value).getResultNumber(); ++before)
      *first += cast<RankedTensorType>(node.getResult(before).getType()).getDimSize(*axis);
  *first += *first < 0 ? whole.getDimSize(*axis) : 0;
  return std::pair(*axis, *first);
}

/// The recipe of a part of a weight of `type`; null where `value` is none.
Attribute getPartRecipe(WeightRecipes &weights, Value value, RankedTensorType type) {
  auto node = value.getDefiningOp<onnx::NodeOp>();
  Attribute recipe = node && !node.getInputs().empty() ? getConstantRecipe(weights, node.getInputs()[0]) : Attribute();
  std::optional<std::pair<int64_t, int64_t>> part = recipe ? readPart(value, rt::getRecipeType(recipe)) : std::nullopt;
  if (!part)
    return {};
  RankedTensorType whole = rt::getRecipeType(recipe);
  auto [axis, first] = *part;
  int64_t size = type.getRank() == whole.getRank() ? type.getDimSize(axis) : 1;
  if (first < 0 || size < 1 || first + size > whole.getDimSize(axis))
    return {};
  return reshapeRecipe(sliceRecipe(recipe, axis, first, 1, size), type.getShape());
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
