// Equations between expressions: what a dimension must be for two sizes to be equal, and what a size is then.
#include "compiler/analysis/Expression.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <numeric>

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

/// True where `a` is made of later atoms than `b`: an order that products keep.
bool isLater(const Term &a, const Term &b) {
  return std::lexicographical_compare(b.atoms.rbegin(), b.atoms.rend(), a.atoms.rbegin(), a.atoms.rend());
}

}  // namespace

bool ExpressionContext::assumeEqual(Expression a, Expression b) {
  Expression difference = a - b;
  if (!difference || difference.getTerms().empty())
    return false;
  Term product = *llvm::max_element(difference.getTerms(), [](const Term &x, const Term &y) { return isLater(y, x); });
  if (product.atoms.empty() || (product.atoms.size() == 1 && isDimension(*this, product.atoms.front())))
    return false;
  Expression value = normalize({product}) - difference;
  if (product.coefficient < 0) {
    product.coefficient = -product.coefficient;
    value = value * -1;
  }
  if (product.coefficient < 0 || !value)
    return false;
  equalities.push_back({product, value});
  for (Equality &known : equalities) {
    std::map<unsigned, Expression> made;
    if (Expression now = rebuild(known.value, made))
      known.value = now;
  }
  return true;
}

Expression ExpressionContext::rebuild(Expression expression, std::map<unsigned, Expression> &made) {
  auto remake = [&](unsigned index) {
    const Atom &atom = atoms[index];
    if (atom.kind == AtomKind::dimension || atom.kind == AtomKind::count)
      return normalize({Term{1, {index}}});
    Expression lhs = rebuild(atom.lhs, made), rhs = rebuild(atom.rhs, made);
    if (atom.kind == AtomKind::floorDiv)
      return floorDiv(lhs, rhs);
    return atom.kind == AtomKind::max ? max(lhs, rhs) : min(lhs, rhs);
  };
  if (!expression)
    return {};
  Expression sum = constant(0);
  for (const Term &term : expression.getTerms()) {
    Expression product = constant(term.coefficient);
    for (unsigned index : term.atoms) {
      auto [position, isNew] = made.try_emplace(index);
      if (isNew)
        made[index] = remake(index);
      product = product * made[index];
    }
    sum = sum + product;
  }
  return sum;
}

int64_t getContent(Expression a) {
  uint64_t content = 0;
  for (const Term &term : a.getTerms())
    content =
        std::gcd(content, term.coefficient < 0 ? 0 - static_cast<uint64_t>(term.coefficient) : static_cast<uint64_t>(term.coefficient));
  return static_cast<int64_t>(content);
}

std::pair<Expression, Expression> cancelCommonFactor(Expression a, Expression b) {
  Term factor{std::gcd(getContent(a), getContent(b)), a.getTerms().empty() ? std::vector<unsigned>() : a.getTerms().front().atoms};
  for (Expression side : {a, b})
    for (const Term &term : side.getTerms()) {
      std::vector<unsigned> common;
      std::set_intersection(factor.atoms.begin(), factor.atoms.end(), term.atoms.begin(), term.atoms.end(), std::back_inserter(common));
      factor.atoms = std::move(common);
    }
  if (factor.coefficient <= 0 || (factor.coefficient == 1 && factor.atoms.empty()))
    return {a, b};
  Expression divisor = a.getContext().normalize({factor}), x = divideExactly(a, divisor), y = divideExactly(b, divisor);
  return x && y ? std::pair(x, y) : std::pair(a, b);
}

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
