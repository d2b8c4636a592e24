#include "compiler/raise/Passes.h"
#include "compiler/raise/Refusals.h"
#include "compiler/raise/experts/Experts.h"
#include "compiler/raise/lower/TensorBuilder.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/TypeUtilities.h"

namespace switchyard::raise {

#define GEN_PASS_DEF_GROUPPRODUCTS
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

/// One product of all groups.
class ProductWriter : public TensorBuilder {
public:
  ProductWriter(onnx::NodeOp concat, SymbolicShapes &shapes, WeightRecipes &weights)
      : TensorBuilder(OpBuilder(concat), concat.getLoc(), shapes, weights), name(concat.getName()) {}

  Value write(const GroupedRows &grouped, const GroupWeights &stacked) {
    Type element = elementType(grouped.rows), f32 = builder.getF32Type();
    Dims shape{grouped.count, constant(rt::getRecipeType(stacked.matrices).getDimSize(1))};
    SmallVector<Value> operands{cast(grouped.rows, f32), getEnds(grouped), weight("matrices", transposeMatrices(stacked.matrices))};
    if (stacked.bias)
      operands.push_back(weight("bias", stacked.bias));
    SmallVector<Value> sizes;
    if (!grouped.count.getConstant())
      sizes.push_back(shapes.materialize(grouped.count));
    auto product = nn::OperatorOp::create(builder, loc, SymbolicShapes::getType(shape, f32), "grouped_matmul_f32", operands, sizes,
                                          SmallVector<bool>{true, true, true, static_cast<bool>(stacked.bias)}, builder.getDictionaryAttr({}),
                                          builder.getDictionaryAttr({}));
    return cast(shaped(product.getResult(0), shape), element);
  }

private:
  Value weight(llvm::StringRef role, Attribute recipe) {
    return weights.read(builder, loc, castRecipe(recipe, builder.getF32Type()), (name + "." + role).str());
  }

  Value getEnds(const GroupedRows &grouped) {
    Value numbers = cast(grouped.ends ? grouped.ends : grouped.sizes, builder.getI64Type());
    if (grouped.ends)
      return numbers;
    auto running = nn::CumSumOp::create(builder, loc, numbers.getType(), numbers, /*axis=*/0, /*exclusive=*/false, /*reverse=*/false);
    return shaped(running, dims(numbers));
  }

  llvm::StringRef name;
};

LogicalResult checkRows(Match &match, onnx::NodeOp concat, const GroupedRows &grouped) {
  if (!match.shapes.isKnownBeforeData(grouped.rows) || grouped.count.dependsOnData() || !getGroupedColumns(match.shapes, grouped))
    return match.fail(concat, "its rows and matrices have no sizes that are known before data is");
  // Rows behind the last group would be left out.
  if (match.shapes.getShape(grouped.rows).front() != grouped.count)
    return match.fail(concat, "it does not read all rows");
  Type element = match.shapes.getFacts(grouped.rows)->elementType;
  return isComputedInF32(element) ? success() : match.fail(concat, describeOtherType(element));
}

void groupProducts(SymbolicShapes &shapes, WeightRecipes &weights, onnx::NodeOp concat) {
  Match match(shapes);
  GroupedFault fault;
  std::optional<GroupedRows> grouped = readGroupedRows(shapes, concat, fault);
  std::optional<GroupWeights> stacked;
  if (!grouped) {
    (void)match.fail(fault.node, fault.condition);
  } else if (succeeded(checkRows(match, concat, *grouped))) {
    std::string condition;
    onnx::NodeOp node;
    stacked = stackGroupWeights(weights, *grouped, node, condition);
    if (!stacked)
      (void)match.fail(node, condition);
  }
  if (!stacked)
    return match.remark(concat, "the products of groups of rows stay apart");
  concat.emitRemark() << "the products of " << grouped->groups << " groups of rows become one, which every rank computes: no layer of expert MLPs has them";
  concat.getResult(0).replaceAllUsesWith(ProductWriter(concat, shapes, weights).write(*grouped, *stacked));
}

struct GroupProductsPass : impl::GroupProductsBase<GroupProductsPass> {
  void runOnOperation() override {
    auto find = [](func::FuncOp function, WeightRecipes &) {
      return collectAnchors<onnx::NodeOp>(function, "Concat",
                                          [](onnx::NodeOp concat) { return looksGrouped(concat) ? std::optional(concat) : std::nullopt; });
    };
    raiseLayers(getOperation(), find, groupProducts);
  }
};

}  // namespace

}  // namespace switchyard::raise
