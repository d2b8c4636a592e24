// What moe-run writes arrives whole, or the job fails and says why.
#include "tests/faults/toy_job.h"

#include "llvm/Support/JSON.h"

namespace switchyard::testing {
namespace {

class Outputs : public ToyJob {
protected:
  static void expectFull(const std::string &script, const std::string &name, const char *why = "No space left on device") {
    const JobResult job = inFolder(script);
    EXPECT_EQ(job.code, 7) << script << "\n" << job.errors;
    EXPECT_EQ(job.errors.find("moe-run: " + name + ": cannot be written: " + why), 0u) << script << "\n" << job.errors;
    EXPECT_EQ(std::count(job.errors.begin(), job.errors.end(), '\n'), 1) << script << "\n" << job.errors;
  }
};

TEST_F(Outputs, AFullDiskEndsInSeven) {
  for (const char *form : {"", "-n 2", "-n 2 --in-process"}) {
    const std::string run = std::string("$RUN ") + form;
    expectFull(run + " > /dev/full", "standard output");
    expectFull(run + " --json - > /dev/full", "standard output");
    expectFull(run + " --json /dev/full", "'/dev/full'");
    expectFull(run + " --output tokens_out=@/dev/full", "'/dev/full'");
  }
  for (const char *flags : {"toy.moe --check", "--list-failpoints", "--help", "--version"})
    expectFull(std::string("$MOE_RUN ") + flags + " > /dev/full", "standard output");
}

TEST_F(Outputs, AFileSizeLimitLeavesWhatWasThere) {
  std::filesystem::create_directories(folder + "/limited");
  writeText("limited/tokens_out.npy", "old");
  expectFull("ulimit -f 1; $RUN --output-dir limited", "'limited/tokens_out.npy'", "File too large");
  expectFull("ulimit -f 1; $RUN_ALL --json limited/report.json", "'limited/report.json'", "File too large");
  EXPECT_EQ(names("limited"), std::vector<std::string>{"tokens_out.npy"});
  EXPECT_EQ(inFolder("cat limited/tokens_out.npy").output, "old");
}

TEST_F(Outputs, ALogThatCannotBeWrittenChangesNothing) {
  EXPECT_EQ(inFolder("$RUN 2> /dev/full").code, 0);
  EXPECT_EQ(inFolder("$MOE_RUN nowhere.moe 2> /dev/full").code, 2);
}

TEST_F(Outputs, AReportOnStandardOutputIsAlone) {
  for (const char *form : {"", "-n 2", "-n 2 --in-process"})
    for (const char *digest : {"", "--print-digest"})
      for (const char *statistics : {"", "--stats"}) {
        const JobResult job = inFolder(std::string("$RUN_ALL --json - ") + form + " " + digest + " " + statistics);
        ASSERT_EQ(job.code, 0) << job.errors;
        llvm::Expected<llvm::json::Value> parsed = llvm::json::parse(job.output);
        ASSERT_TRUE(static_cast<bool>(parsed)) << llvm::toString(parsed.takeError()) << job.output;
        const std::string all = std::string((*(*parsed->getAsObject()->getArray("cases"))[0].getAsObject()).getString("digest")->str());
        EXPECT_EQ(job.errors.find("few " + all) != std::string::npos, *digest != '\0') << job.errors;
        EXPECT_EQ(job.errors.find("skew") != std::string::npos, *statistics != '\0') << job.errors;
      }
  const JobResult check = inFolder("$MOE_RUN toy.moe --check --json -");
  EXPECT_EQ(check.code, 2);
  EXPECT_EQ(check.output, "");
}

TEST_F(Outputs, DigestsStandAloneOnStandardOutput) {
  const JobResult job = inFolder("$RUN_ALL --print-digest --stats --json report.json");
  ASSERT_EQ(job.code, 0) << job.errors;
  EXPECT_EQ(std::count(job.output.begin(), job.output.end(), '\n'), 3) << job.output;
  EXPECT_NE(job.errors.find("skew"), std::string::npos);
}

}  // namespace
}  // namespace switchyard::testing
