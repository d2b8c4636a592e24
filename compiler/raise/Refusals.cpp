#include "compiler/raise/Refusals.h"

#include "dialects/support/Diagnostics.h"

#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace switchyard::raise {

std::string describeType(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

std::string describeOtherType(Type type) { return "it computes in f32, not in " + describeType(type) + ": convert the model to float32"; }

void RefusalList::add(onnx::NodeOp node, const llvm::Twine &reason) {
  refusals.push_back({node, reason.str()});
  node->setAttr(refusedAttribute, StringAttr::get(node.getContext(), refusals.back().reason));
}

LogicalResult RefusalList::report(ExitCode code) const {
  if (refusals.empty())
    return success();
  llvm::StringRef what = code == ExitCode::invalid ? " is invalid: " : " is not supported: ";
  for (const Refusal &refusal : ArrayRef<Refusal>(refusals).take_front(maxNamed)) {
    onnx::NodeOp node = refusal.node;
    withExitCode(emitError(node.getLoc()), code)
        << node.getOpType() << " version " << static_cast<int64_t>(node.getVersion()) << what << refusal.reason;
  }
  if (refusals.size() <= maxNamed)
    return failure();
  llvm::MapVector<llvm::StringRef, size_t> counts;
  for (const Refusal &refusal : ArrayRef<Refusal>(refusals).drop_front(maxNamed))
    ++counts[onnx::NodeOp(refusal.node).getOpType()];
  onnx::NodeOp first = refusals.front().node;
  InFlightDiagnostic rest = withExitCode(emitError(first->getParentOfType<func::FuncOp>().getLoc()), code);
  rest << refusals.size() - maxNamed << " more nodes are refused, too: ";
  llvm::interleaveComma(counts, rest, [&](const auto &entry) { rest << entry.second << " of " << entry.first; });
  return failure();
}

}  // namespace switchyard::raise
