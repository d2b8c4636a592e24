#include "compiler/codegen/CallSignature.h"
#include "compiler/codegen/Passes.h"

#include "dialects/rt/RtDialect.h"
#include "kernels/layout/panel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace switchyard::codegen {

#define GEN_PASS_DEF_PACKWEIGHTS
#include "compiler/codegen/Passes.h.inc"

namespace {

/// Positions, in the row of kernels.inc, of the inputs that a kernel reads as panels.
ArrayRef<int> panelInputs(StringRef kernel) {
  static const int second[] = {1}, expert[] = {2, 4, 6};
  if (kernel == "matmul_panel_f32" || kernel == "embedding_f32")
    return second;
  if (kernel == "expert_mlp_f32")
    return expert;
  return {};
}

/// The operand at position `input` of the row, or null where it is absent.
OpOperand *operandAt(rt::KernelOp kernel, int input) {
  if (!kernel.getPresent()[input])
    return nullptr;
  return &kernel.getInputsMutable()[llvm::count(kernel.getPresent().take_front(input), true)];
}

RankedTensorType packedType(RankedTensorType type) {
  SmallVector<int64_t> shape(type.getShape().drop_back(2));
  int64_t rows = type.getDimSize(type.getRank() - 2), columns = type.getDimSize(type.getRank() - 1);
  shape.append({kernels::panel::count(rows), columns, kernels::panel::width});
  return RankedTensorType::get(shape, type.getElementType());
}

Attribute packedRecipe(Attribute recipe) {
  return rt::StepAttr::get(recipe.getContext(), rt::StepKind::pack_panels, {}, {recipe}, packedType(rt::getRecipeType(recipe)));
}

class Packer {
public:
  explicit Packer(ModuleOp module) : module(module), symbols(module) {}

  LogicalResult run() {
    SmallVector<OpOperand *> operands;
    WalkResult collected = module.walk([&](rt::KernelOp kernel) -> WalkResult {
      ArrayRef<int> inputs = panelInputs(kernel.getKernel());
      if (!inputs.empty() && failed(verifyCall(kernel)))
        return failure();
      for (int input : inputs)
        if (OpOperand *operand = operandAt(kernel, input))
          operands.push_back(operand);
      return success();
    });
    if (collected.wasInterrupted())
      return failure();
    for (OpOperand *operand : operands)
      panelUses.insert(operand);
    for (OpOperand *operand : operands)
      if (failed(pack(*operand)))
        return failure();
    dropUnread();
    return success();
  }

private:
  LogicalResult pack(OpOperand &operand) {
    OpBuilder builder(operand.getOwner());
    Operation *producer = operand.get().getDefiningOp();
    DenseElementsAttr constant;
    if (producer && matchPattern(producer, m_Constant(&constant)))
      return replace(operand, declareConstant(producer, constant).getSymNameAttr());
    if (auto table = dyn_cast_or_null<rt::ExpertTableOp>(producer)) {
      packInPlace(symbols.lookup<rt::WeightOp>(table.getWeight()));
      return success();
    }
    auto reference = dyn_cast_or_null<rt::WeightRefOp>(producer);
    if (!reference)
      return operand.getOwner()->emitOpError("expects a weight as operand ")
             << operand.getOperandNumber() << ", but it is computed; fold its producer into the recipe of an rt.weight";
    auto weight = symbols.lookup<rt::WeightOp>(reference.getWeight());
    if (readAsPanelsOnly(weight)) {
      packInPlace(weight);
      return replace(operand, weight.getSymNameAttr());
    }
    return replace(operand, packedCopy(weight).getSymNameAttr());
  }

  /// Whether every read of the weight is one of panels.
  bool readAsPanelsOnly(rt::WeightOp weight) {
    auto [entry, isNew] = panelsOnly.try_emplace(weight, true);
    if (isNew)
      module.walk([&](rt::WeightRefOp reference) {
        if (reference.getWeight() == weight.getSymName())
          for (OpOperand &use : reference->getUses())
            entry->second &= panelUses.contains(&use);
      });
    return entry->second;
  }

  void packInPlace(rt::WeightOp weight) {
    if (!packed.insert(weight).second)
      return;
    weight.setRecipeAttr(packedRecipe(weight.getRecipe()));
    weight.setType(rt::getRecipeType(weight.getRecipe()));
  }

  rt::WeightOp packedCopy(rt::WeightOp weight) {
    rt::WeightOp &copy = copies[weight];
    if (!copy) {
      copy = cast<rt::WeightOp>(weight->clone());
      copy.setSymName((weight.getSymName() + ".panels").str());
      symbols.insert(copy, std::next(Block::iterator(weight)));
      packInPlace(copy);
    }
    return copy;
  }

  rt::WeightOp declareConstant(Operation *constant, DenseElementsAttr value) {
    rt::WeightOp &weight = copies[constant];
    if (!weight) {
      OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
      auto recipe = rt::InlineAttr::get(module.getContext(), value);
      weight = rt::WeightOp::create(builder, constant->getLoc(), "constant", cast<RankedTensorType>(value.getType()), recipe, false,
                                    StringAttr());
      symbols.insert(weight, module.getBody()->begin());
      packInPlace(weight);
    }
    return weight;
  }

  /// Reads the packed weight instead.
  LogicalResult replace(OpOperand &operand, StringAttr name) {
    OpBuilder builder(operand.getOwner());
    auto weight = symbols.lookup<rt::WeightOp>(name);
    operand.set(rt::WeightRefOp::create(builder, operand.get().getLoc(), weight.getType(), FlatSymbolRefAttr::get(name)));
    return success();
  }

  void dropUnread() {
    module.walk([](rt::WeightRefOp reference) {
      if (reference->use_empty())
        reference.erase();
    });
    llvm::SmallDenseSet<StringAttr> read;
    module.walk([&](Operation *op) {
      if (auto reference = dyn_cast<rt::WeightRefOp>(op))
        read.insert(reference.getWeightAttr().getAttr());
      if (auto table = dyn_cast<rt::ExpertTableOp>(op))
        read.insert(table.getWeightAttr().getAttr());
    });
    for (auto weight : llvm::make_early_inc_range(module.getOps<rt::WeightOp>()))
      if (!read.contains(weight.getSymNameAttr()))
        weight.erase();
  }

  ModuleOp module;
  SymbolTable symbols;
  llvm::SmallPtrSet<OpOperand *, 32> panelUses;
  llvm::DenseMap<Operation *, bool> panelsOnly;
  llvm::SmallPtrSet<Operation *, 32> packed;
  llvm::DenseMap<Operation *, rt::WeightOp> copies;
};

struct PackWeights : impl::PackWeightsBase<PackWeights> {
  void runOnOperation() override {
    if (failed(Packer(getOperation()).run()))
      signalPassFailure();
  }
};

}  // namespace

}  // namespace switchyard::codegen
