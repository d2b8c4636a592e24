// The equation of an Einsum, parsed: one label per dimension.
#ifndef SWITCHYARD_COMPILER_ANALYSIS_EINSUMEQUATION_H
#define SWITCHYARD_COMPILER_ANALYSIS_EINSUMEQUATION_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace switchyard {

struct EinsumEquation {
  llvm::SmallVector<std::string> inputs;
  std::string output;

  /// Parses `text` ("se,sc->sec"; without an arrow the labels that occur once, in alphabetical order, are the output).
  /// Nothing for what is no equation, and for an ellipsis or a label that an operand repeats, which are not supported.
  static std::optional<EinsumEquation> parse(llvm::StringRef text);

  /// The same with all that numpy knows, for operands of these ranks: a label may repeat in an operand, and the dimensions of
  /// an ellipsis have digits as labels, the last dimension '0'.
  static std::optional<EinsumEquation> expand(llvm::StringRef text, llvm::ArrayRef<size_t> ranks);
};

}  // namespace switchyard

#endif  // SWITCHYARD_COMPILER_ANALYSIS_EINSUMEQUATION_H
