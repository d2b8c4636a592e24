#include "runtime/artifact/expression.h"

#include <gtest/gtest.h>

namespace switchyard::artifact {
namespace {

ExpressionScope scope() {
  return {{{"batch", 3}, {"sequence", 10}, {"past length + 1", 7}, {"ranks", 99}, {"a`b", 5}, {"huge", INT64_MAX}}, 4, 2};
}

int64_t value(llvm::StringRef text) {
  Result<Expression> expression = Expression::parse(text);
  EXPECT_TRUE(expression.ok()) << expression.status().message();
  Result<int64_t> result = expression->evaluate(scope());
  EXPECT_TRUE(result.ok()) << result.status().message();
  return result.ok() ? *result : INT64_MIN;
}

TEST(Expression, Evaluates) {
  EXPECT_EQ(value("42"), 42);
  EXPECT_EQ(value("batch*sequence - 1"), 29);
  EXPECT_EQ(value("2 + 3 * 4"), 14);
  EXPECT_EQ(value("(2 + 3) * 4"), 20);
  EXPECT_EQ(value("10 - 4 - 3"), 3);
  EXPECT_EQ(value("10 - (4 - 3)"), 9);
  EXPECT_EQ(value("ceildiv(batch * sequence, ranks)"), 8);
  EXPECT_EQ(value("floordiv(batch * sequence, ranks)"), 7);
  EXPECT_EQ(value("ceildiv(-7, 2)"), -3);
  EXPECT_EQ(value("floordiv(-7, 2)"), -4);
  EXPECT_EQ(value("max(min(batch, 2), threads)"), 2);
  EXPECT_EQ(value("`past length + 1` - 1"), 6);
  EXPECT_EQ(value("`a``b`"), 5);
  EXPECT_EQ(value("-9223372036854775808"), INT64_MIN);
}

TEST(Expression, ReservedNamesAreDimensionsInBackquotesOnly) {
  EXPECT_EQ(value("ranks"), 4);
  EXPECT_EQ(value("`ranks`"), 99);
  EXPECT_EQ(Expression::dimension("ranks").print(), "`ranks`");
  EXPECT_EQ(Expression::ranks().print(), "ranks");
}

TEST(Expression, PrintsWhatItParses) {
  for (const char *text : {"0", "-5", "batch", "a + b - c", "a - (b - c)", "a * (b + c) * 2", "ceildiv(a + b, ranks) * 4", "a * (b * c)",
                           "max(a, min(b, floordiv(c, 2)))", "`past length + 1` - 1", "`a``b` + threads", "(a + b) * -3"}) {
    Result<Expression> expression = Expression::parse(text);
    ASSERT_TRUE(expression.ok()) << expression.status().message();
    EXPECT_EQ(expression->print(), text);
  }
}

TEST(Expression, BuildsAndFolds) {
  Expression tokens = Expression::dimension("batch") * Expression::dimension("sequence");
  EXPECT_EQ((ceilDivide(tokens, Expression::ranks()) * 2 * 64).print(), "ceildiv(batch * sequence, ranks) * 2 * 64");
  EXPECT_EQ((tokens * 1 + 0).print(), "batch * sequence");
  EXPECT_EQ((Expression(1) * tokens).print(), "batch * sequence");
  EXPECT_EQ((Expression(6) * 7).asConstant(), 42);
  EXPECT_EQ(max(tokens, 8).dimensions(), (std::vector<std::string>{"batch", "sequence"}));
  // What has no value stays a formula, and says so when it is evaluated.
  EXPECT_FALSE((Expression(INT64_MAX) + 1).asConstant());
}

TEST(Expression, FaultsOfEvaluation) {
  auto message = [](llvm::StringRef text) { return Expression::parse(text)->evaluateSize(scope()).status().message(); };
  EXPECT_EQ(message("nothing + 1"), "expression 'nothing + 1': dimension 'nothing' is not known");
  EXPECT_EQ(message("huge + 1"), "expression 'huge + 1': + of 9223372036854775807 and 1 has no 64-bit value");
  EXPECT_EQ(message("huge * 2"), "expression 'huge * 2': * of 9223372036854775807 and 2 has no 64-bit value");
  EXPECT_EQ(message("ceildiv(batch, batch - 3)"), "expression 'ceildiv(batch, batch - 3)': ceildiv of 3 and 0 has no 64-bit value");
  EXPECT_EQ(message("batch - sequence"), "expression 'batch - sequence' is -7, but a size is not negative");
}

int64_t bound(llvm::StringRef text) {
  const Result<int64_t> result = Expression::parse(text)->upperBound(scope());
  EXPECT_TRUE(result.ok()) << result.status().message();
  return result.ok() ? *result : INT64_MIN;
}

TEST(Expression, BoundsAreTheValuesAtTheLimitsWhereSizesOnlyGrow) {
  for (const char *text : {"42", "-5", "batch * sequence * 64", "(ceildiv(batch * sequence, ranks) * 4 + 17) * 4", "threads * 10 + batch",
                           "max(floordiv(batch * sequence + 3, 4), 2) * 8", "min(batch, sequence)", "batch - 1"})
    EXPECT_EQ(bound(text), value(text)) << text;
}

TEST(Expression, BoundsHoldForSmallerDimensions) {
  EXPECT_EQ(bound("sequence - batch"), 10);
  EXPECT_EQ(bound("max(batch - min(batch, sequence), 0) * 64"), 3 * 64);
  EXPECT_EQ(bound("sequence * (batch - sequence)"), 30);
  EXPECT_EQ(bound("(batch - 3) * (sequence - 10)"), 30);
  EXPECT_EQ(bound("ceildiv(sequence, batch)"), 10);
  EXPECT_EQ(bound("floordiv(batch - 7, 2)"), -2);
  EXPECT_EQ(bound("5 - batch * 2"), 5);
  // A part that can overflow does not where the whole has a value.
  EXPECT_EQ(bound("7 - huge - huge"), 7);
}

TEST(Expression, BoundsCoverEveryValue) {
  for (const char *text : {"a - b", "a * b - b * b", "ceildiv(a - b, b)", "floordiv(a * 7 - b, max(a - b, 1))", "min(a, b) * (a - 2)",
                           "max(a - min(a, b), 0) * 3", "(a - 3) * (b - 5)", "floordiv(b - 9, a)"}) {
    const Expression expression = *Expression::parse(text);
    const int64_t largest = *expression.upperBound({{{"a", 6}, {"b", 8}}, 1, 1});
    for (int64_t a = 0; a <= 6; ++a)
      for (int64_t b = 0; b <= 8; ++b) {
        const Result<int64_t> exact = expression.evaluate({{{"a", a}, {"b", b}}, 1, 1});
        EXPECT_TRUE(!exact.ok() || *exact <= largest) << text << " with a=" << a << ", b=" << b;
      }
  }
}

TEST(Expression, FaultsOfBounds) {
  auto message = [](llvm::StringRef text) { return Expression::parse(text)->upperBoundSize(scope()).status().message(); };
  EXPECT_EQ(message("nothing + 1"), "expression 'nothing + 1': dimension 'nothing' is not known");
  EXPECT_EQ(message("huge * 2"), "expression 'huge * 2' has no bound below 2^63; lower the limits");
  EXPECT_EQ(message("ceildiv(batch, 3 - ranks)"), "expression 'ceildiv(batch, 3 - ranks)': ceildiv by at most -1 has no value");
  EXPECT_EQ(message("0 - batch - 1"), "expression '0 - batch - 1' is -1, but a size is not negative");
}

TEST(Expression, FaultsOfACallsDimensionsAreBeyondALimit) {
  for (const char *text : {"floordiv(8, batch - 3)", "batch - sequence", "huge + 1"})
    EXPECT_EQ(Expression::parse(text)->evaluateSize(scope()).status().code(), ExitCode::limit) << text;
  EXPECT_EQ(Expression::parse("nothing")->evaluateSize(scope()).status().code(), ExitCode::invalid);
}

TEST(Expression, FaultsOfParsing) {
  auto message = [](llvm::StringRef text) { return Expression::parse(text).status().message(); };
  EXPECT_EQ(message(""), "expression '': a number, a name or '(' expected at the end");
  EXPECT_EQ(message("a +"), "expression 'a +': a number, a name or '(' expected at the end");
  EXPECT_EQ(message("a b"), "expression 'a b': unexpected 'b'");
  EXPECT_EQ(message("(a"), "expression '(a': ')' expected at the end");
  EXPECT_EQ(message("max(a)"), "expression 'max(a)': ',' expected at ')'");
  EXPECT_EQ(message("max"), "expression 'max': '(' expected at the end");
  EXPECT_EQ(message("`a"), "expression '`a': a name in backquotes does not end");
  EXPECT_EQ(message("``"), "expression '``': an empty name");
  EXPECT_EQ(message("9223372036854775808"), "expression '9223372036854775808': '9223372036854775808' is not a 64-bit integer");
  EXPECT_EQ(message("a / 2"), "expression 'a / 2': unexpected '/ 2'");
  EXPECT_EQ(message("1.5"), "expression '1.5': unexpected '.5'");
  EXPECT_NE(message(std::string(100, '(')).find("nested deeper than 64 levels"), std::string::npos);
  std::string sum = "1";
  for (int i = 0; i < 5000; ++i)
    sum += "+1";
  EXPECT_NE(message(sum).find("more than 4096 parts"), std::string::npos);
}

}  // namespace
}  // namespace switchyard::artifact
