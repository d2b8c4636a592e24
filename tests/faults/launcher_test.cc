// Ranks that somebody else's launcher starts, directly or with shells between.
#include "tests/faults/toy_job.h"

namespace switchyard::testing {
namespace {

using Variables = std::map<std::string, std::string>;

/// A launcher as a script: it starts `$1` ranks of the command that follows, each with the variables that the launcher sets, and prints the
/// exit code of each on standard error. Its own environment has none of them.
const std::string launcher = R"(
launch() {
  local size=$1 pids=(); shift
  for ((rank = 0; rank < size; rank++)); do
    ( set_variables $rank $size; exec "$@" ) &
    pids+=($!)
  done
  for ((rank = 0; rank < size; rank++)); do
    wait ${pids[$rank]}; echo "exit $rank $?" >&2
  done
}
)";

const std::string torchrun =
    "export TORCHELASTIC_RUN_ID=none RANK=$1 WORLD_SIZE=$2 LOCAL_WORLD_SIZE=$2 MASTER_ADDR=127.0.0.1 MASTER_PORT=$JOB";
const std::string openmpi = "export PMIX_NAMESPACE=$JOB OMPI_COMM_WORLD_RANK=$1 OMPI_COMM_WORLD_SIZE=$2 OMPI_COMM_WORLD_LOCAL_SIZE=$2";
const std::string hydra = "export PMI_RANK=$1 PMI_SIZE=$2 MPI_LOCALNRANKS=$2";
const std::string slurm = "export SLURM_JOB_ID=$JOB SLURM_STEP_ID=0 SLURM_PROCID=$1 SLURM_STEP_NUM_TASKS=$2 SLURM_STEP_NUM_NODES=1";

class Launcher : public ToyJob {
protected:
  void SetUp() override {
    temporary = folder + "/temporary";
    std::filesystem::create_directories(temporary);
    expected = inFolder("$RUN_ALL --print-digest").output;
    ASSERT_NE(expected, "");
  }
  void TearDown() override { EXPECT_TRUE(names("temporary").empty()) << "left behind: " << names("temporary").front(); }
  JobResult launch(const std::string &variables, const std::string &script) {
    return inFolder(launcher + "set_variables() { " + variables + "; }\n" + script,
                    {{"JOB", std::to_string(::getpid()) + "1"}, {"XDG_RUNTIME_DIR", temporary}, {"TMPDIR", temporary}});
  }

  std::string temporary, expected;
};

std::string ends(int ranks) {
  std::string text;
  for (int rank = 0; rank < ranks; ++rank)
    text += "exit " + std::to_string(rank) + " 0\n";
  return text;
}

TEST_F(Launcher, RanksFindEachOther) {
  for (const std::string &variables : {torchrun, openmpi, hydra, slurm})
    for (const char *wrapper : {"", "bash -c '\"$@\"; exit $?' --", "bash -c 'sh -c \"\\\"\\$@\\\"; exit\" -- \"$@\"; exit $?' --"}) {
      const JobResult job = launch(variables, std::string("launch 3 ") + wrapper + " $RUN_ALL --print-digest --comm-timeout 20");
      EXPECT_EQ(job.output, expected) << variables << "\n" << wrapper;
      EXPECT_EQ(job.errors, ends(3)) << variables << "\n" << wrapper;
    }
}

TEST_F(Launcher, JobsAtTheSameTimeDoNotMix) {
  for (const std::string &variables : {torchrun, openmpi, hydra, slurm}) {
    const JobResult job = launch(variables, "for JOB in ${JOB}1 ${JOB}2 ${JOB}3; do bash -c \"$(declare -f); "
                                            "launch 2 bash -c '$RUN_ALL --print-digest --comm-timeout 20; exit'\" & done; wait");
    EXPECT_EQ(job.output, expected + expected + expected) << variables << job.errors;
  }
}

TEST_F(Launcher, RunsOneAfterTheOther) {
  for (const std::string &variables : {torchrun, hydra}) {
    const JobResult job =
        launch(variables, "launch 2 bash -c 'for run in 1 2 3; do $RUN_ALL --print-digest --comm-timeout 20 || exit; done'");
    EXPECT_EQ(job.output, expected + expected + expected) << variables;
    EXPECT_EQ(job.errors, ends(2)) << variables;
  }
}

TEST_F(Launcher, ARankThatNeverComesIsNamed) {
  const JobResult job = launch(slurm, "launch 3 bash -c '[ $SLURM_PROCID = 1 ] || $RUN --comm-timeout 1'");
  EXPECT_NE(job.errors.find("moe-run: 2 of 3 ranks joined in time; not seen: rank 1\n"), std::string::npos) << job.errors;
  EXPECT_NE(job.errors.find("exit 0 6\n"), std::string::npos) << job.errors;
  EXPECT_NE(job.errors.find("exit 2 6\n"), std::string::npos) << job.errors;
}

TEST_F(Launcher, ASecondCopyOfARankIsTurnedAway) {
  const JobResult job = launch(slurm, "launch 2 bash -c 'if [ $SLURM_PROCID = 0 ]; then $RUN --duration 2 --print-digest; else "
                                      "$RUN --duration 2 & sleep 0.5; $RUN --comm-timeout 1; code=$?; wait; exit $code; fi'");
  EXPECT_NE(job.errors.find("refused by the rendezvous store: rank 1 has joined already"), std::string::npos) << job.errors;
  for (const char *end : {"exit 0 0\n", "exit 1 6\n"})
    EXPECT_NE(job.errors.find(end), std::string::npos) << end << job.errors;
}

TEST_F(Launcher, RanksWithOtherArtifactsAreRefused) {
  ASSERT_TRUE(writeToyArtifact(folder + "/other.moe", 2).ok());
  const JobResult job = launch(slurm, "launch 3 bash -c '[ $SLURM_PROCID = 1 ] && RUN=${RUN/toy.moe/other.moe}; $RUN --comm-timeout 20'");
  for (const char *end : {"exit 0 5\n", "exit 1 5\n", "exit 2 5\n"})
    EXPECT_NE(job.errors.find(end), std::string::npos) << end << job.errors;
  EXPECT_NE(job.errors.find("rank 1 "), std::string::npos) << job.errors;
}

TEST_F(Launcher, AKilledRankLeavesNothingBehind) {
  for (const char *rank : {"0", "1"}) {
    const JobResult job = launch(slurm, std::string("launch 2 bash -c 'export MOE_FAILPOINT=gate_f32:rank=") + rank +
                                            ",layer=0,action=kill9; $RUN --comm-timeout 20 2>/dev/null; exit'");
    EXPECT_NE(job.errors.find(std::string("exit ") + rank + " 137\n"), std::string::npos) << job.errors;
    EXPECT_NE(job.errors.find(std::string("exit ") + (*rank == '0' ? "1" : "0") + " 6\n"), std::string::npos) << job.errors;
  }
}

TEST_F(Launcher, AFirstRankWithoutDescriptorsEndsInSeven) {
  const std::string closeAll = "for fd in /proc/self/fd/*; do fd=${fd##*/}; [ $fd -gt 2 ] && eval \"exec $fd>&-\"; done; ";
  for (int limit = 10; limit < 40; limit += 2) {
    const JobResult job = launch(slurm, closeAll + "launch 3 bash -c '[ $SLURM_PROCID = 0 ] && ulimit -n " + std::to_string(limit) +
                                            "; exec $RUN --comm-timeout 1'");
    if (job.errors == ends(3))
      return;
    EXPECT_NE(job.errors.find("exit 0 7\n"), std::string::npos) << "ulimit -n " << limit << ": " << job.errors;
    EXPECT_LT(job.seconds, 10) << "ulimit -n " << limit << ": " << job.errors;
  }
  FAIL() << "no limit is enough";
}

TEST_F(Launcher, TheTimeoutOfTheJobHolds) {
  const JobResult job =
      launch(slurm, "launch 2 bash -c 'export MOE_FAILPOINT=gate_f32:rank=1,layer=0,action=hang; $RUN --timeout 2; exit'");
  EXPECT_NE(job.errors.find("--timeout reached; rank 1 in gate_f32 in layer 0 (step 0)\n"), std::string::npos) << job.errors;
  // Rank 0 may see the other go before its own time is up.
  EXPECT_NE(job.errors.find("exit 1 124\n"), std::string::npos) << job.errors;
}

TEST_F(Launcher, ItMustNameTheRank) {
  const JobResult unnamed = runJob(arguments({}), {{"OMPI_COMM_WORLD_SIZE", "4"}});
  EXPECT_EQ(unnamed.code, 6);
  EXPECT_NE(unnamed.errors.find("every process would run alone as rank 0 of 1"), std::string::npos) << unnamed.errors;
  const JobResult otherSize = runJob(arguments({"-n", "2"}), {{"PMI_RANK", "0"}, {"PMI_SIZE", "3"}});
  EXPECT_EQ(otherSize.code, 2);
  EXPECT_NE(otherSize.errors.find("-n 2, but hydra started 3 ranks"), std::string::npos) << otherSize.errors;
}

}  // namespace
}  // namespace switchyard::testing
