// Which launcher a process believes it has.
#include "runtime/launch/rank_environment.h"

#include <gtest/gtest.h>

#include <map>

namespace switchyard::launch {
namespace {

using Variables = std::map<std::string, std::string>;

Result<std::optional<RankEnvironment>> detect(const Variables &variables) {
  return detectLauncher([&](const char *name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string() : found->second;
  });
}

void expectRank(const Variables &variables, const std::string &launcher, int rank, int size) {
  const auto found = detect(variables);
  ASSERT_TRUE(found.ok()) << found.status().message();
  ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->launcher, launcher);
  EXPECT_EQ((*found)->rank, rank);
  EXPECT_EQ((*found)->size, size);
}

void expectFault(const Variables &variables, ExitCode code, const std::string &text) {
  const auto found = detect(variables);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.status().code(), code);
  EXPECT_NE(found.status().message().find(text), std::string::npos) << found.status().message();
}

TEST(RankEnvironment, NobodyAlone) {
  const auto found = detect({});
  ASSERT_TRUE(found.ok());
  EXPECT_FALSE(found->has_value());
}

TEST(RankEnvironment, KnowsLaunchers) {
  expectRank({{"MOE_RANK", "1"}, {"MOE_WORLD_SIZE", "2"}}, "moe-run", 1, 2);
  expectRank({{"TORCHELASTIC_RUN_ID", "x"}, {"RANK", "2"}, {"WORLD_SIZE", "4"}, {"LOCAL_WORLD_SIZE", "4"}}, "torchrun", 2, 4);
  expectRank({{"OMPI_COMM_WORLD_SIZE", "8"}, {"OMPI_COMM_WORLD_RANK", "7"}, {"OMPI_COMM_WORLD_LOCAL_SIZE", "8"}}, "openmpi", 7, 8);
  expectRank({{"PMI_SIZE", "3"}, {"PMI_RANK", "0"}, {"MPI_LOCALNRANKS", "3"}}, "hydra", 0, 3);
  expectRank({{"SLURM_STEP_ID", "0"}, {"SLURM_PROCID", "1"}, {"SLURM_STEP_NUM_TASKS", "2"}}, "slurm", 1, 2);
}

TEST(RankEnvironment, JobsAreWhatTheLauncherSays) {
  const Variables torchrun{
      {"TORCHELASTIC_RUN_ID", "none"}, {"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "127.0.0.1"}, {"MASTER_PORT", "29500"}};
  const Variables openmpi{{"OMPI_COMM_WORLD_SIZE", "2"}, {"OMPI_COMM_WORLD_RANK", "0"}, {"PMIX_NAMESPACE", "77"}};
  const Variables slurm{{"SLURM_JOB_ID", "7"}, {"SLURM_STEP_ID", "0"}, {"SLURM_PROCID", "0"}, {"SLURM_STEP_NUM_TASKS", "2"}};
  for (const auto &[variables, changed] :
       {std::pair(torchrun, "MASTER_PORT"), std::pair(torchrun, "TORCHELASTIC_RUN_ID"), std::pair(openmpi, "PMIX_NAMESPACE"),
        std::pair(slurm, "SLURM_JOB_ID"), std::pair(slurm, "SLURM_STEP_ID")}) {
    Variables other = variables;
    other[changed] = "8";
    const auto one = detect(variables), two = detect(other);
    ASSERT_TRUE(one.ok() && two.ok());
    EXPECT_NE((*one)->job, "") << changed;
    EXPECT_NE((*one)->job, (*two)->job) << changed;
  }
  Variables restarted = torchrun;
  restarted["TORCHELASTIC_RESTART_COUNT"] = "1";
  EXPECT_NE((*detect(torchrun))->job, (*detect(restarted))->job);
  // A run id alone is "none" for every job of a user who gives none.
  EXPECT_EQ((*detect({{"TORCHELASTIC_RUN_ID", "none"}, {"RANK", "0"}, {"WORLD_SIZE", "2"}}))->job, "");
}

TEST(RankEnvironment, ASlurmShellIsNoStep) {
  const auto found = detect({{"SLURM_JOB_ID", "77"}, {"SLURM_NTASKS", "4"}});
  ASSERT_TRUE(found.ok());
  EXPECT_FALSE(found->has_value());
}

TEST(RankEnvironment, OurSupervisorComesFirst) {
  expectRank({{"MOE_RANK", "1"}, {"MOE_WORLD_SIZE", "2"}, {"OMPI_COMM_WORLD_SIZE", "1"}, {"OMPI_COMM_WORLD_RANK", "0"}}, "moe-run", 1, 2);
}

TEST(RankEnvironment, HalfALauncherIsAnError) {
  expectFault({{"OMPI_COMM_WORLD_SIZE", "4"}}, ExitCode::communication, "every process would run alone as rank 0 of 1");
  expectFault({{"PMI_SIZE", "4"}, {"PMI_RANK", "4"}}, ExitCode::communication, "rank 4 of 4");
  expectFault({{"PMI_SIZE", "4"}, {"PMI_RANK", "first"}}, ExitCode::communication, "PMI_RANK='first' is not a number");
}

TEST(RankEnvironment, SeveralMachinesAreNotSupported) {
  expectFault({{"PMI_SIZE", "4"}, {"PMI_RANK", "1"}, {"MPI_LOCALNRANKS", "2"}}, ExitCode::unsupported, "2 of 4 ranks on this machine");
  expectFault({{"SLURM_STEP_ID", "0"}, {"SLURM_PROCID", "1"}, {"SLURM_STEP_NUM_TASKS", "4"}, {"SLURM_STEP_NUM_NODES", "2"}},
              ExitCode::unsupported, "slurm runs the job on 2 machines");
}

}  // namespace
}  // namespace switchyard::launch
