// Integer expressions over a model's named dimensions, in a normal form that makes proofs of equality cheap.
//
// An expression is a polynomial with integer coefficients over atoms: named dimensions, counts that only data tells, and
// the quotients, maxima and minima of other expressions. Expressions are uniqued in their context, so that two are equal iff they are the same
// object. All dimensions and counts are known to be at least 0; arithmetic wraps like ONNX's int64. What would grow too long or too
// deep is "not known", and so is everything computed from it: time stays linear whatever a model asks for.
#ifndef SWITCHYARD_COMPILER_ANALYSIS_EXPRESSION_H
#define SWITCHYARD_COMPILER_ANALYSIS_EXPRESSION_H

#include "llvm/ADT/DenseMapInfo.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

class ExpressionContext;

/// One summand: coefficient times the product of the atoms (indices into the context, ascending, with repetition).
struct Term {
  int64_t coefficient;
  std::vector<unsigned> atoms;
  auto operator<=>(const Term &) const = default;
};

struct Polynomial {
  ExpressionContext *context;
  std::vector<Term> terms;  // by degree, then by atoms, descending; the constant is last
};

/// A borrowed handle, valid as long as its context. A default-constructed one stands for "not known".
class Expression {
public:
  Expression() = default;
  explicit Expression(const Polynomial *polynomial) : polynomial(polynomial) {}

  explicit operator bool() const { return polynomial; }
  bool operator==(Expression other) const { return polynomial == other.polynomial; }
  /// True where both are known and equal for all values of the dimensions.
  bool isProvedEqual(Expression other) const { return polynomial && polynomial == other.polynomial; }

  std::optional<int64_t> getConstant() const;
  bool isConstant(int64_t value) const { return getConstant() == value; }
  /// True where the expression is proved to be at least `bound` for all values of the dimensions.
  bool isAtLeast(int64_t bound) const;
  /// The name, where the expression is one named dimension.
  std::optional<llvm::StringRef> getDimension() const;
  /// True where some count that only data tells is part of the expression: it can be compared, but not computed.
  bool dependsOnData() const;

  llvm::ArrayRef<Term> getTerms() const { return polynomial->terms; }
  ExpressionContext &getContext() const { return *polynomial->context; }
  const Polynomial *getPolynomial() const { return polynomial; }

  /// Writes the grammar of docs/contracts.md, section 6.
  void print(llvm::raw_ostream &os) const;
  std::string str() const;

private:
  const Polynomial *polynomial = nullptr;
};

Expression operator+(Expression a, Expression b);
Expression operator-(Expression a, Expression b);
Expression operator*(Expression a, Expression b);
Expression operator+(Expression a, int64_t b);
Expression operator-(Expression a, int64_t b);
Expression operator*(Expression a, int64_t b);
Expression floorDiv(Expression a, Expression b);
Expression ceilDiv(Expression a, Expression b);
/// True where a >= b, or a < b, is proved for all values of the dimensions.
bool isProvedAtLeast(Expression a, Expression b);
bool isProvedLess(Expression a, Expression b);
/// True where `b` is min(x, 1) and `a` 0 wherever x is: a multiple of it, or a count of at most that many.
bool vanishesWith(Expression a, Expression b);
/// Division as ONNX does on integers: towards zero.
Expression truncDiv(Expression a, Expression b);
Expression max(Expression a, Expression b);
Expression min(Expression a, Expression b);
/// `a` where `dimension` n is at least 1: min(n, 1) is 1.
Expression assumeNotEmpty(Expression a, Expression dimension);
/// a / b where b divides a as a polynomial; otherwise not known.
Expression divideExactly(Expression a, Expression b);
/// What one dimension must be for `a` and `b` to be equal: another one, a number, or a formula that only adds and multiplies others, so that it
/// has no value below 0. Nothing where there is no such dimension.
std::optional<std::pair<Expression, Expression>> solveForDimension(Expression a, Expression b);
/// x and y, where one of `a` and `b` is min(x, y), the other x or y, and neither a number: as long as x and y are equal, so are `a` and `b`.
std::optional<std::pair<Expression, Expression>> splitMinimum(Expression a, Expression b);
/// The largest number that divides all coefficients; 0 of 0.
int64_t getContent(Expression a);
/// `a` and `b` without the number and the atoms that divide all of their summands.
std::pair<Expression, Expression> cancelCommonFactor(Expression a, Expression b);
/// `expression` with other values of its dimensions, but for those in quotients, maxima and minima; not known where it grows too long.
Expression replaceDimensions(Expression expression, llvm::function_ref<Expression(llvm::StringRef)> replace);
/// Calls `visit` with the name of every dimension in `expression`.
void visitDimensions(Expression expression, llvm::function_ref<void(llvm::StringRef)> visit);

enum class AtomKind { dimension, count, floorDiv, max, min };

struct Atom {
  AtomKind kind;
  std::string name;  // of a dimension or count
  Expression lhs, rhs;  // of a count: its bound, and nothing
  std::optional<int64_t> lowerBound = std::nullopt;  // a value that it never falls below, if one is known
  int depth = 0;                                     // of nesting in other atoms
  bool dependsOnData = false;                        // it is a count, or has one in it
};

/// Owns and uniques expressions.
class ExpressionContext {
public:
  ExpressionContext() = default;
  ExpressionContext(const ExpressionContext &) = delete;
  ExpressionContext &operator=(const ExpressionContext &) = delete;

  Expression constant(int64_t value);
  Expression dimension(llvm::StringRef name);
  /// A number from 0 to `bound` that only data tells, equal to itself alone.
  Expression count(unsigned ordinal, Expression bound);
  /// The expression of one atom over two others, as it is; not known where it is nested too deep.
  Expression atom(AtomKind kind, Expression lhs, Expression rhs);
  const Atom &getAtom(unsigned index) const { return atoms[index]; }
  /// Sorts and merges `terms`; not known where they are too many.
  Expression normalize(std::vector<Term> terms);
  /// From now on expressions are made as if `a` were `b`: the product in a - b that is made last gives way to the rest. False where that
  /// is a dimension alone, which stands for itself.
  bool assumeEqual(Expression a, Expression b);
  void forgetEqualities() { equalities.clear(); }

private:
  /// A product with its positive coefficient, and what stands for it.
  struct Equality {
    Term product;
    Expression value;
  };
  unsigned intern(Atom atom);
  /// `terms` with what stands for the products in them.
  std::vector<Term> replaceProducts(std::vector<Term> terms) const;
  /// `expression` made anew, so that what is assumed since holds in it; `made` has the atoms that were.
  Expression rebuild(Expression expression, std::map<unsigned, Expression> &made);

  std::deque<Atom> atoms;
  std::map<std::tuple<AtomKind, std::string, const Polynomial *, const Polynomial *>, unsigned> atomIndex;
  std::map<std::vector<Term>, Polynomial> polynomials;
  std::vector<Equality> equalities;
};

/// What Expression::print writes, read again, with `dimension` of its names; not known where the text is none, or names ranks or threads.
Expression parseExpression(ExpressionContext &context, llvm::StringRef text, llvm::function_ref<Expression(llvm::StringRef)> dimension);

inline llvm::raw_ostream &operator<<(llvm::raw_ostream &os, Expression expression) {
  expression.print(os);
  return os;
}

}  // namespace switchyard

template <> struct llvm::DenseMapInfo<switchyard::Expression> {
  using Pointer = DenseMapInfo<const switchyard::Polynomial *>;
  static switchyard::Expression getEmptyKey() { return switchyard::Expression(Pointer::getEmptyKey()); }
  static switchyard::Expression getTombstoneKey() { return switchyard::Expression(Pointer::getTombstoneKey()); }
  static unsigned getHashValue(switchyard::Expression value) { return Pointer::getHashValue(value.getPolynomial()); }
  static bool isEqual(switchyard::Expression a, switchyard::Expression b) { return a == b; }
};

#endif  // SWITCHYARD_COMPILER_ANALYSIS_EXPRESSION_H
