// The text of expressions: the grammar of docs/contracts.md, section 6; counts stand in messages alone.
#include "compiler/analysis/Expression.h"

#include "runtime/artifact/expression.h"

#include "llvm/ADT/STLExtras.h"

namespace switchyard {

namespace {

void printAtom(llvm::raw_ostream &os, const Atom &atom) {
  switch (atom.kind) {
  case AtomKind::dimension:
    os << artifact::Expression::dimension(atom.name).print();
    return;
  case AtomKind::count:
    os << "count(" << atom.name << ')';
    return;
  case AtomKind::floorDiv:
    os << "floordiv(" << atom.lhs << ", " << atom.rhs << ')';
    return;
  case AtomKind::max:
    os << "max(" << atom.lhs << ", " << atom.rhs << ')';
    return;
  case AtomKind::min:
    os << "min(" << atom.lhs << ", " << atom.rhs << ')';
    return;
  }
}

}  // namespace

void Expression::print(llvm::raw_ostream &os) const {
  if (!polynomial) {
    os << '?';
    return;
  }
  if (polynomial->terms.empty())
    os << '0';
  for (auto [position, term] : llvm::enumerate(polynomial->terms)) {
    // The sign of a later summand stands as the operator; its magnitude, as unsigned, is right for every int64.
    bool negative = term.coefficient < 0;
    uint64_t magnitude = negative ? 0 - static_cast<uint64_t>(term.coefficient) : static_cast<uint64_t>(term.coefficient);
    if (position == 0)
      os << (!negative ? "" : term.atoms.empty() ? "-" : "0 - ");  // the grammar has a sign of numbers alone
    else
      os << (negative ? " - " : " + ");
    bool factor = false;
    if (magnitude != 1 || term.atoms.empty()) {
      os << magnitude;
      factor = true;
    }
    for (unsigned index : term.atoms) {
      os << (factor ? " * " : "");
      printAtom(os, getContext().getAtom(index));
      factor = true;
    }
  }
}

Expression parseExpression(ExpressionContext &context, llvm::StringRef text, llvm::function_ref<Expression(llvm::StringRef)> dimension) {
  using Operation = artifact::Expression::Operation;
  Result<artifact::Expression> parsed = artifact::Expression::parse(text);
  if (!parsed.ok())
    return {};
  auto leaf = [&](Operation operation, int64_t number, llvm::StringRef name) {
    if (operation == Operation::constant)
      return context.constant(number);
    return operation == Operation::dimension ? dimension(name) : Expression();
  };
  auto join = [](Operation operation, Expression left, Expression right) {
    switch (operation) {
    case Operation::add:
      return left + right;
    case Operation::subtract:
      return left - right;
    case Operation::multiply:
      return left * right;
    case Operation::ceilDivide:
      return ceilDiv(left, right);
    case Operation::floorDivide:
      return floorDiv(left, right);
    case Operation::max:
      return max(left, right);
    default:
      return min(left, right);
    }
  };
  return parsed->rebuild<Expression>(leaf, join);
}

std::string Expression::str() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  print(os);
  return text;
}

}  // namespace switchyard
