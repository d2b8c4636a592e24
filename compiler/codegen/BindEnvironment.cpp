#include "compiler/codegen/Passes.h"

#include "dialects/rt/RtDialect.h"
#include "runtime/artifact/expression.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace switchyard::codegen {

#define GEN_PASS_DEF_BINDENVIRONMENT
#include "compiler/codegen/Passes.h.inc"

namespace {

class Binder {
public:
  Binder(ModuleOp module, func::FuncOp main) : module(module), main(main), builder(main.getBody()) {
    builder.setInsertionPointToStart(&main.front());
  }

  LogicalResult run() {
    for (BlockArgument argument : main.getArguments())
      if (failed(argument.getType().isIndex() ? bindDim(argument) : bindInput(argument)))
        return failure();
    if (failed(bindOutputs()))
      return failure();
    main.front().eraseArguments([](BlockArgument) { return true; });
    main.setFunctionType(builder.getFunctionType({}, {}));
    main.removeArgAttrsAttr();
    main.removeResAttrsAttr();
    module->setAttr("rt.dims", builder.getStrArrayAttr(dims));
    module->setAttr("rt.inputs", builder.getArrayAttr(inputs));
    module->setAttr("rt.outputs", builder.getArrayAttr(outputs));
    if (Attribute equalities = main->removeAttr("rt.equalities"))
      module->setAttr("rt.equalities", equalities);
    return success();
  }

private:
  LogicalResult bindDim(BlockArgument argument) {
    auto name = main.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "rt.dim");
    if (!name)
      return main.emitOpError("expects the attribute 'rt.dim' on its index argument ") << argument.getArgNumber();
    Value dim = rt::DimOp::create(builder, argument.getLoc(), dims.size(), name);
    dims.push_back(name.getValue());
    values[name.getValue()] = dim;
    argument.replaceAllUsesWith(dim);
    return success();
  }

  /// What the manifest says of an input or output: {name, shape, type}.
  FailureOr<DictionaryAttr> describe(Type type, StringAttr name, ArrayAttr shape, const Twine &what) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || !name || !shape || static_cast<int64_t>(shape.size()) != tensor.getRank())
      return main.emitOpError("expects a ranked tensor with the attributes 'rt.name' and 'rt.shape' of its rank as ") << what << ", but got " << type;
    return builder.getDictionaryAttr({builder.getNamedAttr("name", name), builder.getNamedAttr("shape", shape),
                                      builder.getNamedAttr("type", TypeAttr::get(tensor.getElementType()))});
  }

  /// The value of a formula over the dimensions; null where it has other names in it.
  Value computeSize(StringAttr text, Location loc) {
    using Operation = artifact::Expression::Operation;
    Result<artifact::Expression> formula = artifact::Expression::parse(text ? text.getValue() : "");
    if (!formula.ok())
      return {};
    auto leaf = [&](Operation operation, int64_t number, StringRef name) -> Value {
      if (operation == Operation::constant)
        return arith::ConstantIndexOp::create(builder, loc, number);
      return operation == Operation::dimension ? values.lookup(name) : Value();
    };
    auto join = [&](Operation operation, Value left, Value right) -> Value {
      if (!left || !right)
        return {};
      switch (operation) {
      case Operation::add:
        return arith::AddIOp::create(builder, loc, left, right);
      case Operation::subtract:
        return arith::SubIOp::create(builder, loc, left, right);
      case Operation::multiply:
        return arith::MulIOp::create(builder, loc, left, right);
      default:
        return {};
      }
    };
    return formula->rebuild<Value>(leaf, join);
  }

  LogicalResult bindInput(BlockArgument argument) {
    unsigned position = argument.getArgNumber();
    auto name = main.getArgAttrOfType<StringAttr>(position, "rt.name");
    auto shape = main.getArgAttrOfType<ArrayAttr>(position, "rt.shape");
    FailureOr<DictionaryAttr> description = describe(argument.getType(), name, shape, "argument " + Twine(position));
    if (failed(description))
      return failure();
    auto type = cast<RankedTensorType>(argument.getType());
    SmallVector<Value> sizes;
    for (auto [size, entry] : llvm::zip_equal(type.getShape(), shape)) {
      if (!ShapedType::isDynamic(size))
        continue;
      Value value = computeSize(dyn_cast<StringAttr>(entry), argument.getLoc());
      if (!value)
        return main.emitOpError("expects the shape of input '") << name.getValue() << "' to name dimensions among its arguments, but got " << entry;
      sizes.push_back(value);
    }
    Value buffer = rt::InputOp::create(builder, argument.getLoc(), MemRefType::get(type.getShape(), type.getElementType()), inputs.size(), sizes);
    argument.replaceAllUsesWith(bufferization::ToTensorOp::create(builder, argument.getLoc(), type, buffer, /*restrict=*/true));
    inputs.push_back(*description);
    return success();
  }

  LogicalResult bindOutputs() {
    auto exit = cast<func::ReturnOp>(main.front().getTerminator());
    builder.setInsertionPoint(exit);
    for (auto [position, value] : llvm::enumerate(exit.getOperands())) {
      auto name = main.getResultAttrOfType<StringAttr>(position, "rt.name");
      auto shape = main.getResultAttrOfType<ArrayAttr>(position, "rt.shape");
      FailureOr<DictionaryAttr> description = describe(value.getType(), name, shape, "result " + Twine(position));
      if (failed(description))
        return failure();
      auto type = cast<RankedTensorType>(value.getType());
      SmallVector<Value> sizes;
      for (int64_t d = 0; d < type.getRank(); ++d)
        if (type.isDynamicDim(d))
          sizes.push_back(tensor::DimOp::create(builder, value.getLoc(), value, d));
      Value buffer = rt::OutputOp::create(builder, value.getLoc(), MemRefType::get(type.getShape(), type.getElementType()), outputs.size(), sizes);
      bufferization::MaterializeInDestinationOp::create(builder, value.getLoc(), TypeRange(), value, buffer, /*restrict=*/true, /*writable=*/true);
      outputs.push_back(*description);
    }
    exit.getOperandsMutable().clear();
    return success();
  }

  ModuleOp module;
  func::FuncOp main;
  OpBuilder builder;
  SmallVector<StringRef> dims;
  SmallVector<Attribute> inputs, outputs;
  llvm::StringMap<Value> values;
};

struct BindEnvironment : impl::BindEnvironmentBase<BindEnvironment> {
  void runOnOperation() override {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main || !llvm::hasSingleElement(main.getBody()) || !isa<func::ReturnOp>(main.front().getTerminator())) {
      getOperation().emitError("expects a function @main of one block that ends in a return");
      return signalPassFailure();
    }
    if (failed(Binder(getOperation(), main).run()))
      signalPassFailure();
  }
};

}  // namespace

}  // namespace switchyard::codegen
