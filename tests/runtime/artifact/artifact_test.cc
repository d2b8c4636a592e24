// Writing and opening of whole artifacts.
#include "runtime/artifact/artifact_reader.h"
#include "tests/runtime/artifact/example_artifact.h"
#include "tests/runtime/artifact/example_manifest.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <unistd.h>

namespace switchyard::artifact {
namespace {

namespace fs = std::filesystem;

TEST(Artifact, OpensWhatWasWritten) {
  TemporaryFolder folder;
  Result<std::string> id = writeExample(folder / "x.moe");
  ASSERT_TRUE(id.ok()) << id.status().message();
  for (const char *name : {"x.moe", "x.moe/", "x.moe/manifest.json"})
    for (Verify verify : {Verify::header, Verify::full, Verify::off}) {
      Result<ArtifactReader> artifact = ArtifactReader::open(folder / name, verify);
      ASSERT_TRUE(artifact.ok()) << artifact.status().message();
      EXPECT_EQ(artifact->id(), *id);
      EXPECT_EQ(artifact->manifest().files.size(), 5u);
      EXPECT_EQ(*artifact->readChecked("report.json"), "{}\n");
      EXPECT_TRUE(artifact->warnings().empty());
    }
  EXPECT_EQ(folder.list("x.moe"), (std::vector<std::string>{"code", "manifest.json", "manifest.json.b3", "report.json", "weights"}));
  EXPECT_EQ(contentOf(folder / "x.moe/manifest.json.b3"), *id + "\n");
}

TEST(Artifact, SameBytesTwice) {
  TemporaryFolder folder;
  fs::create_directory(folder / "other");
  Result<std::string> first = writeExample(folder / "a.moe"), second = writeExample(folder / "other/b.moe");
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(*first, *second);
}

TEST(Artifact, OpensAnArtifactOfADownloadCache) {
  TemporaryFolder folder;
  ASSERT_TRUE(writeExample(folder / "x.moe").ok());
  fs::create_directories(folder / "cache/blobs");
  int number = 0;
  for (const char *file : {"manifest.json", "manifest.json.b3", "report.json", "code/host-x86-64-v3.so", "weights/dense.safetensors",
                           "weights/experts-L000.safetensors", "weights/experts-L001.safetensors"}) {
    std::string blob = std::to_string(number++), name = folder / "cache/snapshots/x.moe/" + file;
    fs::rename(folder / "x.moe/" + file, folder / "cache/blobs/" + blob);
    fs::create_directories(fs::path(name).parent_path());
    fs::create_symlink(folder / "cache/blobs/" + blob, name);
  }
  Result<ArtifactReader> artifact = ArtifactReader::open(folder / "cache/snapshots/x.moe", Verify::full);
  EXPECT_TRUE(artifact.ok()) << artifact.status().message();
}

TEST(Artifact, WarnsRootAloneOfCodeThatAnybodyCanChange) {
  TemporaryFolder folder;
  ASSERT_TRUE(writeExample(folder / "x.moe").ok());
  fs::permissions(folder / "x.moe/code", fs::perms::all);
  Result<ArtifactReader> artifact = ArtifactReader::open(folder / "x.moe");
  ASSERT_TRUE(artifact.ok());
  std::vector<std::string> expected;  // nothing for others, who can harm themselves only
  if (::geteuid() == 0)
    expected.push_back("'" + folder / "x.moe/code" + "' is writable for everybody, and this process is root");
  EXPECT_EQ(artifact->warnings(), expected);
}

TEST(Artifact, SaysWhyThereIsNone) {
  TemporaryFolder folder;
  fs::create_directory(folder / "empty.moe");
  folder.write("file.moe", "");
  auto status = [&](llvm::StringRef name) { return ArtifactReader::open(folder / name).status(); };
  EXPECT_EQ(status("none.moe").message(), "'" + folder / "none.moe" + "': there is no such artifact");
  EXPECT_EQ(status("none.moe").code(), ExitCode::usage);
  EXPECT_EQ(status("empty.moe").message(),
            "'" + folder / "empty.moe" + "' has no manifest.json: it is not an artifact, or its writing was interrupted");
  EXPECT_EQ(status("empty.moe").code(), ExitCode::invalid);
  EXPECT_EQ(status("file.moe").message(), "'" + folder / "file.moe" + "' is not an artifact: neither a folder nor a manifest.json");
}

TEST(Artifact, WritesNothingThatDoesNotLoad) {
  TemporaryFolder folder;
  ExampleOptions options;
  options.manifest.slots[0].first = 9;
  EXPECT_EQ(writeExample(folder / "x.moe", options).status().message(), "manifest.json: slots[0]: live interval [9, 4] is not one");
  options = ExampleOptions();
  options.manifest.code[0].file = "code/../x.so";
  EXPECT_FALSE(writeExample(folder / "x.moe", options).ok());
  options = ExampleOptions();
  options.extraFiles = {{"report.json", "again"}};
  EXPECT_FALSE(writeExample(folder / "x.moe", options).ok());
  EXPECT_TRUE(folder.list().empty());
}

TEST(Artifact, StoredPlanBeforeTheDefaultOne) {
  TemporaryFolder folder;
  ExampleOptions options;
  Plan plan = *planOfOwners(options.manifest, 2, {{0, {{1}, {0}, {1}, {0}}}, {1, {{0}, {0}, {0}, {1}}}});
  Plan three = *defaultPlan(options.manifest, 3);
  Plan wrong = *defaultPlan(options.manifest, 4);
  wrong.phases[1].rows.owner += 1;
  options.extraFiles = {{planFile(2), plan.toJson()}, {planFile(4), wrong.toJson()}, {planFile(5), three.toJson()}};
  ASSERT_TRUE(writeExample(folder / "x.moe", options).ok());
  Result<ArtifactReader> artifact = ArtifactReader::open(folder / "x.moe");
  ASSERT_TRUE(artifact.ok()) << artifact.status().message();
  EXPECT_TRUE(*artifact->plan(2) == plan);
  EXPECT_TRUE(*artifact->plan(3) == three);
  EXPECT_NE(artifact->plan(4).status().message().find("plans/ranks-4.json: schedule: all ranks, phase 1"), std::string::npos)
      << artifact->plan(4).status().message();
  EXPECT_NE(artifact->plan(5).status().message().find("is a plan for 3 ranks, not for 5"), std::string::npos);
  EXPECT_EQ(artifact->plan(65).status().code(), ExitCode::usage);
}

}  // namespace
}  // namespace switchyard::artifact
