// Sizes that a call must make equal: for which values of a dimension they are, and how a call ends that does not.
#include "runtime/artifact/equality.h"

#include <gtest/gtest.h>

namespace switchyard::artifact {
namespace {

Expression parsed(const char *text) { return *Expression::parse(text); }

Equality equality(const char *left, const char *right) { return {parsed(left), parsed(right), "node 'x' (Add)"}; }

TEST(Equality, TheOnlyDimensionIsNamed) {
  EXPECT_EQ(onlyDimension(equality("min(n, 4)", "n")), "n");
  EXPECT_EQ(onlyDimension(equality("n + m", "3")), "");
  EXPECT_EQ(onlyDimension(equality("4", "3")), "");
}

TEST(Equality, AllThatAreOverADimensionMustHold) {
  const std::vector<Equality> all{equality("min(n, 8)", "n"), equality("3 * floordiv(n, 3)", "n"), equality("m", "7")};
  EXPECT_EQ(fittingValues(all, "n", 100), (std::vector<ValueRange>{{3, 3}, {6, 6}}));
  EXPECT_EQ(fittingValues(all, "m", 6), std::vector<ValueRange>());
  EXPECT_EQ(fittingValues({equality("floordiv(8, n - 2)", "8")}, "n", 5), (std::vector<ValueRange>{{3, 3}}));
  EXPECT_EQ(fittingValues({}, "n", int64_t(1) << 40), (std::vector<ValueRange>{{1, maxTriedValues}}));
}

TEST(Equality, ValuesAreListed) {
  EXPECT_EQ(describeValues({{1, 256}}), "1 to 256");
  EXPECT_EQ(describeValues({{1, 2}, {4, 4}}), "1 to 2, 4");
  EXPECT_EQ(describeValues({{4, 4}, {8, 8}, {12, 12}, {16, 16}, {20, 20}}), "4, 8, 12, 16 and further numbers");
  EXPECT_EQ(describeValues({}), "no number within the limit");
}

TEST(Equality, ACallThatBreaksOneEnds) {
  const ExpressionScope limits{{{"n", 16}, {"m", 16}}, 1, 1};
  const auto check = [&](std::vector<Equality> all, int64_t n, int64_t m) {
    const Status status = checkEqualities(all, {{{"n", n}, {"m", m}}, 1, 1}, limits);
    EXPECT_TRUE(status.ok() || status.code() == ExitCode::limit);
    return status.message();
  };
  EXPECT_EQ(check({equality("min(n, 8)", "n")}, 8, 0), "");
  EXPECT_EQ(check({equality("min(n, 8)", "n")}, 9, 0),
            "node 'x' (Add): the sizes 'min(n, 8)' and 'n' must be equal, but are 8 and 9; the program is for a 'n' of 1 to 8 only");
  EXPECT_EQ(check({equality("n", "m - 1")}, 3, 5),
            "node 'x' (Add): the sizes 'n' and 'm - 1' must be equal, but are 3 and 4; the program is for other inputs only");
  EXPECT_EQ(check({equality("floordiv(n, m)", "1")}, 3, 0),
            "node 'x' (Add): expression 'floordiv(n, m)': floordiv of 3 and 0 has no 64-bit value");
}

}  // namespace
}  // namespace switchyard::artifact
