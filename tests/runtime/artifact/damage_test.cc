// An artifact that is not as it was written does not load.
#include "runtime/artifact/artifact_reader.h"
#include "tests/runtime/artifact/example_artifact.h"
#include "tests/runtime/artifact/example_manifest.h"

#include <gtest/gtest.h>

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <random>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace switchyard::artifact {
namespace {

namespace fs = std::filesystem;

const char *const allFiles[] = {"manifest.json",
                                "manifest.json.b3",
                                "code/host-x86-64-v3.so",
                                "report.json",
                                "weights/dense.safetensors",
                                "weights/experts-L000.safetensors",
                                "weights/experts-L001.safetensors"};

class DamageTest : public testing::Test {
protected:
  DamageTest() { EXPECT_TRUE(writeExample(path()).ok()); }

  std::string path() const { return folder / "x.moe"; }
  std::string path(llvm::StringRef file) const { return path() + "/" + file.str(); }

  Status open(Verify verify = Verify::full) const { return ArtifactReader::open(path(), verify).status(); }
  /// Opening fails as it does for a damaged artifact.
  bool isFound(Verify verify = Verify::full) const {
    Status status = open(verify);
    return status.code() == ExitCode::invalid && !status.message().empty();
  }
  /// The message names the file and says this.
  void expectMessage(llvm::StringRef file, llvm::StringRef what, Verify verify = Verify::full) const {
    Status status = open(verify);
    EXPECT_EQ(status.code(), ExitCode::invalid);
    EXPECT_NE(status.message().find(path(file)), std::string::npos) << status.message();
    EXPECT_NE(status.message().find(what), std::string::npos) << status.message();
  }
  static bool isWeights(llvm::StringRef file) { return file.starts_with("weights/"); }

  TemporaryFolder folder;
};

TEST_F(DamageTest, MissingFiles) {
  for (const char *file : allFiles) {
    fs::rename(path(file), folder / "aside");
    EXPECT_EQ(open(Verify::off).code(), ExitCode::invalid) << file;
    fs::rename(folder / "aside", path(file));
  }
  fs::remove(path("report.json"));
  expectMessage("report.json", "No such file or directory");
}

TEST_F(DamageTest, LongerAndEmptyFiles) {
  for (const char *file : allFiles) {
    std::string content = contentOf(path(file));
    for (const std::string &bad : {content + "x", std::string()}) {
      replaceContent(path(file), bad);
      EXPECT_TRUE(isFound(Verify::off)) << file << " of " << bad.size() << " bytes";
    }
    replaceContent(path(file), content);
  }
  ASSERT_TRUE(open().ok());
  replaceContent(path("report.json"), "{}\n ");
  expectMessage("report.json", "has 4 bytes, the manifest says 3; the artifact is damaged or was copied in part");
}

TEST_F(DamageTest, EveryTruncation) {
  for (const char *file : allFiles) {
    std::string content = contentOf(path(file));
    // Long files are cut at some places, short ones everywhere.
    for (size_t length = content.size(); length-- > 0;) {
      if (length > 600 && length % 61 != 0 && length + 1 != content.size())
        continue;
      ASSERT_EQ(::truncate(path(file).c_str(), off_t(length)), 0);
      ASSERT_TRUE(isFound(Verify::off)) << file << " cut to " << length << " bytes";
    }
    replaceContent(path(file), content);
  }
  EXPECT_TRUE(open().ok());
}

TEST_F(DamageTest, EveryFlip) {
  std::mt19937 random(11);
  for (const char *file : allFiles) {
    std::string content = contentOf(path(file));
    int descriptor = ::open(path(file).c_str(), O_WRONLY);
    for (size_t i = 0; i < content.size(); ++i) {
      if (isWeights(file) && i > 600 && i % 61 != 0 && i + 1 != content.size())
        continue;
      char bad = char(content[i] ^ (1 << random() % 8));
      ASSERT_EQ(::pwrite(descriptor, &bad, 1, off_t(i)), 1);
      // Weights are digested by Verify::full alone.
      ASSERT_TRUE(isFound(isWeights(file) ? Verify::full : Verify::header)) << file << ", byte " << i;
      ASSERT_EQ(::pwrite(descriptor, &content[i], 1, off_t(i)), 1);
    }
    ::close(descriptor);
  }
  EXPECT_TRUE(open().ok());
}

// Where only the manifest's rules stand against a flip, since its digest is made to fit, nothing crashes.
TEST_F(DamageTest, EveryFlipOfAManifestWithItsDigest) {
  std::string content = contentOf(path("manifest.json"));
  std::mt19937 random(13);
  size_t refused = 0;
  for (size_t i = 0; i < content.size(); ++i) {
    std::string bad = content;
    bad[i] = char(bad[i] ^ (1 << random() % 8));
    Result<Manifest> manifest = Manifest::fromJson(bad);
    refused += manifest.ok() ? 0 : 1;
    if (manifest)
      EXPECT_TRUE(Manifest::fromJson(manifest->toJson()).ok());
  }
  EXPECT_GT(refused, content.size() / 3);
}

TEST_F(DamageTest, SwappedFiles) {
  fs::rename(path("weights/experts-L000.safetensors"), folder / "aside");
  fs::rename(path("weights/experts-L001.safetensors"), path("weights/experts-L000.safetensors"));
  fs::rename(folder / "aside", path("weights/experts-L001.safetensors"));
  EXPECT_TRUE(isFound(Verify::off));
}

TEST_F(DamageTest, LinksAndSpecialFiles) {
  folder.write("outside.json", "{}\n");
  fs::remove(path("report.json"));
  fs::create_symlink("../outside.json", path("report.json"));
  expectMessage("report.json", "outside of the model's folder");
  fs::remove(path("report.json"));
  ASSERT_EQ(::mkfifo(path("report.json").c_str(), 0600), 0);
  expectMessage("report.json", "is a pipe, not a regular file");
  fs::remove(path("report.json"));
  fs::create_directory(path("report.json"));
  expectMessage("report.json", "is a folder, not a regular file");
}

TEST_F(DamageTest, DigestsOfManifestAndFiles) {
  replaceContent(path("manifest.json.b3"), "nonsense\n");
  expectMessage("manifest.json", "manifest.json.b3 says 'nonsense'; the artifact is damaged", Verify::off);
  ASSERT_TRUE(writeExample(path()).ok());
  replaceContent(path("report.json"), "[]\n");
  expectMessage("report.json", "the artifact is damaged", Verify::header);
  EXPECT_TRUE(open(Verify::off).ok());
}

TEST_F(DamageTest, WeightsOfAnotherModel) {
  // The manifest of one model beside the weights of another: sizes and digests fit, the tensors do not.
  ExampleOptions options;
  options.manifest.weights[0].name = "embeddings";
  ASSERT_TRUE(writeExample(folder / "y.moe", options).ok());
  Result<ArtifactReader> other = ArtifactReader::open(folder / "y.moe");
  ASSERT_TRUE(other.ok());
  Manifest manifest = other->manifest();
  manifest.weights[0].name = "embedding";
  manifest.weights[2].type = ElementType::i32;
  std::string text = manifest.toJson();
  replaceContent(folder / "y.moe/manifest.json", text);
  replaceContent(folder / "y.moe/manifest.json.b3", digestOf(text) + "\n");
  EXPECT_EQ(ArtifactReader::open(folder / "y.moe").status().message(),
            "'" + folder / "y.moe/weights/dense.safetensors" +
                "' does not hold the manifest's tensors: 'embedding' is missing; "
                "'embeddings' is too many");
  manifest.weights[0].name = "embeddings";
  text = manifest.toJson();
  replaceContent(folder / "y.moe/manifest.json", text);
  replaceContent(folder / "y.moe/manifest.json.b3", digestOf(text) + "\n");
  EXPECT_NE(ArtifactReader::open(folder / "y.moe").status().message().find("'up.0' is f32[2, 16, 16], not i32[2, 16, 16]; 'up.1' is"),
            std::string::npos);
}

// Whatever the moment at which a writer is killed: no artifact, the old one, or the new one, each of them whole.
TEST(Interruption, AKilledWriterLeavesAWholeArtifactOrNone) {
  TemporaryFolder folder;
  std::string path = folder / "x.moe";
  ExampleOptions old, next;
  old.extraFiles = {{"which", "old"}};
  next.extraFiles = {{"which", "new"}};
  std::mt19937 random(5);
  int killed = 0;
  for (int round = 0; round < 40; ++round) {
    bool withOld = round % 2 == 1;
    fs::remove_all(path);
    if (withOld)
      ASSERT_TRUE(writeExample(path, old).ok());
    pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      (void)writeExample(path, next);
      ::_exit(0);
    }
    ::usleep(random() % 20000);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    killed += WIFSIGNALED(status) ? 1 : 0;
    if (!fs::exists(path)) {
      EXPECT_FALSE(withOld);
      continue;
    }
    Result<ArtifactReader> artifact = ArtifactReader::open(path, Verify::full);
    ASSERT_TRUE(artifact.ok()) << artifact.status().message();
    std::string which = *artifact->readChecked("which");
    EXPECT_TRUE(which == "new" || (withOld && which == "old")) << which;
  }
  EXPECT_GT(killed, 0);
  ASSERT_TRUE(writeExample(path, next).ok());
  EXPECT_EQ(folder.list(), std::vector<std::string>{"x.moe"});
}

}  // namespace
}  // namespace switchyard::artifact
