#include "tools/moe-opt/DiagnosticPrinter.h"

#include "dialects/support/Diagnostics.h"
#include "runtime/base/escape.h"

#include "mlir/IR/Location.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace switchyard {

// Long enough for a tensor type and a few names; a name in a file can have any length.
static constexpr size_t maxMessageLength = 2000;

/// The name that the importer gave a node's location, or the first one in a location made of several.
static NameLoc findNodeLocation(Location location) {
  NameLoc found;
  location->walk([&](Location at) {
    found = dyn_cast<NameLoc>(at);
    return found ? WalkResult::interrupt() : WalkResult::advance();
  });
  return found;
}

/// "node 'x' (Gather): ", from loc("x"("ai.onnx::Gather")); the line and column in MLIR text.
static std::string describeLocation(Location location) {
  NameLoc name = findNodeLocation(location);
  auto position = location->findInstanceOf<FileLineColLoc>();
  if (!name && position && position.getLine() > 0)
    return (llvm::Twine(position.getLine()) + ":" + llvm::Twine(position.getColumn()) + ": ").str();
  if (!name)
    return {};
  auto type = dyn_cast<NameLoc>(name.getChildLoc());
  std::string text = (type ? "node " : "value ") + quote(name.getName());
  if (type)
    text += " (" + escaped(type.getName().getValue().split("::").second) + ")";
  return text + ": ";
}

static StringRef getPrefix(DiagnosticSeverity severity) {
  switch (severity) {
  case DiagnosticSeverity::Warning:
    return "warning: ";
  case DiagnosticSeverity::Remark:
    return "remark: ";
  case DiagnosticSeverity::Note:
    return "note: ";
  case DiagnosticSeverity::Error:
    return "";
  }
  return "";
}

DiagnosticPrinter::DiagnosticPrinter(MLIRContext *context, StringRef inputPath)
    : inputPath(inputPath), handler(context, [this](Diagnostic &diagnostic) { return print(diagnostic); }) {}

LogicalResult DiagnosticPrinter::print(Diagnostic &diagnostic) {
  if (diagnostic.getSeverity() == DiagnosticSeverity::Error && exitCode == ExitCode::ok)
    exitCode = getExitCodeOf(diagnostic);
  auto line = [&](Diagnostic &part) {
    llvm::errs() << "moe-opt: " << escaped(inputPath) << ": " << getPrefix(part.getSeverity()) << describeLocation(part.getLocation())
                 << escaped(part.str(), maxMessageLength) << "\n";
  };
  line(diagnostic);
  for (Diagnostic &note : diagnostic.getNotes())
    line(note);
  return success();
}

}  // namespace switchyard
