// Sizes as formulas over named dimensions: shapes, buffer sizes, token counts.
//
//   expression := term (('+' | '-') term)*
//   term       := factor ('*' factor)*
//   factor     := ['-'] digits | name | '(' expression ')' | function '(' expression ',' expression ')'
//   function   := ceildiv | floordiv | max | min
//   name       := identifier | '`' any characters, '`' doubled '`'
//
// The identifiers `ranks` and `threads` are the world size and the kernel threads of a rank; every other name, and
// every name in backquotes, is a dimension. Arithmetic is on 64-bit integers; an overflow or a division by a number
// below 1 is an error, and so is a negative size: the dimensions of a call lead to them, so they are beyond a limit.
#ifndef SWITCHYARD_RUNTIME_ARTIFACT_EXPRESSION_H
#define SWITCHYARD_RUNTIME_ARTIFACT_EXPRESSION_H

#include "runtime/base/status.h"

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace switchyard::artifact {

/// What the names of an expression stand for.
struct ExpressionScope {
  std::map<std::string, int64_t> dims;
  int64_t ranks = 1;
  int64_t threads = 1;
};

/// An immutable formula. Two formulas are equal when they are written the same.
class Expression {
public:
  /// Larger formulas are refused by parse(): a size is a short formula, and a reader must not spend its time here.
  static constexpr size_t maxTokens = 4096;

  enum class Operation { constant, dimension, ranks, threads, add, subtract, multiply, ceilDivide, floorDivide, max, min };

  /// The constant 0.
  Expression() : Expression(0) {}
  Expression(int64_t value) : tokens_{{Operation::constant, value, ""}} {}
  static Expression dimension(llvm::StringRef name) { return Expression(Token{Operation::dimension, 0, name.str()}); }
  static Expression ranks() { return Expression(Token{Operation::ranks, 0, ""}); }
  static Expression threads() { return Expression(Token{Operation::threads, 0, ""}); }
  /// `operation` is one of add … min. Constants are folded, as are x + 0, x - 0, x * 1 and a division by 1.
  static Expression binary(Operation operation, const Expression &left, const Expression &right);
  static Result<Expression> parse(llvm::StringRef text);

  /// The text that parse() reads, with as few parentheses as the grammar allows.
  std::string print() const;
  Result<int64_t> evaluate(const ExpressionScope &scope) const;
  /// evaluate() of a size: a negative value is an error.
  Result<uint64_t> evaluateSize(const ExpressionScope &scope) const;
  /// A number that the value does not exceed while every dimension lies between 0 and its value in `limits`; ranks and threads are
  /// as there. It is the largest value itself where no dimension both raises and lowers the formula.
  Result<int64_t> upperBound(const ExpressionScope &limits) const;
  /// upperBound() of a size: one that is negative whatever the dimensions are is an error.
  Result<uint64_t> upperBoundSize(const ExpressionScope &limits) const;

  /// The value of a formula that is a plain number.
  std::optional<int64_t> asConstant() const;
  /// Names of the dimensions, each once, in order of their first use.
  std::vector<std::string> dimensions() const;
  /// The formula made anew of values of another kind: leaf(operation, number, name) of what it reads, join(operation, left, right) of the rest.
  template <typename Value, typename Leaf, typename Join> Value rebuild(const Leaf &leaf, const Join &join) const {
    std::vector<Value> stack;
    for (const Token &token : tokens_) {
      if (token.operation < Operation::add) {
        stack.push_back(leaf(token.operation, token.value, llvm::StringRef(token.name)));
        continue;
      }
      Value right = stack.back();
      stack.pop_back();
      stack.back() = join(token.operation, stack.back(), right);
    }
    return stack.back();
  }
  size_t size() const { return tokens_.size(); }

  friend bool operator==(const Expression &a, const Expression &b) { return a.tokens_ == b.tokens_; }

private:
  friend class ExpressionParser;

  /// One element of the postfix form, which needs no recursion to evaluate, print or destroy.
  struct Token {
    Operation operation;
    int64_t value;
    std::string name;
    friend bool operator==(const Token &, const Token &) = default;
  };
  explicit Expression(Token token) : tokens_{std::move(token)} {}

  Status unknownDimension(const Token &token) const;
  Result<uint64_t> asSize(const Result<int64_t> &value) const;

  std::vector<Token> tokens_;
};

inline Expression operator+(const Expression &a, const Expression &b) { return Expression::binary(Expression::Operation::add, a, b); }
inline Expression operator-(const Expression &a, const Expression &b) { return Expression::binary(Expression::Operation::subtract, a, b); }
inline Expression operator*(const Expression &a, const Expression &b) { return Expression::binary(Expression::Operation::multiply, a, b); }
inline Expression ceilDivide(const Expression &a, const Expression &b) {
  return Expression::binary(Expression::Operation::ceilDivide, a, b);
}
inline Expression floorDivide(const Expression &a, const Expression &b) {
  return Expression::binary(Expression::Operation::floorDivide, a, b);
}
inline Expression max(const Expression &a, const Expression &b) { return Expression::binary(Expression::Operation::max, a, b); }
inline Expression min(const Expression &a, const Expression &b) { return Expression::binary(Expression::Operation::min, a, b); }

}  // namespace switchyard::artifact

#endif  // SWITCHYARD_RUNTIME_ARTIFACT_EXPRESSION_H
