// The support object as generated code meets it: nothing undefined, the bits of the kernels, and memory moves that are right.
#include "kernels/support/elementary.h"
#include "kernels/support/power.h"
#include "kernels/support/trigonometry.h"
#include "tests/kernels/support_probe.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace elementary = switchyard::kernels::elementary;

static const SupportFunctions &support() {
  static const SupportFunctions functions = [] {
    SupportFunctions loaded{};
    void *library = dlopen(SUPPORT_PROBE, RTLD_NOW | RTLD_LOCAL);
    EXPECT_NE(library, nullptr) << dlerror();
    reinterpret_cast<void (*)(SupportFunctions *)>(dlsym(library, "query_support"))(&loaded);
    return loaded;
  }();
  return functions;
}

static std::string outputOf(const std::string &command) {
  std::string text;
  FILE *pipe = popen(command.c_str(), "r");
  std::array<char, 4096> buffer;
  while (size_t read = fread(buffer.data(), 1, buffer.size(), pipe))
    text.append(buffer.data(), read);
  EXPECT_EQ(pclose(pipe), 0) << command;
  return text;
}

TEST(SupportObject, HasNoUndefinedSymbol) {
  EXPECT_EQ(outputOf(LLVM_NM " --undefined-only --just-symbol-name " SUPPORT_OBJECT), "");
  EXPECT_NE(outputOf(LLVM_NM " --defined-only --just-symbol-name " SUPPORT_OBJECT).find("\nmoe_expf\n"), std::string::npos);
}

TEST(SupportObject, IsWhereKernelsTakeTheirFunctionsFrom) {
  // Of the host's libm, kernels may use the fused multiply-add alone: it is exact.
  std::string used = "\n" + outputOf(LLVM_NM " --undefined-only --just-symbol-name " KERNEL_LIBRARY " 2>/dev/null") + "\n";
  ASSERT_NE(used.find("\nfmaf\n"), std::string::npos);
  for (std::string name : {"exp", "exp2", "expm1", "log", "log2", "log1p", "tanh", "erf", "sin", "cos", "pow", "sqrt", "fmod"})
    for (const char *suffix : {"", "f"})
      EXPECT_EQ(used.find("\n" + name + suffix + "\n"), std::string::npos) << name << suffix;
}

TEST(SupportObject, HidesItsSymbolsInALibrary) {
  EXPECT_EQ(outputOf(LLVM_NM " --dynamic --defined-only --just-symbol-name " SUPPORT_PROBE), "query_support\n");
}

TEST(SupportObject, HasTheBitsOfTheKernels) {
  struct {
    float (*linked)(float), (*inlined)(float);
  } pairs[] = {{support().exp, elementary::exp},     {support().expm1, elementary::expm1}, {support().log, elementary::log},
               {support().log1p, elementary::log1p}, {support().tanh, elementary::tanh},   {support().erf, elementary::erf},
               {support().sin, elementary::sin},     {support().cos, elementary::cos},     {support().sqrt, std::sqrt},
               {support().floor, std::floor},        {support().ceil, std::ceil},          {support().trunc, std::trunc},
               {support().round, std::round},        {support().roundeven, std::nearbyint}};
  for (auto [linked, inlined] : pairs)
    for (uint64_t bits = 0; bits < (uint64_t{1} << 32); bits += 65521) {
      float x = std::bit_cast<float>(static_cast<uint32_t>(bits)), left = linked(x), right = inlined(x);
      ASSERT_TRUE((std::isnan(left) && std::isnan(right)) || std::bit_cast<uint32_t>(left) == std::bit_cast<uint32_t>(right))
          << "function " << &linked - &pairs[0].linked << " at " << std::hexfloat << x << ": " << left << ", " << right;
    }
  std::mt19937 engine(4);
  for (int i = 0; i < 50000; ++i) {
    float x = std::bit_cast<float>(static_cast<uint32_t>(engine())), y = std::bit_cast<float>(static_cast<uint32_t>(engine()));
    for (auto [left, right] : {std::pair(support().pow(x, y), elementary::pow(x, y)), std::pair(support().fmod(x, y), std::fmod(x, y)),
                               std::pair(support().fma(x, y, 1.0f), std::fma(x, y, 1.0f))})
      ASSERT_TRUE((std::isnan(left) && std::isnan(right)) || std::bit_cast<uint32_t>(left) == std::bit_cast<uint32_t>(right))
          << x << ", " << y;
  }
}

TEST(SupportObject, HasTheSameBitsOnEightLanes) {
  float (*const scalars[])(float) = {
#define SWITCHYARD_VECTOR_FUNCTION(name) elementary::name,
#include "kernels/support/vector_functions.inc"
  };
  int count = 0;
  for (float (*scalar)(float) : scalars) {
    auto onLanes = support().onLanes[count++];
    ASSERT_NE(onLanes, nullptr);
    for (uint64_t bits = 0; bits < (uint64_t{1} << 32); bits += 8 * 65521) {
      std::array<float, 8> in, out;
      for (size_t lane = 0; lane < in.size(); ++lane)
        in[lane] = std::bit_cast<float>(static_cast<uint32_t>(bits + lane * 65521));
      onLanes(in.data(), out.data());
      for (size_t lane = 0; lane < in.size(); ++lane) {
        float expected = scalar(in[lane]);
        ASSERT_TRUE((std::isnan(out[lane]) && std::isnan(expected)) || std::bit_cast<uint32_t>(out[lane]) == std::bit_cast<uint32_t>(expected))
            << "function " << count - 1 << " at " << std::hexfloat << in[lane] << ": " << out[lane] << ", " << expected;
      }
    }
  }
  EXPECT_EQ(support().onLanes[count], nullptr);
}

/// Rounding to nearest even by brute force: the closest of all finite halves, or infinity past the last.
static uint16_t nearestHalf(double x, const std::vector<double> &positive, uint16_t infinity) {
  uint16_t sign = std::signbit(x) ? 0x8000 : 0;
  double magnitude = std::fabs(x);
  size_t above = static_cast<size_t>(std::lower_bound(positive.begin(), positive.end(), magnitude) - positive.begin());
  if (above == 0)
    return sign;
  // Past the last finite value the next step is infinity, as far away as a finite one would be.
  double high = above < positive.size() ? positive[above] : 2 * positive.back() - positive[positive.size() - 2];
  double low = positive[above - 1];
  bool up = magnitude - low > high - magnitude || (magnitude - low == high - magnitude && above % 2 == 0);
  uint16_t result = static_cast<uint16_t>(up ? above : above - 1);
  return static_cast<uint16_t>(sign | std::min(result, infinity));
}

TEST(SupportObject, RoundsToHalvesCorrectly) {
  std::vector<double> f16, bf16;
  for (uint16_t bits = 0; bits < 0x7c00; ++bits) {
    f16.push_back(support().extendF16(bits));
    int exponent = bits >> 10, mantissa = bits & 0x3ff;
    ASSERT_EQ(f16.back(), exponent ? std::ldexp(1024 + mantissa, exponent - 25) : std::ldexp(mantissa, -24)) << bits;
  }
  for (uint32_t bits = 0; bits < 0x7f80; ++bits)
    bf16.push_back(std::bit_cast<float>(bits << 16));
  std::mt19937_64 engine(5);
  for (int i = 0; i < 200000; ++i) {
    // Values near the halves: a half, half a step more or less, and a little beside it.
    double base = f16[engine() % f16.size()], step = base * 0x1p-11 * static_cast<double>(static_cast<int>(engine() % 5) - 2);
    double x = (base + step) * (1.0 + 0x1p-50 * static_cast<double>(static_cast<int>(engine() % 5) - 2)) * (engine() % 2 ? 1 : -1);
    float narrow = static_cast<float>(x);
    ASSERT_EQ(support().truncateF64ToF16(x), nearestHalf(x, f16, 0x7c00)) << std::hexfloat << x;
    ASSERT_EQ(support().truncateF32ToF16(narrow), nearestHalf(narrow, f16, 0x7c00)) << std::hexfloat << narrow;
    float any = std::bit_cast<float>(static_cast<uint32_t>(engine()));
    if (std::isnan(any))
      continue;
    double wide = any * (1.0 + 0x1p-50 * static_cast<double>(static_cast<int>(engine() % 5) - 2));
    if (std::isinf(any))
      continue;
    ASSERT_EQ(support().truncateF32ToBf16(any), nearestHalf(any, bf16, 0x7f80)) << std::hexfloat << any;
    ASSERT_EQ(support().truncateF64ToBf16(wide), nearestHalf(wide, bf16, 0x7f80)) << std::hexfloat << wide;
    ASSERT_EQ(support().truncateF32ToF16(any), nearestHalf(any, f16, 0x7c00)) << std::hexfloat << any;
  }
  EXPECT_EQ(support().truncateF32ToF16(65520.0f), 0x7c00);
  EXPECT_EQ(support().truncateF32ToF16(65519.996f), 0x7bff);
  EXPECT_EQ(support().truncateF32ToF16(-INFINITY), 0xfc00);
  EXPECT_EQ(support().truncateF32ToBf16(-INFINITY), 0xff80);
  EXPECT_TRUE(std::isnan(support().extendF16(support().truncateF32ToF16(NAN))));
  EXPECT_EQ(support().truncateF32ToBf16(NAN) & 0x7fff, 0x7fc0);
  EXPECT_EQ(support().extendF16(0xfc00), -INFINITY);
}

TEST(SupportObject, MovesMemoryOfEverySize) {
  for (size_t size = 0; size < 200; ++size)
    for (size_t shift : {0, 1, 7, 31, 32, 33, 64}) {
      std::vector<unsigned char> bytes(300), expected;
      std::iota(bytes.begin(), bytes.end(), static_cast<unsigned char>(1));
      expected = bytes;
      std::memmove(expected.data() + shift, expected.data(), size);
      std::vector<unsigned char> forward = bytes, backward = bytes, copy(300), set(300, 7);
      EXPECT_EQ(support().memmove(forward.data() + shift, forward.data(), size), forward.data() + shift);
      ASSERT_EQ(forward, expected) << size << " bytes up by " << shift;
      expected = bytes;
      std::memmove(expected.data(), expected.data() + shift, size);
      support().memmove(backward.data(), backward.data() + shift, size);
      ASSERT_EQ(backward, expected) << size << " bytes down by " << shift;
      support().memcpy(copy.data() + 1, bytes.data() + shift, size);
      ASSERT_EQ(std::memcmp(copy.data() + 1, bytes.data() + shift, size), 0);
      ASSERT_EQ(copy[size + 1], 0);
      support().memset(set.data() + 1, 0x1234, size);
      for (size_t i = 0; i < set.size(); ++i)
        ASSERT_EQ(set[i], i >= 1 && i <= size ? 0x34 : 7);
    }
}

TEST(SupportObject, ComparesMemory) {
  const unsigned char low[] = {1, 2, 3}, high[] = {1, 2, 200};
  EXPECT_LT(support().memcmp(low, high, 3), 0);
  EXPECT_GT(support().memcmp(high, low, 3), 0);
  EXPECT_EQ(support().memcmp(low, high, 2), 0);
  EXPECT_EQ(support().memcmp(low, high, 0), 0);
}

/// MLIR's unranked memref of a ranked one of rank 2.
struct Matrix {
  void *allocated, *aligned;
  int64_t offset, sizes[2], strides[2];
};
struct Unranked {
  int64_t rank;
  const void *descriptor;
};

TEST(SupportObject, CopiesStridedMemrefs) {
  std::vector<int32_t> from(24), to(24, -1);
  std::iota(from.begin(), from.end(), 0);
  Matrix source{from.data(), from.data(), 2, {3, 2}, {1, 6}}, target{to.data(), to.data(), 1, {3, 2}, {4, 1}};
  Unranked sourceRef{2, &source}, targetRef{2, &target};
  support().memrefCopy(4, &sourceRef, &targetRef);
  std::vector<int32_t> expected(24, -1);
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 2; ++j)
      expected[static_cast<size_t>(1 + 4 * i + j)] = 2 + i + 6 * j;
  EXPECT_EQ(to, expected);
  source.sizes[0] = target.sizes[0] = 0;
  support().memrefCopy(4, &sourceRef, &targetRef);
  EXPECT_EQ(to, expected);
}
