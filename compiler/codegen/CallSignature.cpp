#include "compiler/codegen/CallSignature.h"

#include "dialects/rt/RtDialect.h"
#include "kernels/layout/signature.h"
#include "runtime/artifact/plan.h"

using namespace mlir;

namespace switchyard::codegen {

namespace {

const kernels::Signature *findRow(StringRef name) {
  for (const kernels::Signature &row : kernels::signatures())
    if (StringRef(row.name) == name)
      return &row;
  return nullptr;
}

std::string joined(ArrayRef<std::string_view> names) {
  return "[" + llvm::join(llvm::map_range(names, [](std::string_view name) { return std::string(name); }), ", ") + "]";
}

std::string joined(DictionaryAttr attributes) {
  return "[" + llvm::join(llvm::map_range(attributes, [](NamedAttribute attribute) { return attribute.getName().str(); }), ", ") + "]";
}

/// The numbers of tensors and scalars of a call.
struct Counts {
  size_t inputs, outputs, scalars;
  friend bool operator==(const Counts &, const Counts &) = default;
};

template <typename Call> LogicalResult verifyCounts(Call call, const Counts &expected) {
  // Absent inputs count: they have an entry of `present`.
  Counts got{call.getPresent().size(), call.getOutputs().size(), call.getScalars().size()};
  if (got == expected)
    return success();
  return call.emitOpError("of '") << call.getKernel() << "' expects " << expected.inputs << " inputs, " << expected.outputs
                                  << " outputs and " << expected.scalars << " scalars, but has " << got.inputs << ", " << got.outputs
                                  << " and " << got.scalars;
}

template <typename Call> LogicalResult verifyNames(Call call, StringRef what, ArrayRef<std::string_view> expected, DictionaryAttr got) {
  if (got.size() == expected.size() && llvm::all_of(expected, [&](std::string_view name) { return got.contains(StringRef(name)); }))
    return success();
  return call.emitOpError("of '") << call.getKernel() << "' expects the " << what << " " << joined(expected) << ", but has " << joined(got);
}

LogicalResult verify(rt::KernelOp call) {
  const kernels::Signature *row = findRow(call.getKernel());
  if (!row)
    return call.emitOpError("expects a kernel of kernels/kernels.inc, but got '") << call.getKernel() << "'";
  if (failed(verifyCounts(call, {row->inputs.size(), row->outputs.size(), row->scalars.size()})))
    return failure();
  for (auto [input, present] : llvm::zip_equal(row->inputs, call.getPresent()))
    if (!present && !input.optional)
      return call.emitOpError("of '") << call.getKernel() << "' lacks the input '" << StringRef(input.name) << "', which is not optional";
  if (failed(verifyNames(call, "integers", row->integers, call.getIntegers())))
    return failure();
  return verifyNames(call, "floats", row->floats, call.getFloats());
}

LogicalResult verify(rt::CollectiveOp call) {
  std::optional<artifact::PhaseKind> kind = artifact::phaseKindOfKernel(call.getKernel());
  if (!kind)
    return call.emitOpError("expects a collective of the runtime, but got '") << call.getKernel() << "'";
  if (failed(verifyCounts(call, {artifact::tensorCount(*kind) - 1, 1, 0})))
    return failure();
  if (llvm::is_contained(call.getPresent(), false))
    return call.emitOpError("of '") << call.getKernel() << "' expects all of its inputs, but `present` says that one is absent";
  if (failed(verifyNames(call, "integers", {}, call.getIntegers())))
    return failure();
  return verifyNames(call, "floats", {}, call.getFloats());
}

}  // namespace

LogicalResult verifyCall(Operation *op) {
  if (auto kernel = dyn_cast<rt::KernelOp>(op))
    return verify(kernel);
  if (auto collective = dyn_cast<rt::CollectiveOp>(op))
    return verify(collective);
  return success();
}

}  // namespace switchyard::codegen
