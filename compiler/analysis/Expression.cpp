#include "compiler/analysis/Expression.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

namespace switchyard {

namespace {

constexpr size_t maxTerms = 64;
constexpr int maxDepth = 64;
constexpr int maxReplacements = 256;

int64_t wrapAdd(int64_t a, int64_t b) { return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b)); }
int64_t wrapMul(int64_t a, int64_t b) { return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b)); }

int64_t floorOf(int64_t a, int64_t b) {
  if (b == -1)
    return wrapMul(a, -1);
  int64_t quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

bool precedes(const Term &a, const Term &b) {
  return a.atoms.size() != b.atoms.size() ? a.atoms.size() > b.atoms.size() : a.atoms < b.atoms;
}

std::optional<int64_t> findLowerBound(const Atom &atom) {
  switch (atom.kind) {
  case AtomKind::dimension:
  case AtomKind::count:
    return 0;
  case AtomKind::floorDiv:
    return atom.lhs.isAtLeast(0) && atom.rhs.isAtLeast(0) ? std::optional<int64_t>(0) : std::nullopt;
  case AtomKind::max:
    if (std::optional<int64_t> value = atom.rhs.getConstant())
      return value;
    return atom.lhs.isAtLeast(0) || atom.rhs.isAtLeast(0) ? std::optional<int64_t>(0) : std::nullopt;
  case AtomKind::min:
    for (int64_t bound : {1, 0})
      if (atom.lhs.isAtLeast(bound) && atom.rhs.isAtLeast(bound))
        return bound;
    return std::nullopt;
  }
  return std::nullopt;
}

std::optional<int64_t> findUpperBound(const Atom &atom) { return atom.kind == AtomKind::min ? atom.rhs.getConstant() : std::nullopt; }

int depthOf(Expression expression) {
  int depth = 0;
  for (const Term &term : expression.getTerms())
    for (unsigned index : term.atoms)
      depth = std::max(depth, expression.getContext().getAtom(index).depth);
  return depth;
}

Expression combine(Expression a, Expression b, int64_t factor) {
  if (!a || !b)
    return {};
  std::vector<Term> terms = a.getTerms();
  for (Term term : b.getTerms()) {
    term.coefficient = wrapMul(term.coefficient, factor);
    terms.push_back(std::move(term));
  }
  return a.getContext().normalize(std::move(terms));
}

/// True where no coefficient of a - b wraps.
bool differsSafely(Expression a, Expression b) {
  constexpr int64_t far = int64_t(1) << 61;
  auto isSmall = [](const Term &term) { return term.coefficient > -far && term.coefficient < far; };
  return a && b && llvm::all_of(a.getTerms(), isSmall) && llvm::all_of(b.getTerms(), isSmall);
}

}  // namespace

std::optional<int64_t> Expression::getConstant() const {
  if (!polynomial)
    return std::nullopt;
  if (polynomial->terms.empty())
    return 0;
  if (polynomial->terms.size() == 1 && polynomial->terms.front().atoms.empty())
    return polynomial->terms.front().coefficient;
  return std::nullopt;
}

std::optional<llvm::StringRef> Expression::getDimension() const {
  if (!polynomial || polynomial->terms.size() != 1)
    return std::nullopt;
  const Term &term = polynomial->terms.front();
  if (term.coefficient != 1 || term.atoms.size() != 1 || getContext().getAtom(term.atoms.front()).kind != AtomKind::dimension)
    return std::nullopt;
  return llvm::StringRef(getContext().getAtom(term.atoms.front()).name);
}

bool Expression::dependsOnData() const {
  return polynomial && llvm::any_of(polynomial->terms, [&](const Term &term) {
           return llvm::any_of(term.atoms, [&](unsigned index) { return getContext().getAtom(index).dependsOnData; });
         });
}

bool Expression::isAtLeast(int64_t bound) const {
  if (!polynomial)
    return false;
  int64_t sum = 0;
  for (const Term &term : polynomial->terms) {
    int64_t low = term.coefficient;
    for (unsigned index : term.atoms) {
      const Atom &atom = getContext().getAtom(index);
      // What is taken away is at most the constant of a minimum.
      std::optional<int64_t> bound = term.coefficient >= 0 ? atom.lowerBound : findUpperBound(atom);
      if (!bound || atom.lowerBound.value_or(-1) < 0)
        return false;
      if (llvm::MulOverflow(low, *bound, low))
        return false;
    }
    if (llvm::AddOverflow(sum, low, sum))
      return false;
  }
  return sum >= bound;
}

/// The only atom of an expression that is nothing but that; null for others.
static const Atom *getOnlyAtom(Expression expression) {
  if (!expression || expression.getTerms().size() != 1)
    return nullptr;
  const Term &term = expression.getTerms().front();
  return term.coefficient == 1 && term.atoms.size() == 1 ? &expression.getContext().getAtom(term.atoms.front()) : nullptr;
}

/// a >= b, by the difference or by what at most `levels` of max and min in them are made of.
static bool isAtLeastWithin(Expression a, Expression b, int levels) {
  std::optional<int64_t> x = a.getConstant(), y = b.getConstant();
  if (x && y)
    return *x >= *y;
  if (differsSafely(a, b) && (a - b).isAtLeast(0))
    return true;
  auto isEither = [](const Atom *atom) { return atom && (atom->kind == AtomKind::max || atom->kind == AtomKind::min); };
  if (const Atom *atom = getOnlyAtom(a); levels > 0 && isEither(atom)) {
    bool left = isAtLeastWithin(atom->lhs, b, levels - 1), right = isAtLeastWithin(atom->rhs, b, levels - 1);
    if (atom->kind == AtomKind::max ? left || right : left && right)
      return true;
  }
  const Atom *atom = getOnlyAtom(b);
  if (levels == 0 || !isEither(atom))
    return false;
  bool left = isAtLeastWithin(a, atom->lhs, levels - 1), right = isAtLeastWithin(a, atom->rhs, levels - 1);
  return atom->kind == AtomKind::min ? left || right : left && right;
}

bool isProvedAtLeast(Expression a, Expression b) { return isAtLeastWithin(a, b, /*levels=*/3); }

bool isProvedLess(Expression a, Expression b) {
  std::optional<int64_t> x = a.getConstant(), y = b.getConstant();
  return x && y ? *x < *y : differsSafely(a, b) && (b - a).isAtLeast(1);
}

bool vanishesWith(Expression a, Expression b) {
  const Atom *least = getOnlyAtom(b);
  if (!least || least->kind != AtomKind::min || !least->rhs.isConstant(1) || !least->lhs.isAtLeast(0))
    return false;
  const Atom *count = getOnlyAtom(a);
  return static_cast<bool>(divideExactly(count && count->kind == AtomKind::count ? count->lhs : a, least->lhs));
}

Expression operator+(Expression a, Expression b) { return combine(a, b, 1); }
Expression operator-(Expression a, Expression b) { return combine(a, b, -1); }
Expression operator+(Expression a, int64_t b) { return a ? a + a.getContext().constant(b) : a; }
Expression operator-(Expression a, int64_t b) { return a ? a - a.getContext().constant(b) : a; }
Expression operator*(Expression a, int64_t b) { return a ? a * a.getContext().constant(b) : a; }

Expression operator*(Expression a, Expression b) {
  if (!a || !b || a.getTerms().size() * b.getTerms().size() > maxTerms * maxTerms)
    return {};
  std::vector<Term> terms;
  for (const Term &x : a.getTerms()) {
    for (const Term &y : b.getTerms()) {
      Term product{wrapMul(x.coefficient, y.coefficient), {}};
      std::merge(x.atoms.begin(), x.atoms.end(), y.atoms.begin(), y.atoms.end(), std::back_inserter(product.atoms));
      terms.push_back(std::move(product));
    }
  }
  return a.getContext().normalize(std::move(terms));
}

Expression assumeNotEmpty(Expression a, Expression dimension) {
  if (!a)
    return a;
  ExpressionContext &context = a.getContext();
  auto isOne = [&](unsigned index) {
    const Atom &atom = context.getAtom(index);
    return atom.kind == AtomKind::min && atom.lhs == dimension && atom.rhs.isConstant(1);
  };
  std::vector<Term> terms = a.getTerms();
  for (Term &term : terms)
    llvm::erase_if(term.atoms, isOne);
  return context.normalize(std::move(terms));
}

Expression divideExactly(Expression a, Expression b) {
  if (!a || !b || b.getTerms().empty())
    return {};
  const Term &leading = b.getTerms().front();
  Expression quotient = a.getContext().constant(0), rest = a;
  while (rest && !rest.getTerms().empty()) {
    const Term &term = rest.getTerms().front();
    bool divides = std::includes(term.atoms.begin(), term.atoms.end(), leading.atoms.begin(), leading.atoms.end()) &&
                   leading.coefficient != -1 && term.coefficient % leading.coefficient == 0;
    if (!divides)
      return {};
    Term step{term.coefficient / leading.coefficient, {}};
    std::set_difference(term.atoms.begin(), term.atoms.end(), leading.atoms.begin(), leading.atoms.end(), std::back_inserter(step.atoms));
    Expression part = a.getContext().normalize({step});
    quotient = quotient + part;
    rest = rest - part * b;
  }
  return rest ? quotient : Expression();
}

Expression floorDiv(Expression a, Expression b) {
  if (!a || !b)
    return {};
  if (Expression exact = divideExactly(a, b))
    return exact;
  std::optional<int64_t> divisor = b.getConstant();
  if (!divisor || *divisor <= 0)
    return a.getContext().atom(AtomKind::floorDiv, a, b);
  // floordiv(q * divisor + r, divisor) = q + floordiv(r, divisor).
  std::vector<Term> whole, rest;
  for (Term term : a.getTerms()) {
    if (term.atoms.empty()) {
      whole.push_back({floorOf(term.coefficient, *divisor), {}});
      rest.push_back({wrapAdd(term.coefficient, wrapMul(-*divisor, whole.back().coefficient)), {}});
    } else if (term.coefficient % *divisor == 0) {
      whole.push_back({term.coefficient / *divisor, term.atoms});
    } else {
      rest.push_back(std::move(term));
    }
  }
  ExpressionContext &context = a.getContext();
  Expression remainder = context.normalize(std::move(rest)), quotient = context.normalize(std::move(whole));
  if (remainder.getConstant())
    return quotient;
  // floordiv(-r, divisor) = -floordiv(r + divisor - 1, divisor), of which the sign is known.
  if (llvm::all_of(remainder.getTerms(), [](const Term &term) { return term.atoms.empty() || term.coefficient < 0; }))
    return quotient - context.atom(AtomKind::floorDiv, context.constant(*divisor - 1) - remainder, b);
  return quotient + context.atom(AtomKind::floorDiv, remainder, b);
}

Expression ceilDiv(Expression a, Expression b) {
  if (Expression exact = divideExactly(a, b))
    return exact;
  std::optional<int64_t> x = a.getConstant(), y = b.getConstant();
  if (x && y && *y > 0)
    return a.getContext().constant(floorOf(*x, *y) + 1);  // not divisible
  return floorDiv(a + b - 1, b);
}

Expression truncDiv(Expression a, Expression b) {
  if (!a || !b)
    return {};
  if (Expression exact = divideExactly(a, b))
    return exact;
  if (std::optional<int64_t> divisor = b.getConstant(); divisor && *divisor < 0 && *divisor > INT64_MIN)
    return truncDiv(a, b * -1) * -1;
  if (!b.isAtLeast(0))
    return {};
  if (a.isAtLeast(0))
    return floorDiv(a, b);
  // Of a negative a the quotient is the ceiling, of any other the floor.
  return max(floorDiv(a, b), min(ceilDiv(a, b), a.getContext().constant(0)));
}

Expression max(Expression a, Expression b) {
  if (!a || !b)
    return {};
  if (isProvedAtLeast(a, b))
    return a;
  if (isProvedAtLeast(b, a))
    return b;
  return a.getContext().atom(AtomKind::max, a, b);
}

Expression min(Expression a, Expression b) {
  if (!a || !b)
    return {};
  if (isProvedAtLeast(a, b))
    return b;
  if (isProvedAtLeast(b, a))
    return a;
  return a.getContext().atom(AtomKind::min, a, b);
}

static std::vector<Term> mergeTerms(std::vector<Term> terms) {
  std::sort(terms.begin(), terms.end(), precedes);
  std::vector<Term> merged;
  for (Term &term : terms) {
    if (!merged.empty() && merged.back().atoms == term.atoms)
      merged.back().coefficient = wrapAdd(merged.back().coefficient, term.coefficient);
    else
      merged.push_back(std::move(term));
  }
  llvm::erase_if(merged, [](const Term &term) { return term.coefficient == 0; });
  return merged;
}

std::vector<Term> ExpressionContext::replaceProducts(std::vector<Term> terms) const {
  auto replaceOne = [&] {
    for (Term &term : terms)
      for (const Equality &known : equalities) {
        const std::vector<unsigned> &atoms = known.product.atoms;
        int64_t times = term.coefficient / known.product.coefficient;
        if (times == 0 || !std::includes(term.atoms.begin(), term.atoms.end(), atoms.begin(), atoms.end()))
          continue;
        std::vector<unsigned> others;
        std::set_difference(term.atoms.begin(), term.atoms.end(), atoms.begin(), atoms.end(), std::back_inserter(others));
        term.coefficient %= known.product.coefficient;
        for (const Term &part : known.value.getTerms()) {
          Term product{wrapMul(times, part.coefficient), {}};
          std::merge(others.begin(), others.end(), part.atoms.begin(), part.atoms.end(), std::back_inserter(product.atoms));
          terms.push_back(std::move(product));
        }
        return true;
      }
    return false;
  };
  // What stands for a product is made of atoms before its last, so that this ends; long before the bound, but for made-up models.
  for (int step = 0; step < maxReplacements && replaceOne(); ++step)
    terms = mergeTerms(std::move(terms));
  return terms;
}

Expression ExpressionContext::normalize(std::vector<Term> terms) {
  std::vector<Term> merged = mergeTerms(std::move(terms));
  if (!equalities.empty())
    merged = replaceProducts(std::move(merged));
  if (merged.size() > maxTerms)
    return {};
  auto [position, inserted] = polynomials.try_emplace(merged, Polynomial{this, merged});
  return Expression(&position->second);
}

Expression ExpressionContext::constant(int64_t value) { return normalize({Term{value, {}}}); }

Expression ExpressionContext::dimension(llvm::StringRef name) {
  return normalize({Term{1, {intern(Atom{AtomKind::dimension, name.str(), {}, {}})}}});
}

Expression ExpressionContext::count(unsigned ordinal, Expression bound) {
  return normalize({Term{1, {intern(Atom{AtomKind::count, std::to_string(ordinal), bound, {}})}}});
}

Expression ExpressionContext::atom(AtomKind kind, Expression lhs, Expression rhs) {
  // max and min are symmetric: one order stands for both, with a constant last.
  bool symmetric = kind == AtomKind::max || kind == AtomKind::min;
  if (symmetric && (lhs.getConstant() || (!rhs.getConstant() && rhs.getPolynomial()->terms < lhs.getPolynomial()->terms)))
    std::swap(lhs, rhs);
  Atom made{kind, "", lhs, rhs};
  made.depth = 1 + std::max(depthOf(lhs), depthOf(rhs));
  if (made.depth > maxDepth)
    return {};
  return normalize({Term{1, {intern(std::move(made))}}});
}

unsigned ExpressionContext::intern(Atom atom) {
  auto key = std::make_tuple(atom.kind, atom.name, atom.lhs.getPolynomial(), atom.rhs.getPolynomial());
  auto [position, inserted] = atomIndex.try_emplace(key, atoms.size());
  if (inserted) {
    atom.lowerBound = findLowerBound(atom);
    atom.dependsOnData = atom.kind == AtomKind::count || atom.lhs.dependsOnData() || atom.rhs.dependsOnData();
    atoms.push_back(std::move(atom));
  }
  return position->second;
}

}  // namespace switchyard
