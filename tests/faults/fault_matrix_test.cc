// Ranks that die, hang or leave: who is blamed, with which exit code, and how soon everybody is gone.
//
// Bounds are those of the promise (two seconds after a crash), plus the time that a loaded machine takes to start.
#include "tests/faults/toy_job.h"

#include <algorithm>
#include <csignal>
#include <thread>

namespace switchyard::testing {
namespace {

constexpr double startSeconds = 6;

class FaultMatrix : public ToyJob {
protected:
  /// Runs 4 ranks with a failpoint; nothing may be left of them.
  static JobResult runFault(const std::string &failpoint, std::vector<std::string> more = {}) {
    const std::string marker = "SWITCHYARD_TEST_JOB=" + std::to_string(::getpid()) + "-" + std::to_string(++jobs);
    more.insert(more.end(), {"-n", "4", "--iterations", "5"});
    const JobResult job =
        runJob(arguments(more), {{"MOE_FAILPOINT", failpoint}, {"SWITCHYARD_TEST_JOB", marker.substr(marker.find('=') + 1)}});
    EXPECT_TRUE(ranksMarked(marker).empty()) << "ranks are left over";
    return job;
  }
  /// Sends a signal to rank 2 of 4 of a long job, `after` its ranks have started.
  static JobResult signalRank(int signal, std::chrono::milliseconds after) {
    const std::string marker = std::to_string(::getpid()) + "-rank-" + std::to_string(++jobs) + "-" + std::to_string(signal);
    const JobResult job =
        runJob(arguments({"-n", "4", "--duration", "100", "--comm-timeout", "2"}), {{"SWITCHYARD_TEST_JOB", marker}}, [&](pid_t) {
          while (ranksMarked(marker).size() < 4)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
          std::this_thread::sleep_for(after);
          const std::vector<pid_t> second = ranksMarked("MOE_RANK=2");
          for (pid_t rank : ranksMarked(marker))
            if (std::count(second.begin(), second.end(), rank))
              ::kill(rank, signal);
        });
    EXPECT_TRUE(ranksMarked(marker).empty()) << "ranks are left over";
    return job;
  }
  static void expectBlame(const JobResult &job, int code, const std::string &blame) {
    EXPECT_EQ(job.code, code) << job.errors;
    EXPECT_NE(job.errors.find(blame), std::string::npos) << job.errors;
    EXPECT_LT(job.seconds, startSeconds + 2) << job.errors;
  }
  inline static int jobs = 0;
};

TEST_F(FaultMatrix, KilledRankIsNamedWithItsOp) {
  for (const char *op : {"collective.exchange_counts", "collective.exchange_rows", "collective.return_rows", "collective.all_gather_tokens",
                         "expert_mlp_f32"}) {
    const JobResult job = runFault(std::string(op) + ":rank=2,layer=1,step=3,action=kill9");
    expectBlame(job, 137, std::string("was killed by SIGKILL during ") + op + " in layer 1 (step 3)");
    EXPECT_NE(job.errors.find("rank 2 (pid "), std::string::npos) << job.errors;
  }
}

TEST_F(FaultMatrix, KilledFirstRankIsNamed) {
  expectBlame(runFault("collective.exchange_rows:rank=0,layer=0,action=kill9"), 137,
              "was killed by SIGKILL during collective.exchange_rows in layer 0");
}

TEST_F(FaultMatrix, AbortedRankIsNamed) {
  expectBlame(runFault("gate_f32:rank=1,layer=0,step=1,action=abort"), 134, "was killed by SIGABRT during gate_f32 in layer 0 (step 1)");
}

TEST_F(FaultMatrix, RankKilledBySignalIsNamed) {
  for (const auto &[signal, name] : {std::pair(SIGSEGV, "SIGSEGV"), std::pair(SIGTERM, "SIGTERM"), std::pair(SIGBUS, "SIGBUS")}) {
    const JobResult job = signalRank(signal, std::chrono::milliseconds(500));
    EXPECT_EQ(job.code, 128 + signal) << job.errors;
    EXPECT_NE(job.errors.find("rank 2 (pid "), std::string::npos) << job.errors;
    EXPECT_NE(job.errors.find(std::string("was killed by ") + name + " during "), std::string::npos) << job.errors;
    EXPECT_LT(job.seconds, startSeconds + 2);
  }
}

TEST_F(FaultMatrix, RankKilledAtItsStartIsNamed) {
  const JobResult job = signalRank(SIGKILL, std::chrono::milliseconds(0));
  EXPECT_EQ(job.code, 137) << job.errors;
  EXPECT_NE(job.errors.find("was killed by SIGKILL during "), std::string::npos) << job.errors;
}

TEST_F(FaultMatrix, StoppedRankIsNamedAfterTheDeadline) {
  const JobResult job = signalRank(SIGSTOP, std::chrono::milliseconds(1000));
  EXPECT_EQ(job.code, 6) << job.errors;
  // Where the others wait for each other too, all of them are late; who did not stop tells the one that is to blame.
  EXPECT_NE(job.errors.find("not heard in time: rank "), std::string::npos) << job.errors;
  EXPECT_NE(job.errors.find("; rank 2 was last in "), std::string::npos) << job.errors;
  EXPECT_LT(job.seconds, startSeconds + 5);
}

TEST_F(FaultMatrix, LimitsOfTheSystemAreNamed) {
  // What this process has open is inherited, and counts.
  const std::string closeAll = "for fd in /proc/self/fd/*; do fd=${fd##*/}; [ $fd -gt 2 ] && eval \"exec $fd>&-\"; done; ";
  for (const char *form : {"", " -n 2", " -n 2 --in-process"}) {
    const JobResult files = inFolder(closeAll + "ulimit -n 6; $RUN" + form);
    EXPECT_EQ(files.code, 7) << files.errors;
    EXPECT_NE(files.errors.find("Too many open files (the limit is 6; raise it with ulimit -n)"), std::string::npos) << files.errors;
    EXPECT_EQ(std::count(files.errors.begin(), files.errors.end(), '\n'), 1) << files.errors;
  }
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  const JobResult memory = inFolder("ulimit -v 200000; $RUN -n 64 --in-process");
  EXPECT_EQ(memory.code, 7) << memory.errors;
  EXPECT_EQ(memory.errors.find("moe-run: "), 0u) << memory.errors;
#endif
}

TEST_F(FaultMatrix, EveryDescriptorLimitEndsInSevenOrNotAtAll) {
  const std::string closeAll = "for fd in /proc/self/fd/*; do fd=${fd##*/}; [ $fd -gt 2 ] && eval \"exec $fd>&-\"; done; ";
  const auto expectSeven = [&](int limit, const std::string &ranks) {
    const JobResult job = inFolder(closeAll + "ulimit -n " + std::to_string(limit) + "; $RUN -n " + ranks);
    EXPECT_TRUE(job.code == 7 || job.code == 0) << "ulimit -n " << limit << " with " << ranks << " ranks: " << job.code << job.errors;
    EXPECT_LT(job.seconds, startSeconds + 2) << "ulimit -n " << limit << " with " << ranks << " ranks: " << job.errors;
    EXPECT_EQ(job.code == 7, job.errors.find("Too many open files") != std::string::npos) << job.errors;
    return job.code;
  };
  // Where the supervisor, its store or a rank runs out first.
  for (int limit = 8; expectSeven(limit, "2") == 7; ++limit)
    ASSERT_LT(limit, 40);
  for (int limit = 36; limit <= 68; limit += 4)
    expectSeven(limit, "30");
}

TEST_F(FaultMatrix, ARankThatCannotBeStartedIsNamed) {
  // Room for the arguments and the environment of the tool itself, and not for the variables of a rank beside them.
  const JobResult job = inFolder("ulimit -s 512; low=0; high=130000\n"
                                 "while [ $((high - low)) -gt 8 ]; do\n"
                                 "  middle=$(((low + high) / 2)); printf -v PAD %0${middle}d 0\n"
                                 "  if PAD=$PAD /bin/true 2>/dev/null; then low=$middle; else high=$middle; fi\n"
                                 "done\n"
                                 "for ((size = low; ; size -= 48)); do\n"
                                 "  printf -v PAD %0${size}d 0; PAD=$PAD $RUN -n 2 2>errors; code=$?\n"
                                 "  [ $code = 126 ] || break\n"
                                 "done\n"
                                 "cat errors >&2; rm errors; exit $code");
  EXPECT_EQ(job.code, 7) << job.errors;
  EXPECT_EQ(job.errors, "moe-run: cannot start rank 0: Argument list too long\n");
}

TEST_F(FaultMatrix, LeavingRankIsNamed) {
  expectBlame(runFault("permute_f32:rank=3,layer=1,action=exit3"), 3, "left with exit code 3 during permute_f32 in layer 1");
  expectBlame(runFault("permute_f32:rank=3,layer=1,action=exit0"), 6, "left before the job ended, during permute_f32 in layer 1");
}

TEST_F(FaultMatrix, FailingCallIsNamed) {
  expectBlame(runFault("combine_f32:rank=1,layer=1,action=fail"), 1, "rank 1, combine_f32 (layers.1.moe) in layer 1: failpoint");
  expectBlame(runFault("combine_f32:rank=1,layer=1,action=fail", {"--in-process"}), 1,
              "rank 1, combine_f32 (layers.1.moe) in layer 1: failpoint");
}

TEST_F(FaultMatrix, HangingRankIsNamedAfterTheDeadline) {
  for (std::vector<std::string> form : {std::vector<std::string>{}, {"--in-process"}}) {
    form.insert(form.end(), {"--comm-timeout", "2"});
    const JobResult job = runFault("expert_mlp_f32:rank=2,layer=1,action=hang", form);
    EXPECT_EQ(job.code, 6) << job.errors;
    EXPECT_NE(job.errors.find("rank 2"), std::string::npos) << job.errors;
    EXPECT_NE(job.errors.find("expert_mlp_f32 in layer 1"), std::string::npos) << job.errors;
    EXPECT_GE(job.seconds, 2);
    EXPECT_LT(job.seconds, startSeconds + 4);
  }
}

TEST_F(FaultMatrix, SlowRankIsWaitedFor) {
  const JobResult job = runFault("expert_mlp_f32:rank=2,layer=1,action=delay=1", {"--comm-timeout", "20"});
  EXPECT_EQ(job.code, 0) << job.errors;
}

TEST_F(FaultMatrix, TimeoutEndsTheJob) {
  for (std::vector<std::string> form : {std::vector<std::string>{}, {"--in-process"}}) {
    form.insert(form.end(), {"--timeout", "2"});
    const JobResult job = runFault("gate_f32:rank=1,layer=0,action=hang", form);
    expectBlame(job, 124, "--timeout reached; rank 0 in ");
    EXPECT_NE(job.errors.find("rank 1 in gate_f32 in layer 0"), std::string::npos) << job.errors;
  }
}

TEST_F(FaultMatrix, SignalsReachTheRanks) {
  for (const auto &[signal, name] : {std::pair(SIGINT, "SIGINT"), std::pair(SIGTERM, "SIGTERM"), std::pair(SIGHUP, "SIGHUP")}) {
    const std::string marker = std::to_string(::getpid()) + "-signal-" + std::to_string(signal);
    const JobResult job =
        runJob(arguments({"-n", "3", "--duration", "100"}), {{"SWITCHYARD_TEST_JOB", marker}}, [&, signal = signal](pid_t supervisor) {
          while (ranksMarked(marker).size() < 3)
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
          ::kill(supervisor, signal);
        });
    EXPECT_EQ(job.code, 128 + signal) << job.errors;
    EXPECT_EQ(job.errors, std::string("moe-run: stopped by ") + name + "\n");
    EXPECT_LT(job.seconds, startSeconds + 5);
    EXPECT_TRUE(ranksMarked(marker).empty());
  }
}

TEST_F(FaultMatrix, RanksDieWithTheirSupervisor) {
  const std::string marker = std::to_string(::getpid()) + "-orphans";
  runJob(arguments({"-n", "3", "--duration", "100"}), {{"SWITCHYARD_TEST_JOB", marker}}, [&](pid_t supervisor) {
    while (ranksMarked(marker).size() < 3)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ::kill(supervisor, SIGKILL);
  });
  for (int attempt = 0; attempt < 100 && !ranksMarked(marker).empty(); ++attempt)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_TRUE(ranksMarked(marker).empty());
}

}  // namespace
}  // namespace switchyard::testing
