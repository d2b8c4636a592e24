#include "runtime/artifact/expression.h"

#include "runtime/base/checked.h"
#include "runtime/base/escape.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <algorithm>
#include <limits>

namespace switchyard::artifact {
namespace {

using Operation = Expression::Operation;

bool isBinary(Operation operation) { return operation >= Operation::add; }

llvm::StringRef spelling(Operation operation) {
  switch (operation) {
  case Operation::add:
    return " + ";
  case Operation::subtract:
    return " - ";
  case Operation::multiply:
    return " * ";
  case Operation::ceilDivide:
    return "ceildiv";
  case Operation::floorDivide:
    return "floordiv";
  case Operation::max:
    return "max";
  case Operation::min:
    return "min";
  case Operation::ranks:
    return "ranks";
  case Operation::threads:
    return "threads";
  case Operation::constant:
  case Operation::dimension:
    return "";
  }
  return "";
}

/// The quotient rounded down, or up; nothing for a divisor below 1.
std::optional<int64_t> divide(int64_t a, int64_t b, bool up) {
  if (b < 1)
    return std::nullopt;
  int64_t quotient = a / b, remainder = a % b;
  if (up)
    return quotient + (remainder > 0 ? 1 : 0);
  return quotient - (remainder < 0 ? 1 : 0);
}

std::optional<int64_t> apply(Operation operation, int64_t a, int64_t b) {
  switch (operation) {
  case Operation::add:
    return checkedAdd(a, b);
  case Operation::subtract:
    return checkedSubtract(a, b);
  case Operation::multiply:
    return checkedMultiply(a, b);
  case Operation::ceilDivide:
    return divide(a, b, true);
  case Operation::floorDivide:
    return divide(a, b, false);
  case Operation::max:
    return std::max(a, b);
  case Operation::min:
    return std::min(a, b);
  default:
    return std::nullopt;
  }
}

/// Where the values of a part of a formula lie. A bound that has no 64-bit value is the nearest number that has: what lies
/// beyond is no value of the formula either.
struct Interval {
  int64_t low, high;
};

int64_t saturate(std::optional<int64_t> exact, bool negative) {
  return exact.value_or(negative ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max());
}

Interval hull(const int64_t (&corners)[4]) { return {*std::min_element(corners, corners + 4), *std::max_element(corners, corners + 4)}; }

Interval multiply(Interval a, Interval b) {
  const auto product = [](int64_t x, int64_t y) { return saturate(checkedMultiply(x, y), (x < 0) != (y < 0)); };
  return hull({product(a.low, b.low), product(a.low, b.high), product(a.high, b.low), product(a.high, b.high)});
}

/// Divisors below 1 have no quotient and count for nothing.
std::optional<Interval> divide(Interval a, Interval b, bool up) {
  if (b.high < 1)
    return std::nullopt;
  const auto quotient = [&](int64_t x, int64_t y) { return *divide(x, std::max<int64_t>(y, 1), up); };
  return hull({quotient(a.low, b.low), quotient(a.low, b.high), quotient(a.high, b.low), quotient(a.high, b.high)});
}

std::optional<Interval> apply(Operation operation, Interval a, Interval b) {
  switch (operation) {
  case Operation::add:
    return Interval{saturate(checkedAdd(a.low, b.low), a.low < 0), saturate(checkedAdd(a.high, b.high), a.high < 0)};
  case Operation::subtract:
    return Interval{saturate(checkedSubtract(a.low, b.high), a.low < 0), saturate(checkedSubtract(a.high, b.low), a.high < 0)};
  case Operation::multiply:
    return multiply(a, b);
  case Operation::ceilDivide:
  case Operation::floorDivide:
    return divide(a, b, operation == Operation::ceilDivide);
  case Operation::max:
    return Interval{std::max(a.low, b.low), std::max(a.high, b.high)};
  case Operation::min:
    return Interval{std::min(a.low, b.low), std::min(a.high, b.high)};
  default:
    return std::nullopt;
  }
}

bool isIdentifier(llvm::StringRef name) {
  return !name.empty() && (llvm::isAlpha(name[0]) || name[0] == '_') &&
         llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

bool isReserved(llvm::StringRef name) {
  return name == "ranks" || name == "threads" || name == "ceildiv" || name == "floordiv" || name == "max" || name == "min";
}

std::string printName(llvm::StringRef name) {
  if (isIdentifier(name) && !isReserved(name))
    return name.str();
  std::string out = "`";
  for (char c : name)
    out.append(c == '`' ? 2 : 1, c);
  return out + "`";
}

}  // namespace

Expression Expression::binary(Operation operation, const Expression &left, const Expression &right) {
  std::optional<int64_t> a = left.asConstant(), b = right.asConstant();
  if (a && b)
    if (std::optional<int64_t> value = apply(operation, *a, *b))
      return Expression(*value);
  bool sum = operation == Operation::add || operation == Operation::subtract;
  bool product = operation == Operation::multiply || operation == Operation::ceilDivide || operation == Operation::floorDivide;
  if ((sum && b == 0) || (product && b == 1))
    return left;
  if ((operation == Operation::add && a == 0) || (operation == Operation::multiply && a == 1))
    return right;
  Expression result = left;
  result.tokens_.insert(result.tokens_.end(), right.tokens_.begin(), right.tokens_.end());
  result.tokens_.push_back({operation, 0, ""});
  return result;
}

std::optional<int64_t> Expression::asConstant() const {
  if (tokens_.size() == 1 && tokens_[0].operation == Operation::constant)
    return tokens_[0].value;
  return std::nullopt;
}

std::vector<std::string> Expression::dimensions() const {
  std::vector<std::string> names;
  for (const Token &token : tokens_)
    if (token.operation == Operation::dimension && !llvm::is_contained(names, token.name))
      names.push_back(token.name);
  return names;
}

Result<int64_t> Expression::evaluate(const ExpressionScope &scope) const {
  std::vector<int64_t> stack;
  for (const Token &token : tokens_) {
    if (token.operation == Operation::dimension) {
      auto found = scope.dims.find(token.name);
      if (found == scope.dims.end())
        return unknownDimension(token);
      stack.push_back(found->second);
    } else if (isBinary(token.operation)) {
      int64_t b = stack.back();
      stack.pop_back();
      std::optional<int64_t> value = apply(token.operation, stack.back(), b);
      if (!value)
        return limitError("expression " + quote(print()) + ": " + spelling(token.operation).trim() + " of " + llvm::Twine(stack.back()) +
                          " and " + llvm::Twine(b) + " has no 64-bit value");
      stack.back() = *value;
    } else {
      stack.push_back(token.operation == Operation::ranks     ? scope.ranks
                      : token.operation == Operation::threads ? scope.threads
                                                              : token.value);
    }
  }
  return stack.back();
}

Result<uint64_t> Expression::evaluateSize(const ExpressionScope &scope) const { return asSize(evaluate(scope)); }

Result<int64_t> Expression::upperBound(const ExpressionScope &limits) const {
  std::vector<Interval> stack;
  for (const Token &token : tokens_) {
    if (token.operation == Operation::dimension) {
      auto found = limits.dims.find(token.name);
      if (found == limits.dims.end())
        return unknownDimension(token);
      stack.push_back({std::min<int64_t>(found->second, 0), found->second});
    } else if (isBinary(token.operation)) {
      Interval b = stack.back();
      stack.pop_back();
      std::optional<Interval> value = apply(token.operation, stack.back(), b);
      if (!value)
        return limitError("expression " + quote(print()) + ": " + spelling(token.operation).trim() + " by at most " + llvm::Twine(b.high) +
                          " has no value");
      stack.back() = *value;
    } else {
      int64_t value = token.operation == Operation::ranks     ? limits.ranks
                      : token.operation == Operation::threads ? limits.threads
                                                              : token.value;
      stack.push_back({value, value});
    }
  }
  if (stack.back().high == std::numeric_limits<int64_t>::max() && !asConstant())
    return limitError("expression " + quote(print()) + " has no bound below 2^63; lower the limits");
  return stack.back().high;
}

Result<uint64_t> Expression::upperBoundSize(const ExpressionScope &limits) const { return asSize(upperBound(limits)); }

Result<uint64_t> Expression::asSize(const Result<int64_t> &value) const {
  if (!value.ok())
    return value.status();
  if (*value < 0)
    return limitError("expression " + quote(print()) + " is " + llvm::Twine(*value) + ", but a size is not negative");
  return static_cast<uint64_t>(*value);
}

Status Expression::unknownDimension(const Token &token) const {
  return invalidError("expression " + quote(print()) + ": dimension " + quote(token.name) + " is not known");
}

std::string Expression::print() const {
  // Precedence: 0 sum, 1 product, 2 factor.
  struct Piece {
    std::string text;
    int precedence;
    std::string atLeast(int wanted) const { return precedence < wanted ? "(" + text + ")" : text; }
  };
  std::vector<Piece> stack;
  for (const Token &token : tokens_) {
    if (token.operation == Operation::constant) {
      stack.push_back({std::to_string(token.value), 2});
    } else if (!isBinary(token.operation)) {
      stack.push_back({token.operation == Operation::dimension ? printName(token.name) : spelling(token.operation).str(), 2});
    } else {
      Piece right = std::move(stack.back());
      stack.pop_back();
      Piece &left = stack.back();
      if (token.operation <= Operation::multiply) {
        int own = token.operation == Operation::multiply ? 1 : 0;
        left = {left.atLeast(own) + spelling(token.operation).str() + right.atLeast(own + 1), own};
      } else {
        left = {spelling(token.operation).str() + "(" + left.text + ", " + right.text + ")", 2};
      }
    }
  }
  return stack.back().text;
}

/// Recursive descent; the result is appended in postfix order.
class ExpressionParser {
public:
  explicit ExpressionParser(llvm::StringRef text) : all_(text), rest_(text) {}

  Result<Expression> run() {
    result_.tokens_.clear();
    if (!sum(0))
      return status_;
    if (!rest_.ltrim().empty())
      return fault("unexpected " + quote(rest_.ltrim().take_front(20))), status_;
    return std::move(result_);
  }

private:
  static constexpr int maxDepth = 64;

  bool fault(const llvm::Twine &what) {
    if (status_.ok())
      status_ = invalidError("expression " + quote(all_) + ": " + what);
    return false;
  }

  bool accept(char c) {
    rest_ = rest_.ltrim();
    return rest_.consume_front(llvm::StringRef(&c, 1));
  }
  bool expect(char c) { return accept(c) || fault("'" + llvm::Twine(c) + "' expected at " + position()); }
  std::string position() { return rest_.empty() ? "the end" : quote(rest_.take_front(20)); }

  bool push(Operation operation, int64_t value = 0, llvm::StringRef name = "") {
    if (result_.tokens_.size() == Expression::maxTokens)
      return fault("more than " + llvm::Twine(Expression::maxTokens) + " parts");
    result_.tokens_.push_back({operation, value, name.str()});
    return true;
  }

  bool sum(int depth) {
    if (depth > maxDepth)
      return fault("nested deeper than " + llvm::Twine(maxDepth) + " levels");
    if (!product(depth))
      return false;
    while (true) {
      Operation operation = accept('+') ? Operation::add : accept('-') ? Operation::subtract : Operation::constant;
      if (operation == Operation::constant)
        return true;
      if (!product(depth) || !push(operation))
        return false;
    }
  }

  bool product(int depth) {
    if (!factor(depth))
      return false;
    while (accept('*'))
      if (!factor(depth) || !push(Operation::multiply))
        return false;
    return true;
  }

  bool factor(int depth) {
    rest_ = rest_.ltrim();
    if (accept('('))
      return sum(depth + 1) && expect(')');
    if (accept('`'))
      return quotedName();
    if (!rest_.empty() && (llvm::isDigit(rest_[0]) || rest_[0] == '-'))
      return integer();
    llvm::StringRef name = rest_.take_while([](char c) { return llvm::isAlnum(c) || c == '_'; });
    if (name.empty())
      return fault("a number, a name or '(' expected at " + position());
    rest_ = rest_.drop_front(name.size());
    for (Operation operation : {Operation::ceilDivide, Operation::floorDivide, Operation::max, Operation::min})
      if (name == spelling(operation))
        return expect('(') && sum(depth + 1) && expect(',') && sum(depth + 1) && expect(')') && push(operation);
    if (name == "ranks" || name == "threads")
      return push(name == "ranks" ? Operation::ranks : Operation::threads);
    return push(Operation::dimension, 0, name);
  }

  bool integer() {
    size_t sign = rest_.starts_with("-") ? 1 : 0;
    llvm::StringRef digits = rest_.take_front(sign + rest_.drop_front(sign).take_while(llvm::isDigit).size());
    int64_t value = 0;
    if (digits.getAsInteger(10, value))
      return fault(quote(digits.empty() ? rest_.take_front(20) : digits) + " is not a 64-bit integer");
    rest_ = rest_.drop_front(digits.size());
    return push(Operation::constant, value);
  }

  bool quotedName() {
    std::string name;
    while (true) {
      size_t end = rest_.find('`');
      if (end == llvm::StringRef::npos)
        return fault("a name in backquotes does not end");
      name += rest_.take_front(end);
      rest_ = rest_.drop_front(end + 1);
      if (!rest_.consume_front("`"))
        break;
      name += '`';
    }
    return name.empty() ? fault("an empty name") : push(Operation::dimension, 0, name);
  }

  llvm::StringRef all_, rest_;
  Status status_;
  Expression result_;
};

Result<Expression> Expression::parse(llvm::StringRef text) { return ExpressionParser(text).run(); }

}  // namespace switchyard::artifact
