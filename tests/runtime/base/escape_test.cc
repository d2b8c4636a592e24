#include "runtime/base/escape.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

TEST(Escape, LeavesOrdinaryTextAlone) {
  EXPECT_EQ(escaped("layers.0/mlp weight"), "layers.0/mlp weight");
  EXPECT_EQ(escaped("gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80"), "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80");
}

TEST(Escape, ShowsControlCharacters) {
  EXPECT_EQ(escaped("a\nb\tc\\d"), "a\\nb\\tc\\\\d");
  EXPECT_EQ(escaped("\x1b[31mred\x7f"), "\\x1b[31mred\\x7f");
  EXPECT_EQ(escaped(llvm::StringRef("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(escaped("\xc2\x9b"), "\\xc2\\x9b");           // a C1 control: the one-byte form of ESC [
  EXPECT_EQ(escaped("\xe2\x80\xae"), "\\xe2\\x80\\xae");  // right-to-left override
}

TEST(Escape, ShowsInvalidUtf8) {
  EXPECT_EQ(escaped("\xff"), "\\xff");
  EXPECT_EQ(escaped("\xc3"), "\\xc3");
  EXPECT_EQ(escaped("\xc0\xaf"), "\\xc0\\xaf");           // overlong
  EXPECT_EQ(escaped("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // surrogate
}

TEST(Escape, CutsLongText) {
  EXPECT_EQ(escaped(std::string(300, 'a'), 4), "aaaa... (300 bytes)");
  EXPECT_EQ(quote("x"), "'x'");
}

TEST(Escape, TellsUtf8) {
  for (llvm::StringRef text : {"", "a", "\xc3\xa9", "\xe6\x97\xa5", "\xf0\x9f\x98\x80"})
    EXPECT_TRUE(isUtf8(text)) << escaped(text);
  for (llvm::StringRef text : {"\xff", "a\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80"})
    EXPECT_FALSE(isUtf8(text)) << escaped(text);
}

}  // namespace
}  // namespace switchyard
