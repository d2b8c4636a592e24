// moe-run as a tool: the same bits in every form, comparisons, reports, and what it says to wrong command lines.
#include "tests/faults/toy_job.h"

#include "llvm/Support/JSON.h"

#include <algorithm>
#include <fstream>

namespace switchyard::testing {
namespace {

class MoeRun : public ToyJob {};

void expectFault(const JobResult &job, int code, const std::string &text) {
  EXPECT_EQ(job.code, code) << job.errors;
  EXPECT_NE(job.errors.find(text), std::string::npos) << job.errors;
  EXPECT_EQ(std::count(job.errors.begin(), job.errors.end(), '\n'), 1) << job.errors;
}

TEST_F(MoeRun, BitsAreEqualInEveryForm) {
  const JobResult one = runJob(allCases({"--print-digest"}));
  ASSERT_EQ(one.code, 0) << one.errors;
  EXPECT_EQ(std::count(one.output.begin(), one.output.end(), '\n'), 3) << one.output;
  for (const char *ranks : {"2", "3", "5", "8"})
    EXPECT_EQ(runJob(allCases({"--print-digest", "--in-process", "-n", ranks})).output, one.output) << ranks << " threads";
  for (const char *ranks : {"2", "4", "7"}) {
    const JobResult job = runJob(allCases({"--print-digest", "-n", ranks}));
    EXPECT_EQ(job.code, 0) << job.errors;
    EXPECT_EQ(job.output, one.output) << ranks << " processes";
    EXPECT_EQ(job.errors, "");
  }
}

TEST_F(MoeRun, ReportHoldsWhatTheContractSays) {
  const JobResult job = runJob(allCases({"-n", "3", "--json", "-", "--threads", "1"}));
  ASSERT_EQ(job.code, 0) << job.errors;
  llvm::Expected<llvm::json::Value> parsed = llvm::json::parse(job.output);
  ASSERT_TRUE(static_cast<bool>(parsed)) << llvm::toString(parsed.takeError()) << job.output;
  const llvm::json::Object &report = *parsed->getAsObject();
  EXPECT_EQ(report.getInteger("ranks"), 3);
  EXPECT_EQ(report.getString("transport"), "processes");
  EXPECT_EQ(report.getArray("rank_statistics")->size(), 3u);
  const llvm::json::Object &many = *(*report.getArray("cases"))[1].getAsObject();
  EXPECT_EQ(many.getString("name"), "many");
  const llvm::json::Object &output = *(*many.getArray("outputs"))[0].getAsObject();
  EXPECT_EQ(output.getInteger("mismatches"), 0);
  EXPECT_LT(*output.getNumber("largest_difference"), 1e-2);
  int64_t routes = 0;
  for (const llvm::json::Value &tokens : *(*many.getArray("layers"))[0].getAsObject()->getArray("tokens_per_expert"))
    routes += *tokens.getAsInteger();
  EXPECT_EQ(routes, 32 * 2);
}

TEST_F(MoeRun, StatisticsNameExpertsAndRows) {
  const JobResult job = runJob(arguments({"-n", "2", "--in-process", "--stats"}));
  ASSERT_EQ(job.code, 0) << job.errors;
  for (const char *text :
       {"layer 0 (layers.0.moe): 5 experts, 2 per token", "rank 0: experts 0 1 2; rows sent 32", "rank 1: experts 3 4;", "skew"})
    EXPECT_NE(job.output.find(text), std::string::npos) << text << "\n" << job.output;
}

TEST_F(MoeRun, WritesOutputs) {
  const JobResult job = runJob(arguments({"-n", "2", "--output", "tokens_out=@" + folder + "/got.npy"}));
  ASSERT_EQ(job.code, 0) << job.errors;
  const JobResult compared = runJob(
      {artifact(), "--input-dir", folder + "/many.in", "--expect", "tokens_out=@" + folder + "/got.npy", "--rtol", "0", "--atol", "0"});
  EXPECT_EQ(compared.code, 0) << compared.errors;
}

TEST_F(MoeRun, DifferencesEndInEight) {
  const Array zero{ElementType::f32, {32, 24}, std::vector<char>(32 * 24 * 4)};
  ASSERT_TRUE(writeNpy(folder + "/zero.npy", ElementType::f32, zero.shape, zero.data.data()).ok());
  for (const char *ranks : {"1", "2"}) {
    const JobResult job = runJob(arguments({"-n", ranks, "--expect", "tokens_out=@" + folder + "/zero.npy"}));
    EXPECT_EQ(job.code, 8);
    EXPECT_NE(job.errors.find("output 'tokens_out' differs at [0,0]: "), std::string::npos) << job.errors;
    EXPECT_NE(job.errors.find("largest difference"), std::string::npos) << job.errors;
    EXPECT_NE(job.errors.find("1 of 1 cases differ"), std::string::npos) << job.errors;
    EXPECT_EQ(job.errors.find("stopped"), std::string::npos) << job.errors;
  }
}

TEST_F(MoeRun, InputsBeyondALimitEndInEight) {
  writeCase("huge", 33);
  for (const char *ranks : {"1", "3"})
    expectFault(runJob({artifact(), "-n", ranks, "--input-dir", folder + "/huge.in"}), 8,
                "dimension 'tokens' is 33, the limit is 32; raise it with --max-batch or --max-seq");
  EXPECT_EQ(runJob({artifact(), "-n", "3", "--input-dir", folder + "/huge.in", "--max-seq", "40"}).code, 0);
}

TEST_F(MoeRun, WrongCommandLinesEndInTwo) {
  expectFault(runJob({}), 2, "no artifact");
  expectFault(runJob({artifact(), "--inptu", "x"}), 2, "Did you mean '--input'?");
  for (const char *flag : {"--timeout", "--comm-timeout", "--duration"})
    for (const auto &[seconds, text] : {std::pair("1e300", "at most 1e9 seconds"), std::pair("0", "above 0"), std::pair("nan", "above 0")})
      expectFault(runJob({artifact(), flag, seconds}), 2, std::string(flag) + " must be " + text);
  for (const char *ranks : {"0", "-1", "65", "8x"})
    expectFault(runJob({artifact(), "-n", ranks}), 2, "n");
  expectFault(runJob({artifact()}), 2, "input 'tokens_in' is not given");
  expectFault(runJob({artifact(), "--input", "x=@y"}), 2, "--input 'x': the model has 'tokens_in'");
  expectFault(runJob({artifact(), "--input", "tokens_in"}), 2, "is not name=@file.npy");
  expectFault(runJob({artifact(), "--input-dir", folder + "/nowhere", "-n", "3"}), 2, "nowhere");
  expectFault(runJob(arguments({"--timeout", "0"})), 2, "--timeout must be above 0");
  expectFault(runJob(arguments({"--cases", "x"})), 2, "--cases");
  expectFault(runJob({folder + "/nothing.moe"}), 2, "nothing.moe");
  std::ofstream(folder + "/escape.cases") << "../outside " << folder << "/huge.in\n";
  expectFault(runJob({artifact(), "--cases", folder + "/escape.cases"}), 2, "a path that stays in its folder");
}

TEST_F(MoeRun, LostOutputIsNoticed) {
  expectFault(runJob(arguments({"--json", "/dev/full"})), 7, "/dev/full");
  EXPECT_EQ(runJob(arguments({"--output", "tokens_out=@/dev/full"})).code, 7);
}

TEST_F(MoeRun, WhatIsNoArtifactIsRefused) {
  writeText("empty.moe", "");
  writeText("text.moe", "{}");
  writeText("model.onnx", "\b\n");
  std::filesystem::create_directories(folder + "/folder.moe");
  for (const char *ranks : {"1", "2"}) {
    expectFault(runJob({folder + "/nowhere.moe", "-n", ranks}), 2, "nowhere.moe': there is no such artifact");
    expectFault(runJob({folder + "/empty.moe", "-n", ranks}), 3, "empty.moe' is not an artifact");
    expectFault(runJob({folder + "/text.moe", "-n", ranks}), 3, "text.moe' is not an artifact");
    expectFault(runJob({folder + "/folder.moe", "-n", ranks}), 3, "folder.moe' has no manifest.json");
    expectFault(runJob({folder + "/model.onnx", "-n", ranks}), 3, "model.onnx' is a model and no artifact; compile it first");
  }
}

TEST_F(MoeRun, CheckRunsNothing) {
  const JobResult job = runJob({artifact(), "--check", "-n", "4"});
  EXPECT_EQ(job.code, 0) << job.errors;
  EXPECT_EQ(job.output.find("ok: artifact "), 0u) << job.output;
  EXPECT_NE(job.output.find(", 4 ranks, code x86-64, arena "), std::string::npos) << job.output;
}

TEST_F(MoeRun, CheckTriesTheLevelOfTheCode) {
  artifact::Manifest manifest = toyManifest();
  manifest.code.front().level = "sparc";
  ASSERT_TRUE(writeToyArtifact(folder + "/sparc.moe", 1, manifest).ok());
  for (std::vector<std::string> form : {std::vector<std::string>{"--check"}, {"-n", "2"}, {"-n", "2", "--in-process"}}) {
    form.insert(form.begin(), {folder + "/sparc.moe", "--input-dir", folder + "/many.in"});
    expectFault(runJob(form), 5, "has no code for this machine (sparc: not known to this program)");
  }
}

TEST_F(MoeRun, RepeatsForADuration) {
  const JobResult job = runJob(arguments({"-n", "2", "--duration", "0.3", "--warmup", "2", "--json", "-"}));
  ASSERT_EQ(job.code, 0) << job.errors;
  EXPECT_GE(job.seconds, 0.3);
}

}  // namespace
}  // namespace switchyard::testing
