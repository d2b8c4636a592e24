#include "runtime/exec/machine_memory.h"

#include <gtest/gtest.h>

namespace switchyard::exec {
namespace {

constexpr uint64_t mebi = 1 << 20;

TEST(MachineMemory, IsKnown) { EXPECT_GT(machineMemory(), 16 * mebi); }

TEST(MachineMemory, HoldsTheArenasOfAllRanksAndTheWeightsOnce) {
  EXPECT_TRUE(checkMemory(100 * mebi, 4, 100 * mebi, 500 * mebi).ok());
  const Status status = checkMemory(100 * mebi, 4, 101 * mebi, 500 * mebi);
  EXPECT_EQ(status.code(), ExitCode::resources);
  EXPECT_EQ(status.message(), "at its limits the job needs 501 MiB of memory (4 ranks with buffers of 100 MiB each, and weights of 101 MiB), and "
                              "this machine has 500 MiB; lower --max-batch or --max-seq");
  EXPECT_FALSE(checkMemory(UINT64_MAX, 64, UINT64_MAX, 500 * mebi).ok());
}

}  // namespace
}  // namespace switchyard::exec
