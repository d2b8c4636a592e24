// Equations between expressions: what a dimension must be for two sizes to be equal, and what a size is then.
#include "compiler/analysis/Expression.h"

#include "llvm/ADT/STLExtras.h"

namespace switchyard {

namespace {

/// A formula of a few summands stays readable in a message about an input, and cheap to check.
constexpr size_t maxSummands = 16;

bool isDimension(const ExpressionContext &context, unsigned atom) { return context.getAtom(atom).kind == AtomKind::dimension; }

/// True where `value` only adds and multiplies dimensions other than `dimension` and positive numbers.
bool isSumOfOthers(Expression value, unsigned dimension) {
  return llvm::all_of(value.getTerms(), [&](const Term &term) {
    return term.coefficient > 0 &&
           llvm::all_of(term.atoms, [&](unsigned atom) { return atom != dimension && isDimension(value.getContext(), atom); });
  });
}

}  // namespace

std::optional<std::pair<Expression, Expression>> solveForDimension(Expression a, Expression b) {
  Expression difference = a - b;
  if (!difference)
    return std::nullopt;
  // Of 2 * n and n the solution is 0, which nobody means.
  bool vanishes = difference.getTerms().size() < 2 && !a.isConstant(0) && !b.isConstant(0);
  if (vanishes)
    return std::nullopt;
  ExpressionContext &context = difference.getContext();
  std::optional<std::pair<Expression, Expression>> solution;
  unsigned latest = 0;
  for (const Term &term : difference.getTerms()) {
    bool isPlain = (term.coefficient == 1 || term.coefficient == -1) && term.atoms.size() == 1 && isDimension(context, term.atoms.front());
    if (!isPlain || (solution && term.atoms.front() < latest))
      continue;
    Expression name = context.normalize({Term{1, term.atoms}}), value = name - difference * term.coefficient;
    if (!value || value.getTerms().size() > maxSummands || !isSumOfOthers(value, term.atoms.front()))
      continue;
    solution = {name, value};
    latest = term.atoms.front();
  }
  return solution;
}

std::optional<std::pair<Expression, Expression>> splitMinimum(Expression a, Expression b) {
  for (auto [whole, part] : {std::pair(a, b), std::pair(b, a)}) {
    if (!whole || whole.getTerms().size() != 1 || whole.getTerms().front().coefficient != 1 || whole.getTerms().front().atoms.size() != 1)
      continue;
    const Atom &atom = whole.getContext().getAtom(whole.getTerms().front().atoms.front());
    bool isPart = atom.kind == AtomKind::min && (atom.lhs == part || atom.rhs == part);
    if (isPart && !atom.lhs.getConstant() && !atom.rhs.getConstant())
      return std::pair(atom.lhs, atom.rhs);
  }
  return std::nullopt;
}

void visitDimensions(Expression expression, llvm::function_ref<void(llvm::StringRef)> visit) {
  if (!expression)
    return;
  for (const Term &term : expression.getTerms())
    for (unsigned index : term.atoms) {
      const Atom &atom = expression.getContext().getAtom(index);
      if (atom.kind == AtomKind::dimension)
        visit(atom.name);
      visitDimensions(atom.lhs, visit);
      visitDimensions(atom.rhs, visit);
    }
}

Expression replaceDimensions(Expression expression, llvm::function_ref<Expression(llvm::StringRef)> replace) {
  ExpressionContext &context = expression.getContext();
  Expression sum = context.constant(0);
  for (const Term &term : expression.getTerms()) {
    Expression product = context.constant(term.coefficient);
    for (unsigned index : term.atoms)
      product = product * (isDimension(context, index) ? replace(context.getAtom(index).name) : context.normalize({Term{1, {index}}}));
    sum = sum + product;
  }
  return sum && sum.getTerms().size() <= maxSummands ? sum : Expression();
}

}  // namespace switchyard
