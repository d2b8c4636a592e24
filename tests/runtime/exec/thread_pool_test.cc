// The kernel threads of a rank: every item once, whatever the number of threads.
#include "runtime/exec/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

namespace switchyard::exec {
namespace {

TEST(ThreadPool, DoesEveryItemOnce) {
  for (int workers : {1, 2, 3, 8})
    for (int64_t count : {0, 1, 2, 7, 8, 1000}) {
      ThreadPool pool(workers);
      for (int round = 0; round < 20; ++round) {
        struct State {
          std::vector<std::atomic<int>> done;
          std::atomic<int> badWorkers{0};
          int workers;
          State(int64_t count, int workers) : done(count), workers(workers) {}
        } state(count, workers);
        pool.parallel()->run(
            pool.parallel()->self, count,
            [](void *context, int64_t begin, int64_t end, int worker) {
              auto &state = *static_cast<State *>(context);
              state.badWorkers += worker < 0 || worker >= state.workers;
              for (int64_t item = begin; item < end; ++item)
                ++state.done[item];
            },
            &state);
        EXPECT_EQ(state.badWorkers, 0);
        for (int64_t item = 0; item < count; ++item)
          ASSERT_EQ(state.done[item], 1) << item << " of " << count << " with " << workers << " threads";
      }
    }
}

}  // namespace
}  // namespace switchyard::exec
