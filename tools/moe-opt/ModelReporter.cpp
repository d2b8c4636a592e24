#include "tools/moe-opt/ModelReporter.h"

#include "compiler/raise/Refusals.h"
#include "dialects/onnx/OnnxDialect.h"
#include "dialects/rt/RtDialect.h"
#include "dialects/support/Diagnostics.h"
#include "tools/moe-opt/LayerSummary.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace switchyard {

namespace {

artifact::ExpressionScope getLimits(ModuleOp module) {
  artifact::ExpressionScope scope;
  if (auto limits = module->getAttrOfType<DictionaryAttr>("rt.limits"))
    for (NamedAttribute limit : limits)
      if (auto number = dyn_cast<IntegerAttr>(limit.getValue()))
        scope.dims[limit.getName().str()] = number.getInt();
  return scope;
}

/// Tokens are the elements of an input of integers, and the rows of one of floats; the first input counts.
int64_t countTokens(func::FuncOp main, const artifact::ExpressionScope &limits) {
  for (BlockArgument argument : main.getArguments()) {
    auto shape = main.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(), "rt.shape");
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!shape || !type || type.getRank() == 0)
      continue;
    int64_t tokens = 1;
    for (Attribute size : shape.getValue().drop_back(isa<FloatType>(type.getElementType()) ? 1 : 0)) {
      auto text = dyn_cast<StringAttr>(size);
      Result<artifact::Expression> formula = text ? artifact::Expression::parse(text.getValue())
                                                  : Result<artifact::Expression>(artifact::Expression(cast<IntegerAttr>(size).getInt()));
      Result<int64_t> value = formula.ok() ? formula->evaluate(limits) : Result<int64_t>(formula.status());
      if (!value.ok())
        return 0;
      tokens *= *value;
    }
    return tokens;
  }
  return 0;
}

}  // namespace

class ModelReporter::Watcher : public PassInstrumentation {
public:
  explicit Watcher(ModelReporter &reporter) : reporter(reporter) {}

  void runBeforePass(Pass *pass, Operation *op) override {
    if (auto module = dyn_cast<ModuleOp>(op); module && pass->getArgument() == "moe-lower-onnx")
      reporter.beforeLowering(module);
  }
  void runAfterPass(Pass *pass, Operation *op) override {
    if (auto module = dyn_cast<ModuleOp>(op))
      reporter.afterPass(pass->getArgument(), module);
  }
  void runAfterPassFailed(Pass *, Operation *op) override {
    if (auto module = dyn_cast<ModuleOp>(op))
      reporter.afterFailure(module);
  }

private:
  ModelReporter &reporter;
};

ModelReporter::ModelReporter(ModelReport &report, MLIRContext *context)
    : report(report), handler(context, [this](Diagnostic &diagnostic) { return collect(diagnostic); }) {}

void ModelReporter::watch(PassManager &manager) { manager.addInstrumentation(std::make_unique<Watcher>(*this)); }

/// Remarks become lines of the report; everything else goes on to the printer of messages, too.
LogicalResult ModelReporter::collect(Diagnostic &diagnostic) {
  std::string text = diagnostic.str(), node = getNodeName(diagnostic.getLocation()), line = node.empty() ? text : node + ": " + text;
  if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
    report.errors.push_back(line);
  if (diagnostic.getSeverity() != DiagnosticSeverity::Remark)
    return failure();
  // The layer itself is found where only its router could not be.
  bool isLayer = llvm::StringRef(text).contains(" stays plain: ") || llvm::StringRef(text).contains(" experts stay plain: ");
  if (isLayer)
    report.plain.push_back({node, text});
  else
    report.remarks.push_back(line);
  return success();
}

void ModelReporter::describe(ModuleOp module) {
  if (auto producer = module->getAttrOfType<StringAttr>("onnx.producer"))
    report.producer = producer.getValue().str();
  if (auto opsets = module->getAttrOfType<DictionaryAttr>("onnx.opset"))
    for (NamedAttribute opset : opsets)
      report.opsets.emplace_back(opset.getName().str(), cast<IntegerAttr>(opset.getValue()).getInt());
  auto add = [&](ShapedType type) {
    ++report.weights;
    report.parameters += type.getNumElements();
    report.parameterBytes += (type.getNumElements() * type.getElementTypeBitWidth() + 7) / 8;
  };
  module.walk([&](Operation *op) {
    if (isa<onnx::NodeOp>(op))
      ++report.nodes;
    else if (auto weight = dyn_cast<rt::WeightOp>(op))
      add(rt::getRecipeType(weight.getRecipe()));
    else if (auto constant = dyn_cast<arith::ConstantOp>(op))
      if (auto type = dyn_cast<RankedTensorType>(constant.getType()); type && isa<FloatType>(type.getElementType()) && type.getRank() > 0)
        add(type);
  });
}

void ModelReporter::afterPass(llvm::StringRef pass, ModuleOp module) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  if (main && pass == "moe-infer-shapes") {
    artifact::ExpressionScope limits = getLimits(module);
    report.tokens = countTokens(main, limits);
    report.before = countFlops(main, limits);
  }
  if (pass.consume_front("moe-raise-"))
    module.walk([&](moe::ExpertOp expert) { forms.try_emplace(expert, pass.str()); });
}

void ModelReporter::beforeLowering(ModuleOp module) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  if (!main || !main.getBody().hasOneBlock())
    return;
  report.isRaised = true;
  report.after = countFlops(main, getLimits(module));
  SymbolicShapes shapes(main);
  main.walk([&](moe::ExpertOp expert) {
    report.layers.push_back(summarizeLayer(expert, shapes));
    report.layers.back().form = forms.lookup(expert);
  });
}

void ModelReporter::afterFailure(ModuleOp module) {
  llvm::MapVector<std::pair<llvm::StringRef, llvm::StringRef>, RefusedOperator> refused;
  module.walk([&](onnx::NodeOp node) {
    auto reason = node->getAttrOfType<StringAttr>(raise::refusedAttribute);
    if (!reason)
      return;
    RefusedOperator &entry = refused[{node.getOpType(), reason.getValue()}];
    if (entry.count++ == 0)
      entry = {node.getOpType().str(), reason.str(), getNodeName(node.getLoc()), static_cast<int64_t>(node.getVersion()), 1};
  });
  if (!refused.empty())
    report.errors.clear();
  for (auto &[key, entry] : refused)
    report.refused.push_back(std::move(entry));
  llvm::sort(report.refused, [](const RefusedOperator &a, const RefusedOperator &b) {
    return std::tie(b.count, a.type, a.reason) < std::tie(a.count, b.type, b.reason);
  });
}

}  // namespace switchyard
