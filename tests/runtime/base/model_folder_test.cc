#include "runtime/base/model_folder.h"
#include "tests/runtime/base/temporary_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace switchyard {
namespace {

namespace fs = std::filesystem;

class ModelFolderTest : public testing::Test {
protected:
  ModelFolderTest() {
    folder.write("model/model.onnx", "model");
    folder.write("model/data/w.bin", "inside");
    folder.write("secret.bin", "outside");
  }

  /// The content, or the message of the refusal.
  std::string open(llvm::StringRef path) {
    Result<ModelFolder> model = ModelFolder::ofFile(folder / "model/model.onnx");
    EXPECT_TRUE(model.ok()) << model.status().message();
    Result<File> file = model->open(path);
    if (file)
      return *file->readAll(1 << 20);
    EXPECT_EQ(file.status().code(), ExitCode::invalid);
    return file.status().message();
  }

  void link(llvm::StringRef name, const std::string &target) { fs::create_symlink(target, folder / name); }

  TemporaryFolder folder;
};

TEST_F(ModelFolderTest, OpensWhatIsInside) {
  EXPECT_EQ(open("data/w.bin"), "inside");
  EXPECT_EQ(open("./data//w.bin"), "inside");
  link("model/inner.bin", "data/w.bin");
  link("model/folder", "data");
  fs::create_hard_link(folder / "secret.bin", folder / "model/hard.bin");
  EXPECT_EQ(open("inner.bin"), "inside");
  EXPECT_EQ(open("folder/w.bin"), "inside");
  EXPECT_EQ(open("hard.bin"), "outside");
}

TEST_F(ModelFolderTest, RefusesWhatLeadsOut) {
  std::string outside = ", which is outside of the model's folder";
  link("model/up.bin", "../secret.bin");
  link("model/absolute.bin", folder / "secret.bin");
  link("model/parent", "..");
  link("model/proc", "/proc/self");
  EXPECT_EQ(open("up.bin"), "'" + folder / "model/up.bin" + "' leads to '" + folder / "secret.bin" + "'" + outside);
  EXPECT_EQ(open("absolute.bin"), "'" + folder / "model/absolute.bin" + "' leads to '" + folder / "secret.bin" + "'" + outside);
  EXPECT_EQ(open("parent/secret.bin"), "'" + folder / "model/parent/secret.bin" + "' leads to '" + folder / "secret.bin" + "'" + outside);
  EXPECT_NE(open("proc/environ").find(outside), std::string::npos);
  EXPECT_NE(open("../secret.bin").find("holds '..'"), std::string::npos);
  EXPECT_NE(open(folder / "secret.bin").find("is absolute"), std::string::npos);
}

// A folder beside the model whose name starts with the model's is not the model's.
TEST_F(ModelFolderTest, RefusesANeighbourOfTheSamePrefix) {
  folder.write("model-other/x.bin", "other");
  link("model/x.bin", "../model-other/x.bin");
  EXPECT_NE(open("x.bin").find("outside of the model's folder"), std::string::npos);
}

TEST_F(ModelFolderTest, RefusesSpecialFiles) {
  ASSERT_EQ(::mkfifo((folder / "model/pipe").c_str(), 0600), 0);
  link("model/device", "/dev/zero");
  link("model/loop", "loop");
  EXPECT_EQ(open("pipe"), "'" + folder / "model/pipe" + "' is a pipe, not a regular file");
  EXPECT_EQ(open("data"), "'" + folder / "model/data" + "' is a folder, not a regular file");
  EXPECT_NE(open("device").find("outside of the model's folder"), std::string::npos);
  EXPECT_NE(open("loop").find("cannot be opened"), std::string::npos);
  EXPECT_NE(open("none").find("No such file or directory"), std::string::npos);
}

// snapshots/REVISION/FILE -> ../../blobs/DIGEST
TEST_F(ModelFolderTest, OpensTheLayoutOfADownloadCache) {
  folder.write("cache/blobs/1111", "model");
  folder.write("cache/blobs/2222", "weights");
  fs::create_directories(folder / "cache/snapshots/r1/onnx");
  link("cache/snapshots/r1/onnx/model.onnx", "../../../blobs/1111");
  link("cache/snapshots/r1/onnx/model.onnx_data", "../../../blobs/2222");
  link("cache/snapshots/r1/onnx/secret", "../../../../secret.bin");
  Result<ModelFolder> model = ModelFolder::ofFile(folder / "cache/snapshots/r1/onnx/model.onnx");
  ASSERT_TRUE(model.ok()) << model.status().message();
  Result<File> file = model->open("model.onnx_data");
  ASSERT_TRUE(file.ok()) << file.status().message();
  EXPECT_EQ(*file->readAll(100), "weights");
  EXPECT_FALSE(model->open("secret").ok());
}

// The whole snapshot folder behind a link: the files are inside of what it leads to.
TEST_F(ModelFolderTest, OpensAFolderBehindALink) {
  link("linked", "model");
  Result<ModelFolder> model = ModelFolder::ofFile(folder / "linked/model.onnx");
  ASSERT_TRUE(model.ok()) << model.status().message();
  EXPECT_TRUE(model->open("data/w.bin").ok());
}

TEST_F(ModelFolderTest, FaultsOfTheUser) {
  EXPECT_EQ(ModelFolder::ofFile(folder / "none.onnx").status().code(), ExitCode::usage);
  EXPECT_EQ(ModelFolder::ofFolder(folder / "none").status().code(), ExitCode::usage);
  EXPECT_EQ(ModelFolder::ofFolder("").status().code(), ExitCode::usage);
  EXPECT_TRUE(ModelFolder::ofFolder("/")->open("etc/passwd").ok());
}

}  // namespace
}  // namespace switchyard
