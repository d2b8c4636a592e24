#include "tools/moe-run/comparison.h"

#include "kernels/common/narrow.h"
#include "runtime/exec/dims.h"
#include "tools/moe-run/floats.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>

namespace switchyard::run {
namespace {

template <typename T> T load(const char *data, int64_t index) {
  T value;
  std::memcpy(&value, data + index * sizeof(T), sizeof(T));
  return value;
}

/// Of u64 the same bits: enough to tell whether two are equal.
int64_t loadInteger(ElementType type, const char *data, int64_t index) {
  if (isNarrow(type))
    return int64_t(kernels::narrow::decode(static_cast<kernels::ElementType>(type), load<uint8_t>(data, index)));
  switch (type) {
  case ElementType::i64:
  case ElementType::u64:
    return load<int64_t>(data, index);
  case ElementType::i32:
    return load<int32_t>(data, index);
  case ElementType::u32:
    return load<uint32_t>(data, index);
  case ElementType::i16:
    return load<int16_t>(data, index);
  case ElementType::u16:
    return load<uint16_t>(data, index);
  case ElementType::i8:
    return load<int8_t>(data, index);
  default:
    return load<uint8_t>(data, index);
  }
}

std::string indexText(int64_t index, const std::vector<int64_t> &shape) {
  std::string text;
  for (size_t axis = shape.size(); axis-- > 0;) {
    text = std::to_string(index % shape[axis]) + (text.empty() ? "" : "," + text);
    index /= shape[axis];
  }
  return "[" + text + "]";
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.9g", value);
  return text;
}

/// The distance of two floats; infinite where one alone is NaN.
double difference(double got, double want) {
  if ((std::isnan(got) && std::isnan(want)) || got == want)
    return 0;
  const double distance = std::fabs(got - want);
  return std::isnan(distance) ? std::numeric_limits<double>::infinity() : distance;
}

}  // namespace

Comparison compare(const exec::Output &got, const Array &want, Tolerance tolerance) {
  Comparison result;
  int64_t elements = 1;
  for (int64_t extent : got.shape)
    elements *= extent;
  if (got.type != want.type || got.shape != want.shape) {
    result.sameForm = false;
    result.mismatches = std::max<int64_t>(elements, 1);
    result.largestDifference = std::numeric_limits<double>::infinity();
    result.firstMismatch = " in form: it is " + exec::describe(got.type, got.shape) + ", expected " + exec::describe(want.type, want.shape);
    return result;
  }
  for (int64_t index = 0; index < elements; ++index) {
    double distance, allowed = 0;
    std::string values;
    if (isFloat(got.type)) {
      const double a = loadFloat(got.type, got.data.data(), index), b = loadFloat(want.type, want.data.data(), index);
      distance = difference(a, b);
      allowed = std::isfinite(b) ? tolerance.absolute + tolerance.relative * std::fabs(b) : 0;
      if (distance > allowed && result.mismatches == 0)
        values = number(a) + ", expected " + number(b);
    } else {
      const int64_t a = loadInteger(got.type, got.data.data(), index), b = loadInteger(want.type, want.data.data(), index);
      distance = a == b ? 0 : std::fabs(double(a) - double(b));
      if (a != b && result.mismatches == 0)
        values = std::to_string(a) + ", expected " + std::to_string(b);
    }
    result.largestDifference = std::max(result.largestDifference, distance);
    if (distance > allowed && result.mismatches++ == 0)
      result.firstMismatch = " at " + indexText(index, got.shape) + ": " + values;
  }
  return result;
}

}  // namespace switchyard::run
