#include "compiler/raise/WeightStacking.h"

#include "compiler/raise/Graph.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/DenseSet.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

Attribute makeStep(rt::StepKind kind, ArrayRef<int64_t> numbers, ArrayRef<Attribute> inputs, ArrayRef<int64_t> shape) {
  RankedTensorType type = rt::getRecipeType(inputs.front());
  return rt::StepAttr::get(type.getContext(), kind, numbers, inputs, RankedTensorType::get(shape, type.getElementType()));
}

}  // namespace

Attribute transposeRecipe(Attribute recipe, ArrayRef<int64_t> permutation) {
  SmallVector<int64_t> shape, total(permutation);
  // Two transposes are one, and may be none.
  if (auto step = dyn_cast<rt::StepAttr>(recipe); step && step.getKind() == rt::StepKind::transpose) {
    for (int64_t &axis : total)
      axis = step.getNumbers()[axis];
    recipe = step.getInputs().front();
  }
  if (llvm::equal(total, llvm::seq<int64_t>(0, total.size())))
    return recipe;
  for (int64_t axis : total)
    shape.push_back(rt::getRecipeType(recipe).getDimSize(axis));
  return makeStep(rt::StepKind::transpose, total, recipe, shape);
}

Attribute transposeMatrices(Attribute recipe) {
  auto permutation = llvm::to_vector(llvm::seq<int64_t>(0, rt::getRecipeType(recipe).getRank()));
  std::swap(permutation[permutation.size() - 2], permutation.back());
  return transposeRecipe(recipe, permutation);
}

Attribute reshapeRecipe(Attribute recipe, ArrayRef<int64_t> shape) {
  if (rt::getRecipeType(recipe).getShape() == shape)
    return recipe;
  return makeStep(rt::StepKind::reshape, {}, recipe, shape);
}

Attribute sliceRecipe(Attribute recipe, int64_t dim, int64_t offset, int64_t stride, int64_t size) {
  SmallVector<int64_t> shape(rt::getRecipeType(recipe).getShape());
  SmallVector<int64_t> numbers(shape.size(), 0);
  numbers.append(shape.size(), 1);
  numbers[dim] = offset;
  numbers[shape.size() + dim] = stride;
  shape[dim] = size;
  return makeStep(rt::StepKind::slice, numbers, recipe, shape);
}

Attribute stackRecipes(ArrayRef<Attribute> recipes) {
  SmallVector<int64_t> shape(rt::getRecipeType(recipes.front()).getShape());
  shape.insert(shape.begin(), recipes.size());
  return makeStep(rt::StepKind::stack, {}, recipes, shape);
}

Attribute WeightStacking::getRecipe(Value value) {
  if (!value)
    return {};
  if (auto reference = value.getDefiningOp<rt::WeightRefOp>()) {
    auto weight = symbols.lookup<rt::WeightOp>(reference.getWeight());
    if (weight)
      byRecipe.try_emplace(weight.getRecipe(), weight);
    return weight ? weight.getRecipe() : Attribute();
  }
  DenseElementsAttr elements;
  if (matchPattern(value, m_Constant(&elements)) && isa<RankedTensorType>(elements.getType()))
    return rt::InlineAttr::get(value.getContext(), elements);
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.hasStaticShape())
    return {};
  if (isReshape(value.getDefiningOp())) {
    Attribute recipe = getRecipe(cast<onnx::NodeOp>(value.getDefiningOp()).getInputs()[0]);
    return recipe ? reshapeRecipe(recipe, type.getShape()) : Attribute();
  }
  if (onnx::NodeOp node = getDefiner(value, "Transpose")) {
    Attribute recipe = getRecipe(node.getInputs()[0]);
    if (!recipe)
      return {};
    auto permutation = dyn_cast_or_null<DenseI64ArrayAttr>(node.getNodeAttr("perm"));
    SmallVector<int64_t> reversed = llvm::to_vector(llvm::reverse(llvm::seq<int64_t>(0, type.getRank())));
    return transposeRecipe(recipe, permutation ? permutation.asArrayRef() : ArrayRef<int64_t>(reversed));
  }
  return {};
}

Value WeightStacking::create(OpBuilder &builder, Location loc, llvm::StringRef name, Attribute recipe) {
  RankedTensorType type = rt::getRecipeType(recipe);
  auto [position, missing] = byRecipe.try_emplace(recipe);
  if (missing) {
    OpBuilder::InsertionGuard guard(builder);
    builder.clearInsertionPoint();
    position->second = rt::WeightOp::create(builder, loc, name, type, recipe, /*per_expert=*/false, StringAttr());
    // In front of the functions, so that the text reads in the order of use.
    Block *body = cast<ModuleOp>(symbols.getOp()).getBody();
    auto functions = body->getOps<func::FuncOp>();
    symbols.insert(position->second, functions.empty() ? body->end() : Block::iterator(*functions.begin()));
  }
  return rt::WeightRefOp::create(builder, loc, type, position->second.getSymName());
}

void eraseUnusedWeights(ModuleOp module) {
  llvm::DenseSet<StringAttr> used;
  std::optional<SymbolTable::UseRange> uses = SymbolTable::getSymbolUses(&module.getBodyRegion());
  if (!uses)
    return;
  for (const SymbolTable::SymbolUse &use : *uses)
    used.insert(use.getSymbolRef().getRootReference());
  for (auto weight : llvm::make_early_inc_range(module.getOps<rt::WeightOp>()))
    if (!used.contains(weight.getSymNameAttr()))
      weight.erase();
}

}  // namespace switchyard::raise
