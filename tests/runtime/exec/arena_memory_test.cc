#include "runtime/exec/arena_memory.h"

#include "runtime/artifact/arena.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>

#include <unistd.h>

namespace switchyard::exec {
namespace {

ArenaMemory allocate(uint64_t bytes, bool measured) {
  Result<ArenaMemory> memory = ArenaMemory::allocate(bytes, measured);
  EXPECT_TRUE(memory.ok()) << memory.status().message();
  return memory.ok() ? *std::move(memory) : ArenaMemory();
}

/// Whether the program may read the byte at `address`: the system says so without a fault.
bool readable(const char *address) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const bool written = ::write(ends[1], address, 1) == 1;
  EXPECT_TRUE(written || errno == EFAULT);
  ::close(ends[0]);
  ::close(ends[1]);
  return written;
}

TEST(ArenaMemory, EndsWhereNobodyMayTouch) {
  for (uint64_t bytes : {uint64_t(0), uint64_t(1), uint64_t(64), uint64_t(4000), uint64_t(4096), uint64_t(4097), uint64_t(1000000)})
    for (bool measured : {false, true}) {
      const ArenaMemory memory = allocate(bytes, measured);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(memory.data()) % artifact::arenaAlignment, 0u);
      const uint64_t aligned = (bytes + artifact::arenaAlignment - 1) / artifact::arenaAlignment * artifact::arenaAlignment;
      EXPECT_FALSE(readable(memory.data() + aligned)) << bytes;
      if (bytes > 0)
        EXPECT_TRUE(readable(memory.data()) && readable(memory.data() + bytes - 1)) << bytes;
    }
}

TEST(ArenaMemory, CountsWhatWasWritten) {
  const ArenaMemory memory = allocate(10000, true);
  EXPECT_EQ(*memory.writtenBytes(), 0u);
  std::memset(memory.data() + 64, 0, 4096);
  EXPECT_EQ(*memory.writtenBytes(), 4096u);
  std::memset(memory.data() + 64, 0, 8);  // again
  EXPECT_EQ(*memory.writtenBytes(), 4096u);
  memory.data()[8000] = 1;
  EXPECT_EQ(*memory.writtenBytes(), 4096u + 8);
  std::memset(memory.data(), 0, 10000);
  EXPECT_EQ(*memory.writtenBytes(), 10000u);
}

// The pattern differs from word to word: rows that are moved, but were never filled, take memory all the same.
TEST(ArenaMemory, CountsCopiesOfWhatWasNotWritten) {
  const ArenaMemory memory = allocate(4096, true);
  std::memcpy(memory.data() + 1024, memory.data(), 1024);
  EXPECT_EQ(*memory.writtenBytes(), 1024u);
}

TEST(ArenaMemory, TellsAWriteBehindItsEnd) {
  const ArenaMemory memory = allocate(1001, true);
  std::memset(memory.data(), 0, 1001);
  EXPECT_EQ(*memory.writtenBytes(), 1001u);
  memory.data()[1003] = 7;
  EXPECT_EQ(memory.writtenBytes().status().message(), "the program wrote byte 1003 of an arena of 1001 bytes");
  EXPECT_EQ(memory.writtenBytes().status().code(), ExitCode::internal);
}

TEST(ArenaMemory, IsZeroedAndUncountedWhereItIsNotMeasured) {
  const ArenaMemory memory = allocate(1000, false);
  for (int at = 0; at < 1000; ++at)
    ASSERT_EQ(memory.data()[at], 0);
  memory.data()[0] = 1;
  EXPECT_EQ(*memory.writtenBytes(), 0u);
}

TEST(ArenaMemory, TooLargeIsRefused) {
  for (uint64_t bytes : {UINT64_MAX, UINT64_MAX - 100, uint64_t(1) << 62}) {
    const Status status = ArenaMemory::allocate(bytes, true).status();
    EXPECT_EQ(status.code(), ExitCode::resources);
    EXPECT_EQ(status.message(), "no memory for the arena, " + std::to_string(bytes) + " bytes: Cannot allocate memory");
  }
}

}  // namespace
}  // namespace switchyard::exec
