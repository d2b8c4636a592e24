#include "compiler/codegen/CallSignature.h"
#include "compiler/codegen/NodeName.h"
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/SizeExpression.h"

#include "dialects/rt/RtDialect.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Matchers.h"

#include <map>

using namespace mlir;
using switchyard::artifact::Expression;

namespace switchyard::codegen {

#define GEN_PASS_DEF_DESCRIBELAYERS
#include "compiler/codegen/Passes.h.inc"

namespace {

class Describer {
public:
  explicit Describer(ModuleOp module) : module(module), builder(module.getContext()) {}

  LogicalResult run() {
    WalkResult described = module.walk([&](rt::KernelOp kernel) -> WalkResult {
      bool isGate = kernel.getKernel() == "gate_f32";
      if (!isGate && kernel.getKernel() != "expert_mlp_f32")
        return success();
      if (failed(verifyCall(kernel)))
        return failure();
      return isGate ? describeGate(kernel) : describeExpert(kernel);
    });
    if (described.wasInterrupted())
      return failure();
    SmallVector<Attribute> list;
    for (auto &[index, fields] : layers) {
      if (!fields.get("tokens") || !fields.get("inner"))
        return module.emitError("layer ") << index << " expects a kernel 'gate_f32' and a kernel 'expert_mlp_f32'";
      fields.set("index", builder.getI64IntegerAttr(index));
      list.push_back(fields.getDictionary(module.getContext()));
    }
    module->setAttr("rt.layers", builder.getArrayAttr(list));
    return success();
  }

private:
  /// The type of a buffer of rows, whose length is static.
  FailureOr<MemRefType> rowsType(rt::KernelOp kernel, StringRef name, Value value) {
    auto type = dyn_cast<MemRefType>(value.getType());
    if (!type || type.getRank() != 2 || type.isDynamicDim(1))
      return kernel.emitOpError("of '") << kernel.getKernel() << "' expects '" << name
                                        << "' to be a buffer of rank 2 with a static row, but got " << value.getType();
    return type;
  }

  LogicalResult describeGate(rt::KernelOp gate) {
    FailureOr<MemRefType> idsType = rowsType(gate, "ids", gate.getOutputs()[0]), logits = rowsType(gate, "logits", gate.getInputs()[0]);
    if (failed(idsType) || failed(logits))
      return failure();
    MemRefType ids = *idsType;
    NamedAttrList &layer = layers[gate.getLayer()];
    layer.set("slots", builder.getI64IntegerAttr(ids.getDimSize(1)));
    layer.set("experts", builder.getI64IntegerAttr(logits->getDimSize(1)));
    layer.set("name", nodeName(gate.getLoc()));
    Expression tokens(ids.getDimSize(0));
    if (ids.isDynamicDim(0)) {
      auto slot = gate.getOutputs()[0].getDefiningOp<rt::SlotOp>();
      std::optional<Expression> traced = slot ? sizes.trace(slot.getSizes()[0]) : std::nullopt;
      if (!traced)
        return gate.emitOpError("has a number of tokens that is no formula over the dimensions");
      tokens = *traced;
    }
    layer.set("tokens", builder.getStringAttr(tokens.print()));
    if (!isAbsent(gate.getScalars()[2]))
      layer.set("capacity", builder.getStringAttr(rowsOfExpert(gate, tokens).print()));
    return success();
  }

  static bool isAbsent(Value scalar) {
    APInt number;
    return matchPattern(scalar, m_ConstantInt(&number)) && number.isNegative();
  }

  /// The most rows that an expert takes: its seats, in each group. A capacity that is computed from floats has no formula, but an expert
  /// never takes more rows than there are tokens.
  Expression rowsOfExpert(rt::KernelOp gate, const Expression &tokens) {
    std::optional<Expression> seats = sizes.trace(gate.getScalars()[2]);
    if (!seats || isAbsent(gate.getScalars()[3]))
      return seats.value_or(tokens);
    std::optional<Expression> group = sizes.trace(gate.getScalars()[3]);
    if (!group)
      return tokens;
    // A group of no tokens divides no tokens.
    Expression size = Expression::binary(Expression::Operation::max, *group, 1);
    return Expression::binary(Expression::Operation::multiply, *seats, Expression::binary(Expression::Operation::floorDivide, tokens, size));
  }

  LogicalResult describeExpert(rt::KernelOp expert) {
    FailureOr<MemRefType> rows = rowsType(expert, "rows", expert.getInputs()[0]);
    if (failed(rows))
      return failure();
    NamedAttrList &layer = layers[expert.getLayer()];
    layer.set("hidden", builder.getI64IntegerAttr(rows->getDimSize(1)));
    layer.set("inner", expert.getIntegers().get("inner"));
    SmallVector<Attribute> weights;
    for (Value input : expert.getInputs())
      if (auto table = input.getDefiningOp<rt::ExpertTableOp>())
        weights.push_back(table.getWeightAttr());
    layer.set("weights", builder.getArrayAttr(weights));
    return success();
  }

  ModuleOp module;
  Builder builder;
  SizeExpressions sizes;
  std::map<int64_t, NamedAttrList> layers;
};

struct DescribeLayers : impl::DescribeLayersBase<DescribeLayers> {
  void runOnOperation() override {
    if (failed(Describer(getOperation()).run()))
      signalPassFailure();
  }
};

}  // namespace

}  // namespace switchyard::codegen
