// Reading, mapping and writing of files.
#include "runtime/base/digest.h"
#include "runtime/base/file.h"
#include "runtime/base/mapping_fault.h"
#include "runtime/base/output_file.h"
#include "tests/runtime/base/temporary_folder.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace switchyard {
namespace {

File opened(const std::string &path) {
  Result<File> file = File::open(path);
  EXPECT_TRUE(file.ok()) << file.status().message();
  return *std::move(file);
}

TEST(File, ReadsAndMaps) {
  TemporaryFolder folder;
  std::string content;
  for (int i = 0; i < 10000; ++i)
    content += std::to_string(i);
  File file = opened(folder.write("f", content));
  EXPECT_EQ(file.size(), content.size());
  EXPECT_EQ(*file.readAll(1 << 20), content);
  EXPECT_EQ(*digestOf(file), digestOf(content));
  for (uint64_t offset : {0, 1, 4095, 4096, 5000}) {
    Result<Mapping> mapping = file.map(offset, 1000);
    ASSERT_TRUE(mapping.ok());
    EXPECT_EQ(llvm::StringRef(mapping->data(), mapping->size()), llvm::StringRef(content).substr(offset, 1000));
  }
  EXPECT_EQ(file.map(content.size(), 0)->size(), 0u);
}

TEST(File, BoundsAreChecked) {
  TemporaryFolder folder;
  std::string path = folder.write("f", "0123456789");
  File file = opened(path);
  char buffer[16];
  EXPECT_EQ(file.read(3, buffer, 8).message(), "'" + path + "': 8 bytes at offset 3 are not in its 10 bytes");
  EXPECT_EQ(file.map(UINT64_MAX, 2).status().message(), "'" + path + "': 2 bytes at offset 18446744073709551615 are not in its 10 bytes");
  EXPECT_EQ(file.readAll(9).status().message(), "'" + path + "' has 10 bytes, more than the limit of 9");
}

TEST(File, OnlyRegularFiles) {
  TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(File::open(folder / "pipe").status().message(), "'" + folder / "pipe" + "' is a pipe, not a regular file");
  EXPECT_EQ(File::open(folder.path()).status().message(), "'" + folder.path() + "' is a folder, not a regular file");
  EXPECT_EQ(File::open("/dev/zero").status().message(), "'/dev/zero' is a device, not a regular file");
  EXPECT_EQ(File::open(folder / "none").status().message(), "'" + folder / "none" + "': cannot be opened: No such file or directory");
  EXPECT_EQ(File::open(folder / "none").status().code(), ExitCode::usage);
  EXPECT_NE(File::open(std::string("a\0b", 3)).status().message().find("NUL"), std::string::npos);
  EXPECT_FALSE(File::open(std::string(5000, 'x')).ok());
}

TEST(File, SeesChanges) {
  TemporaryFolder folder;
  std::string path = folder.write("f", "0123456789");
  File file = opened(path);
  EXPECT_TRUE(file.checkUnchanged().ok());
  ASSERT_EQ(::truncate(path.c_str(), 5), 0);
  char buffer[10];
  EXPECT_EQ(file.read(0, buffer, 10).message(), "'" + path + "' shrank while in use");
  EXPECT_EQ(file.checkUnchanged().message(), "'" + path + "' shrank while in use");
  ASSERT_EQ(::truncate(path.c_str(), 20), 0);
  EXPECT_EQ(file.checkUnchanged().message(), "'" + path + "' changed while in use");
}

TEST(FileDeathTest, AShrunkMappingEndsWithAMessage) {
  TemporaryFolder folder;
  std::string path = folder.write("f", std::string(3 * 4096, 'x'));
  EXPECT_EXIT(
      {
        installMappingFaultHandler("moe-run");
        File file = opened(path);
        Mapping mapping = *file.map(0, file.size());
        (void)::truncate(path.c_str(), 4096);
        volatile char last = mapping.data()[2 * 4096];
        ::_exit(last);
      },
      testing::ExitedWithCode(3), "moe-run: .*/f shrank while in use");
}

TEST(OutputFile, CountsAndDigests) {
  TemporaryFolder folder;
  OutputFile file = *OutputFile::create(folder / "f");
  std::string large(3 << 20, 'x');
  EXPECT_TRUE(file.append("head").ok());
  EXPECT_TRUE(file.append(large).ok());
  EXPECT_TRUE(file.appendZeros(5000).ok());
  EXPECT_TRUE(file.append(nullptr, 0).ok());
  std::string all = "head" + large + std::string(5000, '\0');
  EXPECT_EQ(file.size(), all.size());
  EXPECT_EQ(file.digest(), digestOf(all));
  EXPECT_TRUE(file.finishDurably().ok());
  EXPECT_EQ(contentOf(folder / "f"), all);
  EXPECT_EQ(file.append("x").code(), ExitCode::internal);
}

TEST(OutputFile, AppearsWholeOrNotAtAll) {
  TemporaryFolder folder;
  folder.write("old", "old");
  ASSERT_EQ(::chmod((folder / "old").c_str(), 0640), 0);
  ASSERT_EQ(::symlink("old", (folder / "link").c_str()), 0);
  for (const char *name : {"old", "new", "link"}) {
    OutputFile file = *OutputFile::create(folder / name);
    EXPECT_TRUE(file.append(std::string(3 << 20, 'x')).ok());
  }
  EXPECT_EQ(folder.list(), (std::vector<std::string>{"link", "old"}));
  EXPECT_EQ(contentOf(folder / "old"), "old");
  EXPECT_TRUE(writeFile(folder / "link", "through the link").ok());
  EXPECT_EQ(contentOf(folder / "old"), "through the link");
  struct stat status;
  ASSERT_EQ(::stat((folder / "old").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640u);
  EXPECT_EQ(folder.list(), (std::vector<std::string>{"link", "old"}));
  EXPECT_TRUE(writeFile(folder / std::string(255, 'n'), "a long name").ok());
  EXPECT_EQ(writeFile(folder.path(), "").message(), "'" + folder.path() + "': cannot be opened: Is a directory");
}

TEST(OutputFile, AFileSizeLimitIsAFault) {
  TemporaryFolder folder;
  const std::string path = folder.write("f", "old");
  EXPECT_EXIT(
      {
        ::signal(SIGXFSZ, SIG_IGN);
        struct rlimit limit;
        limit.rlim_cur = limit.rlim_max = 1024;
        ::setrlimit(RLIMIT_FSIZE, &limit);
        const Status status = writeFile(path, std::string(2048, 'x'));
        std::fprintf(stderr, "%s\n", status.message().c_str());
        std::exit(static_cast<int>(status.code()));
      },
      testing::ExitedWithCode(7), "/f': cannot be written: File too large");
  EXPECT_EQ(contentOf(path), "old");
  EXPECT_EQ(folder.list(), std::vector<std::string>{"f"});
}

TEST(OutputFile, AFullDeviceIsAFault) {
  OutputFile file = *OutputFile::create("/dev/full");
  EXPECT_TRUE(file.append("x").ok());
  Status status = file.finish();
  EXPECT_EQ(status.message(), "'/dev/full': cannot be written: No space left on device");
  EXPECT_EQ(status.code(), ExitCode::resources);
  EXPECT_EQ(OutputFile::create("/nowhere/f").status().code(), ExitCode::usage);
}

}  // namespace
}  // namespace switchyard
