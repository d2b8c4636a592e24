// The toy artifact with inputs and expected outputs, in a folder, ready for moe-run.
#ifndef SWITCHYARD_TESTS_FAULTS_TOY_JOB_H
#define SWITCHYARD_TESTS_FAULTS_TOY_JOB_H

#include "tests/faults/job.h"
#include "tests/runtime/exec/toy_artifact.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include <unistd.h>

namespace switchyard::testing {

class ToyJob : public ::testing::Test {
protected:
  static void SetUpTestSuite() {
    folder = std::filesystem::temp_directory_path() / ("switchyard-toy-job-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    const Status written = writeToyArtifact(folder + "/toy.moe");
    ASSERT_TRUE(written.ok()) << written.message();
    std::string cases;
    for (const auto &[name, tokens] : {std::pair("few", 3), std::pair("many", 32), std::pair("none", 0)})
      cases += writeCase(name, tokens);
    writeText("cases", "# name, inputs, expected outputs\n" + cases);
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder); }

  static std::string writeCase(const std::string &name, int64_t count) {
    const Array tokens = toyTokens(count, 42 + count);
    const std::vector<float> want = toyReference(tokens);
    for (const char *kind : {"in", "out"})
      std::filesystem::create_directories(folder + "/" + name + "." + kind);
    EXPECT_TRUE(writeNpy(folder + "/" + name + ".in/tokens_in.npy", ElementType::f32, tokens.shape, tokens.data.data()).ok());
    EXPECT_TRUE(writeNpy(folder + "/" + name + ".out/tokens_out.npy", ElementType::f32, tokens.shape, want.data()).ok());
    return name + " " + name + ".in " + name + ".out\n";
  }
  static void writeText(const std::string &name, const std::string &text) {
    FILE *file = std::fopen((folder + "/" + name).c_str(), "w");
    ASSERT_NE(file, nullptr);
    std::fputs(text.c_str(), file);
    std::fclose(file);
  }

  static std::string artifact() { return folder + "/toy.moe"; }
  /// Arguments for one input set, then `more`.
  static std::vector<std::string> arguments(std::vector<std::string> more) {
    more.insert(more.begin(), {artifact(), "--input-dir", folder + "/many.in"});
    return more;
  }
  static std::vector<std::string> allCases(std::vector<std::string> more) {
    more.insert(more.begin(), {artifact(), "--cases", folder + "/cases", "--rtol", "1e-2", "--atol", "1e-2"});
    return more;
  }

  /// Runs the tool in the folder, in a script where `$RUN` is the tool with one input set and `$RUN_ALL` the tool with all.
  static JobResult inFolder(const std::string &script, std::map<std::string, std::string> environment = {}) {
    environment["RUN"] = std::string(SWITCHYARD_MOE_RUN) + " toy.moe --input-dir many.in";
    environment["RUN_ALL"] = std::string(SWITCHYARD_MOE_RUN) + " toy.moe --cases cases --rtol 1e-2 --atol 1e-2";
    return runScript("cd " + folder + "\n" + script, environment);
  }
  /// Names in a folder below the job's, hidden ones included.
  static std::vector<std::string> names(const std::string &below) {
    std::vector<std::string> found;
    for (const auto &entry : std::filesystem::directory_iterator(folder + "/" + below))
      found.push_back(entry.path().filename());
    std::sort(found.begin(), found.end());
    return found;
  }

  inline static std::string folder;
};

}  // namespace switchyard::testing

#endif  // SWITCHYARD_TESTS_FAULTS_TOY_JOB_H
