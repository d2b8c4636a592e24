#include "tests/kernels/harness.h"
#include "kernels/layout/panel.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <thread>

namespace switchyard::kernels::test {

Array Array::make(ElementType type, Sizes sizes, int64_t padding) {
  Array array;
  array.type = type;
  array.sizes = sizes;
  array.strides.resize(sizes.size());
  int64_t stride = 1;
  for (size_t i = sizes.size(); i-- > 0;) {
    array.strides[i] = stride;
    stride *= sizes[i];
    if (i + 1 == sizes.size())
      stride += padding;
  }
  array.bytes.resize(static_cast<size_t>(stride) * elementSize(type));
  return array;
}

template <typename T> static Array makeFrom(ElementType type, Sizes sizes, const std::vector<T> &values) {
  Array array = Array::make(type, std::move(sizes));
  EXPECT_EQ(array.count(), static_cast<int64_t>(values.size()));
  if (!values.empty())
    std::memcpy(array.bytes.data(), values.data(), values.size() * sizeof(T));
  return array;
}

Array Array::floats(Sizes sizes, std::vector<float> values) { return makeFrom(ElementType::f32, std::move(sizes), values); }
Array Array::ints(Sizes sizes, std::vector<int32_t> values) { return makeFrom(ElementType::i32, std::move(sizes), values); }
Array Array::longs(Sizes sizes, std::vector<int64_t> values) { return makeFrom(ElementType::i64, std::move(sizes), values); }

Tensor Array::tensor() const {
  Tensor tensor{};
  tensor.data = const_cast<char *>(bytes.data());
  tensor.rank = static_cast<int32_t>(sizes.size());
  tensor.type = type;
  std::copy(sizes.begin(), sizes.end(), tensor.sizes);
  std::copy(strides.begin(), strides.end(), tensor.strides);
  return tensor;
}

int64_t Array::count() const {
  int64_t n = 1;
  for (int64_t size : sizes)
    n *= size;
  return n;
}

Array Random::floats(Sizes sizes, float low, float high, int64_t padding) {
  Array array = Array::make(ElementType::f32, std::move(sizes), padding);
  std::generate_n(array.as<float>(), array.bytes.size() / sizeof(float), [&] { return uniform(low, high); });
  return array;
}

Array packPanels(const Array &weight) {
  int64_t n = weight.sizes[0], k = weight.sizes[1];
  Array packed = Array::make(ElementType::f32, {panel::count(n), k, panel::width});
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < k; ++j)
      packed.as<float>()[panel::offset(i, j, k)] = weight.as<float>()[i * k + j];
  return packed;
}

static void runThreads(void *self, int64_t count, void (*body)(void *, int64_t, int64_t, int), void *context) {
  int workers = static_cast<Threads *>(self)->parallel.workers;
  std::vector<std::thread> threads;
  for (int worker = 0; worker < workers; ++worker) {
    // Uneven on purpose: worker w takes a share of w + 1.
    int64_t total = int64_t{workers} * (workers + 1) / 2;
    int64_t begin = count * (int64_t{worker} * (worker + 1) / 2) / total, end = count * (int64_t{worker + 1} * (worker + 2) / 2) / total;
    if (begin < end)
      threads.emplace_back(body, context, begin, end, worker);
  }
  for (std::thread &thread : threads)
    thread.join();
}

Threads::Threads(int workers) : parallel{this, runThreads, workers} {}

Case::Case(std::string_view name) : kernel(find(name)) {
  if (!kernel)
    throw std::runtime_error("no kernel of that name");
}

Case &Case::input(Array array) {
  operands.push_back({std::move(array), true, false});
  return *this;
}
Case &Case::absent() {
  operands.push_back({{}, false, false});
  return *this;
}
Case &Case::output(Array array) {
  outputs.push_back(operands.size());
  operands.push_back({std::move(array), true, true});
  return *this;
}
Case &Case::scratch(Array array) {
  operands.push_back({std::move(array), true, true});
  return *this;
}
Case &Case::scalars(std::vector<int64_t> values) {
  scalarValues = std::move(values);
  return *this;
}
Case &Case::integers(std::vector<int64_t> values) {
  integerValues = std::move(values);
  return *this;
}
Case &Case::floats(std::vector<double> values) {
  floatValues = std::move(values);
  return *this;
}

Status Case::run(Level level, int workers) {
  const Signature &signature = *kernel->signature;
  EXPECT_EQ(operands.size(), signature.inputs.size() + signature.outputs.size());
  EXPECT_EQ(scalarValues.size(), signature.scalars.size());
  EXPECT_EQ(integerValues.size(), signature.integers.size());
  EXPECT_EQ(floatValues.size(), signature.floats.size());
  std::vector<Tensor> tensors;
  for (Slot &slot : operands) {
    if (slot.output)
      std::fill(slot.array.bytes.begin(), slot.array.bytes.end(), static_cast<char>(0xff));
    tensors.push_back(slot.array.tensor());
    if (!slot.present)
      tensors.back() = Tensor{nullptr, -1, ElementType::f32, {}, {}};
  }
  Failure message{};
  Threads threads(workers);
  Call call{tensors.data(),
            static_cast<int32_t>(tensors.size()),
            static_cast<int32_t>(scalarValues.size()),
            scalarValues.data(),
            integerValues.data(),
            floatValues.data(),
            workers > 0 ? &threads.parallel : nullptr,
            &message};
  Status status = (level == Level::fast ? kernel->fast : kernel->reference)(call);
  failure = message.message;
  return status;
}

bool sameFloat(float left, float right) { return (left != left && right != right) || std::memcmp(&left, &right, sizeof left) == 0; }

int64_t firstDifference(const Array &left, const Array &right) {
  size_t size = elementSize(left.type);
  for (size_t i = 0; i * size < left.bytes.size(); ++i) {
    bool same = left.type == ElementType::f32 ? sameFloat(left.as<float>()[i], right.as<float>()[i])
                                              : std::memcmp(left.bytes.data() + i * size, right.bytes.data() + i * size, size) == 0;
    if (!same)
      return static_cast<int64_t>(i);
  }
  return -1;
}

void expectLevelsAgree(Case &kernelCase) {
  ASSERT_EQ(kernelCase.run(Case::Level::reference), Status::ok) << kernelCase.message();
  std::vector<Array> expected;
  for (size_t i = 0; i < kernelCase.resultCount(); ++i)
    expected.push_back(kernelCase.result(i));
  for (int workers : {0, 1, 2, 3})
    for (Case::Level level : {Case::Level::fast, Case::Level::reference}) {
      if (level == Case::Level::reference && workers < 2)
        continue;
      ASSERT_EQ(kernelCase.run(level, workers), Status::ok) << kernelCase.message();
      for (size_t i = 0; i < expected.size(); ++i)
        ASSERT_EQ(firstDifference(kernelCase.result(i), expected[i]), -1)
            << "output " << i << ", level " << static_cast<int>(level) << ", " << workers << " workers";
    }
  for (size_t i = 0; i < expected.size(); ++i)
    kernelCase.result(i) = expected[i];
}

void expectFailure(Case &kernelCase, Status status, std::string_view text) {
  for (Case::Level level : {Case::Level::reference, Case::Level::fast}) {
    EXPECT_EQ(kernelCase.run(level), status) << kernelCase.message();
    EXPECT_NE(kernelCase.message().find(text), std::string::npos) << kernelCase.message();
  }
}

void expectNear(const Array &actual, const std::vector<double> &expected, double tolerance) {
  ASSERT_EQ(actual.count(), static_cast<int64_t>(expected.size()));
  for (size_t i = 0; i < expected.size(); ++i)
    ASSERT_NEAR(actual.as<float>()[i], expected[i], tolerance * (1.0 + std::fabs(expected[i]))) << "element " << i;
}

}  // namespace switchyard::kernels::test
