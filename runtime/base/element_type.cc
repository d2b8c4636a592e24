#include "runtime/base/element_type.h"

namespace switchyard {
namespace {

struct Row {
  llvm::StringLiteral name;
  uint64_t bytes;
};

/// In the order of the enumeration.
constexpr Row rows[elementTypeCount] = {{"f32", 4}, {"f16", 2}, {"bf16", 2}, {"f64", 8}, {"i64", 8},
                                        {"i32", 4}, {"i16", 2}, {"i8", 1},   {"u8", 1},  {"bool", 1},
                                        {"u16", 2}, {"u32", 4}, {"u64", 8},
                                        {"f8e4m3fn", 1}, {"f8e4m3fnuz", 1}, {"f8e5m2", 1}, {"f8e5m2fnuz", 1},
                                        {"f8e8m0", 1}, {"f6e2m3", 1}, {"f6e3m2", 1}, {"f4e2m1", 1},
                                        {"i4", 1}, {"u4", 1}, {"i2", 1}, {"u2", 1}};

}  // namespace

llvm::StringRef elementTypeName(ElementType type) { return rows[static_cast<int>(type)].name; }

std::optional<ElementType> parseElementType(llvm::StringRef name) {
  for (int i = 0; i < elementTypeCount; ++i)
    if (rows[i].name == name)
      return static_cast<ElementType>(i);
  return std::nullopt;
}

uint64_t elementBytes(ElementType type) { return rows[static_cast<int>(type)].bytes; }

}  // namespace switchyard
