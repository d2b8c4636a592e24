// Statuses, checked arithmetic, element types, relative paths, digests.
#include "runtime/base/checked.h"
#include "runtime/base/digest.h"
#include "runtime/base/element_type.h"
#include "runtime/base/relative_path.h"
#include "runtime/base/status.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

Result<int> half(int value) {
  if (value % 2)
    return invalidError(llvm::Twine(value) + " is odd");
  return value / 2;
}

Result<int> quarter(int value) {
  SWITCHYARD_ASSIGN_OR_RETURN(int once, half(value));
  SWITCHYARD_RETURN_IF_ERROR(half(once).status());
  return half(once);
}

TEST(Status, CarriesCodeAndMessage) {
  EXPECT_EQ(*quarter(12), 3);
  EXPECT_EQ(quarter(6).status().message(), "3 is odd");
  EXPECT_EQ(quarter(6).status().code(), ExitCode::invalid);
  EXPECT_EQ(quarter(6).status().within("quarter of 6").message(), "quarter of 6: 3 is odd");
  EXPECT_TRUE(Status().within("nothing").ok());
  EXPECT_EQ(Result<int>(Status()).status().code(), ExitCode::internal);
}

TEST(Checked, Arithmetic) {
  EXPECT_EQ(checkedAdd<uint64_t>(UINT64_MAX, 1), std::nullopt);
  EXPECT_EQ(checkedSubtract<int64_t>(INT64_MIN, 1), std::nullopt);
  EXPECT_EQ(checkedMultiply<int64_t>(int64_t(1) << 62, 2), std::nullopt);
  EXPECT_EQ(checkedMultiply<int64_t>(-3, 5), -15);
  EXPECT_EQ(checkedAlign(4097, 4096), 8192u);
  EXPECT_EQ(checkedAlign(4096, 4096), 4096u);
  EXPECT_EQ(checkedAlign(UINT64_MAX - 1, 256), std::nullopt);
}

TEST(Checked, SliceDoesNotWrap) {
  EXPECT_TRUE(checkedSlice(10, 10, 0));
  EXPECT_TRUE(checkedSlice(10, 3, 7));
  EXPECT_FALSE(checkedSlice(10, 3, 8));
  EXPECT_FALSE(checkedSlice(10, 11, 0));
  EXPECT_FALSE(checkedSlice(10, 5, UINT64_MAX - 3));
}

TEST(Checked, ProductOfAZeroHidesNoOverflow) {
  EXPECT_EQ(checkedProduct({2, 3}, 4), 24u);
  EXPECT_EQ(checkedProduct({}, 8), 8u);
  EXPECT_EQ(checkedProduct({0, 5}, 4), 0u);
  EXPECT_EQ(checkedProduct({int64_t(1) << 62, 16}, 4), std::nullopt);
  EXPECT_EQ(checkedProduct({0, int64_t(1) << 62, 16}, 4), std::nullopt);
  EXPECT_EQ(checkedProduct({0, -1}, 4), std::nullopt);
}

TEST(ElementType, NamesAreOneToOne) {
  for (int i = 0; i < elementTypeCount; ++i)
    EXPECT_EQ(parseElementType(elementTypeName(static_cast<ElementType>(i))), static_cast<ElementType>(i));
  EXPECT_EQ(parseElementType("float"), std::nullopt);
  EXPECT_EQ(elementBytes(ElementType::bf16), 2u);
  EXPECT_EQ(elementBytes(ElementType::boolean), 1u);
}

TEST(RelativePath, Refusals) {
  auto message = [](llvm::StringRef path) { return checkRelativePath(path).message(); };
  for (const char *good : {"x", "a/b/c.bin", "./a", "..a", "a..", "a.b/..c", "ümläut"})
    EXPECT_EQ(message(good), "");
  EXPECT_EQ(message(""), "path '' is empty");
  EXPECT_EQ(message("/etc/passwd"), "path '/etc/passwd' is absolute; only paths inside the model's folder are read");
  for (const char *bad : {"..", "../x", "a/../b", "a/.."})
    EXPECT_NE(message(bad).find("holds '..'; only paths inside the model's folder are read"), std::string::npos) << bad;
  EXPECT_EQ(message("..\\x"), "path '..\\\\x' holds a backslash; parts are separated by '/'");
  EXPECT_EQ(message("C:x"), "path 'C:x' starts with a drive letter; only paths inside the model's folder are read");
  EXPECT_EQ(message(llvm::StringRef("a\0b", 3)), "path 'a\\x00b' holds a NUL character");
  EXPECT_NE(message(std::string(5000, 'a')).find("is too long"), std::string::npos);
}

TEST(Digest, OfPiecesIsTheDigestOfTheWhole) {
  // The published test vector of the empty input.
  EXPECT_EQ(digestOf(""), "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262");
  Digest digest;
  digest.append("abc", 3);
  EXPECT_EQ(digest.hex(), digestOf("abc"));
  digest.append("def", 3);
  EXPECT_EQ(digest.hex(), digestOf("abcdef"));
}

}  // namespace
}  // namespace switchyard
