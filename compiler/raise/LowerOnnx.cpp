#include "compiler/raise/Graph.h"
#include "compiler/raise/Passes.h"
#include "compiler/raise/Refusals.h"
#include "compiler/raise/SizeRemarks.h"
#include "compiler/raise/lower/KernelRules.h"
#include "dialects/nn/NnDialect.h"
#include "dialects/support/Diagnostics.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/StringSwitch.h"

namespace switchyard::raise {

#define GEN_PASS_DEF_LOWERONNX
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

struct LowerOnnxPass : impl::LowerOnnxBase<LowerOnnxPass> {
  void runOnOperation() override;

private:
  /// Replaces one node; failure is reported once, where it begins.
  LogicalResult lower(onnx::NodeOp node, SymbolicShapes &shapes, WeightRecipes &weights);
  LogicalResult reject(onnx::NodeOp node, const llvm::Twine &reason);
  /// Known sizes stand for the nodes that ask for them, so that nothing is computed for its shape alone.
  void replaceShapes(func::FuncOp main, SymbolicShapes &shapes, WeightRecipes &weights);
  /// What stands against `node` before its rule is tried; empty where nothing does.
  std::string findRefusal(onnx::NodeOp node, SymbolicShapes &shapes);

  llvm::DenseSet<Operation *> rejected;
  RefusalList invalid, unsupported;
};

LogicalResult LowerOnnxPass::reject(onnx::NodeOp node, const llvm::Twine &reason) {
  rejected.insert(node);
  unsupported.add(node, reason);
  return failure();
}

bool isUnsigned(Value value) {
  auto type = dyn_cast<ShapedType>(value.getType());
  return type && type.getElementType().isUnsignedInteger();
}

/// Operators of which the rule takes elements of every type.
bool takesAllElements(StringRef opType) {
  return movesElements(opType) || llvm::StringSwitch<bool>(opType)
                                      .Cases({"ai.onnx::QuantizeLinear", "ai.onnx::DequantizeLinear", "ai.onnx::DynamicQuantizeLinear"}, true)
                                      .Cases({"ai.onnx::MatMulInteger", "ai.onnx::QLinearMatMul", "ai.onnx::BitCast"}, true)
                                      .Cases({"ai.onnx::ConvInteger", "ai.onnx::QLinearConv"}, true)
                                      .Default(false);
}

bool isConversion(StringRef opType) { return opType == "ai.onnx::Cast" || opType == "ai.onnx::CastLike"; }

bool isNarrow(Value value) {
  auto type = dyn_cast<ShapedType>(value.getType());
  return type && isNarrowType(type.getElementType());
}

bool isComplex(Type type) { return isa<ComplexType>(getElementTypeOrSelf(type)); }

StringRef whyNotLowered(StringRef opType) {
  StringRef sequences = "sequences and optionals must be made in the graph, of elements that are known one by one", strings = "strings are not supported",
            random = "random operators are not reproducible", training = "training is not supported";
  return llvm::StringSwitch<StringRef>(opType)
      .Cases({"ai.onnx::SequenceAt", "ai.onnx::SequenceConstruct", "ai.onnx::SequenceEmpty", "ai.onnx::SequenceErase"}, sequences)
      .Cases({"ai.onnx::SequenceInsert", "ai.onnx::SequenceLength", "ai.onnx::SequenceMap", "ai.onnx::SplitToSequence"}, sequences)
      .Cases({"ai.onnx::ConcatFromSequence", "ai.onnx::Optional", "ai.onnx::OptionalGetElement", "ai.onnx::OptionalHasElement"}, sequences)
      .Cases({"ai.onnx::StringConcat", "ai.onnx::StringNormalizer", "ai.onnx::StringSplit", "ai.onnx::RegexFullMatch"}, strings)
      .Cases({"ai.onnx::TfIdfVectorizer", "ai.onnx.ml::LabelEncoder", "ai.onnx.ml::CategoryMapper"}, strings)
      .Cases({"ai.onnx::Bernoulli", "ai.onnx::Multinomial", "ai.onnx::RandomNormal", "ai.onnx::RandomNormalLike"}, random)
      .Cases({"ai.onnx::RandomUniform", "ai.onnx::RandomUniformLike"}, random)
      .Cases({"ai.onnx.preview.training::Adagrad", "ai.onnx.preview.training::Adam"}, training)
      .Cases({"ai.onnx.preview.training::Gradient", "ai.onnx.preview.training::Momentum"}, training)
      .Default("the operator has no lowering");
}

/// The first of `ops` that computes in a type of which there is no kernel or function, as the reason against it; empty where all are right.
std::string findTypeRefusal(llvm::iterator_range<Block::iterator> ops) {
  Type found;
  auto expectF32 = [&](Operation *op) {
    for (Type type : llvm::concat<Type>(llvm::to_vector(op->getOperandTypes()), llvm::to_vector(op->getResultTypes())))
      if (auto element = dyn_cast<FloatType>(getElementTypeOrSelf(type)); element && !element.isF32())
        found = element;
  };
  for (Operation &top : ops)
    top.walk([&](Operation *op) {
      // Elementary functions widen what is narrower than f32; the others are instructions.
      bool function = isa<math::MathDialect>(op->getDialect()) &&
                      !isa<math::AbsFOp, math::AbsIOp, math::SqrtOp, math::FloorOp, math::CeilOp, math::RoundEvenOp, math::CopySignOp>(op);
      if (function && op->getResult(0).getType().isF64())
        found = op->getResult(0).getType();
      bool moves = isa<nn::ReshapeOp, nn::GatherOp, nn::GatherElementsOp, nn::GatherNdOp, nn::CumSumOp, nn::OperatorOp>(op);
      if (isa<nn::NnDialect>(op->getDialect()) && !moves)
        expectF32(op);
    });
  return found ? describeOtherType(found) : std::string();
}

std::string LowerOnnxPass::findRefusal(onnx::NodeOp node, SymbolicShapes &shapes) {
  if (!node->hasAttr(refusedAttribute) && !getLoweringRules().contains(node.getOpType()))
    return whyNotLowered(node.getOpType()).str();
  if (const ShapeFault *fault = shapes.getFault(node))
    return fault->reason;
  if (llvm::any_of(node->getOperandTypes(), isComplex) || llvm::any_of(node->getResultTypes(), isComplex))
    return "it has complex elements";
  return {};
}

LogicalResult LowerOnnxPass::lower(onnx::NodeOp node, SymbolicShapes &shapes, WeightRecipes &weights) {
  if (const ShapeFault *fault = shapes.getFault(node); fault && fault->isInvalid) {
    rejected.insert(node);
    invalid.add(node, fault->reason);
    return failure();
  }
  if (std::string refusal = findRefusal(node, shapes); !refusal.empty())
    return reject(node, refusal);
  for (Value operand : node.getInputs()) {
    if (isa<onnx::NoneType>(operand.getType()) || shapes.isKnownBeforeData(operand))
      continue;
    Operation *producer = operand.getDefiningOp();
    if (auto opaque = dyn_cast<onnx::OpaqueType>(operand.getType()); opaque && !producer)
      return reject(node, "an operand is a " + opaque.getText() + ", and no tensor of numbers");
    if (!producer || !rejected.contains(producer))
      return reject(node, "the shape of an operand is not known");
    rejected.insert(node);  // a consequence of what has been reported
    return failure();
  }
  if (auto reason = node->getAttrOfType<StringAttr>(refusedAttribute))
    return reject(node, reason.getValue());
  NodeLowering lowering(node, shapes, weights);
  SmallVector<Value> known;
  for (Value result : node.getOutputs()) {
    if (!result.use_empty() && !shapes.isKnownBeforeData(result))
      return reject(node, "the shape of its result is not known before data is");
    known.push_back(shapes.getData(result) ? lowering.fromData(*shapes.getFacts(result)) : Value());
  }
  if (llvm::all_of(known, [](Value value) { return static_cast<bool>(value); }))
    return lowering.replace(known);
  Operation *previous = node->getPrevNode();
  LoweringRule rule = findKernelRule(lowering);
  bool mayNotCompute = !takesAllElements(node.getOpType());
  auto touches = [&](bool (*isOfKind)(Value)) { return llvm::any_of(node->getOperands(), isOfKind) || llvm::any_of(node->getResults(), isOfKind); };
  if (mayNotCompute && touches(isNarrow) && !isConversion(node.getOpType()))
    return reject(node, "it computes in elements of 8 bits or less, which are only converted, quantised and moved");
  if (!rule && mayNotCompute && touches(isUnsigned))
    return reject(node, "it has unsigned elements");
  if (!rule)
    rule = getLoweringRules().find(node.getOpType())->second;
  if (failed(rule(lowering)))
    return reject(node, lowering.reason);
  Block::iterator first = previous ? std::next(previous->getIterator()) : node->getBlock()->begin();
  std::string refusal = findTypeRefusal({first, node->getIterator()});
  return refusal.empty() ? success() : reject(node, refusal);
}

void LowerOnnxPass::replaceShapes(func::FuncOp main, SymbolicShapes &shapes, WeightRecipes &weights) {
  for (Operation &op : llvm::make_early_inc_range(main.front())) {
    auto node = dyn_cast<onnx::NodeOp>(op);
    if (!node || (node.getOpType() != "ai.onnx::Shape" && node.getOpType() != "ai.onnx::Size") || !shapes.getData(node.getResult(0)) ||
        !shapes.isKnownBeforeData(node.getResult(0)))
      continue;
    NodeLowering lowering(node, shapes, weights);
    (void)lowering.replace(lowering.fromData(*shapes.getFacts(node.getResult(0))));
  }
}

void LowerOnnxPass::runOnOperation() {
  auto main = getOperation().lookupSymbol<func::FuncOp>("main");
  if (!main || !main.getBody().hasOneBlock()) {
    getOperation().emitError("expects a function @main of one block, as the importer writes it");
    return signalPassFailure();
  }
  SymbolicShapes shapes(main);
  if (failed(shapes.verifyDimensionArguments()))
    return signalPassFailure();
  WeightRecipes weights(getOperation());
  replaceShapes(main, shapes, weights);
  // The index arithmetic stays, since `shapes` knows it: nodes alone are erased.
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(main.front())))
    if (isa<onnx::NodeOp>(op) && op.use_empty())
      op.erase();
  rejected.clear();
  invalid = unsupported = {};
  for (Operation &op : llvm::make_early_inc_range(main.front()))
    if (auto node = dyn_cast<onnx::NodeOp>(op))
      (void)lower(node, shapes, weights);
  for (Value argument : main.getArguments())
    if (auto opaque = dyn_cast<onnx::OpaqueType>(argument.getType()); opaque && unsupported.empty()) {
      emitUnsupported(main.getLoc()) << "a graph input is a " << opaque.getText() << ", and no tensor of numbers";
      return signalPassFailure();
    }
  LogicalResult right = invalid.report(ExitCode::invalid), supported = unsupported.report(ExitCode::unsupported);
  if (failed(right) || failed(supported))
    return signalPassFailure();
  eraseDeadNodes(main);
  weights.eraseUnused();
  remarkSizes(main);
}

}  // namespace

}  // namespace switchyard::raise
