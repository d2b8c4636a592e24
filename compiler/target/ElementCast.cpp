#include "compiler/target/ElementCast.h"

#include "compiler/target/RecipeReader.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/Support/raw_ostream.h"

#include <cstring>

using namespace mlir;

namespace switchyard::target {

namespace {

using llvm::APFloat;
using llvm::APInt;
using llvm::APSInt;

bool isUnsigned(Type type) { return type.isUnsignedInteger() || type.isInteger(1); }

APInt load(Type type, const char *source) {
  uint64_t word = 0;
  std::memcpy(&word, source, storedBytes(type));
  return APInt(64, word).trunc(type.getIntOrFloatBitWidth());
}

void store(Type type, APInt bits, char *target) {
  uint64_t word = bits.getZExtValue();
  std::memcpy(target, &word, storedBytes(type));
}

APInt convert(Type from, const APInt &bits, Type to) {
  auto fromFloat = dyn_cast<FloatType>(from), toFloat = dyn_cast<FloatType>(to);
  bool lost;
  if (fromFloat && toFloat) {
    APFloat value(fromFloat.getFloatSemantics(), bits);
    value.convert(toFloat.getFloatSemantics(), APFloat::rmNearestTiesToEven, &lost);
    return value.bitcastToAPInt();
  }
  if (fromFloat) {
    APFloat value(fromFloat.getFloatSemantics(), bits);
    if (to.isInteger(1))
      return APInt(1, !value.isZero());
    APSInt result(to.getIntOrFloatBitWidth(), isUnsigned(to));
    value.convertToInteger(result, APFloat::rmTowardZero, &lost);
    return result;
  }
  if (toFloat) {
    APFloat value(toFloat.getFloatSemantics());
    value.convertFromAPInt(bits, !isUnsigned(from), APFloat::rmNearestTiesToEven);
    return value.bitcastToAPInt();
  }
  if (to.isInteger(1))
    return APInt(1, !bits.isZero());
  unsigned width = to.getIntOrFloatBitWidth();
  return isUnsigned(from) ? bits.zextOrTrunc(width) : bits.sextOrTrunc(width);
}

}  // namespace

Status castElements(Type from, const char *source, Type to, char *target, int64_t count) {
  if (!from.isIntOrFloat() || !to.isIntOrFloat() || from.getIntOrFloatBitWidth() > 64 || to.getIntOrFloatBitWidth() > 64) {
    std::string text;
    llvm::raw_string_ostream(text) << "a weight cannot be cast from " << from << " to " << to;
    return unsupportedError(text);
  }
  int64_t fromBytes = storedBytes(from), toBytes = storedBytes(to);
  for (int64_t i = 0; i < count; ++i)
    store(to, convert(from, load(from, source + i * fromBytes), to), target + i * toBytes);
  return {};
}

}  // namespace switchyard::target
