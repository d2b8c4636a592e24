#include "runtime/base/staged_folder.h"
#include "tests/runtime/base/temporary_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <sys/wait.h>
#include <unistd.h>

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

StagedFolder staged(const std::string &target) {
  Result<StagedFolder> folder = StagedFolder::create(target, "marker");
  EXPECT_TRUE(folder.ok()) << folder.status().message();
  return *std::move(folder);
}

void fill(StagedFolder &folder, llvm::StringRef content) {
  for (const char *path : {"marker", "a/b/c"}) {
    Result<OutputFile> file = folder.createFile(path);
    ASSERT_TRUE(file.ok()) << file.status().message();
    ASSERT_TRUE(file->append(content).ok());
    ASSERT_TRUE(file->finishDurably().ok());
  }
}

TEST(StagedFolder, AppearsOnCommit) {
  TemporaryFolder folder;
  {
    StagedFolder stage = staged(folder / "x.moe");
    fill(stage, "one");
    EXPECT_FALSE(fs::exists(folder / "x.moe"));
    ASSERT_TRUE(stage.commit().ok());
  }
  EXPECT_EQ(folder.list(), Names{"x.moe"});
  EXPECT_EQ(contentOf(folder / "x.moe/a/b/c"), "one");
}

TEST(StagedFolder, ReplacesAnOlderOne) {
  TemporaryFolder folder;
  for (const char *content : {"one", "two"}) {
    StagedFolder stage = staged(folder / "x.moe/");
    fill(stage, content);
    ASSERT_TRUE(stage.commit().ok());
  }
  EXPECT_EQ(folder.list(), Names{"x.moe"});
  EXPECT_EQ(contentOf(folder / "x.moe/marker"), "two");
}

TEST(StagedFolder, LeavesNothingWithoutCommit) {
  TemporaryFolder folder;
  folder.write("x.moe/marker", "old");
  {
    StagedFolder stage = staged(folder / "x.moe");
    fill(stage, "new");
    EXPECT_EQ(folder.list().size(), 2u);
  }
  EXPECT_EQ(folder.list(), Names{"x.moe"});
  EXPECT_EQ(contentOf(folder / "x.moe/marker"), "old");
}

TEST(StagedFolder, ReplacesNothingElse) {
  TemporaryFolder folder;
  folder.write("documents/letter.txt", "dear");
  folder.write("file", "");
  fs::create_directory(folder / "empty");
  auto message = [&](const std::string &target) {
    Status status = StagedFolder::create(target, "marker").status();
    EXPECT_TRUE(status.ok() || status.code() == ExitCode::usage);
    return status.message();
  };
  EXPECT_EQ(message(folder / "documents"), "'" + folder / "documents" +
                                               "' exists and is not an artifact (it is a folder without marker); "
                                               "remove it, or choose another name");
  EXPECT_EQ(message(folder / "file"),
            "'" + folder / "file" + "' exists and is not an artifact (it is not a folder); remove it, or choose another name");
  EXPECT_EQ(message(folder / "empty"), "");
  EXPECT_EQ(message(""), "'' is not the name of a folder");
  EXPECT_EQ(message("/"), "'/' is not a name that a new folder can have");
  EXPECT_EQ(message(folder / "none/x.moe"),
            "'" + folder / "none/x.moe" + "': cannot be written: there is no folder '" + folder / "none" + "'");
  EXPECT_NE(message(folder / "file/x.moe").find("cannot be looked at: Not a directory"), std::string::npos);
  EXPECT_NE(message(folder / std::string(5000, 'x')).find("File name too long"), std::string::npos);
}

// What stands at the target when the work is done counts, not what stood there at the start.
TEST(StagedFolder, LooksAgainBeforeItReplaces) {
  TemporaryFolder folder;
  StagedFolder stage = staged(folder / "x.moe");
  fill(stage, "new");
  folder.write("x.moe/letter.txt", "dear");
  EXPECT_EQ(stage.commit().code(), ExitCode::usage);
  EXPECT_EQ(contentOf(folder / "x.moe/letter.txt"), "dear");
}

TEST(StagedFolder, FollowsALinkToTheOldOne) {
  TemporaryFolder folder;
  folder.write("store/v1.moe/marker", "old");
  fs::create_symlink("store/v1.moe", folder / "x.moe");
  StagedFolder stage = staged(folder / "x.moe");
  fill(stage, "new");
  ASSERT_TRUE(stage.commit().ok());
  EXPECT_TRUE(fs::is_symlink(folder / "x.moe"));
  EXPECT_EQ(contentOf(folder / "store/v1.moe/marker"), "new");
}

/// Runs `work` in a process that is killed right after it.
void inKilledProcess(const std::function<void()> &work) {
  pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    work();
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
}

TEST(StagedFolder, RemovesWhatADeadProcessLeft) {
  TemporaryFolder folder;
  inKilledProcess([&] {
    StagedFolder stage = staged(folder / "x.moe");
    fill(stage, "dead");
    ::kill(::getpid(), SIGKILL);
  });
  ASSERT_EQ(folder.list().size(), 1u);
  staged(folder / "y.moe");
  EXPECT_EQ(folder.list().size(), 1u);  // the leftover of another target stays
  staged(folder / "x.moe");
  EXPECT_EQ(folder.list(), Names{});
}

// The other one is the new folder, by the descriptor that the stage still has.
TEST(StagedFolder, KeepsTheNewOneWhenTheOldOneIsGone) {
  TemporaryFolder folder;
  folder.write("x.moe/marker", "old");
  {
    StagedFolder stage = staged(folder / "x.moe");
    fill(stage, "new");
    ASSERT_TRUE(stage.commit().ok());
  }
  EXPECT_EQ(contentOf(folder / "x.moe/marker"), "new");
  EXPECT_EQ(contentOf(folder / "x.moe/a/b/c"), "new");
}

// As a tool does that a signal ends.
TEST(StagedFolder, IsListedUntilItIsInPlace) {
  TemporaryFolder folder;
  StagedFolder first = staged(folder / "x.moe");
  fill(first, "first");
  ASSERT_TRUE(first.commit().ok());
  removeTemporaryPaths(holdTemporaryPaths());
  EXPECT_EQ(folder.list(), Names{"x.moe"});
  StagedFolder second = staged(folder / "x.moe");
  fill(second, "second");
  removeTemporaryPaths(holdTemporaryPaths());
  EXPECT_EQ(folder.list(), Names{"x.moe"});
  EXPECT_FALSE(second.createFile("late").ok());
}

TEST(StagedFolder, LeavesWhatALivingProcessWrites) {
  TemporaryFolder folder;
  StagedFolder first = staged(folder / "x.moe");
  fill(first, "first");
  StagedFolder second = staged(folder / "x.moe");
  fill(second, "second");
  EXPECT_EQ(folder.list().size(), 2u);
  EXPECT_TRUE(first.commit().ok());
  EXPECT_TRUE(second.commit().ok());
  EXPECT_EQ(folder.list(), Names{"x.moe"});
  EXPECT_EQ(contentOf(folder / "x.moe/marker"), "second");
}

}  // namespace
}  // namespace switchyard
