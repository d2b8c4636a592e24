#include "compiler/codegen/BufferSlots.h"
#include "compiler/codegen/CallSignature.h"
#include "compiler/codegen/Passes.h"

#include "dialects/rt/RtDialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace switchyard::codegen {

#define GEN_PASS_DEF_VERIFYSITES
#include "compiler/codegen/Passes.h.inc"

namespace {

/// Follows @main and the layers that it calls, and compares the calls with the lists of the module, which the manifest is made of.
class SiteVerifier {
public:
  explicit SiteVerifier(ModuleOp module) : module(module), builder(module.getContext()) {}

  LogicalResult run() {
    for (auto function : module.getOps<func::FuncOp>())
      if (failed(verifyForm(function)))
        return failure();
    WalkResult placed = module.walk([&](Operation *op) -> WalkResult { return verifyPlace(op); });
    if (placed.wasInterrupted() || failed(findSites()))
      return failure();
    auto main = module.lookupSymbol<func::FuncOp>("main");
    if (!main || main.isDeclaration() || main.getNumArguments() != 0)
      return module.emitError("expects a function @main without arguments; run moe-bind-environment before");
    for (Operation &op : main.front())
      if (failed(verifyStep(&op)))
        return failure();
    if (next != sites.size())
      return module.emitError("expects calls for the ") << sites.size() << " entries of rt.sites, but @main performs " << next;
    return success();
  }

private:
  /// What moe-lower-invocations can end at the first failure.
  LogicalResult verifyForm(func::FuncOp function) {
    if (function.isDeclaration())
      return success();
    if (!llvm::hasSingleElement(function.getBody()) || !isa<func::ReturnOp>(function.front().getTerminator()) ||
        function.getNumResults() != 0)
      return function.emitOpError("@") << function.getName() << " expects one block that ends in a return of nothing";
    return success();
  }

  /// Calls stand where they are performed once, and name parts of the environment that there are.
  LogicalResult verifyPlace(Operation *op) {
    bool isCall = isa<rt::KernelOp, rt::CollectiveOp>(op) || layerOf(op);
    if (isCall && !isa<func::FuncOp>(op->getParentOp()))
      return op->emitOpError("expects to stand in a function itself, not in a loop or a branch: its site is performed once a step");
    return llvm::TypeSwitch<Operation *, LogicalResult>(op)
        .Case<rt::DimOp>([&](auto dim) { return verifyIndex(dim, "rt.dims", dim.getIndex()); })
        .Case<rt::InputOp>([&](auto input) { return verifyIndex(input, "rt.inputs", input.getIndex()); })
        .Case<rt::OutputOp>([&](auto output) { return verifyIndex(output, "rt.outputs", output.getIndex()); })
        .Case<rt::SlotOp>([&](auto slot) { return verifyIndex(slot, "rt.slots", slot.getIndex()); })
        .Case<rt::PlacementOp>([&](auto placement) { return verifyIndex(placement, "rt.layers", placement.getLayer()); })
        .Default([](Operation *) { return success(); });
  }

  LogicalResult verifyIndex(Operation *op, StringRef list, uint64_t index) {
    auto entries = module->getAttrOfType<ArrayAttr>(list);
    if (entries && index < entries.size())
      return success();
    return op->emitOpError("has the number ") << index << ", but " << list << " has " << (entries ? entries.size() : 0) << " entries";
  }

  LogicalResult findSites() {
    auto list = module->getAttrOfType<ArrayAttr>("rt.sites");
    if (!list)
      return module.emitError("expects the list rt.sites; run moe-number-sites before");
    sites = list.getValue();
    return success();
  }

  /// The function of the module that `op` calls, which performs sites itself; functions of the support object are only declared.
  func::FuncOp layerOf(Operation *op) {
    auto call = dyn_cast<func::CallOp>(op);
    auto function = call ? module.lookupSymbol<func::FuncOp>(call.getCallee()) : func::FuncOp();
    return function && !function.isDeclaration() ? function : func::FuncOp();
  }

  LogicalResult verifyStep(Operation *op) {
    func::FuncOp layer = layerOf(op);
    return layer ? verifyLayer(cast<func::CallOp>(op), layer) : verifySite(op, 0, nullptr);
  }

  LogicalResult verifyLayer(func::CallOp call, func::FuncOp layer) {
    uint64_t first = 0;
    for (BlockArgument argument : layer.getArguments()) {
      unsigned position = argument.getArgNumber();
      APInt value;
      if (!layer.getArgAttr(position, "rt.first_site"))
        continue;
      if (!argument.getType().isIndex() || !matchPattern(call.getOperand(position), m_ConstantInt(&value)) || value.isNegative())
        return call.emitOpError("expects a constant of type index, at least 0, as the first site of @") << layer.getName();
      first = value.getZExtValue();
    }
    for (Operation &op : layer.front()) {
      if (layerOf(&op))
        return op.emitOpError("expects to stand in @main; a function of steps calls no other");
      if (failed(verifySite(&op, first, call)))
        return failure();
    }
    return success();
  }

  LogicalResult verifySite(Operation *op, uint64_t first, func::CallOp caller) {
    return llvm::TypeSwitch<Operation *, LogicalResult>(op)
        .Case<rt::KernelOp, rt::CollectiveOp>([&](auto call) { return verifyCallSite(call, first, caller); })
        .Default([](Operation *) { return success(); });
  }

  template <typename Call> LogicalResult verifyCallSite(Call call, uint64_t first, func::CallOp caller) {
    if (failed(verifyCall(call)))
      return failure();
    if (!call.getSite() || !call.getResults().empty())
      return call.emitOpError("expects buffers and a site; run one-shot-bufferize and moe-number-sites before");
    if (first + *call.getSite() != next || next >= sites.size())
      return call.emitOpError("is performed as number ")
             << next << " of the step, but has site " << first + *call.getSite() << " of the " << sites.size() << " in rt.sites";
    NamedAttrList program;
    program.set("kernel", call.getKernelAttr());
    program.set("op", call.getOpAttr());
    program.set("integers", call.getIntegersAttr());
    program.set("floats", call.getFloatsAttr());
    if (!caller)
      program.set("layer", call.getLayerAttr());
    if constexpr (std::is_same_v<Call, rt::CollectiveOp>)
      program.set("buffers", builder.getDenseI64ArrayAttr(slotsOf(call, caller)));
    return compare(call, program);
  }

  LogicalResult compare(Operation *call, const NamedAttrList &program) {
    Attribute stored = sites[next];
    auto entry = dyn_cast<DictionaryAttr>(stored);
    if (!entry)
      return call->emitOpError("expects a dictionary as entry ") << next << " of rt.sites, but got " << stored;
    for (NamedAttribute field : program)
      if (entry.get(field.getName()) != field.getValue())
        return call->emitOpError("differs from entry ")
               << next << " of rt.sites in '" << field.getName().getValue() << "': " << field.getValue() << " here, "
               << entry.get(field.getName()) << " there; run moe-number-sites again";
    ++next;
    return success();
  }

  ModuleOp module;
  Builder builder;
  ArrayRef<Attribute> sites;
  size_t next = 0;
};

struct VerifySites : impl::VerifySitesBase<VerifySites> {
  void runOnOperation() override {
    if (failed(SiteVerifier(getOperation()).run()))
      signalPassFailure();
  }
};

}  // namespace

}  // namespace switchyard::codegen
