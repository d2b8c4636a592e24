#include "kernels/table.h"

#include <gtest/gtest.h>
#include <set>

using namespace switchyard::kernels;

TEST(Table, FindsEveryKernelByName) {
  std::set<std::string_view> names;
  for (const Kernel &kernel : kernels()) {
    EXPECT_EQ(find(kernel.signature->name), &kernel);
    EXPECT_TRUE(names.insert(kernel.signature->name).second) << kernel.signature->name;
    EXPECT_TRUE(kernel.reference && kernel.fast);
    EXPECT_FALSE(kernel.signature->outputs.empty());
  }
  EXPECT_EQ(names.size(), signatures().size());
  EXPECT_EQ(find("no_such_kernel"), nullptr);
}

TEST(Table, SplitsTheListsOfARow) {
  const Signature &row = *find("matmul_panel_f32")->signature;
  ASSERT_EQ(row.inputs.size(), 3u);
  EXPECT_EQ(row.inputs[1].name, "weight");
  EXPECT_FALSE(row.inputs[1].optional);
  EXPECT_EQ(row.inputs[2].name, "bias");
  EXPECT_TRUE(row.inputs[2].optional);
  EXPECT_TRUE(row.scalars.empty());
  ASSERT_EQ(row.integers.size(), 1u);
  EXPECT_EQ(row.integers[0], "n");
}

TEST(Table, ChoosesTheFastLevelOnACpuThatHasIt) {
  const Kernel &kernel = *find("softmax_f32");
  bool capable = __builtin_cpu_supports("x86-64-v3");
  EXPECT_EQ(kernel.best(), capable ? kernel.fast : kernel.reference);
}
