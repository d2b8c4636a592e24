#include "compiler/raise/lower/WeightRecipes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;

namespace switchyard::raise {

WeightRecipes::WeightRecipes(ModuleOp module) : module(module), symbols(module) {
  for (auto weight : module.getOps<rt::WeightOp>())
    if (!weight.getPerExpert())
      byRecipe.try_emplace(weight.getRecipe(), weight);
}

Attribute WeightRecipes::getRecipe(Value value) {
  auto reference = value.getDefiningOp<rt::WeightRefOp>();
  auto weight = reference ? symbols.lookup<rt::WeightOp>(reference.getWeight()) : rt::WeightOp();
  return weight ? weight.getRecipe() : Attribute();
}

Value WeightRecipes::read(OpBuilder &builder, Location loc, Attribute recipe, StringRef name) {
  rt::WeightOp &weight = byRecipe[recipe];
  if (!weight) {
    OpBuilder atTop = OpBuilder::atBlockBegin(module.getBody());
    weight = rt::WeightOp::create(atTop, loc, name, rt::getRecipeType(recipe), recipe, /*per_expert=*/false, /*sym_visibility=*/StringAttr());
    symbols.insert(weight);
  }
  return rt::WeightRefOp::create(builder, loc, rt::getRecipeType(recipe), weight.getSymName());
}

Value WeightRecipes::asWeight(OpBuilder &builder, Value value) {
  if (getRecipe(value))
    return value;
  auto constant = value.getDefiningOp<arith::ConstantOp>();
  auto elements = constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : DenseElementsAttr();
  if (!elements)
    return {};
  return read(builder, constant.getLoc(), rt::InlineAttr::get(builder.getContext(), elements), "constant");
}

Attribute composeStep(rt::StepKind kind, ArrayRef<int64_t> numbers, ArrayRef<Attribute> inputs, RankedTensorType type) {
  if (kind == rt::StepKind::transpose && isIdentityPermutation(numbers))
    return inputs.front();
  bool sameType = inputs.size() == 1 && rt::getRecipeType(inputs.front()) == type;
  if (sameType && (kind == rt::StepKind::reshape || kind == rt::StepKind::cast || kind == rt::StepKind::broadcast))
    return inputs.front();
  auto inner = dyn_cast<rt::StepAttr>(inputs.front());
  if (inner && inner.getKind() == kind && kind == rt::StepKind::reshape)
    return composeStep(kind, numbers, inner.getInputs(), type);
  if (inner && inner.getKind() == kind && kind == rt::StepKind::transpose) {
    SmallVector<int64_t> permutation;
    for (int64_t axis : numbers)
      permutation.push_back(inner.getNumbers()[axis]);
    return composeStep(kind, permutation, inner.getInputs(), type);
  }
  return rt::StepAttr::get(type.getContext(), kind, numbers, inputs, type);
}

Value WeightRecipes::step(OpBuilder &builder, rt::StepKind kind, ArrayRef<int64_t> numbers, ValueRange values, RankedTensorType type) {
  SmallVector<Attribute> inputs;
  StringRef name;
  for (Value value : values) {
    auto constant = value.getDefiningOp<arith::ConstantOp>();
    if (Attribute recipe = getRecipe(value)) {
      inputs.push_back(recipe);
      name = name.empty() ? value.getDefiningOp<rt::WeightRefOp>().getWeight() : name;
    } else if (auto elements = constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : DenseElementsAttr()) {
      inputs.push_back(rt::InlineAttr::get(builder.getContext(), elements));
    } else {
      return {};
    }
  }
  Attribute recipe = composeStep(kind, numbers, inputs, type);
  std::string fresh = (llvm::Twine(name.empty() ? "constant" : name) + "." + rt::stringifyStepKind(kind)).str();
  return read(builder, values.front().getLoc(), recipe, fresh);
}

void WeightRecipes::eraseUnused() {
  llvm::DenseSet<StringAttr> used;
  module.walk([&](rt::WeightRefOp reference) { used.insert(reference.getWeightAttr().getAttr()); });
  for (auto weight : llvm::make_early_inc_range(module.getOps<rt::WeightOp>()))
    if (!used.contains(weight.getSymNameAttr()))
      symbols.erase(weight);
}

}  // namespace switchyard::raise
