#include "runtime/base/cpu_level.h"

namespace switchyard {
namespace {

/// The compiler's builtin takes a literal, so that the name and the test of a feature stand together.
struct Feature {
  const char *level, *name;
  bool (*present)();
};

#define SWITCHYARD_FEATURE(level, name) {level, name, [] { return __builtin_cpu_supports(name) != 0; }}
constexpr Feature features[] = {
    SWITCHYARD_FEATURE("x86-64-v2", "sse3"),     SWITCHYARD_FEATURE("x86-64-v2", "ssse3"),    SWITCHYARD_FEATURE("x86-64-v2", "sse4.1"),
    SWITCHYARD_FEATURE("x86-64-v2", "sse4.2"),   SWITCHYARD_FEATURE("x86-64-v2", "popcnt"),   SWITCHYARD_FEATURE("x86-64-v3", "avx"),
    SWITCHYARD_FEATURE("x86-64-v3", "avx2"),     SWITCHYARD_FEATURE("x86-64-v3", "bmi"),      SWITCHYARD_FEATURE("x86-64-v3", "bmi2"),
    SWITCHYARD_FEATURE("x86-64-v3", "f16c"),     SWITCHYARD_FEATURE("x86-64-v3", "fma"),      SWITCHYARD_FEATURE("x86-64-v3", "lzcnt"),
    SWITCHYARD_FEATURE("x86-64-v3", "movbe"),    SWITCHYARD_FEATURE("x86-64-v4", "avx512f"),  SWITCHYARD_FEATURE("x86-64-v4", "avx512bw"),
    SWITCHYARD_FEATURE("x86-64-v4", "avx512cd"), SWITCHYARD_FEATURE("x86-64-v4", "avx512dq"), SWITCHYARD_FEATURE("x86-64-v4", "avx512vl"),
};
#undef SWITCHYARD_FEATURE

}  // namespace

std::vector<std::string> cpuLevels() { return {"x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4"}; }

bool cpuSupports(llvm::StringRef level) {
  __builtin_cpu_init();
  if (level == "x86-64")
    return true;
  if (level == "x86-64-v2")
    return __builtin_cpu_supports("x86-64-v2");
  if (level == "x86-64-v3")
    return __builtin_cpu_supports("x86-64-v3");
  return level == "x86-64-v4" && __builtin_cpu_supports("x86-64-v4");
}

bool cpuHas(llvm::StringRef name) {
  __builtin_cpu_init();
  for (const Feature &feature : features)
    if (feature.name == name)
      return feature.present();
  return false;
}

std::vector<std::string> missingFeatures(llvm::StringRef level, const HasFeature &has) {
  std::vector<std::string> missing;
  for (const Feature &feature : features)
    if (llvm::StringRef(feature.level) <= level && !has(feature.name))
      missing.push_back(feature.name);
  return missing;
}

}  // namespace switchyard
