// Calls of kernels: arrays, cases, threads, and the comparison of levels bit by bit.
#ifndef SWITCHYARD_TESTS_KERNELS_HARNESS_H
#define SWITCHYARD_TESTS_KERNELS_HARNESS_H

#include "kernels/table.h"

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::kernels::test {

using Sizes = std::vector<int64_t>;

/// A tensor that owns its data, row-major; `padding` elements stand unused after every row.
struct Array {
  ElementType type = ElementType::f32;
  Sizes sizes, strides;
  std::vector<char> bytes;

  static Array make(ElementType type, Sizes sizes, int64_t padding = 0);
  static Array floats(Sizes sizes, std::vector<float> values);
  static Array ints(Sizes sizes, std::vector<int32_t> values);
  static Array longs(Sizes sizes, std::vector<int64_t> values);

  template <typename T> T *as() { return reinterpret_cast<T *>(bytes.data()); }
  template <typename T> const T *as() const { return reinterpret_cast<const T *>(bytes.data()); }
  Tensor tensor() const;
  int64_t count() const;
};

/// Reproducible random operands.
class Random {
public:
  explicit Random(uint32_t seed) : engine(seed) {}
  float uniform(float low, float high) { return low + (high - low) * static_cast<float>(engine()) * 0x1p-32f; }
  int64_t below(int64_t n) { return static_cast<int64_t>(engine() % static_cast<uint64_t>(n)); }
  Array floats(Sizes sizes, float low = -1.0f, float high = 1.0f, int64_t padding = 0);

private:
  std::mt19937 engine;
};

/// The values of an [N, K] weight, and the same in panels (kernels/layout/panel.h).
Array packPanels(const Array &weight);

/// Threads as a runtime would give them: ranges of uneven lengths on `workers` threads.
class Threads {
public:
  explicit Threads(int workers);
  Parallel parallel;
};

/// One call: operands in the order of kernels.inc, then what came out.
class Case {
public:
  explicit Case(std::string_view kernel);

  Case &input(Array array);
  Case &absent();
  Case &output(Array array);
  /// An output whose content after the call means nothing.
  Case &scratch(Array array);
  Case &scalars(std::vector<int64_t> values);
  Case &integers(std::vector<int64_t> values);
  Case &floats(std::vector<double> values);

  enum class Level { reference, fast };
  /// Fills the outputs with a pattern, then calls. workers == 0: without threads.
  Status run(Level level, int workers = 0);

  Array &operand(size_t index) { return operands[index].array; }
  Array &result(size_t index) { return operands[outputs[index]].array; }
  size_t resultCount() const { return outputs.size(); }
  const std::string &message() const { return failure; }

private:
  struct Slot {
    Array array;
    bool present, output;
  };
  const Kernel *kernel;
  std::vector<Slot> operands;
  std::vector<size_t> outputs;
  std::vector<int64_t> scalarValues, integerValues;
  std::vector<double> floatValues;
  std::string failure;
};

/// Equal bits, or both NaN.
bool sameFloat(float left, float right);
/// The first element in which the arrays differ, or -1.
int64_t firstDifference(const Array &left, const Array &right);

/// Runs the reference and the fast level with 0, 1, 2 and 3 workers: all succeed, and all outputs agree in every bit. The outputs
/// of the reference are left in the case.
void expectLevelsAgree(Case &kernelCase);

/// Both levels end with `status` and a message that contains `text`.
void expectFailure(Case &kernelCase, Status status, std::string_view text);

/// |actual - expected| <= tolerance * (1 + |expected|) for every element of an f32 array.
void expectNear(const Array &actual, const std::vector<double> &expected, double tolerance);

}  // namespace switchyard::kernels::test

#endif  // SWITCHYARD_TESTS_KERNELS_HARNESS_H
